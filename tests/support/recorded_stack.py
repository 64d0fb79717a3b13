"""Runs the program without an engine and keeps every request that the engine would have seen.

`pulumi.runtime.Mocks` shows inputs only. Here the monitor itself is recorded, so tests can
assert on parents, protection, dependencies, hooks and registered outputs too, synchronously
and on plain data: nothing is asserted inside `apply`, where it might never run.
"""

from __future__ import annotations

import asyncio
import functools
import json
import runpy
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime import mocks as pulumi_mocks
from pulumi.runtime import rpc
from pulumi.runtime.config import set_all_config
from pulumi.runtime.stack import Stack

from tests.support.asset_outputs import PACKAGE, asset_outputs

ROOT = Path(__file__).resolve().parents[2]
PROJECT = "azureml-platform"
SUBSCRIPTION = "00000000-0000-4000-8000-000000000001"
TENANT = "00000000-0000-4000-8000-00000000000a"

Settings = dict[str, Any]


@dataclass
class Recorded:
    """One RegisterResource request, and the outputs registered for it if it is a component.

    Unknown inputs are `UNKNOWN`, and `id` is empty in a first preview; `property_dependencies` maps
    input names to the URNs they come from; `hooks` holds the names of the hooks before its creation.
    """

    type: str
    name: str
    urn: str
    id: str
    inputs: dict[str, Any]
    custom: bool
    parent: str
    protect: bool
    retain_on_delete: bool
    ignore_changes: tuple[str, ...]
    replace_on_changes: tuple[str, ...]
    dependencies: frozenset[str]
    property_dependencies: Mapping[str, frozenset[str]]
    hooks: tuple[str, ...]
    create_timeout: str
    former_names: tuple[str, ...]
    outputs: dict[str, Any] | None = None


class _Unknown:
    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = _Unknown()


@dataclass
class RecordedStack:
    """All that one run of the program asked for.

    `documents`: what the assets plugin was told of; `mistakes`: what it says of them when it is asked.
    """

    resources: list[Recorded] = field(default_factory=list)
    invokes: list[str] = field(default_factory=list)
    documents: list[dict[str, Any]] = field(default_factory=list)
    mistakes: list[dict[str, Any]] = field(default_factory=list)
    exports: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, type_token: str) -> Recorded:
        """The only resource of this type."""
        found = self.of(type_token)
        assert len(found) == 1, (
            f"{len(found)} resources of type {type_token}: {[each.name for each in found]}"
        )
        return found[0]

    def of(self, type_token: str) -> list[Recorded]:
        """All resources of this type, in the order of their registration."""
        return [each for each in self.resources if each.type == type_token]

    def by_urn(self, urn: str) -> Recorded:
        return next(each for each in self.resources if each.urn == urn)

    def custom(self) -> Iterator[Recorded]:
        """What a provider creates: everything but components."""
        return (each for each in self.resources if each.custom)

    def components(self) -> Iterator[Recorded]:
        return (each for each in self.resources if not each.custom)

    def ancestors(self, urn: str) -> set[str]:
        """URNs of every custom resource that this one waits for, however far away."""
        found: set[str] = set()
        waiting = list(self.by_urn(urn).dependencies)
        while waiting:
            dependency = waiting.pop()
            if dependency not in found:
                found.add(dependency)
                waiting.extend(self.by_urn(dependency).dependencies)
        return found


class _Azure(pulumi_mocks.Mocks):
    """Gives each resource an ARM-like id and the computed outputs that the program reads."""

    def __init__(self, stack: RecordedStack, known: bool) -> None:
        self.stack = stack
        self.known = known
        self.knows_document = True  # of the asset that is about to be registered

    def new_resource(self, args: pulumi_mocks.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        outputs = dict(args.inputs)
        if not args.custom:
            return "", outputs
        if args.typ.startswith(PACKAGE):
            # Their names are known in a preview, unless the document itself is not.
            computed = asset_outputs(args.typ, args.inputs) if self.known or self.knows_document else {}
            return args.name if self.known else None, {**outputs, **computed}
        if "identity" in outputs:  # a list of ids goes in, a map by id comes out
            identities = outputs["identity"]["userAssignedIdentities"]
            outputs["identity"] = {**outputs["identity"], "userAssignedIdentities": _by_id(identities)}
        if not self.known:
            return None, outputs
        outputs["name"] = physical_name(args.typ, args.inputs)
        outputs.update(_computed(args.typ, args.name, outputs["name"]))
        return f"/subscriptions/{SUBSCRIPTION}/fake/{args.typ.split(':')[-1]}/{outputs['name']}", outputs

    def call(self, args: pulumi_mocks.MockCallArgs) -> tuple[dict[Any, Any], list[tuple[str, str]] | None]:
        self.stack.invokes.append(args.token)
        if args.token == f"{PACKAGE}documents":
            self.stack.documents = json.loads(args.args["documents"])
            return {"mistakes": self.stack.mistakes if args.args["check"] else []}, []
        if args.token != "azure-native:authorization:getClientConfig":
            raise AssertionError(f"the program called {args.token}")
        return {
            "clientId": "client",
            "objectId": "object",
            "subscriptionId": SUBSCRIPTION,
            "tenantId": TENANT,
        }, []


PHYSICAL_NAME_INPUTS: Mapping[str, str] = {
    "azure-native:resources:ResourceGroup": "resourceGroupName",
    "azure-native:operationalinsights:Workspace": "workspaceName",
    "azure-native:storage:StorageAccount": "accountName",
    "azure-native:storage:BlobServiceProperties": "blobServicesName",
    "azure-native:storage:FileServiceProperties": "fileServicesName",
    "azure-native:keyvault:Vault": "vaultName",
    "azure-native:applicationinsights:Component": "resourceName",
    "azure-native:containerregistry:Registry": "registryName",
    "azure-native:managedidentity:UserAssignedIdentity": "resourceName",
    "azure-native:authorization:RoleAssignment": "roleAssignmentName",
    "azure-native:authorization:ManagementLockByScope": "lockName",
    "azure-native:machinelearningservices:Workspace": "workspaceName",
    "azure-native:machinelearningservices:Compute": "computeName",
}


def physical_name(type_token: str, inputs: Mapping[str, Any]) -> Any:
    """The Azure name in a resource's inputs; KeyError for a type that this table does not have."""
    return inputs[PHYSICAL_NAME_INPUTS[type_token]]


def _by_id(identities: list[Any]) -> dict[str, Any]:
    return {each: {} for each in identities if isinstance(each, str)}


def _computed(type_token: str, logical_name: str, name: str) -> dict[str, Any]:
    if type_token == "azure-native:managedidentity:UserAssignedIdentity":
        return {"principalId": f"principal-of-{logical_name}", "clientId": f"client-of-{logical_name}"}
    if type_token == "azure-native:storage:StorageAccount":
        return {"primaryEndpoints": {"blob": f"https://{name}.blob.core.windows.net/"}}
    if type_token == "azure-native:keyvault:Vault":
        return {"properties": {"vaultUri": f"https://{name}.vault.azure.net/"}}
    if type_token == "azure-native:containerregistry:Registry":
        return {"loginServer": f"{name}.azurecr.io"}
    return {}


class _RecordingMonitor(pulumi_mocks.MockMonitor):
    def __init__(self, azure: _Azure, stack: RecordedStack) -> None:
        super().__init__(azure)
        self.azure = azure
        self.stack = stack

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802, the gRPC method
        given = _plain(rpc.deserialize_properties(request.object, keep_unknowns=True))
        self.azure.knows_document = UNKNOWN not in leaves(given.get("spec"))
        response = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        if request.type == "pulumi:pulumi:Stack":
            return response
        self.stack.resources.append(
            Recorded(
                type=request.type,
                name=request.name,
                urn=response.urn,
                id=response.id or "",
                inputs=given,
                custom=request.custom,
                parent=request.parent,
                protect=request.protect,
                retain_on_delete=request.retainOnDelete,
                ignore_changes=tuple(request.ignoreChanges),
                replace_on_changes=tuple(request.replaceOnChanges),
                dependencies=frozenset(request.dependencies),
                property_dependencies={
                    name: frozenset(urns.urns) for name, urns in request.propertyDependencies.items()
                },
                hooks=tuple(request.hooks.before_create),
                create_timeout=request.customTimeouts.create,
                former_names=tuple(alias.spec.name for alias in request.aliases if alias.spec.name),
            )
        )
        return response

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802, the gRPC method
        outputs = _plain(rpc.deserialize_properties(request.outputs, keep_unknowns=True))
        for recorded in self.stack.resources:
            if recorded.urn == request.urn:
                recorded.outputs = outputs
        return empty_pb2.Empty()


def _plain(value: Any) -> Any:
    if isinstance(value, pulumi.output.Unknown):
        return UNKNOWN
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def leaves(value: Any) -> list[Any]:
    """All values in maps and lists."""
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def stack_settings(stack: str) -> Settings:
    """The settings in Pulumi.<stack>.yaml, as plain data of the caller's own."""
    document = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())
    settings: Settings = document["config"][f"{PROJECT}:settings"]
    return settings


def platform_settings(stack: str) -> Settings:
    """The same without assets: stage 1 alone."""
    settings = stack_settings(stack)
    del settings["assets"]
    return settings


def record(
    stack: str,
    settings: object = None,
    *,
    known: bool = True,
    more_config: Mapping[str, str] | None = None,
    folder: Path = ROOT,
) -> RecordedStack:
    """Run `__main__.py` of a folder for a stack, with the repository's settings of it or with other ones.

    `more_config` holds further configuration, by full key. `known=False` is the first preview:
    ids and computed outputs are unknown. Raises whatever the program raises.
    """
    requests = RecordedStack()
    value = stack_settings(stack) if settings is None else settings
    azure = _Azure(requests, known)
    # One worker, so that runs are alike; pulumi's mocks give its thread an event loop and never close it.
    loop, worker = asyncio.new_event_loop(), ThreadPoolExecutor(max_workers=1)
    loop.set_default_executor(worker)
    asyncio.set_event_loop(loop)
    pulumi.runtime.set_mocks(
        azure, project=PROJECT, stack=stack, preview=not known, monitor=_RecordingMonitor(azure, requests)
    )
    _root().outputs.clear()  # pulumi has one root for all runs of a process
    config = {
        f"{PROJECT}:settings": value if isinstance(value, str) else json.dumps(value),
        **(more_config or {}),
    }
    set_all_config({key: text for key, text in config.items() if text != "null"})

    @pulumi.runtime.test  # type: ignore[untyped-decorator]
    def program() -> None:
        runpy.run_path(str(folder / "__main__.py"), run_name="__main__")

    try:
        program()
        requests.exports = _exports(loop)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        worker.submit(_close_event_loop).result()
        worker.shutdown()
        _close_event_loop()
    return requests


@functools.cache
def recorded(stack: str, known: bool = True) -> RecordedStack:
    """The run of a stack's stage 1 by its own settings file; one run serves all tests that only look."""
    return record(stack, platform_settings(stack), known=known)


def _close_event_loop() -> None:
    """Close the event loop of the calling thread, if it has one."""
    try:
        loop = asyncio.get_event_loop_policy().get_event_loop()
    except RuntimeError:
        return
    loop.close()
    asyncio.set_event_loop(None)


def _exports(loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
    """The stack's outputs; UNKNOWN where a preview cannot know one."""
    exports = {}
    for name, output in _root().outputs.items():
        known = loop.run_until_complete(output.is_known())
        exports[name] = loop.run_until_complete(output.future()) if known else UNKNOWN
    return exports


def _root() -> Stack:
    root = pulumi.runtime.get_root_resource()
    assert isinstance(root, Stack)
    return root

"""What changes: every resource property by property, what is lost, what is not known yet, and the graph."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from review.assets import is_only_forgotten
from review.document import Destructive, Edge, Node, PropertyChange, ResourceChange, Unknown
from review.preview import ASSETS, Change, Kind, Op, Preview, State, Step, native_type
from review.values import ABSENT, contains_unknown, is_secret, is_unknown, shown, texts

# What is gone with a resource of azure-native, by module and name. Sources: the services' overview pages;
# "Azure Key Vault soft-delete overview"; "Recover workspace data while soft deleted" (Azure ML).
_NAME_STAYS: Final = "its name is taken while it is soft-deleted"
LOSSES: Final[Mapping[str, str]] = {
    "resources:ResourceGroup": "everything in the resource group",
    "machinelearningservices:Workspace": f"runs, metrics, models and all other assets; {_NAME_STAYS}",
    "machinelearningservices:Registry": "every asset of the registry, for all workspaces that use it",
    "machinelearningservices:OnlineEndpoint": "the endpoint's address and its deployments; callers fail",
    "machinelearningservices:BatchEndpoint": "the endpoint's address and its deployments",
    "storage:StorageAccount": "all blobs, files, tables and queues of the account",
    "storage:BlobContainer": "all blobs of the container",
    "storage:FileShare": "all files of the share",
    "keyvault:Vault": f"all secrets, keys and certificates of the vault; {_NAME_STAYS}",
    "keyvault:Key": "what was encrypted with the key",
    "keyvault:Secret": "the secret's value",
    "containerregistry:Registry": "all images of the registry",
    "operationalinsights:Workspace": "all logs of the workspace",
    "applicationinsights:Component": "the telemetry that is kept in the component",
    "sql:Database": "all data of the database",
    "sql:Server": "all databases of the server",
    "cosmosdb:DatabaseAccount": "all data of the account",
    "databricks:Workspace": "notebooks, jobs and the workspace's root storage",
    "synapse:Workspace": "pools, notebooks and pipelines of the workspace",
    "datafactory:Factory": "pipelines and triggers of the factory",
    "search:Service": "all indexes of the service",
    "eventhub:Namespace": "events that nobody has read yet",
    "kusto:Cluster": "all databases of the cluster",
}
_ASSET_LOSSES: Final[Mapping[str, str]] = {
    "OnlineEndpoint": LOSSES["machinelearningservices:OnlineEndpoint"],
    "BatchEndpoint": LOSSES["machinelearningservices:BatchEndpoint"],
}
# What stops or has to be made again, but is no data.
_STOPS: Final[Mapping[str, str]] = {
    "machinelearningservices:Compute": "what runs on it stops",
    "machinelearningservices:OnlineDeployment": "requests that are routed to it fail",
    "machinelearningservices:BatchDeployment": "jobs that are sent to it fail",
    "machinelearningservices:Datastore": "what reads by its name fails; the data stays",
    "managedidentity:UserAssignedIdentity": "what runs as it has no access any more, with all its roles",
    "network:VirtualNetwork": "whatever is connected by it",
    "network:PrivateEndpoint": "whoever comes by it is shut out",
}
_ASSET_STOPS: Final[Mapping[str, str]] = {
    kind: _STOPS[f"machinelearningservices:{kind}"]
    for kind in ("OnlineDeployment", "BatchDeployment", "Datastore")
}
_INSTANCE: Final = "what runs on it, and the files on its disk"
_DEFAULTS: Final = "__defaults"  # what a provider's SDK filled in, by the engine's own note
_PLAIN_KEY: Final = re.compile(r'[^."\[\]]+')


def resource_changes(preview: Preview, sources: Mapping[str, str]) -> Iterator[ResourceChange]:
    """Everything that changes, in the order of the preview. `sources`: file and line of resources, by URN."""
    yield from _told(preview, preview.changing(), sources)


def drift(preview: Preview) -> Iterator[ResourceChange]:
    """What somebody changed or deleted beside the program, if the preview looked."""
    yield from _told(preview, (step for step in preview.drift if step.is_resource), {})


def _told(preview: Preview, steps: Iterable[Step], sources: Mapping[str, str]) -> Iterator[ResourceChange]:
    names = {step.urn: step.name for step in preview.steps}
    for step in steps:
        yield ResourceChange(
            urn=step.urn,
            type=step.type,
            name=step.name,
            parent=names.get(step.parent, ""),
            op=step.op.value,
            replaced_by=step.replaced_by,
            possible=step.op is Op.REPLACE and step.may_not_replace,
            declared=sources.get(step.urn, ""),
            properties=tuple(_property(change) for change in step.changes) or tuple(_made(step)),
        )


def _made(step: Step) -> Iterator[PropertyChange]:
    """What a new resource is made with."""
    if step.op in (Op.CREATE, Op.IMPORT) and step.new:
        for path, value in _leaves(step.new.inputs, ""):
            yield _property(Change(path, Kind.ADD, ABSENT, value))


def _leaves(value: object, path: str) -> Iterator[tuple[str, object]]:
    """Values by their path as the engine writes it; lists of plain values are told whole."""
    if isinstance(value, Mapping) and value and not is_secret(value):
        for key, item in value.items():
            if key != _DEFAULTS:
                yield from _leaves(item, _inside(path, str(key)))
    elif isinstance(value, list) and any(isinstance(item, (Mapping, list)) for item in value):
        for index, item in enumerate(value):
            yield from _leaves(item, f"{path}[{index}]")
    elif path:
        yield path, value


def _inside(path: str, key: str) -> str:
    if not _PLAIN_KEY.fullmatch(key):
        quoted = key.replace('"', '\\"')
        return f'{path}["{quoted}"]'
    return f"{path}.{key}" if path else key


def destructive(preview: Preview) -> Iterator[Destructive]:
    """What is deleted or replaced."""
    locks = list(_locks(preview))
    for step in preview.changing():
        if step.op not in (Op.DELETE, Op.REPLACE):
            continue
        if is_only_forgotten(step.type):
            continue  # assets tells what becomes of a version
        old = step.old or State()
        forced = [change.path for change in step.changes if change.replaces] or step.replaced_by
        lost = losses(step)
        yield Destructive(
            urn=step.urn,
            type=step.type,
            name=step.name,
            op="delete" if step.op is Op.DELETE else "replace",
            certain=not (step.op is Op.REPLACE and step.may_not_replace),
            forced_by=tuple(sorted(forced)),  # a provider names them in any order
            protected=old.protect,
            retained=old.retain_on_delete,
            deletes_first=step.deletes_first,
            locked_by="" if old.retain_on_delete or _is_lock(step) else _lock_of(old, locks),
            loses="" if lost and old.retain_on_delete else lost or stops(step.type),
            data=bool(lost),
        )


def _locks(preview: Preview) -> Iterator[tuple[str, str]]:
    """Scope and name of locks that are there, and stay.

    Source: "Lock your Azure resources to protect your infrastructure" (Azure Resource Manager): what is in
    the scope, also a role assignment on it, is not deleted.
    """
    for step in preview.steps:
        if _is_lock(step) and step.op in (Op.SAME, Op.UPDATE):
            scope = step.old.at("scope") if step.old else ABSENT
            if isinstance(scope, str) and scope.startswith("/") and len(scope) > 1:
                yield f"{scope.lower().rstrip('/')}/", step.name


def _is_lock(step: Step) -> bool:
    return native_type(step.type).startswith("authorization:ManagementLock")


def _lock_of(old: State, locks: Iterable[tuple[str, str]]) -> str:
    place = f"{old.id.lower()}/"
    return next((name for scope, name in locks if place.startswith(scope)), "")


def losses(step: Step) -> str:
    """What is gone with a resource and cannot be made again; empty for nothing that is known."""
    if step.type.startswith(ASSETS):
        return _ASSET_LOSSES.get(step.type.removeprefix(ASSETS), "")
    native = native_type(step.type)
    if native == "machinelearningservices:Compute":
        old = step.old or State()
        return _INSTANCE if old.at("properties.computeType") == "ComputeInstance" else ""
    return LOSSES.get(native, "")


def stops(token: str) -> str:
    """What does not work any more without a resource of this type; empty for nothing that is known."""
    if token.startswith(ASSETS):
        return _ASSET_STOPS.get(token.removeprefix(ASSETS), "")
    return _STOPS.get(native_type(token), "")


def unknowns(preview: Preview) -> Iterator[Unknown]:
    """Properties of changing resources whose value is known only after the update."""
    for step in preview.changing():
        inputs = step.new.inputs if step.new else {}
        for path in _unknown_paths(inputs, ""):
            yield Unknown(urn=step.urn, name=step.name, path=path)


def graph(preview: Preview) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    """Resources, and which takes a value from which, as far as known ids tell it."""
    nodes = tuple(
        Node(
            urn=step.urn,
            name=step.name,
            type=step.type,
            parent=step.parent,
            op=step.op.value,
            component=not step.state.custom,
        )
        for step in preview.steps
        if not step.type.startswith("pulumi:providers:")
    )
    by_id = {
        state.id.lower(): step.urn
        for step in preview.steps
        for state in (step.new, step.old)
        if state and state.custom and state.id.startswith("/")
    }
    edges = {
        (by_id[text], step.urn)
        for step in preview.steps
        if step.state.custom
        for text in map(str.lower, _taken(step))
        if text in by_id and by_id[text] != step.urn
    }
    return nodes, tuple(Edge(source=source, target=target) for source, target in sorted(edges))


def _property(change: Change) -> PropertyChange:
    return PropertyChange(
        path=change.path,
        kind=change.kind.value,
        before=shown(change.before),
        after=shown(change.after),
        replaces=change.replaces,
        unknown=contains_unknown(change.after),
    )


def _unknown_paths(value: object, path: str) -> Iterator[str]:
    if is_unknown(value):
        yield path
    elif is_secret(value):
        return
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _unknown_paths(item, _inside(path, str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _unknown_paths(item, f"{path}[{index}]")


def _taken(step: Step) -> Iterator[str]:
    """Texts that may be ids of others; where one is not known yet, also what was there before."""
    yield from texts(step.state.inputs)
    if step.old and contains_unknown(step.state.inputs):
        yield from texts(step.old.inputs)

"""Set-ups that others have published, as Pulumi programs would declare them, and what the pack finds.

A file of tests/policies/setups/ has `about`, `resources` in the form of tests/support/policy_cases.py, and
what a reviewer expects: `finds`, and `open` for what a preview cannot tell yet; each by control the names of
the resources, or `stack`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from azureml_guard.facts import Resource
from azureml_guard.values import UNKNOWN
from tests.support.policy_cases import Output, load, outputs_in, resources_of

FOLDER: Final = Path(__file__).parent.parent / "policies" / "setups"
STACK: Final = "stack"
_SUBSCRIPTION: Final = "/subscriptions/00000000-0000-4000-8000-000000000001"
_VERSIONED: Final = {"EnvironmentVersion": "environments", "ModelVersion": "models"}
_UNNAMED: Final = (
    "DiagnosticSetting",
    "BlobServiceProperties",
    "ManagementLockByScope",
    "ModelVersion",
    "EnvironmentVersion",
)
# Where the input is not called like the type.
_NAME_INPUT: Final = {
    "StorageAccount": "accountName",
    "Component": "resourceName",
    "UserAssignedIdentity": "resourceName",
    "ManagedCluster": "resourceName",
    "PrivateZone": "privateZoneName",
    "PublicIPAddress": "publicIpAddressName",
    "VirtualMachine": "vmName",
    "OnlineEndpoint": "endpointName",
    "OnlineDeployment": "deploymentName",
    "WorkspaceConnection": "connectionName",
    "Datastore": "name",
}
_KEYS: Final = frozenset({"about", "resources", "finds", "open"})


@dataclass(frozen=True)
class Setup:
    """One set-up: what it declares, in the preview of its first deployment and after it."""

    name: str
    data: Mapping[str, Any]

    def __str__(self) -> str:
        return self.name

    @cached_property
    def entries(self) -> list[dict[str, Any]]:
        """The resources, with names for what the file leaves unnamed."""
        return [_named(entry) for entry in self.data["resources"]]

    def expected(self, key: str) -> dict[str, set[str]]:
        """`finds` or `open`: by control the names of resources."""
        return {control: set(names) for control, names in (self.data.get(key) or {}).items()}

    def previewed(self, *, with_outputs: bool) -> tuple[Resource, ...]:
        """The resources while nothing exists yet: names are known, every other output is not."""
        entries = [
            {**entry, "outputs": {"id": UNKNOWN, "name": self._outputs[entry["name"]]["name"]}}
            for entry in self.entries
        ]
        return resources_of(entries, with_outputs=with_outputs, value_of=self._before)

    def deployed(self, *, with_outputs: bool) -> tuple[Resource, ...]:
        """The resources after the update: every output is known."""
        entries = [{**entry, "outputs": self._outputs[entry["name"]]} for entry in self.entries]
        return resources_of(entries, with_outputs=with_outputs, value_of=self._after)

    @cached_property
    def _outputs(self) -> dict[str, dict[str, Any]]:
        """By logical name: physical name, id, and whatever another resource asks for."""
        found: dict[str, dict[str, Any]] = {}
        for entry in self.entries:
            name = (entry.get("properties") or {}).get(_name_input(entry["type"]), entry["name"])
            found[entry["name"]] = {"name": str(name)}
        for entry in self.entries:
            found[entry["name"]]["id"] = _id(entry, found)
        for output in outputs_in(self.entries):
            here = found[output.resource]
            *parents, last = output.path.partition("/")[0].split(".")
            for parent in parents:
                here = here.setdefault(parent, {})
            here.setdefault(last, str(uuid.uuid5(uuid.NAMESPACE_URL, str(output))))
        return found

    def _before(self, output: Output) -> Any:
        return self._after(output) if output.path == "name" else UNKNOWN

    def _after(self, output: Output) -> Any:
        """`id/blobServices/default` is what lies below an id."""
        path, slash, below = output.path.partition("/")
        value: Any = self._outputs[output.resource]
        for key in path.split("."):
            value = value[key]
        return f"{value}{slash}{below}"


def _id(entry: Mapping[str, Any], names: Mapping[str, Mapping[str, Any]]) -> str:
    """An id in Azure's form. The namespace is called like the module, which is right but for a few."""
    properties = {
        key: names[value.resource]["name"] if isinstance(value, Output) and value.path == "name" else value
        for key, value in (entry.get("properties") or {}).items()
    }
    module, _, kind = entry["type"].partition(":")
    name = names[entry["name"]]["name"]
    if kind == "ResourceGroup":
        return f"{_SUBSCRIPTION}/resourceGroups/{name}"
    group = f"{_SUBSCRIPTION}/resourceGroups/{properties.get('resourceGroupName')}"
    if kind in _VERSIONED:
        workspace = (
            f"{group}/providers/Microsoft.MachineLearningServices/workspaces/{properties['workspaceName']}"
        )
        return f"{workspace}/{_VERSIONED[kind]}/{properties['name']}/versions/{properties['version']}"
    return f"{group}/providers/Microsoft.{module}/{kind[0].lower()}{kind[1:]}s/{name}"


def _named(entry: dict[str, Any]) -> dict[str, Any]:
    """Terraform and Bicep name every resource; where the file leaves the name out, it has one that fits."""
    key = _name_input(entry["type"])
    properties = entry.get("properties") or {}
    if not key or key in properties:
        return entry
    given = "ml" + "".join(letter for letter in entry["name"] if letter.isalnum())
    if key == "roleAssignmentName":  # made up by Terraform, where it is not given
        given = str(uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_URL, entry["name"]).bytes, version=4))
    return {**entry, "properties": {**properties, key: given}}


def _name_input(type_name: str) -> str:
    """The input that names a resource of the type; empty for what these files always name."""
    kind = type_name.partition(":")[2]
    if type_name.startswith("azureml-assets:") or kind in _UNNAMED:
        return ""
    return _NAME_INPUT.get(kind) or f"{kind[0].lower()}{kind[1:]}Name"


def setups() -> Iterator[Setup]:
    """All set-ups."""
    for path in sorted(FOLDER.glob("*.yml")):
        content = load(path)
        wrong = set(content) - _KEYS
        assert not wrong, f"{path.name}: {wrong} is no key of a set-up; allowed: {sorted(_KEYS)}"
        yield Setup(path.stem, content)

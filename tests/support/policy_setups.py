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
from tests.support.policy_cases import Output, load, resources_of, unknown_output

FOLDER: Final = Path(__file__).parent.parent / "policies" / "setups"
STACK: Final = "stack"
_GROUP: Final = "/subscriptions/00000000-0000-4000-8000-000000000001/resourceGroups/rg/providers"
_UNNAMED: Final = (
    "DiagnosticSetting",
    "BlobServiceProperties",
    "ManagementLockByScope",
    "ModelVersion",
    "EnvironmentVersion",
)
# Where the input is not called like the type; "computeName" and its like name children, which get no digits.
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
_OF_CHILDREN: Final = frozenset(
    {
        "computeName",
        "connectionName",
        "deploymentName",
        "endpointName",
        "keyName",
        "name",
        "privateDnsZoneGroupName",
        "subnetName",
        "virtualNetworkLinkName",
    }
)
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
        """The resources as the provider has checked them: with names for what the file leaves unnamed."""
        return [_named(entry) for entry in self.data["resources"]]

    def expected(self, key: str) -> dict[str, set[str]]:
        """`finds` or `open`: by control the names of resources."""
        return {control: set(names) for control, names in (self.data.get(key) or {}).items()}

    def previewed(self, *, with_outputs: bool) -> tuple[Resource, ...]:
        """The resources while nothing exists yet: every output is unknown."""
        outputs = {"id": UNKNOWN, "name": UNKNOWN}
        entries = [{**entry, "outputs": {**outputs, **entry.get("outputs", {})}} for entry in self.entries]
        return resources_of(entries, with_outputs=with_outputs, value_of=unknown_output)

    def deployed(self, *, with_outputs: bool) -> tuple[Resource, ...]:
        """The resources after the update: every output is known."""
        entries = [
            {**entry, "outputs": {**self._outputs[entry["name"]], **entry.get("outputs", {})}}
            for entry in self.entries
        ]
        return resources_of(entries, with_outputs=with_outputs, value_of=self._value_of)

    @cached_property
    def _outputs(self) -> dict[str, dict[str, str]]:
        found = {}
        for entry in self.entries:
            name = str(entry.get("properties", {}).get(_name_input(entry["type"]), entry["name"]))
            found[entry["name"]] = {"name": name, "id": f"{_GROUP}/{entry['type'].replace(':', '/')}/{name}"}
        return found

    def _value_of(self, output: Output) -> str:
        """An output after the update; `id/blobServices/default` is what lies below an id."""
        property_name, slash, below = output.path.partition("/")
        known = self._outputs[output.resource].get(property_name)
        return f"{known}{slash}{below}" if known else str(uuid.uuid5(uuid.NAMESPACE_URL, str(output)))


def _named(entry: dict[str, Any]) -> dict[str, Any]:
    """Names as azure-native makes them: the logical name, for what stands alone with digits behind it."""
    key = _name_input(entry["type"])
    properties = entry.get("properties") or {}
    if not key or key in properties:
        return entry
    made_up = entry["name"] if key in _OF_CHILDREN else f"{entry['name']}1a2b3c4d"
    if key == "roleAssignmentName":
        made_up = str(uuid.uuid5(uuid.NAMESPACE_URL, entry["name"]))
    return {**entry, "properties": {**properties, key: made_up}}


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

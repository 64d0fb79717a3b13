"""Controls are tried on inputs that azure-native would take: none passes by a misspelt property."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from azureml_guard.catalogue import CATALOGUE
from azureml_guard.judge import EVERY_AZURE_TYPE
from azureml_guard.values import UNKNOWN, Secret
from ml_assets import resources as assets
from sandbox.schemas.catalogue import Catalogue
from sandbox.schemas.check import Problem, _Checker
from sandbox.schemas.nodes import Schema
from tests.support.policy_cases import Output, cases
from tests.support.policy_setups import setups

ASSET_TYPES = {
    f"azureml-assets:{name}"
    for name in re.findall(r'"azureml-assets:index:(\w+)"', inspect.getsource(assets))
}
TARGET = {"subscriptionId", "resourceGroupName", "workspaceName", "registryName"}
ASSET_INPUTS = {"file", "spec", "target", "version", "contentHash", "content", "mustExist"}
OTHERS = ("pulumi:", "random:", "azuread:")
# Types of azure-native 2, where these modules were others.
OLDER = {"network:PrivateZone", "insights:DiagnosticSetting"}


@pytest.fixture(scope="module")
def azure() -> Catalogue:
    return Catalogue()


class _AsAzureReads(_Checker):
    """azure-native sends enum values on as they are; Azure takes them in any case, and flags with commas."""

    def _enum(self, path: str, value: object, allowed: list[Any]) -> None:
        known = {str(each).lower() for each in allowed}
        parts = value.lower().split(",") if isinstance(value, str) else []
        if not parts or any(part.strip() not in known for part in parts):
            super()._enum(path, value, allowed)

    def _variant(self, path: str, value: object, by: str, variants: dict[str, str]) -> None:
        if isinstance(value, dict) and isinstance(value.get(by), str):
            spelt = next((each for each in variants if each.lower() == value[by].lower()), value[by])
            value = {**value, by: spelt}
        super()._variant(path, value, by, variants)


def problems(azure: Catalogue, entry: Mapping[str, Any]) -> list[str]:
    type_name = entry["type"]
    if type_name.startswith(OTHERS) or type_name in OLDER:
        return []
    if type_name.startswith("azureml-assets:"):
        found = [] if type_name in ASSET_TYPES else [f"{type_name} is no type of the plugin"]
        properties = entry.get("properties") or {}
        wrong = set(properties) - ASSET_INPUTS
        if isinstance(target := properties.get("target", {}), Mapping):
            wrong |= set(target) - TARGET
        return found + [f"{key} is no input of an asset" for key in sorted(wrong)]
    resource = azure.resource(f"azure-native:{type_name}")
    if resource is None:
        return [f"azure-native has no {type_name}"]
    outputs = {key: value for key, value in entry.get("outputs", {}).items() if key != "id"}
    return [
        str(problem)
        for values, schema in (
            (entry.get("properties") or {}, resource.inputs),
            (outputs, resource.outputs),
        )
        for problem in _problems(_plain(values), schema)
    ]


def _problems(value: Any, schema: Schema) -> list[Problem]:
    checker = _AsAzureReads(schema.types, UNKNOWN, partial=True)
    checker.value("", value, schema.node)
    return checker.problems


def _plain(value: Any) -> Any:
    """Secrets by their values, outputs of others as unknown."""
    if isinstance(value, Secret):
        return _plain(value.value)
    if isinstance(value, Output):
        return UNKNOWN
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def entries() -> Iterator[Any]:
    for case in cases():
        if case.is_malformed:
            continue
        for number, entry in enumerate(case.entries):
            yield pytest.param(entry, id=f"{case}-{entry.get('name', number)}")
    for setup in setups():
        for entry in setup.entries:
            yield pytest.param(entry, id=f"{setup}-{entry['name']}")


@pytest.mark.parametrize("entry", list(entries()))
def test_inputs_are_those_that_the_provider_takes(azure: Catalogue, entry: Mapping[str, Any]) -> None:
    assert problems(azure, entry) == []


def test_cases_that_are_malformed_on_purpose_are_so(azure: Catalogue) -> None:
    for case in cases():
        if case.is_malformed:
            assert any(problems(azure, entry) for entry in case.entries), str(case)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (
            {"type": "machinelearningservices:Workspaces"},
            "azure-native has no machinelearningservices:Workspaces",
        ),
        ({"type": "azureml-assets:Job1"}, "azureml-assets:Job1 is no type of the plugin"),
        ({"type": "azureml-assets:Job", "properties": {"image": "x"}}, "image is no input of an asset"),
        (
            {"type": "azureml-assets:Job", "properties": {"target": {"name": "x"}}},
            "name is no input of an asset",
        ),
        (
            {"type": "storage:StorageAccount", "properties": {"networkRuleSet": {"defaultAction": "Off"}}},
            'networkRuleSet.defaultAction: "Off" is not one of Allow, Deny',
        ),
        (
            {"type": "storage:StorageAccount", "properties": {"allowBlobPublicAccess": "false"}},
            'allowBlobPublicAccess: must be true or false, found the string "false"',
        ),
        (
            {"type": "keyvault:Vault", "properties": {"properties": {"networkAcl": {}}}},
            "properties.networkAcl: is not a property here",
        ),
        (
            {"type": "storage:StorageAccount", "properties": {}, "outputs": {"names": "x"}},
            "names: is not a property here",
        ),
    ],
)
def test_what_the_provider_would_refuse_is_seen(
    azure: Catalogue, entry: Mapping[str, Any], expected: str
) -> None:
    (problem,) = problems(azure, entry)
    assert problem.startswith(expected)


def test_texts_of_enums_may_be_in_any_case_and_values_unknown_or_secret(azure: Catalogue) -> None:
    values = {
        "networkRuleSet": {"defaultAction": "deny", "bypass": "Metrics, azureservices"},
        "publicNetworkAccess": UNKNOWN,
        "tags": {"owner": Secret("x")},
        "accountName": Output("other", "name"),
    }
    assert problems(azure, {"type": "storage:StorageAccount", "properties": values}) == []


@pytest.mark.parametrize("control", CATALOGUE, ids=lambda control: control.id)
def test_controls_look_at_types_that_there_are(azure: Catalogue, control: Any) -> None:
    unknown = [
        each
        for each in control.types
        if each not in {EVERY_AZURE_TYPE, *ASSET_TYPES, *OLDER}
        and azure.resource(f"azure-native:{each}") is None
    ]
    assert unknown == []

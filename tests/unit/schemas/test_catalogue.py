"""The installed packages are compiled, cached, and answer for every declared type."""

import json
from pathlib import Path

import pytest

from sandbox.arm.namespaces import ALL_RESOURCE_TYPES
from sandbox.arm.resource_type import ResourceType
from sandbox.schemas.catalogue import Catalogue, build, load
from sandbox.schemas.check import check
from sandbox.schemas.nodes import Schema
from sandbox.schemas.python_source import PythonSource

CATALOGUE = load()
COMPUTE = "Microsoft.MachineLearningServices/workspaces/computes"
WITH_TOKEN = [arm for arm in ALL_RESOURCE_TYPES if arm.token]


def _references(schema: Schema) -> set[str]:
    """All object types that a schema leads to."""
    found: set[str] = set()
    waiting: list[object] = [schema.node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            names = [node["ref"]] if "ref" in node else list(node.get("variants", {}).values())
            for name in set(names) - found:
                found.add(name)
                waiting.extend(schema.types[name]["properties"].values())
                waiting.extend(
                    {"ref": variant} for variant in schema.types[name].get("variants", {}).values()
                )
            waiting.extend(value for key, value in node.items() if key in ("array", "map", "any_of"))
    return found


@pytest.mark.parametrize("arm", WITH_TOKEN, ids=lambda arm: arm.token)
def test_every_declared_token_is_a_class_with_known_types(arm: ResourceType) -> None:
    resource = CATALOGUE.resource(arm.token)
    assert resource is not None
    assert resource.api_version in resource.api_versions
    assert _references(resource.inputs), "no object type at all"
    assert _references(resource.outputs)


@pytest.mark.parametrize("arm", WITH_TOKEN, ids=lambda arm: arm.token)
def test_every_declared_type_has_the_name_inputs_that_it_says(arm: ResourceType) -> None:
    resource = CATALOGUE.resource(arm.token)
    assert resource is not None
    known = resource.inputs.object_type()["properties"]
    assert {name for name in (arm.name_input, *arm.parent_inputs) if name} <= set(known)


def test_a_compute_cluster_is_checked_on_the_wire() -> None:
    schema = CATALOGUE.body(COMPUTE, "2025-12-01")
    assert schema is not None
    cluster = {"vmSize": "Standard_DS3_v2", "vmPriority": "Low", "scaleSettings": {"maxNodeCount": "4"}}
    body = {"location": "westeurope", "properties": {"computeType": "AmlCompute", "properties": cluster}}
    assert [problem.path for problem in check(body, schema)] == [
        "properties.properties.vmPriority",
        "properties.properties.scaleSettings.maxNodeCount",
    ]


def test_versions_of_azure_ai_ml_are_known_besides_the_generated_one() -> None:
    versions = CATALOGUE.api_versions(COMPUTE)
    assert "2025-12-01" in versions
    assert "2023-08-01-preview" in versions
    assert CATALOGUE.exact(COMPUTE, "2023-08-01-preview")


def test_workspace_properties_that_only_old_versions_have() -> None:
    body = {"location": "x", "properties": {"allowRoleAssignmentOnRG": True}}
    old = CATALOGUE.body("Microsoft.MachineLearningServices/workspaces", "2024-10-01-preview")
    new = CATALOGUE.body("Microsoft.MachineLearningServices/workspaces", "2025-12-01")
    assert old is not None
    assert new is not None
    assert check(body, old) == []
    assert [problem.path for problem in check(body, new)] == ["properties.allowRoleAssignmentOnRG"]


def test_an_unknown_version_gets_the_next_newer_model() -> None:
    assignments = "Microsoft.Authorization/roleAssignments"
    assert CATALOGUE.body(assignments, "2021-01-01") == CATALOGUE.body(assignments, "2022-04-01")
    assert not CATALOGUE.exact(assignments, "2021-01-01")


def test_what_nobody_describes_is_none() -> None:
    assert CATALOGUE.body("Microsoft.Nowhere/things", "2024-01-01") is None
    assert CATALOGUE.resource("azure-native:storage:Nothing") is None
    assert CATALOGUE.resource("azure-native:nowhere:Nothing") is None
    assert CATALOGUE.resource("aws:s3:Bucket") is None
    assert CATALOGUE.tokens("nowhere") == ()


def test_types_without_rest_models_get_a_body_from_pulumi() -> None:
    token = "azure-native:authorization:ManagementLockByScope"
    schema = CATALOGUE.pulumi_body(token, ("scope", "lockName"), flattened=True)
    assert schema is not None
    assert check({"properties": {"level": "CanNotDelete"}}, schema) == []
    found = check({"level": "CanNotDelete", "properties": {"level": "None"}}, schema)
    assert [problem.path for problem in found] == ["level", "properties.level"]


def test_the_cache_is_written_read_and_repaired(tmp_path: Path) -> None:
    assert list(build({"managedidentity"}, {"Microsoft.ManagedIdentity"}, tmp_path)) == [
        "azure-native managedidentity",
        "Microsoft.ManagedIdentity",
    ]
    files = sorted(tmp_path.iterdir())
    assert len(files) == 2
    identity = "Microsoft.ManagedIdentity/userAssignedIdentities"
    expected = Catalogue(tmp_path).body(identity, "2024-11-30")
    for file in files:
        file.write_bytes(file.read_bytes()[:100])  # a full disk
    assert Catalogue(tmp_path).body(identity, "2024-11-30") == expected
    assert [json.loads(file.read_bytes()) for file in sorted(tmp_path.glob("Microsoft*"))]


def test_what_is_compiled_is_not_read_from_source_again(monkeypatch: pytest.MonkeyPatch) -> None:
    for arm in ALL_RESOURCE_TYPES:  # compiles what is missing
        CATALOGUE.body(arm.type, "2024-01-01")
    expected = [CATALOGUE.resource(arm.token) for arm in ALL_RESOURCE_TYPES if arm.token]

    def read(self: PythonSource, path: Path) -> None:
        raise AssertionError(f"{path} is parsed again")

    monkeypatch.setattr(PythonSource, "__init__", read)
    catalogue = load()

    for arm in ALL_RESOURCE_TYPES:
        catalogue.body(arm.type, "2024-01-01")
    assert [catalogue.resource(arm.token) for arm in ALL_RESOURCE_TYPES if arm.token] == expected

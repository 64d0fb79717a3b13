"""Every declared type fits the classes of pulumi_azure_native and the models of the Azure SDKs."""

import pytest

from sandbox.arm.namespaces import ALL_RESOURCE_TYPES
from sandbox.arm.resource_type import ResourceType
from sandbox.azure_native.declared import Declared, Registry
from sandbox.schemas.catalogue import load
from sandbox.schemas.nodes import Schema

CATALOGUE = load()
REGISTRY = Registry(CATALOGUE, ALL_RESOURCE_TYPES)
WITH_TOKEN = [arm for arm in ALL_RESOURCE_TYPES if arm.token]
# azure-mgmt-resource 26 has no management locks; they stay as pulumi_azure_native has them.
WITHOUT_MODEL = {"Microsoft.Authorization/locks"}


def _leads_somewhere(schema: Schema | None, path: tuple[str, ...]) -> bool:
    """Whether a wire path exists in a REST model."""
    for part in path:
        if schema is None or not isinstance(schema.node, dict) or "ref" not in schema.node:
            return False
        declared = schema.types[schema.node["ref"]]
        owners = [declared, *(schema.types[name] for name in declared.get("variants", {}).values())]
        nodes = [owner["properties"][part] for owner in owners if part in owner["properties"]]
        schema = schema.at(nodes[0]) if nodes else None
    return schema is not None


@pytest.fixture(params=WITH_TOKEN, ids=lambda arm: arm.token)
def declared(request: pytest.FixtureRequest) -> Declared:
    arm: ResourceType = request.param
    return REGISTRY.find(arm.token)


def test_path_inputs_exist(declared: Declared) -> None:
    assert set(declared.path_inputs) <= set(declared.pulumi.inputs.object_type()["properties"])


def test_the_id_holds_every_path_input_and_gives_it_back(declared: Declared) -> None:
    values = {name: f"value-of-{name.lower()}" for name in declared.path_inputs}
    if "scope" in values:
        values["scope"] = "/subscriptions/s/resourceGroups/g"
    assert declared.inputs_of_id(declared.id(values, "s")) == values


def test_every_input_has_a_place_in_the_request(declared: Declared) -> None:
    arm_type = declared.arm.schema_type or declared.arm.type
    body = CATALOGUE.body(arm_type, declared.api_version)
    assert (body is None) == (arm_type in WITHOUT_MODEL)
    elsewhere = {*declared.path_inputs, *declared.query_inputs}
    names = [name for name in declared.pulumi.inputs.object_type()["properties"] if name not in elsewhere]
    wire = {name: tuple(declared.body_shape.locate((name,))[0].split(".")) for name in names}
    assert {name for name, path in wire.items() if body and not _leads_somewhere(body, path)} == set()


def test_immutable_paths_exist_in_the_request(declared: Declared) -> None:
    arm_type = declared.arm.schema_type or declared.arm.type
    body = CATALOGUE.body(arm_type, declared.api_version)
    top = {rule.path: tuple(rule.path.split(".")[:2]) for rule in declared.arm.immutable}
    assert {path for path, parts in top.items() if body and not _leads_somewhere(body, parts)} == set()

"""The names of maps that users fill, held against the inputs of azure-native."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path

import pytest

from azureml_guard.name_rules import COMPUTES, OTHER_COMPUTE, RULES
from azureml_guard.property_paths import USER_MAPS, shown
from azureml_guard.tagged_types import TAGGED

SPEC = importlib.util.find_spec("pulumi_azure_native")
assert SPEC is not None
assert SPEC.origin is not None
SDK = Path(SPEC.origin).parent
PROPERTY = re.compile(r'@pulumi\.getter(?:\(name="(\w+)"\))?\n\s+def (\w+)\(self\) -> (.*?):\n')
MODULES = (
    *("app", "automation", "cognitiveservices", "compute", "containerinstance", "containerregistry"),
    *(
        "keyvault",
        "machinelearningservices",
        "managedidentity",
        "monitor",
        "network",
        "resources",
        "storage",
        "web",
    ),
)
# Maps in some types and fixed properties in others: names below them are shown where they are known.
MIXED = {"properties", "credentials", "secret", "secrets", "description"}


@cache
def sources_of(module: str) -> list[str]:
    return [path.read_text(encoding="utf-8") for path in (SDK / module).glob("*.py")]


def inputs_of(type_name: str) -> str:
    """The source of the inputs of a type."""
    module, name = type_name.split(":")
    token = f"'azure-native:{type_name}'"
    for source in sources_of(module):
        if token in source and f"super({name}, __self__)" in source:
            return source[: source.index(token)]
    raise AssertionError(f"azure-native has no {type_name}")


@pytest.mark.parametrize("module", MODULES)
def test_every_map_of_the_user_is_known_as_one(module: str) -> None:
    found = set()
    for path in (SDK / module).glob("*.py"):
        if path.name.startswith(("get_", "list_", "outputs", "_enums")):
            continue
        for wire_name, name, kind in PROPERTY.findall(path.read_text(encoding="utf-8")):
            if "Mapping[" in kind and "'outputs." not in kind:
                found.add(wire_name or name)

    assert found - MIXED <= USER_MAPS


@pytest.mark.parametrize("type_name", sorted(TAGGED))
def test_every_type_that_must_be_tagged_takes_tags(type_name: str) -> None:
    assert "def tags(self)" in inputs_of(type_name)


@pytest.mark.parametrize("type_name", RULES)
def test_every_name_that_is_judged_is_an_input(type_name: str) -> None:
    properties = {wire or name for wire, name, _ in PROPERTY.findall(inputs_of(type_name))}

    assert RULES[type_name].property in properties


def test_all_kinds_of_compute_keep_to_the_rule_for_computes() -> None:
    shortest, longest = RULES["machinelearningservices:Compute"].length
    for rule in (*COMPUTES.values(), OTHER_COMPUTE):
        assert shortest <= rule.length[0] <= rule.length[1] <= longest


@pytest.mark.parametrize(
    ("type_name", "keys", "path"),
    [
        ("keyvault:Secret", ("properties", "value"), "properties.value"),
        (
            "keyvault:Vault",
            ("properties", "accessPolicies", 0, "tenantId"),
            "properties.accessPolicies[*].tenantId",
        ),
        ("web:WebAppApplicationSettings", ("properties", "chosen"), "properties[*]"),
        ("web:WebApp", ("siteConfig", "appSettings", 3, "value"), "siteConfig.appSettings[*].value"),
        (
            "machinelearningservices:Datastore",
            ("properties", "properties", "chosen"),
            "properties.properties[*]",
        ),
        ("storage:StorageAccount", ("tags", "chosen"), "tags[*]"),
        ("resources:Deployment", ("properties", "template", "x", "y"), "properties.template[*]"),
        ("azureml-assets:Job", ("spec", "chosen", "command"), "spec[*]"),
        ("azureml-assets:Job", ("spec", "jobs", "chosen", "command"), "spec.jobs[*]"),
    ],
)
def test_a_path_ends_before_what_a_user_chose(type_name: str, keys: tuple[str | int, ...], path: str) -> None:
    assert shown(type_name, keys) == path

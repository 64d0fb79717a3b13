"""The schema and the page of the settings: as new as the models, and accepting what the models accept."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
import yaml

from infra.settings import schema
from tests.support.recorded_stack import ROOT, stack_settings

STACKS = ("dev", "staging", "prod")


def stack_file(stack: str) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())
    return document


def refusals(document: object) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema.stack_file_schema())
    return [error.json_path for error in validator.iter_errors(document)]


def test_the_checked_in_schema_is_current() -> None:
    written = json.dumps(schema.stack_file_schema(), indent=2) + "\n"

    assert schema.SCHEMA_FILE.read_text() == written, "run: python -m infra.settings.schema"


def test_the_checked_in_page_is_current() -> None:
    assert schema.DOCUMENT_FILE.read_text() == schema.document(), "run: python -m infra.settings.schema"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema.stack_file_schema())


@pytest.mark.parametrize("stack", STACKS)
def test_stack_files_are_valid_against_the_schema(stack: str) -> None:
    assert refusals(stack_file(stack)) == []


@pytest.mark.parametrize("stack", STACKS)
def test_editors_find_the_schema_from_each_stack_file(stack: str) -> None:
    first_line = (ROOT / f"Pulumi.{stack}.yaml").read_text().splitlines()[0]

    assert first_line == "# yaml-language-server: $schema=docs/settings.schema.json"


def test_what_pulumi_writes_into_a_stack_file_is_allowed() -> None:
    document = {"encryptionsalt": "v1:abc", "secretsprovider": "passphrase", **stack_file("dev")}
    document["config"]["azure-native:location"] = "westeurope"

    assert refusals(document) == []


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("network", "publicAccess", True),
        ("storage", "sku", "Premium_LRS"),
        ("keyVault", "softDeleteRetentionInDays", 5),
        ("compute", "clusters", {"x": {}}),
        ("tags", "dataClass", "secret"),
    ],
)
def test_editors_mark_what_the_program_would_refuse(section: str, key: str, value: object) -> None:
    document = stack_file("dev")
    document["config"]["azureml-platform:settings"][section][key] = value

    assert refusals(document)


def test_editors_mark_a_misspelt_configuration_key() -> None:
    document = stack_file("dev")
    document["config"]["azureml-platform:setings"] = {}

    assert refusals(document) == ["$.config"]


def test_every_key_has_a_description() -> None:
    def undescribed(model: dict[str, Any], path: str) -> list[str]:
        return [
            f"{path}.{key}" for key, member in model["properties"].items() if not member.get("description")
        ]

    whole = schema.stack_file_schema()
    found = undescribed(whole["properties"]["config"]["properties"]["azureml-platform:settings"], "settings")
    for name, model in whole["$defs"].items():
        found += undescribed(model, name)
    assert found == []


def test_the_page_names_every_key_of_the_stack_files() -> None:
    page = schema.DOCUMENT_FILE.read_text()
    for stack in STACKS:
        for section, value in stack_settings(stack).items():
            assert f"`{section}`" in page
            if isinstance(value, dict) and section != "tags":
                assert all(f"`{section}.{key}`" in page for key in value)

"""What every declaration of a service must carry, whatever the service."""

from __future__ import annotations

import re

import pytest

from sandbox.arm.namespaces import (
    application_insights,
    container_registry,
    key_vault,
    machine_learning,
    operational_insights,
    storage,
)
from sandbox.arm.resource_type import ResourceType

MODULES = (
    storage,
    key_vault,
    container_registry,
    application_insights,
    operational_insights,
    machine_learning,
)
TYPES = [declared for module in MODULES for declared in module.RESOURCE_TYPES]


@pytest.mark.parametrize("declared", TYPES, ids=lambda declared: declared.type)
def test_every_type_says_where_its_facts_come_from(declared: ResourceType) -> None:
    assert declared.facts
    for fact in declared.facts:
        assert fact.statement.endswith(".")
        assert len(fact.source.text) > 10
    for fixed in declared.immutable:
        assert fixed.source.text
    assert declared.name.source.text


@pytest.mark.parametrize("declared", TYPES, ids=lambda declared: declared.type)
def test_every_type_names_its_azure_native_token(declared: ResourceType) -> None:
    assert re.fullmatch(r"azure-native:[a-z]+:[A-Z]\w+", declared.token)
    assert declared.name_input


def test_no_type_is_declared_twice() -> None:
    names = [declared.type.lower() for declared in TYPES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("declared", TYPES, ids=lambda declared: declared.type)
def test_name_rules_accept_and_refuse(declared: ResourceType) -> None:
    pattern = re.compile(declared.name.pattern)
    examples = ("default", "abcdef12", "Abcdef12")
    assert any(pattern.fullmatch(example) for example in examples)
    assert not pattern.fullmatch("")
    assert not pattern.fullmatch("a/b")

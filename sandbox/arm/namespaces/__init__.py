"""All resource types of the emulator, and the facts that it asserts about Azure.

A namespace is a module (or package) with a constant RESOURCE_TYPES; it counts once it is named here.
"""

from __future__ import annotations

from collections.abc import Iterator

from sandbox.arm.facts import Fact
from sandbox.arm.namespaces import (
    application_insights,
    authorization,
    container_registry,
    key_vault,
    machine_learning,
    managed_identity,
    operational_insights,
    resources,
    storage,
)
from sandbox.arm.resource_type import ResourceType

ALL_RESOURCE_TYPES: tuple[ResourceType, ...] = (
    *resources.RESOURCE_TYPES,
    *authorization.RESOURCE_TYPES,
    *managed_identity.RESOURCE_TYPES,
    *storage.RESOURCE_TYPES,
    *key_vault.RESOURCE_TYPES,
    *container_registry.RESOURCE_TYPES,
    *operational_insights.RESOURCE_TYPES,
    *application_insights.RESOURCE_TYPES,
    *machine_learning.RESOURCE_TYPES,
)

_BY_TYPE = {declared.type.lower(): declared for declared in ALL_RESOURCE_TYPES}
_BY_TOKEN = {declared.token: declared for declared in ALL_RESOURCE_TYPES if declared.token}


def by_type(type_name: str) -> ResourceType | None:
    """The declaration of "Microsoft.KeyVault/vaults", whatever its case; None when there is none."""
    return _BY_TYPE.get(type_name.lower())


def by_token(token: str) -> ResourceType | None:
    """The declaration behind an azure-native token; None when there is none."""
    return _BY_TOKEN.get(token)


def facts() -> tuple[Fact, ...]:
    """Everything that the emulator asserts about Azure: its core and all declarations."""
    from sandbox.arm.core_facts import CORE_FACTS  # the core imports this package

    return (*CORE_FACTS, *(fact for declared in ALL_RESOURCE_TYPES for fact in _facts_of(declared)))


def _facts_of(declared: ResourceType) -> Iterator[Fact]:
    yield Fact(f"A name of {declared.type} is {declared.name.allowed}.", declared.name.source)
    for rule in declared.immutable:
        yield Fact(f"{rule.path} of {declared.type} can't change.", rule.source)
    if declared.soft_delete is not None:
        yield Fact(f"A deleted {declared.type} stays recoverable.", declared.soft_delete.source)
    yield from declared.facts

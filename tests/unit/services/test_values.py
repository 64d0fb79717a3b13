"""Pure helpers that the services' declarations share."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from sandbox.arm.namespaces.machine_learning import vm_sizes
from sandbox.arm.namespaces.values import (
    object_at,
    parent_of,
    same_id,
    seconds_of,
    timestamp,
    type_of,
    value_at,
)

VAULT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v"
CONTAINER = (
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a/blobServices/default"
)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT15M", 900), ("PT2H30M", 9000), ("P1D", 86400), ("P1DT1S", 86401), ("PT1.5S", 1.5), ("P", None)],
)
def test_durations(text: str, seconds: float | None) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "PT", "P1", "15 minutes", "PT15", "P1DT"])
def test_what_is_no_duration(text: str) -> None:
    assert seconds_of(text) is None


def test_the_type_in_an_id() -> None:
    assert type_of(VAULT) == "microsoft.keyvault/vaults"
    assert type_of(CONTAINER) == "microsoft.storage/storageaccounts/blobservices"
    assert type_of("/subscriptions/s/resourceGroups/g") == ""


def test_ids_have_no_case() -> None:
    assert same_id(VAULT, VAULT.upper())
    assert same_id(None, "")
    assert not same_id(VAULT, CONTAINER)
    assert parent_of(CONTAINER).endswith("/storageAccounts/a")


def test_paths_into_a_body() -> None:
    body = {"a": {"b": {"c": 1}}, "n": None}
    assert value_at(body, "a.b.c") == 1
    assert value_at(body, "a.x.c") is None
    assert object_at(body, "n") == {}
    assert object_at(None, "a") == {}


def test_times_are_utc() -> None:
    moment = datetime(2026, 1, 2, 5, 4, 5, 600, tzinfo=timezone(timedelta(hours=2)))
    assert timestamp(moment) == "2026-01-02T03:04:05.0006000Z"


def test_sizes_are_found_without_case() -> None:
    found = vm_sizes.find("STANDARD_NC24ADS_A100_V4")
    assert found is not None
    assert (found.cores, found.gpus, found.family.key) == (24, 1, "standardNCADSA100v4Family")
    assert vm_sizes.find("Standard_DS11_v2").memory_gb == 14  # type: ignore[union-attr]
    assert vm_sizes.find("Standard_Imaginary_v9") is None


def test_no_size_is_listed_twice() -> None:
    names = [size.name.lower() for size in vm_sizes.VM_SIZES]
    assert len(set(names)) == len(names)

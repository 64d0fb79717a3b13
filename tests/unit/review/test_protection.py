"""What becomes weaker, and what only looks so because a preview does not repeat Azure's own values."""

from __future__ import annotations

import json
from typing import Any

import pytest

from review.events import read
from review.protection import protection_changes

TYPE = "azure-native:storage:StorageAccount"
URN = f"urn:pulumi:dev::platform::{TYPE}::data"
ENCRYPTION = {"encryption": {"keySource": "Microsoft.Keyvault"}}


def told(new: dict[str, Any], diff: str, kind: str) -> list[str]:
    """What is told of an update; `ENCRYPTION` is in the outputs before, as Azure answered it."""
    old = {
        "urn": URN,
        "custom": True,
        "inputs": {"kind": "Storage"},
        "outputs": {"kind": "Storage", **ENCRYPTION},
    }
    after = {"urn": URN, "custom": True, "inputs": new, "outputs": {}}
    metadata = {"op": "update", "urn": URN, "type": TYPE, "old": old, "new": after}
    event = {"resourcePreEvent": {"metadata": {**metadata, "detailedDiff": {diff: {"diffKind": kind}}}}}
    return [each.text for each in protection_changes(read(json.dumps({"sequence": 0, **event})))]


def test_an_update_of_something_else_leaves_azures_own_values_as_they_are() -> None:
    assert told({"kind": "StorageV2"}, "kind", "update") == []


@pytest.mark.parametrize("diff", ["encryption.keySource", "encryption"])
def test_what_the_engine_says_goes_is_weaker(diff: str) -> None:
    told_of = told({"kind": "Storage"}, diff, "delete")

    assert told_of == ["weakens keys of one's own: Microsoft.Keyvault → not set"]


def test_a_weaker_value_is_weaker() -> None:
    new = {"kind": "Storage", "encryption": {"keySource": "Microsoft.Storage"}}

    told_of = told(new, "encryption.keySource", "update")

    assert told_of == ["weakens keys of one's own: Microsoft.Keyvault → Microsoft.Storage"]

"""A replacement in the engine's events: up to three steps of one resource, in either order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from review.events import read
from review.preview import Op, Step

URN = "urn:pulumi:dev::platform::azure-native:machinelearningservices:Compute::cpu"
OLD = {"vmSize": "Standard_DS3_v2", "tags": {"a": "b"}}
NEW = {"vmSize": "Standard_DS4_v2", "tags": {"a": "b"}}


def step(
    op: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None, **more: Any
) -> dict[str, Any]:
    def state(inputs: Mapping[str, Any] | None) -> dict[str, Any] | None:
        return None if inputs is None else {"urn": URN, "custom": True, "inputs": inputs, "outputs": inputs}

    metadata = {"op": op, "urn": URN, "type": "azure-native:machinelearningservices:Compute", **more}
    return {
        "resourcePreEvent": {"planning": True, "metadata": {**metadata, "old": state(old), "new": state(new)}}
    }


DELETED = step("delete-replaced", OLD, None, keys=["vmSize"], diffs=["vmSize"])
CREATED = step("create-replacement", OLD, NEW, keys=["vmSize"], diffs=["vmSize"])
REPLACED = step("replace", OLD, NEW, keys=["vmSize"], diffs=["vmSize"])


def read_step(*events: dict[str, Any]) -> Step:
    lines = [json.dumps({"sequence": number, **event}) for number, event in enumerate(events)]
    (found,) = read("\n".join(lines)).steps
    return found


@pytest.mark.parametrize(
    "events", [(DELETED, REPLACED, CREATED), (CREATED, REPLACED, DELETED)], ids=["old first", "new first"]
)
def test_only_what_is_another_value_is_told_as_changed(events: tuple[dict[str, Any], ...]) -> None:
    """Not that every property of the old resource becomes nothing, as its deletion alone would say."""
    found = read_step(*events)

    assert found.op is Op.REPLACE
    assert [(each.path, each.before, each.after) for each in found.changes] == [
        ("vmSize", "Standard_DS3_v2", "Standard_DS4_v2")
    ]
    assert found.deletes_first is (events[0] is DELETED)


def test_a_refresh_tells_what_differs_as_drift_not_as_a_change() -> None:
    before, after = step("refresh", OLD, OLD), step("update", OLD, NEW, diffs=["vmSize"])
    outcome = {"resOutputsEvent": after["resourcePreEvent"]}

    lines = [json.dumps({"sequence": number, **event}) for number, event in enumerate((before, outcome))]
    preview = read("\n".join(lines))

    assert [each.op for each in preview.steps] == [Op.REFRESH]
    assert [(each.op, [change.path for change in each.changes]) for each in preview.drift] == [
        (Op.UPDATE, ["vmSize"])
    ]


def test_a_refresh_that_finds_nothing_is_no_drift() -> None:
    before, after = step("refresh", OLD, OLD), step("same", OLD, OLD)
    outcome = {"resOutputsEvent": after["resourcePreEvent"]}

    lines = [json.dumps({"sequence": number, **event}) for number, event in enumerate((before, outcome))]

    assert read("\n".join(lines)).drift == ()

"""Soft deletion as a declaration asks for it: kept, refused, recovered, purged, expired."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.arm import ArmServer, running
from tests.support.arm_types import TYPES

BODY = {"location": "westeurope", "properties": {"colour": "red"}}


@pytest.fixture
def arm() -> Iterator[ArmServer]:
    with running(types=TYPES) as server:
        yield server


def safe(group: str, name: str = "safe") -> str:
    return f"{group}/providers/Microsoft.Test/safes/{name}"


def deleted(arm: ArmServer, name: str = "safe", location: str = "westeurope") -> str:
    return f"{arm.subscription}/providers/Microsoft.Test/locations/{location}/deletedSafes/{name}"


def removed(arm: ArmServer, **properties: Any) -> str:
    """The id of a safe that was made, given a part, and deleted."""
    path = safe(arm.group())
    arm.ok("PUT", path, {"location": "westeurope", "properties": {"colour": "red", **properties}})
    arm.ok("PUT", f"{path}/parts/part", {"properties": {}})
    arm.ok("DELETE", path)
    return path


def test_a_deleted_resource_is_kept_aside(arm: ArmServer) -> None:
    path = removed(arm)
    assert arm.request("GET", path).status_code == 404
    shown = arm.ok("GET", deleted(arm))
    assert shown["name"] == "safe"
    assert shown["deleted"] < shown["purge"]
    collection = f"{arm.subscription}/providers/Microsoft.Test/deletedSafes"
    assert [item["name"] for item in arm.ok("GET", collection)["value"]] == ["safe"]
    assert arm.refused("GET", deleted(arm, location="northeurope"))[:2] == (404, "NoSuchDeleted")


def test_its_name_stays_taken_everywhere(arm: ArmServer) -> None:
    path = removed(arm)
    assert arm.refused("PUT", path, BODY)[:2] == (409, "StillDeleted")
    assert arm.refused("PUT", safe(arm.group("other")), BODY)[:2] == (409, "StillDeleted")


def test_a_living_name_is_taken_too(arm: ArmServer) -> None:
    arm.ok("PUT", safe(arm.group()), BODY)
    assert arm.refused("PUT", safe(arm.group("other")), BODY)[:2] == (409, "NameTaken")


def test_recovery_brings_back_body_and_children(arm: ArmServer) -> None:
    path = removed(arm, size=3)
    back = arm.ok("PUT", path, {"location": "westeurope", "properties": {"recover": True}})
    assert "recover" not in back["properties"]
    assert [item["name"] for item in arm.ok("GET", f"{path}/parts")["value"]] == ["part"]
    assert arm.refused("GET", deleted(arm))[0] == 404
    nothing = {"location": "westeurope", "properties": {"recover": True}}
    assert arm.refused("PUT", safe(arm.group(), "other"), nothing)[:2] == (400, "NothingToRecover")


def test_purging_frees_the_name(arm: ArmServer) -> None:
    path = removed(arm)
    assert arm.refused("POST", f"{deleted(arm)}/purge", caller="reader")[:2] == (403, "AuthorizationFailed")
    started = arm.request("POST", f"{deleted(arm)}/purge")
    assert started.status_code == 202
    assert arm.request("GET", started.headers["location"].removeprefix(arm.base_url), version="").is_success
    assert arm.refused("GET", deleted(arm))[:2] == (404, "NoSuchDeleted")
    assert arm.request("PUT", path, BODY).status_code == 201
    assert arm.ok("GET", f"{path}/parts")["value"] == []


def test_purge_protection_holds_until_the_end_of_retention(arm: ArmServer) -> None:
    path = removed(arm, protected=True)
    assert arm.refused("POST", f"{deleted(arm)}/purge")[:2] == (405, "Protected")
    arm.app.clock.advance(6 * 86400)
    assert arm.refused("PUT", path, BODY)[1] == "StillDeleted"
    arm.app.clock.advance(86400 + 1)
    assert arm.request("PUT", path, BODY).status_code == 201


def test_a_permanent_delete_reaches_living_and_deleted(arm: ArmServer) -> None:
    path = safe(arm.group())
    arm.ok("PUT", path, BODY)
    arm.ok("DELETE", f"{path}?purge=true")
    assert arm.refused("GET", deleted(arm))[0] == 404
    arm.ok("PUT", path, BODY)
    arm.ok("DELETE", path)
    assert arm.request("DELETE", f"{path}?purge=true").is_success
    assert arm.refused("GET", deleted(arm))[0] == 404
    assert arm.request("DELETE", f"{path}?purge=true").status_code == 204


def test_deleting_the_group_soft_deletes_what_is_in_it(arm: ArmServer) -> None:
    group = arm.group()
    arm.ok("PUT", safe(group), BODY)
    arm.request("DELETE", group)
    assert arm.ok("GET", deleted(arm))["name"] == "safe"
    arm.group()
    assert arm.refused("PUT", safe(group), BODY)[:2] == (409, "StillDeleted")

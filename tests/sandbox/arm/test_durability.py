"""What survives: restarts, kills, broken files; and what injected faults do."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.arm.faults import Faults
from sandbox.arm.namespaces import ALL_RESOURCE_TYPES, by_token, by_type, facts
from sandbox.arm.state import SCHEMA_VERSION
from sandbox.arm.store import Store, StoreError
from tests.support.arm import ArmServer, running
from tests.support.arm_types import TYPES

ROOT = Path(__file__).parents[3]


def test_state_and_operations_survive_a_restart(tmp_path: Path) -> None:
    database = tmp_path / "arm.sqlite"
    with running(database, types=TYPES, lro_scale=1) as arm:
        thing = f"{arm.group()}/providers/Microsoft.Test/asyncs/thing"
        started = arm.request("PUT", thing, {"location": "westeurope", "properties": {}})
        status = started.headers["azure-asyncoperation"].removeprefix(arm.base_url)
    with running(database, types=TYPES, lro_scale=1) as arm:
        assert arm.ok("GET", status, version="")["status"] == "InProgress"
        arm.app.clock.advance(61)
        assert arm.ok("GET", thing)["properties"]["provisioningState"] == "Succeeded"


def test_a_removed_first_role_does_not_come_back(tmp_path: Path) -> None:
    database = tmp_path / "arm.sqlite"
    with running(database) as arm:
        listed = arm.ok("GET", f"{arm.subscription}/providers/Microsoft.Authorization/roleAssignments")[
            "value"
        ]
        reader = next(item for item in listed if item["properties"]["roleDefinitionId"].endswith("ae7"))
        arm.ok("DELETE", reader["id"])
    with running(database) as arm:
        assert arm.refused("GET", f"{arm.subscription}/resourceGroups/x", caller="reader")[0] == 403


def test_what_was_answered_survives_kill_9(tmp_path: Path) -> None:
    script = (
        "import sys, time\n"
        "from tests.support.arm import running\n"
        "with running(sys.argv[1]) as arm:\n"
        "    print(arm.base_url, flush=True)\n"
        "    time.sleep(60)\n"
    )
    database = tmp_path / "arm.sqlite"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        [sys.executable, "-c", script, str(database)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        arm = ArmServer(None, process.stdout.readline().strip())  # type: ignore[arg-type]
        answered = [arm.group(f"rg{number}") for number in range(20)]
        process.send_signal(signal.SIGKILL)
        process.wait()
        arm.close()
    with running(database) as arm:
        assert [
            item["id"] for item in arm.ok("GET", f"{arm.subscription}/resourceGroups")["value"]
        ] == sorted(answered)


def test_an_unusable_state_file_is_named(tmp_path: Path) -> None:
    broken, newer = tmp_path / "broken.sqlite", tmp_path / "newer.sqlite"
    broken.write_bytes(b"this is no database, and long enough to be read as one" * 100)
    with pytest.raises(StoreError, match=r"broken\.sqlite is not a usable state file .*reset"):
        Store(broken)
    Store(newer).close()
    with sqlite3.connect(newer) as database:
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    database.close()
    with pytest.raises(StoreError, match=r"written by another version.*reset"):
        Store(newer)


def test_a_refused_request_changes_nothing(tmp_path: Path) -> None:
    with running(types=TYPES) as arm:
        group = arm.group()
        body = {"location": "westeurope", "properties": {"size": 11}}
        arm.refused("PUT", f"{group}/providers/Microsoft.Test/boxes/box", body)
        assert arm.ok("GET", f"{group}/resources", version="2021-04-01")["value"] == []


# faults ----------------------------------------------------------------------------------------------


def test_a_status_fault_hits_as_often_as_asked(arm: ArmServer) -> None:
    arm.app.faults.add(
        {"kind": "status", "status": 429, "retry_after": 7, "path": "resourceGroups/rg", "count": 2}
    )
    path = f"{arm.subscription}/resourceGroups/rg"
    responses = [arm.request("PUT", path, {"location": "westeurope"}) for _ in range(3)]
    assert [response.status_code for response in responses] == [429, 429, 201]
    assert responses[0].headers["retry-after"] == "7"
    assert responses[0].json()["error"]["code"] == "TooManyRequests"
    assert arm.app.faults.list()[0]["hits"] == 2


def test_a_fault_may_wait_for_its_turn_and_its_method(arm: ArmServer) -> None:
    arm.app.faults.add({"kind": "status", "status": 503, "method": "GET", "after": 1})
    path = f"{arm.subscription}/resourceGroups"
    assert [arm.request("GET", path).status_code for _ in range(3)] == [200, 503, 200]


@pytest.mark.parametrize(("kind", "made"), [("drop", False), ("drop_after", True)])
def test_a_dropped_connection_gives_no_answer(arm: ArmServer, kind: str, made: bool) -> None:
    arm.app.faults.add({"kind": kind, "method": "PUT"})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        arm.group()
    assert arm.request("GET", f"{arm.subscription}/resourceGroups/rg").is_success is made


@pytest.mark.parametrize(
    ("rule", "error"),
    [
        ({"kind": "meteor"}, ValueError),
        ({"kind": "status", "status": 200}, ValueError),
        ({"kind": "status", "path": "("}, ValueError),
        ({"kind": "delay", "seconds": -1}, ValueError),
        ({"kind": "drop", "colour": "red"}, TypeError),
    ],
)
def test_a_wrong_fault_is_refused(rule: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        Faults().add(rule)


# declarations and facts --------------------------------------------------------------------------------


def test_declarations_are_distinct_and_found() -> None:
    names = [declared.type.lower() for declared in ALL_RESOURCE_TYPES]
    assert len(set(names)) == len(names)
    assert by_type("microsoft.storage/STORAGEACCOUNTS") is not None
    assert by_token("azure-native:resources:ResourceGroup") is by_type("Microsoft.Resources/resourceGroups")
    assert by_token("") is None
    for declared in ALL_RESOURCE_TYPES:
        assert not declared.parent_type or by_type(declared.parent_type), f"{declared.type} has no parent"


def test_every_fact_has_an_origin_and_a_text() -> None:
    found = facts()
    assert len(found) > 100
    for fact in found:
        assert fact.statement.endswith("."), fact
        assert fact.source.text, fact

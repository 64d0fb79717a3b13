"""Faults on purpose: told by the command line, met by real clients."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.support.azure import AzureHttp
from tests.support.sandbox import RunningSandbox

VERSION = "2024-03-01"


@pytest.fixture
def faulty(own_sandbox: RunningSandbox) -> Iterator[AzureHttp]:
    """A client of a sandbox of the test's own: faults would hit other tests."""
    with AzureHttp(own_sandbox) as client:
        yield client


def group(client: AzureHttp, name: str) -> str:
    return f"/subscriptions/{client.sandbox.subscription_id}/resourceGroups/{name}"


def test_status_fault_hits_so_many_matching_requests(faulty: AzureHttp) -> None:
    told = faulty.sandbox.cli(
        "faults",
        "add",
        "--status",
        "429",
        "--times",
        "2",
        "--retry-after",
        "1",
        "--match",
        "PUT */resourceGroups/rg-a*",
    )
    assert "answer 429 TooManyRequests" in told.stdout
    body = {"location": "westeurope"}
    assert faulty.arm("GET", group(faulty, "rg-a"), VERSION).status_code == 404, "another method"
    assert faulty.arm("PUT", group(faulty, "rg-b"), VERSION, body).status_code == 201, "another path"
    answers = [faulty.arm("PUT", group(faulty, "rg-a1"), VERSION, body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 201]
    assert answers[0].headers["Retry-After"] == "1"
    assert "no faults" in faulty.sandbox.cli("faults", "list").stdout


def test_dropped_connection_has_changed_nothing(faulty: AzureHttp) -> None:
    faulty.sandbox.cli("faults", "add", "--drop", "--match", "PUT *")
    with pytest.raises(requests.exceptions.ConnectionError):
        faulty.arm("PUT", group(faulty, "rg-a"), VERSION, {"location": "westeurope"})
    assert faulty.arm("GET", group(faulty, "rg-a"), VERSION).status_code == 404


def test_answer_lost_after_the_work(faulty: AzureHttp) -> None:
    faulty.sandbox.cli("faults", "add", "--drop-after", "--match", "PUT *")
    with pytest.raises(requests.exceptions.ConnectionError):
        faulty.arm("PUT", group(faulty, "rg-a"), VERSION, {"location": "westeurope"})
    assert faulty.arm("GET", group(faulty, "rg-a"), VERSION).status_code == 200


def test_crash_keeps_what_was_committed(faulty: AzureHttp) -> None:
    sandbox = faulty.sandbox
    faulty.put(group(faulty, "rg-kept"), VERSION, {"location": "westeurope"})
    sandbox.cli("faults", "add", "--crash", "--match", "PUT */rg-lost")
    with pytest.raises(requests.exceptions.ConnectionError):
        faulty.arm("PUT", group(faulty, "rg-lost"), VERSION, {"location": "westeurope"})
    states = {entry["name"]: entry["state"] for entry in sandbox.status()["processes"]}
    assert states == {"emulator": "crashed", "azurite": "running"}

    sandbox.cli("start")
    assert faulty.arm("GET", group(faulty, "rg-kept"), VERSION).status_code == 200
    assert faulty.arm("GET", group(faulty, "rg-lost"), VERSION).status_code == 404


def test_clear_forgets_them(faulty: AzureHttp) -> None:
    faulty.sandbox.cli("faults", "add", "--status", "500", "--times", "0")
    assert "500 InternalServerError" in faulty.sandbox.cli("faults", "list").stdout
    assert "no faults" in faulty.sandbox.cli("faults", "clear").stdout
    faulty.put(group(faulty, "rg-a"), VERSION, {"location": "westeurope"})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--status", "200"), "status 200 is not an error"),
        (("--drop", "--match", "nonsense"), "is not 'METHOD PATH'"),
        (("--drop", "--times", "-1"), "must not be negative"),
    ],
)
def test_wrong_faults_are_refused(sandbox: RunningSandbox, arguments: tuple[str, ...], told: str) -> None:
    done = sandbox.cli("faults", "add", *arguments, check=False)
    assert done.returncode == 1
    assert told in done.stderr
    assert done.stderr.count("\n") == 1

"""Refusals for want of a role are waited out, within one limit, and nothing else is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from azureml_assets import patience
from azureml_assets.patience import Patience
from resource_provider.arm_errors import ArmError
from tests.support.plugin import RecordedLog

FORBIDDEN = ArmError(403, "AuthorizationFailed", "does not have authorization")


def failing(times: int, error: ArmError) -> Callable[[], object]:
    calls = 0

    async def call() -> str:
        nonlocal calls
        calls += 1
        if calls <= times:
            raise error
        return f"done after {calls}"

    return call


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "_PAUSES", (0.001,))


def run(call: object, log: RecordedLog, cancelled: asyncio.Event | None = None) -> str:
    async def main() -> str:
        return await Patience(cancelled or asyncio.Event()).run(log, "urn", call)  # type: ignore[arg-type]

    return asyncio.run(main())


def test_a_new_role_is_waited_for_and_the_user_told_once() -> None:
    log = RecordedLog()

    assert run(failing(3, FORBIDDEN), log) == "done after 4"
    assert [kind for kind, _ in log.lines] == ["warning"]
    assert log.lines[0][1].startswith('Azure refuses: Status=403 Code="AuthorizationFailed" ')
    assert "trying again until " in log.lines[0][1]


def test_the_wait_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LIMIT_SECONDS", 0.05)

    with pytest.raises(ArmError, match="AuthorizationFailed"):
        run(failing(10_000, FORBIDDEN), RecordedLog())


@pytest.mark.parametrize(
    "error", [ArmError(404, "ResourceNotFound", ""), ArmError(403, "PrincipalTypeNotSupported", "")]
)
def test_other_refusals_are_told_at_once(error: ArmError) -> None:
    log = RecordedLog()

    with pytest.raises(ArmError):
        run(failing(1, error), log)
    assert log.lines == []


def test_a_user_who_stops_does_not_wait() -> None:
    cancelled = asyncio.Event()
    cancelled.set()

    with pytest.raises(ArmError, match="AuthorizationFailed"):
        run(failing(1, FORBIDDEN), RecordedLog(), cancelled)


@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        (
            "AuthorizationFailure",
            "The storage account takes no uploads from this network: deploy from inside",
        ),
        ("AuthorizationPermissionMismatch", "Uploads need the role Storage Blob Data Contributor"),
    ],
)
def test_what_the_storage_account_refuses_is_told_with_its_cure(
    code: str, meaning: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "LIMIT_SECONDS", 0.01)

    with pytest.raises(ArmError, match=f'Code="{code}" Message="Not authorized. {meaning}'):
        run(failing(10_000, ArmError(403, code, "Not authorized.")), RecordedLog())

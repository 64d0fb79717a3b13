"""Soft-deleted vaults and workspaces: seen, purged or refused before the creation fails, and only then."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pulumi
import pytest

from infra import soft_delete
from infra.settings.sections import KeyVaultSettings, WorkspaceSettings
from tests.support.recorded_stack import ROOT, RecordedStack

Answer = tuple[int, dict[str, Any]]
DELETED = "/subscriptions/sub/providers/Microsoft.KeyVault/locations/westeurope/deletedVaults/kv-a"
WORKSPACE = "/subscriptions/sub/resourceGroups/rg/providers/Microsoft.MachineLearningServices/workspaces/mlw"
HELD: Answer = (200, {"properties": {"scheduledPurgeDate": "2026-12-01T10:00:00Z"}})
HELD_FOR_GOOD: Answer = (
    200,
    {"properties": {"scheduledPurgeDate": "2026-12-01T10:00:00Z", "purgeProtectionEnabled": True}},
)
FREE: Answer = (404, {"error": {"code": "DeletedVaultNotFound", "message": "not found"}})
DENIED: Answer = (403, {"error": {"code": "AuthorizationFailed", "message": "no right"}})


class Arm:
    """Answers requests from a script, and remembers them and what was logged."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *answers: Answer) -> None:
        self.answers = list(answers)
        self.requests: list[str] = []
        self.log: list[str] = []
        self.dry_run = False
        monkeypatch.setattr(soft_delete, "_arm", self.answer)
        monkeypatch.setattr(soft_delete, "_POLL_SECONDS", 0.0)
        monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: self.dry_run)
        for level in ("info", "warn"):
            monkeypatch.setattr(pulumi.log, level, self.logger(level))

    async def answer(self, method: str, path: str, api_version: str, **query: str) -> Answer:
        self.requests.append(" ".join([method, path, *(f"{key}={value}" for key, value in query.items())]))
        return self.answers.pop(0)

    def logger(self, level: str) -> Callable[[str], None]:
        return lambda text: self.log.append(f"{level}: {text}")


def run_hook(binding: pulumi.ResourceHookBinding | None, inputs: dict[str, str]) -> None:
    assert binding is not None
    assert binding.before_create
    hook = binding.before_create[0]
    arguments = pulumi.ResourceHookArgs(urn="urn", id="", name="name", type="type", new_inputs=inputs)
    result = hook(arguments)
    assert result is not None

    async def wait() -> None:
        await result

    asyncio.run(wait())


@pytest.fixture(autouse=True)
def unregistered_hooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hooks as the program makes them, without an engine to register them with."""
    monkeypatch.setattr("pulumi.resource_hooks.register_resource_hook", lambda hook: None)

    async def known(value: str) -> str:
        return value

    monkeypatch.setattr(soft_delete, "_known", known)


def vault(**settings: Any) -> None:
    defaults = {"enable_purge_protection": False, "purge_soft_deleted": False}
    made = KeyVaultSettings(**{**defaults, **settings})
    run_hook(soft_delete.key_vault_hook("hook", "sub", made), {"vaultName": "kv-a", "location": "westeurope"})


def workspace() -> None:
    made = WorkspaceSettings(purge_soft_deleted=True)
    run_hook(soft_delete.workspace_hook("hook", "sub", "rg", made), {"workspaceName": "mlw"})


def test_a_free_name_costs_one_request(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = Arm(monkeypatch, FREE)
    vault()

    assert arm.requests == [f"GET {DELETED}"]
    assert arm.log == []


def test_a_held_name_ends_the_creation_with_the_ways_out(monkeypatch: pytest.MonkeyPatch) -> None:
    Arm(monkeypatch, HELD)
    with pytest.raises(soft_delete.NameHeldError) as caught:
        vault()

    assert str(caught.value) == (
        "a soft-deleted key vault holds the name 'kv-a' until 2026-12-01: set keyVault.createMode: "
        "recover for one `pulumi up`, or purge it with `az keyvault purge --name kv-a`"
    )


def test_a_protected_vault_is_never_offered_for_purging(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = Arm(monkeypatch, HELD_FOR_GOOD)
    with pytest.raises(soft_delete.NameHeldError) as caught:
        vault(purge_soft_deleted=True)

    assert "or wait until 2026-12-01, or change nameSalt (it is protected from purging)" in str(caught.value)
    assert "az keyvault purge" not in str(caught.value)
    assert arm.requests == [f"GET {DELETED}"]


def test_dev_purges_and_waits_until_the_name_is_free(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = Arm(monkeypatch, HELD, (202, {}), HELD, HELD, FREE)
    vault(purge_soft_deleted=True)

    assert arm.requests == [
        f"GET {DELETED}",
        f"POST {DELETED}/purge",
        f"GET {DELETED}",
        f"GET {DELETED}",
        f"GET {DELETED}",
    ]
    assert arm.log == ["info: waiting for the soft-deleted key vault 'kv-a' to be purged, 900 s at most"]


def test_the_wait_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    Arm(monkeypatch, HELD, (202, {}), HELD, HELD)
    monkeypatch.setattr(soft_delete, "_PURGE_LIMIT_SECONDS", -1)
    with pytest.raises(
        soft_delete.NameHeldError, match=r"gave up after -1 s of waiting .*; run `pulumi up` again later"
    ):
        vault(purge_soft_deleted=True)


def test_progress_is_shown_while_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = Arm(monkeypatch, HELD, (202, {}), HELD, FREE)
    monkeypatch.setattr(soft_delete, "_PROGRESS_SECONDS", -1.0)
    vault(purge_soft_deleted=True)

    assert arm.log[-1].startswith("info: still waiting for the soft-deleted key vault 'kv-a' to be purged")


def test_a_refused_purge_is_shown_with_azures_words(monkeypatch: pytest.MonkeyPatch) -> None:
    Arm(monkeypatch, HELD, DENIED)
    with pytest.raises(soft_delete.NameHeldError, match="failed with 403: AuthorizationFailed: no right"):
        vault(purge_soft_deleted=True)


def test_recovering_lets_azure_do_it(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = Arm(monkeypatch, HELD)
    vault(create_mode="recover")

    assert arm.requests == [f"GET {DELETED}"]


def test_recovering_nothing_is_a_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    Arm(monkeypatch, FREE)
    with pytest.raises(soft_delete.NameHeldError, match="no soft-deleted key vault 'kv-a' to recover"):
        vault(create_mode="recover")


def test_who_may_not_look_goes_on_and_azure_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = Arm(monkeypatch, DENIED)
    vault()

    assert arm.log == [
        "info: may not look for a soft-deleted key vault 'kv-a': AuthorizationFailed: no right"
    ]


def test_who_asked_for_purging_must_be_allowed_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    Arm(monkeypatch, DENIED)
    with pytest.raises(
        soft_delete.NameHeldError, match=r"Grant Microsoft\.KeyVault/locations/deletedVaults/read"
    ):
        vault(purge_soft_deleted=True)


@pytest.mark.parametrize("purge", [True, False])
def test_a_preview_warns_and_touches_nothing(monkeypatch: pytest.MonkeyPatch, purge: bool) -> None:
    arm = Arm(monkeypatch, HELD)
    arm.dry_run = True
    vault(purge_soft_deleted=purge)

    assert arm.requests == [f"GET {DELETED}"]
    assert len(arm.log) == 1
    assert arm.log[0].startswith("warn: ")
    assert "will purge" in arm.log[0] if purge else "holds the name" in arm.log[0]


def test_a_preview_that_cannot_ask_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = Arm(monkeypatch)  # no answer at all: the request fails
    arm.dry_run = True
    vault()

    assert arm.log[0].startswith("info: could not look for soft-deleted resources")


def test_a_soft_deleted_workspace_is_purged(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = Arm(monkeypatch, (404, {}), (202, {}), (202, {}), (204, {}))
    workspace()

    assert arm.requests == [f"GET {WORKSPACE}"] + [f"DELETE {WORKSPACE} forceToPurge=true"] * 3


def test_no_soft_deleted_workspace_is_the_usual_case(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = Arm(monkeypatch, (404, {}), (204, {}))
    workspace()

    assert arm.log == []


def test_a_living_workspace_is_never_purged(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same request would delete a workspace that somebody else made under this name."""
    arm = Arm(monkeypatch, (200, {"properties": {"provisioningState": "Succeeded"}}))
    with pytest.raises(
        soft_delete.NameHeldError, match="the workspace 'mlw' exists and this stack does not know it"
    ):
        workspace()

    assert arm.requests == [f"GET {WORKSPACE}"]


def test_a_preview_never_sends_the_purge_of_a_workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    arm = Arm(monkeypatch)
    arm.dry_run = True
    workspace()

    assert arm.requests == []


def test_hooks_are_on_what_azure_soft_deletes(dev: RecordedStack, prod: RecordedStack) -> None:
    def hooked(stack: RecordedStack) -> set[str]:
        return {each.type for each in stack.custom() if each.hooks}

    vaults, workspaces = "azure-native:keyvault:Vault", "azure-native:machinelearningservices:Workspace"
    assert hooked(dev) == {vaults, workspaces}
    assert hooked(prod) == {vaults}, "nobody asked for purging workspaces in prod"


def test_the_program_does_not_import_the_azure_sdk() -> None:
    """A preview without changes must not pay for it; hooks import it when something is created."""
    code = (
        "import sys, infra.platform; print([m for m in sys.modules if m.startswith(('azure.', 'requests'))])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"

"""Names that a soft-deleted key vault or workspace still holds: seen before the creation fails.

The provider has no input for any of this, so hooks run before the creation and ask Azure
Resource Manager themselves. They run for a resource that is about to be created only; a
preview without changes never imports what they need. In a preview they warn and touch
nothing. Azure's public cloud only.

Sources: "Vaults - Get Deleted", "Vaults - Purge Deleted" (API 2024-11-01); "Workspaces -
Delete" with forceToPurge (API 2025-12-01); "Recover workspace data while soft deleted".
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import pulumi

from infra.settings.sections import KeyVaultSettings, WorkspaceSettings

_ARM: Final = "https://management.azure.com"
_KEY_VAULT_API: Final = "2024-11-01"
_WORKSPACE_API: Final = "2025-12-01"
_PURGE_LIMIT_SECONDS: Final = 900
_POLL_SECONDS: Final = 5.0
_PROGRESS_SECONDS: Final = 30.0


class NameHeldError(Exception):
    """A soft-deleted resource holds the name; the text says what to do. Ends the creation."""


def key_vault_hook(
    name: str, subscription_id: pulumi.Input[str], settings: KeyVaultSettings
) -> pulumi.ResourceHookBinding:
    """Before the vault's creation: purge, allow the recovery of, or refuse a soft-deleted one."""

    async def before_create(args: pulumi.ResourceHookArgs) -> None:
        inputs = args.new_inputs or {}
        vault, location = str(inputs["vaultName"]), str(inputs["location"])
        subscription = await _known(subscription_id)
        deleted = (
            f"/subscriptions/{subscription}/providers/Microsoft.KeyVault"
            f"/locations/{location}/deletedVaults/{vault}"
        )
        if pulumi.runtime.is_dry_run():
            await _warn_only(_vault_plan(vault, deleted, settings, purge=None))
        else:
            await _vault_plan(vault, deleted, settings, purge=_purge_vault)

    return _binding(name, before_create)


def workspace_hook(
    name: str,
    subscription_id: pulumi.Input[str],
    resource_group_name: pulumi.Input[str],
    settings: WorkspaceSettings,
) -> pulumi.ResourceHookBinding | None:
    """Before the workspace's creation: purge a soft-deleted one, where the settings say so.

    Azure has no request that shows a soft-deleted workspace. Without `purgeSoftDeleted` its own
    refusal ("Soft-deleted workspace exists") is what the user sees.
    """
    if not settings.purge_soft_deleted:
        return None

    async def before_create(args: pulumi.ResourceHookArgs) -> None:
        if pulumi.runtime.is_dry_run():
            return
        workspace = str((args.new_inputs or {})["workspaceName"])
        subscription, group = await _known(subscription_id), await _known(resource_group_name)
        await _purge_workspace(
            workspace,
            f"/subscriptions/{subscription}/resourceGroups/{group}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{workspace}",
        )

    return _binding(name, before_create)


def _binding(
    name: str, before_create: Callable[[pulumi.ResourceHookArgs], Awaitable[None]]
) -> pulumi.ResourceHookBinding:
    hook = pulumi.ResourceHook(name, before_create, pulumi.ResourceHookOptions(on_dry_run=True))
    return pulumi.ResourceHookBinding(before_create=[hook])


async def _known(value: pulumi.Input[str]) -> str:
    known = await pulumi.Output.from_input(value).future()
    if known is None:
        raise NameHeldError("the subscription is unknown; sign in to Azure and run `pulumi up` again")
    return str(known)


async def _warn_only(plan: Awaitable[None]) -> None:
    """Run the read-only part of a plan; whatever stands in the way of `up` is a warning in a preview."""
    try:
        await plan
    except NameHeldError as held:
        pulumi.log.warn(str(held))
    except Exception as error:  # noqa: BLE001, a preview may run where nobody can be asked
        pulumi.log.info(f"could not look for soft-deleted resources: {error}")


async def _vault_plan(
    vault: str,
    deleted: str,
    settings: KeyVaultSettings,
    purge: Callable[[str, str], Awaitable[None]] | None,
) -> None:
    status, body = await _arm("GET", deleted, _KEY_VAULT_API)
    if status == 404:
        if settings.create_mode == "recover":
            raise NameHeldError(
                f"there is no soft-deleted key vault '{vault}' to recover; set keyVault.createMode: default"
            )
        return
    if status == 403:
        if settings.purge_soft_deleted:
            raise NameHeldError(
                "keyVault.purgeSoftDeleted is true, but these credentials may not read deleted vaults: "
                f"{_said(body)}. Grant Microsoft.KeyVault/locations/deletedVaults/read and .../purge/action "
                "on the subscription, or set it to false"
            )
        pulumi.log.info(f"may not look for a soft-deleted key vault '{vault}': {_said(body)}")
        return
    if status != 200:
        raise NameHeldError(
            f"asking for a soft-deleted key vault '{vault}' failed with {status}: {_said(body)}"
        )
    if settings.create_mode == "recover":
        return
    properties = body.get("properties", {})
    until = str(properties.get("scheduledPurgeDate") or "a day unknown").partition("T")[0]
    if not settings.purge_soft_deleted or properties.get("purgeProtectionEnabled"):
        ways = "set keyVault.createMode: recover for one `pulumi up`"
        if properties.get("purgeProtectionEnabled"):
            ways += f", or wait until {until}, or change nameSalt (it is protected from purging)"
        else:
            ways += f", or purge it with `az keyvault purge --name {vault}`"
        raise NameHeldError(f"a soft-deleted key vault holds the name '{vault}' until {until}: {ways}")
    if purge is None:
        pulumi.log.warn(
            f"`pulumi up` will purge the soft-deleted key vault '{vault}' (keyVault.purgeSoftDeleted)"
        )
        return
    await purge(vault, deleted)


async def _purge_vault(vault: str, deleted: str) -> None:
    status, body = await _arm("POST", f"{deleted}/purge", _KEY_VAULT_API)
    if status not in (200, 202, 204, 404):
        raise NameHeldError(
            f"purging the soft-deleted key vault '{vault}' failed with {status}: {_said(body)}"
        )

    async def gone() -> bool:
        return (await _arm("GET", deleted, _KEY_VAULT_API))[0] == 404

    await _wait(f"the soft-deleted key vault '{vault}' to be purged", gone)


async def _purge_workspace(workspace: str, resource_id: str) -> None:
    status, body = await _arm("GET", resource_id, _WORKSPACE_API)
    if status == 200 and body.get("properties", {}).get("provisioningState") != "SoftDeleted":
        raise NameHeldError(
            f"the workspace '{workspace}' exists and this stack does not know it; it is not purged. Bring "
            "it into the stack with `pulumi import`, or change workload, location or nameSalt"
        )
    if status not in (200, 404):
        raise NameHeldError(f"asking for the workspace '{workspace}' failed with {status}: {_said(body)}")
    status, body = await _arm("DELETE", resource_id, _WORKSPACE_API, forceToPurge="true")
    if status in (204, 404):
        return
    if status not in (200, 202):
        raise NameHeldError(
            f"purging the soft-deleted workspace '{workspace}' failed with {status}: {_said(body)}"
        )

    async def gone() -> bool:
        return (await _arm("DELETE", resource_id, _WORKSPACE_API, forceToPurge="true"))[0] in (204, 404)

    await _wait(f"the soft-deleted workspace '{workspace}' to be purged", gone)


async def _wait(what: str, done: Callable[[], Awaitable[bool]]) -> None:
    """Poll until done, with a line in the log now and then; NameHeldError after the limit."""
    started = shown = time.monotonic()
    pulumi.log.info(f"waiting for {what}, {_PURGE_LIMIT_SECONDS} s at most")
    while not await done():
        now = time.monotonic()
        if now - started > _PURGE_LIMIT_SECONDS:
            raise NameHeldError(
                f"gave up after {_PURGE_LIMIT_SECONDS} s of waiting for {what}; run `pulumi up` again later"
            )
        if now - shown > _PROGRESS_SECONDS:
            shown = now
            pulumi.log.info(f"still waiting for {what}, {now - started:.0f} s so far")
        await asyncio.sleep(_POLL_SECONDS)


def _said(body: dict[str, Any]) -> str:
    error = body.get("error", {})
    return f"{error.get('code', 'no code')}: {error.get('message', 'no message')}"


async def _arm(method: str, path: str, api_version: str, **query: str) -> tuple[int, dict[str, Any]]:
    """One ARM request with the deployer's own credentials: status and JSON body."""
    return await asyncio.to_thread(_send, method, path, {"api-version": api_version, **query})


def _send(method: str, path: str, query: dict[str, str]) -> tuple[int, dict[str, Any]]:
    # Half a second of imports, paid only when something is about to be created.
    from azure.core import PipelineClient
    from azure.core.pipeline.policies import BearerTokenCredentialPolicy, RetryPolicy
    from azure.core.rest import HttpRequest, HttpResponse
    from azure.identity import DefaultAzureCredential

    with DefaultAzureCredential() as credential:
        policies = [RetryPolicy(), BearerTokenCredentialPolicy(credential, f"{_ARM}/.default")]
        client: PipelineClient[HttpRequest, HttpResponse] = PipelineClient(_ARM, policies=policies)
        with client:
            response: HttpResponse = client.send_request(HttpRequest(method, f"{_ARM}{path}", params=query))
            body = response.json() if response.content else {}
            return response.status_code, body if isinstance(body, dict) else {}

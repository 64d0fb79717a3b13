"""Controls of what can be got back: deleted or overwritten blobs, deleted vaults and their secrets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pulumi_policy import Severity

from azureml_guard.control import (
    Concern,
    Context,
    Control,
    References,
    ResourceControl,
    Setting,
    StackControl,
)
from azureml_guard.data import STORAGE
from azureml_guard.facts import Finding, Resource, Stack, both
from azureml_guard.relations import names

BLOBS: Final = "storage:BlobServiceProperties"
VAULT: Final = "keyvault:Vault"
_VAULT_DAYS: Final = (7, 90)  # what Azure takes


def _blobs(stack: Stack, context: Context) -> Iterator[Finding]:
    services = stack.of(BLOBS)
    for account in stack.of(STORAGE):
        if account.at("kind").equals("FileStorage"):
            continue  # has no blobs
        found = [
            (service, truth)
            for service in services
            if (truth := names(stack, service.at("accountName"), service, account, "accountName"))
            is not False
        ]
        own = [service for service, truth in found if truth]
        if own:
            yield from _recoverable(own[0], account, context)
        else:
            # Off by default when an account is made by Azure Resource Manager.
            expectation = (
                "must have a storage.BlobServiceProperties in the same stack that turns soft delete on"
            )
            yield account.must(None if found else False, expectation)


def _recoverable(service: Resource, account: Resource, context: Context) -> Iterator[Finding]:
    shortest = context.settings["shortestRetentionDays"]
    for name in ("deleteRetentionPolicy", "containerDeleteRetentionPolicy"):
        policy = service.at(name)
        days = policy.at("days")
        enough = both(policy.at("enabled").equals(True), days.test(lambda value: value >= shortest))
        yield policy.must(enough, "must be enabled, for at least the shortest time that is allowed")
    versioning = service.at("isVersioningEnabled")
    if context.settings["versioning"] and account.at("isHnsEnabled").equals(True) is not True:
        # Accounts with a hierarchical namespace do not support versions of blobs.
        yield versioning.must(versioning.equals(True), "must be true")


def _purge(vault: Resource, context: Context) -> Iterator[Finding]:
    purge = vault.at("properties.enablePurgeProtection")
    yield purge.must(purge.equals(True), "must be true")  # off by default
    deletion = vault.at("properties.enableSoftDelete")
    yield deletion.must(deletion.equals(True, absent=True), "must not be off")
    days = vault.at("properties.softDeleteRetentionInDays")
    longest = _VAULT_DAYS[1]
    shortest = context.settings["shortestRetentionDays"]
    yield days.must(
        days.test(lambda value: shortest <= value <= longest, absent=True),  # 90 by default
        "must be at least the shortest time that is allowed, and at most 90",
    )


CONTROLS: Final[tuple[Control, ...]] = (
    StackControl(
        concern=Concern.DATA,
        number=3,
        title="Deleted and overwritten blobs can be restored",
        why="Without soft delete and versions a wrong command destroys data for good.",
        mend=(
            "Declare storage.BlobServiceProperties for the account with deleteRetentionPolicy and "
            "containerDeleteRetentionPolicy enabled, and isVersioningEnabled true."
        ),
        severity=Severity.MEDIUM,
        types=(STORAGE, BLOBS),
        check=_blobs,
        settings={
            "shortestRetentionDays": Setting(
                schema={"type": "integer", "minimum": 1, "maximum": 365, "default": 7},
                description="The fewest days that deleted blobs and containers are kept.",
            ),
            "versioning": Setting(
                schema={"type": "boolean", "default": True},
                description="Whether versions of blobs are asked for; never with a hierarchical namespace.",
            ),
        },
        references=References(
            azure_policy=(
                "Configure soft delete for blobs and containers on Storage Accounts",
                "Configure your Storage account to enable blob versioning",
            ),
            benchmark=("BR-2",),
            cis=("3.11",),
            others=(
                "Azure.Storage.SoftDelete",
                "Azure.Storage.ContainerSoftDelete",
                "CKV2_AZURE_38",
                "AZU-0056",
            ),
            url="https://learn.microsoft.com/azure/storage/blobs/data-protection-overview",
        ),
    ),
    ResourceControl(
        concern=Concern.DATA,
        number=4,
        title="A deleted key vault can be restored and not be purged",
        why="Whoever purges a vault destroys its keys, and with them all data that they encrypt.",
        mend=(
            "Set properties.enablePurgeProtection to true and properties.softDeleteRetentionInDays, which "
            "cannot be changed later, to 7 to 90."
        ),
        severity=Severity.HIGH,
        types=(VAULT,),
        check=_purge,
        settings={
            "shortestRetentionDays": Setting(
                schema={"type": "integer", "minimum": 7, "maximum": 90, "default": 7},
                description="The fewest days that a deleted vault is kept.",
            )
        },
        references=References(
            azure_policy=(
                "Key vaults should have deletion protection enabled",
                "Key vaults should have soft delete enabled",
            ),
            benchmark=("DP-8",),
            cis=("8.5",),
            others=(
                "Azure.KeyVault.PurgeProtect",
                "Azure.KeyVault.SoftDelete",
                "CKV_AZURE_110",
                "CKV_AZURE_42",
                "CKV_AZURE_111",
                "AZU-0016",
            ),
            url="https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview",
        ),
    ),
)

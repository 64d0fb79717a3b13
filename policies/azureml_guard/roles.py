"""Azure's built-in roles as far as the controls tell them apart, and what a custom role permits.

Ids and permissions: "Azure built-in roles" (July 2026), compared with a published list of the role
definitions that Azure answers with (iann0036/iam-dataset, 2026-08-22). The pack's own data: a list taken from
the program that is judged could not show a wrong id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Flag, auto
from typing import Any, Final


class Right(Flag):
    """What the controls ask of a role.

    ASSIGN_ROLES: gives roles to others. MANAGE_ALL: every action on every type of resource. CHANGE: anything
    but reading. READ_DATA: blobs, files, tables, queues, secrets. DECRYPT: secrets, and the use of keys.
    """

    NONE = 0
    ASSIGN_ROLES = auto()
    MANAGE_ALL = auto()
    CHANGE = auto()
    READ_BLOBS = auto()
    WRITE_BLOBS = auto()
    READ_DATA = auto()
    DECRYPT = auto()
    PULL_IMAGES = auto()


@dataclass(frozen=True)
class Role:
    """A role: `id` is its GUID, empty for a custom one; `name` its name in Azure."""

    id: str
    name: str
    rights: Right = Right.NONE


_BUILT_IN: Final = (
    Role(
        "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
        "Owner",
        Right.ASSIGN_ROLES | Right.MANAGE_ALL | Right.CHANGE | Right.PULL_IMAGES,
    ),
    Role(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        Right.ASSIGN_ROLES | Right.CHANGE | Right.PULL_IMAGES,
    ),
    Role(
        "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
        "Role Based Access Control Administrator",
        Right.ASSIGN_ROLES | Right.CHANGE | Right.PULL_IMAGES,
    ),
    Role(
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "Contributor",
        Right.MANAGE_ALL | Right.CHANGE | Right.PULL_IMAGES,
    ),
    Role("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", Right.PULL_IMAGES),
    Role("f6c7c914-8db3-469d-8ca1-694a8f32e121", "AzureML Data Scientist", Right.CHANGE),
    Role("e503ece1-11d0-4e8e-8e2c-7a6c3bf38815", "AzureML Compute Operator", Right.CHANGE),
    Role("1823dd4f-9b8c-4ab6-ab4e-7397a3684615", "AzureML Registry User", Right.CHANGE),
    Role("635dd51f-9968-44d3-b7fb-6d9a6bd613ae", "AzureML Metrics Writer (preview)", Right.CHANGE),
    Role("b78c5d69-af96-48a3-bf8d-a8b4d589de94", "Azure AI Administrator", Right.CHANGE | Right.PULL_IMAGES),
    Role("64702f94-c441-49e6-a78b-ef80e0188fee", "Azure AI Developer", Right.CHANGE),
    Role(
        "b556d68e-0be0-4f35-a333-ad7ee1ce17ea",
        "Azure AI Enterprise Network Connection Approver",
        Right.CHANGE,
    ),
    Role(
        "25cabde7-1a6c-4350-8877-cb6fe59f1399",
        "Azure AI Enterprise Networking Outbound Rules Operator",
        Right.CHANGE,
    ),
    Role("17d1049b-9a84-46fb-8f53-869881c3d3ab", "Storage Account Contributor", Right.CHANGE),
    Role(
        "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
        "Storage Blob Data Owner",
        Right.CHANGE | Right.READ_BLOBS | Right.WRITE_BLOBS | Right.READ_DATA,
    ),
    Role(
        "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
        "Storage Blob Data Contributor",
        Right.CHANGE | Right.READ_BLOBS | Right.WRITE_BLOBS | Right.READ_DATA,
    ),
    Role(
        "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "Storage Blob Data Reader", Right.READ_BLOBS | Right.READ_DATA
    ),
    Role(
        "69566ab7-960f-475b-8e7c-b3118f30c6bd",
        "Storage File Data Privileged Contributor",
        Right.CHANGE | Right.READ_DATA,
    ),
    Role("b8eda974-7b85-4f76-af95-65846b26df6d", "Storage File Data Privileged Reader", Right.READ_DATA),
    Role(
        "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
        "Storage Table Data Contributor",
        Right.CHANGE | Right.READ_DATA,
    ),
    Role(
        "974c5e8b-45b9-4653-ba55-5f855dd0fb88",
        "Storage Queue Data Contributor",
        Right.CHANGE | Right.READ_DATA,
    ),
    Role(
        "00482a5a-887f-4fb3-b363-3b7fe8e74483",
        "Key Vault Administrator",
        Right.CHANGE | Right.READ_DATA | Right.DECRYPT,
    ),
    Role("f25e0fa2-a7c8-4377-a976-54943a77a395", "Key Vault Contributor", Right.CHANGE),
    Role(
        "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
        "Key Vault Secrets Officer",
        Right.CHANGE | Right.READ_DATA | Right.DECRYPT,
    ),
    Role("4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User", Right.READ_DATA | Right.DECRYPT),
    Role("21090545-7ca7-4776-b22c-e363652d74d2", "Key Vault Reader"),
    Role("14b46e9e-c2b7-41b4-b07b-48a6ebf60603", "Key Vault Crypto Officer", Right.CHANGE | Right.DECRYPT),
    Role("12338af0-0e69-4776-bea7-57ae8d297424", "Key Vault Crypto User", Right.CHANGE | Right.DECRYPT),
    Role("e147488a-f6f5-4113-8e2d-b22465e65bf6", "Key Vault Crypto Service Encryption User", Right.DECRYPT),
    Role("7f951dda-4ed3-4680-a7ca-43fe172d538d", "AcrPull", Right.PULL_IMAGES),
    Role("8311e382-0749-4cb8-b61a-304f252e45ec", "AcrPush", Right.CHANGE | Right.PULL_IMAGES),
    Role("b93aa761-3e63-49ed-ac28-beffa264f7ac", "Container Registry Repository Reader", Right.PULL_IMAGES),
    Role(
        "2a1e307c-b015-4ebd-883e-5b7698a07328",
        "Container Registry Repository Writer",
        Right.CHANGE | Right.PULL_IMAGES,
    ),
    Role("f1a07417-d97a-45cb-824c-7a7467783830", "Managed Identity Operator", Right.CHANGE),
    Role("e40ec5ca-96e0-45a2-b4ff-59039f2c2b59", "Managed Identity Contributor", Right.CHANGE),
    Role("b12aa53e-6015-4669-85d0-8515ebb3ae7f", "Private DNS Zone Contributor", Right.CHANGE),
    Role("4d97b98b-1d4f-4787-a291-c67834d212e7", "Network Contributor", Right.CHANGE),
    Role("0ab0b1a8-8aac-4efd-b8c2-3ee1fb270be8", "Azure Kubernetes Service Cluster Admin Role", Right.CHANGE),
    Role("73c42c96-874c-492b-b04d-ab87d138a893", "Log Analytics Reader", Right.CHANGE | Right.PULL_IMAGES),
    Role(
        "92aaf0da-9dab-42b6-94a3-d43ce8d16293", "Log Analytics Contributor", Right.CHANGE | Right.PULL_IMAGES
    ),
    Role("43d0d8ad-25c7-4714-9337-8ba259a9fe05", "Monitoring Reader", Right.PULL_IMAGES),
    Role("3913510d-42f4-4e42-8a64-420c390055eb", "Monitoring Metrics Publisher", Right.CHANGE),
    Role("72fafb9e-0641-4937-9268-a91bfd8191a3", "Cost Management Reader"),
)
ROLES: Final[Mapping[str, Role]] = {role.id: role for role in _BUILT_IN}
NAMES: Final[Mapping[str, Role]] = {role.name: role for role in _BUILT_IN}


_ACTIONS: Final[Mapping[Right, tuple[str, ...]]] = {
    Right.ASSIGN_ROLES: ("Microsoft.Authorization/roleAssignments/write",),
    Right.PULL_IMAGES: ("Microsoft.ContainerRegistry/registries/pull/read",),
}
_STORAGE: Final = "Microsoft.Storage/storageAccounts"
_BLOBS: Final = f"{_STORAGE}/blobServices/containers/blobs"
_DATA_ACTIONS: Final[Mapping[Right, tuple[str, ...]]] = {
    Right.READ_BLOBS: (f"{_BLOBS}/read",),
    Right.WRITE_BLOBS: (f"{_BLOBS}/write",),
    Right.READ_DATA: (
        f"{_BLOBS}/read",
        f"{_STORAGE}/fileServices/fileshares/files/read",
        f"{_STORAGE}/tableServices/tables/entities/read",
        f"{_STORAGE}/queueServices/queues/messages/read",
        "Microsoft.KeyVault/vaults/secrets/getSecret/action",
    ),
    Right.DECRYPT: (
        "Microsoft.KeyVault/vaults/secrets/getSecret/action",
        "Microsoft.KeyVault/vaults/keys/decrypt/action",
        "Microsoft.KeyVault/vaults/keys/unwrap/action",
    ),
    # Registries in the mode "RBAC Registry + ABAC Repository Permissions" have these instead of pull/read.
    Right.PULL_IMAGES: ("Microsoft.ContainerRegistry/registries/repositories/content/read",),
}
# Not called reading, yet nothing is changed by them: many roles that only read have some.
_HARMLESS: Final = re.compile(
    r".*/(?:read|generateUserDelegationKey/action|readMetadata/action|getSecret/action|(?:un)?wrap/action"
    r"|(?:en|de)crypt/action|verify/action|readFileBackupSemantics/action|(?:search|query)/action)"
    r"|Microsoft\.(?:Support|Insights/alertRules|Resources/deployments|EventGrid/eventSubscriptions)/.*",
    re.IGNORECASE,
)


def permits(patterns: Iterable[str], excluded: Iterable[str], action: str) -> bool:
    """Whether a pattern (with `*` for anything) permits an action that none of `excluded` takes out.

    "Understand Azure role definitions": NotActions are subtracted from Actions, for data likewise.
    """
    return any(_matches(each, action) for each in patterns) and not any(
        _matches(each, action) for each in excluded
    )


def rights_of(permissions: Iterable[Mapping[str, Any]]) -> Right:
    """The rights of a role with these `permissions` (actions, notActions, dataActions, notDataActions)."""
    rights = Right.NONE
    for each in permissions:
        actions, not_actions, data, not_data = (
            each.get(key) or () for key in ("actions", "notActions", "dataActions", "notDataActions")
        )
        for asked, patterns, excluded in ((_ACTIONS, actions, not_actions), (_DATA_ACTIONS, data, not_data)):
            for right, probes in asked.items():
                if any(permits(patterns, excluded, probe) for probe in probes):
                    rights |= right
        if "*" in actions:
            rights |= Right.MANAGE_ALL
        if any(not _HARMLESS.fullmatch(action) for action in (*actions, *data)):
            rights |= Right.CHANGE
    return rights


def _matches(pattern: str, action: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), action, re.IGNORECASE) is not None

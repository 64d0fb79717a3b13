"""Which roles whom: built-in role ids, and the grants of identities and personas. Data only.

Ids: "Azure built-in roles". Grants of the workspace's identity: "Set up service authentication",
table for a user-assigned identity. Grants of data scientists once shared keys are off: "Disable
shared key access for your workspace's storage account". Grants of compute: "Set up service
authentication", compute cluster.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Role = Literal[
    "AcrPull",
    "AcrPush",
    "Azure AI Enterprise Network Connection Approver",
    "AzureML Compute Operator",
    "AzureML Data Scientist",
    "Contributor",
    "Key Vault Administrator",
    "Key Vault Reader",
    "Key Vault Secrets Officer",
    "Owner",
    "Reader",
    "Storage Blob Data Contributor",
    "Storage Blob Data Reader",
    "Storage File Data Privileged Contributor",
    "Storage File Data Privileged Reader",
]
Scope = Literal["resourceGroup", "storage", "keyVault", "registry", "insights", "workspace"]

ROLE_IDS: Final[Mapping[Role, str]] = {
    "AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d",
    "AcrPush": "8311e382-0749-4cb8-b61a-304f252e45ec",
    "Azure AI Enterprise Network Connection Approver": "b556d68e-0be0-4f35-a333-ad7ee1ce17ea",
    "AzureML Compute Operator": "e503ece1-11d0-4e8e-8e2c-7a6c3bf38815",
    "AzureML Data Scientist": "f6c7c914-8db3-469d-8ca1-694a8f32e121",
    "Contributor": "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "Key Vault Administrator": "00482a5a-887f-4fb3-b363-3b7fe8e74483",
    "Key Vault Reader": "21090545-7ca7-4776-b22c-e363652d74d2",
    "Key Vault Secrets Officer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
    "Owner": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "Reader": "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "Storage Blob Data Contributor": "ba92f5b4-2d11-453d-a403-e96b0029c9fe",
    "Storage Blob Data Reader": "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1",
    "Storage File Data Privileged Contributor": "69566ab7-960f-475b-8e7c-b3118f30c6bd",
    "Storage File Data Privileged Reader": "b8eda974-7b85-4f76-af95-65846b26df6d",
}


@dataclass(frozen=True)
class Grant:
    """One role at one kind of scope."""

    role: Role
    scope: Scope


# Needed before the workspace is created: Azure writes to all of these with this identity while it does.
WORKSPACE_IDENTITY: Final[Mapping[Literal["documented", "tight"], tuple[Grant, ...]]] = {
    "documented": (
        Grant("Contributor", "storage"),
        Grant("Storage Blob Data Contributor", "storage"),
        Grant("Contributor", "keyVault"),
        Grant("Key Vault Administrator", "keyVault"),
        Grant("Contributor", "registry"),
        Grant("Contributor", "insights"),
    ),
    "tight": (
        Grant("Reader", "resourceGroup"),
        Grant("Storage Blob Data Contributor", "storage"),
        Grant("Storage File Data Privileged Contributor", "storage"),
        Grant("Key Vault Reader", "keyVault"),
        Grant("Key Vault Secrets Officer", "keyVault"),
        Grant("AcrPush", "registry"),
    ),
}
# Azure makes private endpoints in the managed network with this identity and approves them as well
# ("Workspace managed virtual network isolation", approval of private endpoints).
MANAGED_NETWORK: Final = (Grant("Azure AI Enterprise Network Connection Approver", "resourceGroup"),)
# The workspace's identity on the workspace itself: only possible, and only needed, after its creation.
WORKSPACE_SELF: Final[Mapping[Literal["documented", "tight"], tuple[Grant, ...]]] = {
    "documented": (Grant("Contributor", "workspace"),),
    "tight": (),
}

COMPUTE_IDENTITY: Final = (
    Grant("Storage Blob Data Contributor", "storage"),
    Grant("AcrPull", "registry"),
)
# The only identity that may put images into the registry, besides the workspace's own.
IMAGE_BUILD_IDENTITY: Final = (
    Grant("Storage Blob Data Contributor", "storage"),
    Grant("AcrPull", "registry"),
    Grant("AcrPush", "registry"),
)

# What uploading files by identity takes; people and pipelines that register assets have it through a persona.
UPLOAD: Final = Grant("Storage Blob Data Contributor", "storage")

PERSONAS: Final[Mapping[str, tuple[Grant, ...]]] = {
    "owner": (Grant("Owner", "resourceGroup"),),
    "contributor": (Grant("Contributor", "resourceGroup"),),
    "reader": (Grant("Reader", "resourceGroup"),),
    "dataScientist": (
        Grant("AzureML Data Scientist", "workspace"),
        Grant("Storage Blob Data Contributor", "storage"),
        Grant("Storage File Data Privileged Contributor", "storage"),
    ),
    "dataReader": (
        Grant("Reader", "workspace"),
        Grant("Storage Blob Data Reader", "storage"),
        Grant("Storage File Data Privileged Reader", "storage"),
    ),
    "computeOperator": (Grant("AzureML Compute Operator", "workspace"),),
}

# Owner, User Access Administrator, Role Based Access Control Administrator.
_PRIVILEGED: Final = (
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635, 18d7d88d-d35e-4fb5-a5c3-7773c20a72d9, "
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168"
)
_ASSIGNMENTS: Final = "Microsoft.Authorization/roleAssignments"
# The form of "Delegate Azure role assignment management to others with conditions", example
# "Allow all roles except specific roles": an owner hands out any role but the privileged ones.
CONDITIONS: Final[Mapping[Role, str]] = {
    "Owner": (
        f"((!(ActionMatches{{'{_ASSIGNMENTS}/write'}})) OR "
        f"(@Request[{_ASSIGNMENTS}:RoleDefinitionId] ForAnyOfAllValues:GuidNotEquals {{{_PRIVILEGED}}})) AND "
        f"((!(ActionMatches{{'{_ASSIGNMENTS}/delete'}})) OR "
        f"(@Resource[{_ASSIGNMENTS}:RoleDefinitionId] ForAnyOfAllValues:GuidNotEquals {{{_PRIVILEGED}}}))"
    )
}
CONDITION_VERSION: Final = "2.0"

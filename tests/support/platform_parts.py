"""What a workspace stands on, made by plain ARM requests: the tests of Azure ML share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.support.arm_requests import LOCATION, ArmRequests, unique

JsonObject = dict[str, Any]
ML = "Microsoft.MachineLearningServices"
VERSION = "2025-12-01"


@dataclass(frozen=True)
class Parts:
    """Ids of the resources that a workspace needs, in one group."""

    group: str
    storage: str
    key_vault: str
    insights: str
    registry: str
    identity: str

    def dependencies(self) -> JsonObject:
        """The workspace properties that name them."""
        return {
            "storageAccount": self.storage,
            "keyVault": self.key_vault,
            "applicationInsights": self.insights,
            "containerRegistry": self.registry,
        }


def make_parts(arm: ArmRequests, group: str, tenant_id: str) -> Parts:
    """Create them all."""
    providers = f"resourceGroups/{group}/providers"

    def put(path: str, version: str, body: JsonObject) -> str:
        found = arm.done("PUT", f"{providers}/{path}", version, {"location": LOCATION, **body})
        return str(found["id"])

    log = put(f"Microsoft.OperationalInsights/workspaces/{unique('log-')}", "2023-09-01", {"properties": {}})
    vault = {
        "tenantId": tenant_id,
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    }
    component = {"Application_Type": "web", "WorkspaceResourceId": log}
    account = {
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "properties": {"allowSharedKeyAccess": False, "minimumTlsVersion": "TLS1_2"},
    }
    identity = f"Microsoft.ManagedIdentity/userAssignedIdentities/{unique('id-')}"
    return Parts(
        group=group,
        storage=put(f"Microsoft.Storage/storageAccounts/{unique('st')}", "2024-01-01", account),
        key_vault=put(f"Microsoft.KeyVault/vaults/{unique('kv-')}", "2024-11-01", {"properties": vault}),
        insights=put(
            f"Microsoft.Insights/components/{unique('appi-')}",
            "2020-02-02",
            {"kind": "web", "properties": component},
        ),
        registry=put(
            f"Microsoft.ContainerRegistry/registries/{unique('cr')}",
            "2023-07-01",
            {"sku": {"name": "Premium"}},
        ),
        identity=put(identity, "2023-01-31", {}),
    )


def workspace_path(group: str, name: str, child: str = "") -> str:
    """Path of a workspace, or of something below it, below the subscription."""
    return f"resourceGroups/{group}/providers/{ML}/workspaces/{name}{child}"


def workspace_body(parts: Parts, **properties: Any) -> JsonObject:
    """A workspace by identity, as the platform's program sends it; a value of None leaves a property out."""
    merged: JsonObject = {
        **parts.dependencies(),
        "primaryUserAssignedIdentity": parts.identity,
        "systemDatastoresAuthMode": "Identity",
        **properties,
    }
    return {
        "location": LOCATION,
        "kind": "Default",
        "sku": {"name": "Basic", "tier": "Basic"},
        "identity": {"type": "UserAssigned", "userAssignedIdentities": {parts.identity: {}}},
        "properties": {key: value for key, value in merged.items() if value is not None},
    }


def make_workspace(arm: ArmRequests, parts: Parts, name: str, **properties: Any) -> JsonObject:
    """Create or update a workspace and answer what GET shows."""
    return arm.done("PUT", workspace_path(parts.group, name), VERSION, workspace_body(parts, **properties))

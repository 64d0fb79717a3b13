"""A workspace by identities whose data the deployer may use: what tests of assets start from."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from azure.ai.ml import MLClient
from azure.storage.blob import ContainerClient

from tests.support.arm_requests import ArmRequests, unique
from tests.support.platform_parts import Parts, make_parts, make_workspace, workspace_path

JsonObject = dict[str, Any]
BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
ROLES_VERSION = "2022-04-01"


@dataclass(frozen=True)
class AssetWorkspace:
    """A workspace with a client of azure-ai-ml, and plain requests for what no client sends."""

    client: MLClient
    arm: ArmRequests
    parts: Parts
    body: JsonObject

    @property
    def name(self) -> str:
        """The workspace's name."""
        return str(self.body["name"])

    def path(self, child: str = "") -> str:
        """Path of something below the workspace."""
        return workspace_path(self.parts.group, self.name, child)

    def send(
        self,
        method: str,
        child: str,
        body: JsonObject | None = None,
        *,
        version: str = "2023-04-01-preview",
        query: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """A plain request about something below the workspace."""
        return self.arm.send(method, self.path(child), version, body, **(query or {}))

    def container(self, name: str = "") -> ContainerClient:
        """A container of the workspace's storage account, the default datastore's unless named."""
        account = self.parts.storage.rsplit("/", 1)[1]
        chosen = name or f"azureml-blobstore-{self.body['properties']['workspaceId']}"
        url = f"https://{account}.blob.core.windows.net"
        return ContainerClient(url, chosen, credential=self.arm.credential)

    def files(self, container: str, below: str = "") -> dict[str, bytes]:
        """Name and content of all blobs below a path."""
        with self.container(container) as client:
            names = [blob.name for blob in client.list_blobs(name_starts_with=below)]
            return {name: client.download_blob(name).readall() for name in names}


def make_asset_workspace(
    arm: ArmRequests, group: str, tenant_id: str, deployer: str, **properties: Any
) -> AssetWorkspace:
    """Make it, with the roles that its identity and the deployer need on the storage account."""
    parts = make_parts(arm, group, tenant_id)
    identity = arm.send("GET", parts.identity, "2023-01-31").json()["properties"]["principalId"]
    for principal in (identity, deployer):
        grant(arm, parts.storage, principal, BLOB_CONTRIBUTOR)
    body = make_workspace(arm, parts, unique("mlw-"), **properties)
    client = MLClient(arm.credential, arm.subscription_id, group, str(body["name"]), show_progress=False)
    return AssetWorkspace(client, arm, parts, body)


def grant(arm: ArmRequests, scope: str, principal: str, role: str) -> None:
    """Assign a built-in role."""
    definition = (
        f"/subscriptions/{arm.subscription_id}/providers/Microsoft.Authorization/roleDefinitions/{role}"
    )
    body = {
        "properties": {
            "principalId": principal,
            "principalType": "ServicePrincipal",
            "roleDefinitionId": definition,
        }
    }
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    answer = arm.send("PUT", path, ROLES_VERSION, body)
    assert answer.status_code == 201, answer.text

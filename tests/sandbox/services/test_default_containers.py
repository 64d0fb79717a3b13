"""The containers of a workspace's datastores are real: azure-storage-blob writes to them and reads them."""

from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from azure.core.credentials import TokenCredential
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import BlobServiceClient, ContainerClient

from tests.support.arm_requests import ARM, LOCATION, ArmRequests, unique
from tests.support.platform_parts import VERSION, Parts, make_parts, make_workspace, workspace_path

JsonObject = dict[str, Any]
BLOB_DATA_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"


def object_id(credential: TokenCredential) -> str:
    """The caller's own object id, from the token."""
    claims = credential.get_token(f"{ARM}/.default").token.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["oid"])


def let_write_blobs(arm: ArmRequests, account_id: str, principal: str) -> None:
    """Give a principal the data role on an account."""
    role = f"/subscriptions/{arm.subscription_id}/providers/Microsoft.Authorization/roleDefinitions"
    properties = {
        "roleDefinitionId": f"{role}/{BLOB_DATA_CONTRIBUTOR}",
        "principalId": principal,
        "principalType": "ServicePrincipal",
    }
    path = f"{account_id}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    answer = arm.send("PUT", path, "2022-04-01", {"properties": properties})
    assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
def parts(arm: ArmRequests, shared_group: str, tenant_id: str) -> Parts:
    """Storage account, key vault, Application Insights, registry and identity."""
    return make_parts(arm, shared_group, tenant_id)


@pytest.fixture(scope="module")
def data_role(arm: ArmRequests, parts: Parts, credential: TokenCredential) -> None:
    """The caller may read and write blobs of the account."""
    let_write_blobs(arm, parts.storage, object_id(credential))


@pytest.fixture(scope="module")
def workspace(arm: ArmRequests, parts: Parts) -> JsonObject:
    """A workspace whose datastores work with identities."""
    return make_workspace(arm, parts, unique("mlw-"))


def blobs(parts: Parts, credential: TokenCredential) -> BlobServiceClient:
    """The workspace's storage account, by Entra identity."""
    account = parts.storage.rsplit("/", 1)[1]
    return BlobServiceClient(f"https://{account}.blob.core.windows.net", credential, retry_total=0)


def test_without_a_data_role_blobs_are_closed(
    arm: ArmRequests,
    shared_group: str,
    tenant_id: str,
    as_principal: Callable[[str], TokenCredential],
) -> None:
    others = make_parts(arm, shared_group, tenant_id)
    container = make_workspace(arm, others, unique("mlw-"))["properties"]["workspaceId"]
    with blobs(others, as_principal("contributor")) as service:
        blob = service.get_blob_client(f"azureml-blobstore-{container}", "hello.txt")
        with pytest.raises(HttpResponseError) as caught:
            blob.upload_blob(b"hello")
    assert caught.value.status_code == 403


def test_the_default_container_takes_blobs(
    parts: Parts, workspace: JsonObject, data_role: None, credential: TokenCredential
) -> None:
    container = f"azureml-blobstore-{workspace['properties']['workspaceId']}"
    with blobs(parts, credential) as service:
        blob = service.get_blob_client(container, "LocalUpload/hello.txt")
        blob.upload_blob(b"hello")
        assert blob.download_blob().readall() == b"hello"
        assert {item.name for item in service.list_containers()} >= {container, "azureml"}


def test_a_container_by_arm_is_a_container_for_blobs(
    arm: ArmRequests, parts: Parts, data_role: None, credential: TokenCredential
) -> None:
    path = f"{parts.storage}/blobServices/default/containers/by-arm"
    assert arm.send("PUT", path, "2024-01-01", {}).status_code == 201
    with blobs(parts, credential) as service:
        container = service.get_container_client("by-arm")
        assert container.exists()
        arm.send("DELETE", path, "2024-01-01")
        assert not container.exists()


def test_the_sas_of_a_datastore_works(arm: ArmRequests, shared_group: str, parts: Parts) -> None:
    body = {"location": LOCATION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    path = f"resourceGroups/{shared_group}/providers/Microsoft.Storage/storageAccounts/{unique('st')}"
    account = arm.done("PUT", path, "2024-01-01", body)
    name = unique("mlw-")
    workspace = make_workspace(
        arm, parts, name, storageAccount=account["id"], systemDatastoresAuthMode="AccessKey"
    )
    store = workspace_path(parts.group, name, "/datastores/workspaceblobstore/listSecrets")
    request = {"expirableSecret": True, "expireAfterHours": 1}
    sas = arm.send("POST", store, VERSION, request).json()["sasToken"]
    container = f"azureml-blobstore-{workspace['properties']['workspaceId']}"
    url = f"https://{account['name']}.blob.core.windows.net"
    with ContainerClient(url, container, credential=sas) as client:
        client.upload_blob("by-sas.txt", b"signed")
        assert client.download_blob("by-sas.txt").readall() == b"signed"

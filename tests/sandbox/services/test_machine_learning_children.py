"""Datastores, outbound rules and connections of a workspace, with azure-ai-ml and azure-storage-blob."""

from __future__ import annotations

from typing import Any

import pytest
from azure.ai.ml import MLClient
from azure.ai.ml.entities import AzureBlobDatastore, FqdnDestination
from azure.core.credentials import TokenCredential
from azure.core.exceptions import HttpResponseError

from tests.support.arm_requests import LOCATION, ArmRequests, error_of, unique
from tests.support.platform_parts import VERSION, Parts, make_parts, make_workspace, workspace_path

JsonObject = dict[str, Any]


@pytest.fixture(scope="module")
def parts(arm: ArmRequests, shared_group: str, tenant_id: str) -> Parts:
    """Storage account, key vault, Application Insights, registry and identity."""
    return make_parts(arm, shared_group, tenant_id)


@pytest.fixture(scope="module")
def workspace(arm: ArmRequests, parts: Parts) -> JsonObject:
    """A workspace that allows approved outbound traffic only."""
    network = {"isolationMode": "AllowOnlyApprovedOutbound"}
    return make_workspace(arm, parts, unique("mlw-"), managedNetwork=network)


@pytest.fixture(scope="module")
def client(
    parts: Parts, workspace: JsonObject, credential: TokenCredential, subscription_id: str
) -> MLClient:
    """azure-ai-ml on that workspace."""
    return MLClient(credential, subscription_id, parts.group, workspace["name"])


def test_the_default_datastore(client: MLClient, parts: Parts, workspace: JsonObject) -> None:
    found = client.datastores.get_default()
    assert isinstance(found, AzureBlobDatastore)
    assert found.name == "workspaceblobstore"
    assert found.account_name == parts.storage.rsplit("/", 1)[1]
    assert found.container_name == f"azureml-blobstore-{workspace['properties']['workspaceId']}"
    assert (found.endpoint, found.protocol) == ("core.windows.net", "https")


def test_the_four_datastores(client: MLClient) -> None:
    assert sorted(item.name for item in client.datastores.list()) == [
        "workspaceartifactstore",
        "workspaceblobstore",
        "workspacefilestore",
        "workspaceworkingdirectory",
    ]


def test_identity_datastores_have_no_secrets(arm: ArmRequests, parts: Parts, workspace: JsonObject) -> None:
    path = workspace_path(parts.group, workspace["name"], "/datastores/workspaceblobstore")
    shown = arm.send("GET", path, VERSION).json()["properties"]
    assert shown["credentials"] == {"credentialsType": "None"}
    assert shown["serviceDataAccessAuthIdentity"] == "WorkspaceUserAssignedIdentity"
    assert "provisioningState" not in shown
    status, code, _ = error_of(arm.send("POST", f"{path}/listSecrets", VERSION, {"expirableSecret": True}))
    assert (status, code) == (400, "UserError")


def test_azure_ai_ml_registers_a_datastore(client: MLClient, parts: Parts) -> None:
    account = parts.storage.rsplit("/", 1)[1]
    wanted = AzureBlobDatastore(
        name="raw", account_name=account, container_name="raw", description="Raw data"
    )
    client.datastores.create_or_update(wanted)
    found = client.datastores.get("raw")
    assert isinstance(found, AzureBlobDatastore)
    assert (found.container_name, found.description) == ("raw", "Raw data")
    client.datastores.delete("raw")
    with pytest.raises(HttpResponseError):
        client.datastores.get("raw")


def test_secrets_are_kept_and_not_shown(arm: ArmRequests, parts: Parts, workspace: JsonObject) -> None:
    credentials = {
        "credentialsType": "AccountKey",
        "secrets": {"secretsType": "AccountKey", "key": "c2VjcmV0"},
    }
    body = {
        "properties": {
            "datastoreType": "AzureBlob",
            "accountName": "elsewhere",
            "containerName": "data",
            "credentials": credentials,
        }
    }
    path = workspace_path(parts.group, workspace["name"], "/datastores/keyed")
    answer = arm.send("PUT", path, VERSION, body, skipValidation="true")
    assert answer.status_code == 201
    assert "c2VjcmV0" not in answer.text + arm.send("GET", path, VERSION).text
    assert arm.send("POST", f"{path}/listSecrets", VERSION).json() == credentials["secrets"]


@pytest.mark.parametrize(
    "properties",
    [
        {"datastoreType": "AzureBlob", "accountName": "a", "credentials": {"credentialsType": "None"}},
        {"datastoreType": "AzureFile", "accountName": "a", "credentials": {"credentialsType": "None"}},
    ],
)
def test_a_datastore_names_where_it_is(
    arm: ArmRequests, parts: Parts, workspace: JsonObject, properties: JsonObject
) -> None:
    path = workspace_path(parts.group, workspace["name"], "/datastores/incomplete")
    assert arm.send("PUT", path, VERSION, {"properties": properties}).status_code == 400


def test_a_rule_by_azure_ai_ml_shows_in_the_workspace(
    client: MLClient, arm: ArmRequests, parts: Parts, workspace: JsonObject
) -> None:
    name = workspace["name"]
    rule = FqdnDestination(name="packages", destination="packages.contoso.com")
    client.workspace_outbound_rules.begin_create(name, rule).result()
    assert "packages" in [item.name for item in client.workspace_outbound_rules.list(name)]
    shown = arm.send("GET", workspace_path(parts.group, name), VERSION).json()
    assert (
        shown["properties"]["managedNetwork"]["outboundRules"]["packages"]["destination"]
        == "packages.contoso.com"
    )
    client.workspace_outbound_rules.begin_remove(name, "packages").wait()
    shown = arm.send("GET", workspace_path(parts.group, name), VERSION).json()
    assert shown["properties"]["managedNetwork"]["outboundRules"] == {}


def test_two_endpoints_of_one_destination_are_refused(
    arm: ArmRequests, parts: Parts, workspace: JsonObject
) -> None:
    destination = {"serviceResourceId": parts.storage, "subresourceTarget": "blob", "sparkEnabled": False}
    body = {"properties": {"type": "PrivateEndpoint", "destination": destination}}
    first = workspace_path(parts.group, workspace["name"], "/outboundRules/first")
    answer = arm.send("PUT", first, VERSION, body)
    assert answer.status_code in (200, 202)
    arm.wait(answer)
    second = arm.send(
        "PUT", workspace_path(parts.group, workspace["name"], "/outboundRules/second"), VERSION, body
    )
    assert "have the same destination" in second.text
    arm.done("DELETE", first, VERSION)


def test_a_connection_answers_200_and_hides_its_key(
    arm: ArmRequests, parts: Parts, workspace: JsonObject
) -> None:
    properties = {
        "authType": "ApiKey",
        "category": "ApiKey",
        "target": "https://example.com/",
        "credentials": {"key": "very-secret"},
    }
    path = workspace_path(parts.group, workspace["name"], "/connections/service")
    answer = arm.send("PUT", path, "2024-04-01-preview", {"properties": properties})
    assert answer.status_code == 200
    assert "very-secret" not in answer.text + arm.send("GET", path, VERSION).text
    secrets = arm.send("POST", f"{path}/listsecrets", VERSION).json()
    assert secrets["properties"]["credentials"] == {"key": "very-secret"}


def test_account_key_datastores_give_a_sas(
    arm: ArmRequests, shared_group: str, parts: Parts, tenant_id: str
) -> None:
    body = {"location": LOCATION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    path = f"resourceGroups/{shared_group}/providers/Microsoft.Storage/storageAccounts/{unique('st')}"
    account = arm.done("PUT", path, "2024-01-01", body)["id"]
    name = unique("mlw-")
    make_workspace(arm, parts, name, storageAccount=account, systemDatastoresAuthMode="AccessKey")
    store = workspace_path(parts.group, name, "/datastores/workspaceblobstore")
    request = {"expirableSecret": True, "expireAfterHours": 1}
    secrets = arm.send("POST", f"{store}/listSecrets", VERSION, request).json()
    assert secrets["secretsType"] == "Sas"
    assert {"sv=2020-12-06", "sr=c"} <= set(secrets["sasToken"].split("&"))
    assert arm.send("POST", f"{store}/listSecrets", VERSION).json()["secretsType"] == "AccountKey"

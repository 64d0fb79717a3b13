"""Azure ML workspaces: dependencies, identity, network, soft delete; read with azure-ai-ml too."""

from __future__ import annotations

from typing import Any

import pytest
from azure.ai.ml import MLClient
from azure.ai.ml.entities import Workspace
from azure.core.credentials import TokenCredential

from tests.support.arm_requests import LOCATION, ArmRequests, error_of, unique
from tests.support.platform_parts import (
    VERSION,
    Parts,
    make_parts,
    make_workspace,
    workspace_body,
    workspace_path,
)

JsonObject = dict[str, Any]


@pytest.fixture(scope="module")
def parts(arm: ArmRequests, shared_group: str, tenant_id: str) -> Parts:
    """Storage account, key vault, Application Insights, registry and identity."""
    return make_parts(arm, shared_group, tenant_id)


def put(arm: ArmRequests, parts: Parts, name: str, body: JsonObject) -> tuple[int, str, str]:
    """The refusal of a PUT that must not succeed."""
    answer = arm.send("PUT", workspace_path(parts.group, name), VERSION, body)
    assert answer.status_code >= 400, answer.text
    return error_of(answer)


def test_what_the_service_writes(arm: ArmRequests, parts: Parts, tenant_id: str) -> None:
    name = unique("mlw-")
    found = make_workspace(arm, parts, name)
    properties = found["properties"]
    assert (found["kind"], found["sku"]) == ("Default", {"name": "Basic", "tier": "Basic"})
    assert len(properties["workspaceId"]) == 36
    assert properties["discoveryUrl"] == f"https://{LOCATION}.api.azureml.ms/discovery"
    assert properties["mlFlowTrackingUri"] == f"azureml://{LOCATION}.api.azureml.ms/mlflow/v1.0{found['id']}"
    assert properties["tenantId"] == tenant_id
    assert properties["notebookInfo"]["fqdn"].endswith(".notebooks.azure.net")
    assert (properties["privateLinkCount"], properties["storageHnsEnabled"]) == (0, False)
    assert properties["managedNetwork"] == {"isolationMode": "Disabled"}
    assert (properties["publicNetworkAccess"], properties["v1LegacyMode"]) == ("Enabled", False)
    assert properties["provisioningState"] == "Succeeded"
    assert "/providers/Microsoft.Keyvault/vaults/" in properties["keyVault"]
    again = make_workspace(arm, parts, name, description="second")
    assert again["properties"]["workspaceId"] == properties["workspaceId"]
    assert again["properties"]["description"] == "second"


def test_a_create_is_accepted_with_two_headers(arm: ArmRequests, parts: Parts) -> None:
    answer = arm.send("PUT", workspace_path(parts.group, unique("mlw-")), VERSION, workspace_body(parts))
    assert answer.status_code in (201, 202)
    assert "Azure-AsyncOperation" in answer.headers
    arm.wait(answer)


def test_azure_ai_ml_reads_it(
    arm: ArmRequests, parts: Parts, credential: TokenCredential, subscription_id: str
) -> None:
    name = unique("mlw-")
    make_workspace(arm, parts, name, friendlyName="Friendly", description="Described")
    client = MLClient(credential, subscription_id, parts.group, name)
    found = client.workspaces.get(name)
    assert (found.name, found.location, found.display_name) == (name, LOCATION, "Friendly")
    assert found.description == "Described"
    assert found.storage_account == parts.storage
    assert found.key_vault is not None
    assert found.key_vault.lower() == parts.key_vault.lower()
    assert found.container_registry == parts.registry
    assert found.primary_user_assigned_identity == parts.identity
    assert found.identity is not None
    assert found.identity.type == "user_assigned"
    assert found.managed_network is not None
    assert found.managed_network.isolation_mode == "Disabled"
    assert found.system_datastores_auth_mode == "Identity"
    assert name in [item.name for item in client.workspaces.list()]


def test_azure_ai_ml_changes_and_deletes_it(
    arm: ArmRequests, parts: Parts, credential: TokenCredential, subscription_id: str
) -> None:
    name = unique("mlw-")
    make_workspace(arm, parts, name)
    client = MLClient(credential, subscription_id, parts.group, name)
    wanted = Workspace(
        name=name, description="Changed", tags={"team": "ml"}, public_network_access="Disabled"
    )
    client.workspaces.begin_update(wanted).result()
    found = client.workspaces.get(name)
    assert (found.description, found.tags) == ("Changed", {"team": "ml"})
    assert found.public_network_access == "Disabled"
    client.workspaces.begin_delete(name, delete_dependent_resources=False, permanently_delete=True).wait()
    assert arm.send("GET", workspace_path(parts.group, name), VERSION).status_code == 404
    assert make_workspace(arm, parts, name)["name"] == name


@pytest.mark.parametrize("missing", ["storageAccount", "keyVault", "applicationInsights"])
def test_three_dependencies_are_required(arm: ArmRequests, parts: Parts, missing: str) -> None:
    status, code, message = put(arm, parts, unique("mlw-"), workspace_body(parts, **{missing: None}))
    assert (status, code, message) == (
        400,
        "ValidationError",
        "Missing dependent resources in workspace json",
    )


def test_the_refusal_names_its_detail(arm: ArmRequests, parts: Parts) -> None:
    path = workspace_path(parts.group, unique("mlw-"))
    error = arm.send("PUT", path, VERSION, workspace_body(parts, keyVault=None)).json()["error"]
    assert error["target"] == "workspace"
    assert (error["details"][0]["code"], error["details"][0]["target"]) == ("Invalid", "workspace")


def test_a_dependency_must_exist_and_be_of_its_type(arm: ArmRequests, parts: Parts) -> None:
    for wrong in (parts.storage, f"{parts.key_vault}x"):
        _, code, message = put(arm, parts, unique("mlw-"), workspace_body(parts, keyVault=wrong))
        assert code == "ValidationError"
        assert wrong in message


def test_a_lake_is_no_default_storage(arm: ArmRequests, parts: Parts) -> None:
    body = {
        "location": LOCATION,
        "kind": "StorageV2",
        "sku": {"name": "Standard_LRS"},
        "properties": {"isHnsEnabled": True},
    }
    path = f"resourceGroups/{parts.group}/providers/Microsoft.Storage/storageAccounts/{unique('st')}"
    lake = arm.done("PUT", path, "2024-01-01", body)["id"]
    refusal = put(arm, parts, unique("mlw-"), workspace_body(parts, storageAccount=lake))
    assert refusal == (400, "BadRequest", "Cannot use storage with HNS enabled.")


def test_account_keys_need_an_account_that_takes_them(arm: ArmRequests, parts: Parts) -> None:
    _, _, message = put(
        arm, parts, unique("mlw-"), workspace_body(parts, systemDatastoresAuthMode="AccessKey")
    )
    assert "Key based authentication is not permitted" in message


def test_identity_rules(arm: ArmRequests, parts: Parts) -> None:
    without = workspace_body(parts, primaryUserAssignedIdentity=None)
    assert "primaryUserAssignedIdentity" in put(arm, parts, unique("mlw-"), without)[2]
    foreign = workspace_body(parts, primaryUserAssignedIdentity=f"{parts.identity}-other")
    assert (
        "must be one of the workspace's userAssignedIdentities" in put(arm, parts, unique("mlw-"), foreign)[2]
    )
    nobody = workspace_body(parts, primaryUserAssignedIdentity=None) | {"identity": {"type": "None"}}
    assert put(arm, parts, unique("mlw-"), nobody)[2].startswith("Make sure to create your workspace")


@pytest.mark.parametrize("name", ["ab", "-first", "has space", "a" * 34])
def test_a_wrong_name_is_refused(arm: ArmRequests, parts: Parts, name: str) -> None:
    status, code, _ = put(arm, parts, name, workspace_body(parts))
    assert (status, code) == (400, "ValidationError")


def test_what_is_set_once(arm: ArmRequests, parts: Parts, tenant_id: str) -> None:
    name = unique("mlw-")
    make_workspace(arm, parts, name)
    other = make_parts(arm, parts.group, tenant_id)
    for property_name, value in (
        ("keyVault", other.key_vault),
        ("hbiWorkspace", True),
    ):
        _, code, message = put(arm, parts, name, workspace_body(parts, **{property_name: value}))
        assert (code, property_name in message) == ("ValidationError", True)
    refusal = put(arm, parts, name, workspace_body(parts, storageAccount=other.storage))
    assert refusal == (400, "BadRequest", "Storage Account update is not supported yet")
    moved = make_workspace(
        arm, parts, name, containerRegistry=other.registry, applicationInsights=other.insights
    )
    assert moved["properties"]["containerRegistry"] == other.registry


def test_ids_are_compared_without_case(arm: ArmRequests, parts: Parts) -> None:
    name = unique("mlw-")
    make_workspace(arm, parts, name)
    found = make_workspace(
        arm, parts, name, keyVault=parts.key_vault.upper().replace("/SUBSCRIPTIONS/", "/subscriptions/")
    )
    assert found["properties"]["provisioningState"] == "Succeeded"


def test_isolation_only_tightens(arm: ArmRequests, parts: Parts) -> None:
    name = unique("mlw-")
    modes = ("Disabled", "AllowInternetOutbound", "AllowOnlyApprovedOutbound")
    found: JsonObject = {}
    for mode in modes:
        found = make_workspace(arm, parts, name, managedNetwork={"isolationMode": mode})
        assert found["properties"]["managedNetwork"]["isolationMode"] == mode
    assert found["properties"]["managedNetwork"]["changeableIsolationModes"] == ["AllowOnlyApprovedOutbound"]
    for mode in modes[:2]:
        body = workspace_body(parts, managedNetwork={"isolationMode": mode})
        assert "isolation mode can't be changed" in put(arm, parts, name, body)[2]


def test_rules_of_the_request_become_resources(arm: ArmRequests, parts: Parts) -> None:
    name = unique("mlw-")
    packages = {"type": "FQDN", "destination": "packages.contoso.com"}
    network = {"isolationMode": "AllowOnlyApprovedOutbound", "outboundRules": {"packages": packages}}
    found = make_workspace(arm, parts, name, managedNetwork=network)
    assert found["properties"]["managedNetwork"]["outboundRules"]["packages"]["category"] == "UserDefined"
    rules = arm.send("GET", workspace_path(parts.group, name, "/outboundRules"), VERSION).json()["value"]
    assert [(rule["name"], rule["properties"]["destination"]) for rule in rules] == [
        ("packages", "packages.contoso.com")
    ]
    files = {"type": "FQDN", "destination": "files.contoso.com"}
    found = make_workspace(arm, parts, name, managedNetwork={**network, "outboundRules": {"files": files}})
    assert list(found["properties"]["managedNetwork"]["outboundRules"]) == ["files"]
    rules = arm.send("GET", workspace_path(parts.group, name, "/outboundRules"), VERSION).json()["value"]
    assert [rule["name"] for rule in rules] == ["files"]


@pytest.mark.parametrize(
    ("mode", "rule"),
    [
        ("Disabled", {"type": "FQDN", "destination": "packages.contoso.com"}),
        ("AllowInternetOutbound", {"type": "FQDN", "destination": "packages.contoso.com"}),
        ("AllowOnlyApprovedOutbound", {"type": "FQDN", "destination": "not a host"}),
        (
            "AllowOnlyApprovedOutbound",
            {"type": "PrivateEndpoint", "destination": {"subresourceTarget": "blob"}},
        ),
    ],
)
def test_a_rule_that_does_not_fit_is_refused(
    arm: ArmRequests, parts: Parts, mode: str, rule: JsonObject
) -> None:
    body = workspace_body(parts, managedNetwork={"isolationMode": mode, "outboundRules": {"one": rule}})
    assert "Outbound rule 'one'" in put(arm, parts, unique("mlw-"), body)[2]


def test_a_deleted_workspace_blocks_its_name_until_it_is_purged(arm: ArmRequests, parts: Parts) -> None:
    name = unique("mlw-")
    make_workspace(arm, parts, name)
    path = workspace_path(parts.group, name)
    assert arm.done("DELETE", path, VERSION) == {}
    status, code, message = put(arm, parts, name, workspace_body(parts))
    assert (status, code) == (400, "BadRequest")
    assert message == "Soft-deleted workspace exists. Please purge or recover it. https://aka.ms/wsoftdelete"
    purge = arm.send("DELETE", path, VERSION, forceToPurge="true")
    assert purge.status_code in (200, 202)
    arm.wait(purge)
    assert arm.send("DELETE", path, VERSION, forceToPurge="true").status_code == 204
    assert make_workspace(arm, parts, name)["name"] == name


def test_a_permanent_delete_leaves_nothing(arm: ArmRequests, parts: Parts) -> None:
    name = unique("mlw-")
    before = make_workspace(arm, parts, name)
    assert arm.done("DELETE", workspace_path(parts.group, name), VERSION, forceToPurge="true") == {}
    after = make_workspace(arm, parts, name)
    assert after["properties"]["workspaceId"] != before["properties"]["workspaceId"]


def test_a_hub_and_its_project(arm: ArmRequests, parts: Parts) -> None:
    hub_name, project_name = unique("hub-"), unique("prj-")
    hub_body = workspace_body(parts, applicationInsights=None) | {"kind": "Hub"}
    hub = arm.done("PUT", workspace_path(parts.group, hub_name), VERSION, hub_body)
    project_body = workspace_body(parts, **dict.fromkeys(parts.dependencies()), hubResourceId=hub["id"])
    project_body["kind"] = "Project"
    project = arm.done("PUT", workspace_path(parts.group, project_name), VERSION, project_body)
    assert project["properties"]["storageAccount"] == parts.storage
    refused = arm.send("DELETE", workspace_path(parts.group, hub_name), VERSION)
    assert "AI hub still has associated AI projects" in refused.text
    arm.done("DELETE", workspace_path(parts.group, project_name), VERSION, forceToPurge="true")
    assert arm.done("DELETE", workspace_path(parts.group, hub_name), VERSION, forceToPurge="true") == {}


def test_every_version_that_clients_send_is_accepted(arm: ArmRequests, parts: Parts) -> None:
    name = unique("mlw-")
    make_workspace(arm, parts, name)
    path = workspace_path(parts.group, name).replace("resourceGroups", "resourcegroups")
    for version in (
        "2023-04-01-preview",
        "2023-08-01-preview",
        "2024-01-01-preview",
        "2024-04-01",
        "2024-10-01-preview",
    ):
        assert arm.send("GET", path, version).json()["name"] == name


def test_keys_of_the_workspace(arm: ArmRequests, parts: Parts) -> None:
    name = unique("mlw-")
    make_workspace(arm, parts, name)
    keys = arm.send("POST", workspace_path(parts.group, name, "/listKeys"), VERSION).json()
    assert keys["userStorageArmId"] == parts.storage
    assert keys["notebookAccessKeys"]["primaryAccessKey"]


def test_usages_count_families(arm: ArmRequests) -> None:
    path = f"providers/Microsoft.MachineLearningServices/locations/{LOCATION}/usages"
    usages = {row["name"]["value"]: row for row in arm.send("GET", path, VERSION).json()["value"]}
    assert (
        usages["standardDSv2Family"]["name"]["localizedValue"]
        == "Standard DSv2 Family Cluster Dedicated vCPUs"
    )
    assert usages["standardNDSH100v5Family"]["limit"] == 0

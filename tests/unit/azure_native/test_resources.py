"""What happens to a resource in each call: inputs, paths, bodies, outputs, replacement, drift."""

from typing import Any

import pytest

from resource_provider import provider as api
from resource_provider.values import UNKNOWN, Secret

GROUP = "azure-native:resources:ResourceGroup"
ACCOUNT = "azure-native:storage:StorageAccount"
BLOBS = "azure-native:storage:BlobServiceProperties"
CONTAINER = "azure-native:storage:BlobContainer"
ASSIGNMENT = "azure-native:authorization:RoleAssignment"
INSIGHTS = "azure-native:applicationinsights:Component"
WORKSPACE = "azure-native:machinelearningservices:Workspace"
COMPUTE = "azure-native:machinelearningservices:Compute"

SUBSCRIPTION = "00000000-0000-4000-8000-0000000000ff"
RG = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg1"
ACCOUNT_ID = f"{RG}/providers/Microsoft.Storage/storageAccounts/acct"
ACCOUNT_INPUTS: dict[str, Any] = {
    "resourceGroupName": "rg1",
    "accountName": "acct",
    "location": "westeurope",
    "kind": "StorageV2",
    "sku": {"name": "Standard_LRS"},
    "networkRuleSet": {"defaultAction": "Deny", "ipRules": [{"iPAddressOrRange": "1.2.3.4"}]},
    "enableHttpsTrafficOnly": True,
}
CLUSTER: dict[str, Any] = {
    "vmSize": "Standard_DS3_v2",
    "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4},
}
COMPUTE_INPUTS: dict[str, Any] = {
    "resourceGroupName": "rg1",
    "workspaceName": "ws1",
    "computeName": "cpu",
    "location": "westeurope",
    "properties": {"computeType": "AmlCompute", "properties": CLUSTER},
}
COMPUTE_ID = f"{RG}/providers/Microsoft.MachineLearningServices/workspaces/ws1/computes/cpu"


def _paths(checked: api.Checked) -> list[str]:
    return [failure.property for failure in checked.failures]


def test_check_reports_every_mistake(provider: Any) -> None:
    inputs = {**ACCOUNT_INPUTS, "kind": "StorageV3", "sku": {}, "networkRuleSet": {"defaultaction": "Deny"}}
    checked = provider.check(ACCOUNT, inputs)
    assert _paths(checked) == [
        "kind",
        "sku.name",
        "networkRuleSet.defaultaction",
    ]


def test_check_looks_through_secrets_and_accepts_unknowns(provider: Any) -> None:
    inputs = {**ACCOUNT_INPUTS, "kind": Secret("StorageV3"), "resourceGroupName": UNKNOWN, "sku": UNKNOWN}
    checked = provider.check(ACCOUNT, inputs)
    assert _paths(checked) == ["kind"]
    assert checked.inputs["kind"] == Secret("StorageV3")


@pytest.mark.parametrize(
    ("token", "inputs", "name_input", "pattern"),
    [
        (GROUP, {"location": "westeurope"}, "resourceGroupName", r"thing[0-9a-f]{8}"),
        (CONTAINER, {"resourceGroupName": "rg1", "accountName": "acct"}, "containerName", "thing"),
        (BLOBS, {"resourceGroupName": "rg1", "accountName": "acct"}, "blobServicesName", "default"),
        (
            ASSIGNMENT,
            {"scope": RG, "principalId": "p", "roleDefinitionId": "r"},
            "roleAssignmentName",
            r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        ),
    ],
)
def test_check_names_what_has_no_name(
    provider: Any, token: str, inputs: dict[str, Any], name_input: str, pattern: str
) -> None:
    import re

    checked = provider.check(token, inputs)
    assert checked.failures == []
    assert re.fullmatch(pattern, checked.inputs[name_input])
    again = provider.check(token, inputs, old_inputs={name_input: "kept"})
    assert again.inputs[name_input] == ("kept" if token != BLOBS else "default")


def test_check_follows_the_stacks_autonaming(provider: Any) -> None:
    inputs = {"location": "westeurope"}
    configured = provider.check(GROUP, inputs, proposed_name="rg-configured")
    assert configured.inputs["resourceGroupName"] == "rg-configured"
    assignment = {"scope": RG, "principalId": "p", "roleDefinitionId": "r"}
    proposed = provider.check(ASSIGNMENT, assignment, proposed_name="no-guid")
    assert proposed.inputs["roleAssignmentName"] != "no-guid"
    enforced = provider.check(ASSIGNMENT, assignment, proposed_name="as-told", name_required=True)
    assert enforced.inputs["roleAssignmentName"] == "as-told"
    disabled = provider.check(GROUP, inputs, autonaming_disabled=True)
    assert "resourceGroupName" not in disabled.inputs


def test_check_takes_the_location_of_the_resource_group(provider: Any, arm: Any) -> None:
    arm.resources[RG.lower()] = {"location": "northeurope"}
    inputs = {name: value for name, value in ACCOUNT_INPUTS.items() if name != "location"}
    assert provider.check(ACCOUNT, inputs).inputs["location"] == "northeurope"
    assert "location" not in provider.check(ACCOUNT, {**inputs, "resourceGroupName": "other"}).inputs
    assert "location" not in provider.check(ACCOUNT, {**inputs, "resourceGroupName": UNKNOWN}).inputs


def test_unknown_tokens_say_what_to_do(provider: Any) -> None:
    with pytest.raises(api.ProviderError, match="is no resource of the installed pulumi_azure_native"):
        provider.check("azure-native:storage:StorageAcount", {})
    with pytest.raises(api.ProviderError, match="has the default API versions only"):
        provider.check("azure-native:storage/v20230101:StorageAccount", {})
    with pytest.raises(api.ProviderError, match="Add a declaration under sandbox/arm/namespaces"):
        provider.check("azure-native:compute:VirtualMachine", {})


def test_create_sends_the_wire_shape_and_returns_pulumis(provider: Any, arm: Any) -> None:
    created = provider.create(ACCOUNT, ACCOUNT_INPUTS)
    assert created.id == ACCOUNT_ID
    assert arm.bodies == [
        {
            "location": "westeurope",
            "kind": "StorageV2",
            "sku": {"name": "Standard_LRS"},
            "properties": {
                "networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "1.2.3.4"}]},
                "supportsHttpsTrafficOnly": True,
            },
        }
    ]
    assert created.outputs["name"] == "acct"
    assert created.outputs["azureApiVersion"] == "2024-01-01"
    assert created.outputs["networkRuleSet"]["ipRules"] == [{"iPAddressOrRange": "1.2.3.4"}]
    assert created.outputs["enableHttpsTrafficOnly"] is True
    assert {query["api-version"] for query in arm.queries} == {"2024-01-01"}


def test_create_refuses_what_exists(provider: Any, arm: Any) -> None:
    arm.resources[ACCOUNT_ID.lower()] = {}
    with pytest.raises(api.ProviderError, match=f"cannot create already existing resource '{ACCOUNT_ID}'"):
        provider.create(ACCOUNT, ACCOUNT_INPUTS)
    assert arm.bodies == []


def test_create_takes_over_what_exists_with_its_parent(provider: Any, arm: Any) -> None:
    blobs_id = f"{ACCOUNT_ID}/blobServices/default"
    arm.resources[blobs_id.lower()] = {}
    inputs = {"resourceGroupName": "rg1", "accountName": "acct", "blobServicesName": "default"}
    assert provider.create(BLOBS, {**inputs, "isVersioningEnabled": True}).id == blobs_id
    assert arm.bodies == [{"properties": {"isVersioningEnabled": True}}]
    provider.delete(BLOBS, blobs_id)
    assert arm.requests[-1][0] != "DELETE"


@pytest.mark.parametrize(
    ("token", "inputs", "expected"),
    [
        (
            CONTAINER,
            {"resourceGroupName": "rg1", "accountName": "acct", "containerName": "data"},
            f"{ACCOUNT_ID}/blobServices/default/containers/data",
        ),
        (
            ASSIGNMENT,
            {"scope": ACCOUNT_ID, "principalId": "p", "roleDefinitionId": "r", "roleAssignmentName": "guid"},
            f"{ACCOUNT_ID}/providers/Microsoft.Authorization/roleAssignments/guid",
        ),
        (COMPUTE, COMPUTE_INPUTS, COMPUTE_ID),
        (GROUP, {"resourceGroupName": "rg1", "location": "westeurope"}, RG),
    ],
)
def test_ids(provider: Any, token: str, inputs: dict[str, Any], expected: str) -> None:
    created = provider.create(token, inputs)
    assert created.id == expected
    imported = provider.read(token, expected, {}, {})
    paths = {
        name: value for name, value in inputs.items() if not isinstance(value, dict) and name != "location"
    }
    assert {name: imported.inputs[name] for name in paths} == paths


def test_renamed_properties_of_application_insights(provider: Any, arm: Any) -> None:
    inputs = {"resourceGroupName": "rg1", "resourceName": "appi", "location": "x", "kind": "web"}
    created = provider.create(INSIGHTS, {**inputs, "applicationType": "web", "workspaceResourceId": "/w"})
    assert arm.bodies[0]["properties"] == {"Application_Type": "web", "WorkspaceResourceId": "/w"}
    assert created.outputs["applicationType"] == "web"


def test_user_assigned_identities_are_a_list_in_and_a_map_out(provider: Any, arm: Any) -> None:
    identity = {"type": "UserAssigned", "userAssignedIdentities": ["/id/b", "/id/a"]}
    inputs = {"resourceGroupName": "rg1", "workspaceName": "ws1", "location": "x", "identity": identity}
    created = provider.create(WORKSPACE, inputs)
    assert arm.bodies[0]["identity"]["userAssignedIdentities"] == {"/id/b": {}, "/id/a": {}}
    assert created.outputs["identity"]["userAssignedIdentities"] == {"/id/b": {}, "/id/a": {}}
    unchanged = provider.read(WORKSPACE, created.id, inputs, created.outputs)
    assert unchanged.inputs == inputs


def test_a_preview_knows_what_the_inputs_say_and_nothing_else(provider: Any, arm: Any) -> None:
    inputs = {**ACCOUNT_INPUTS, "accountName": UNKNOWN, "tags": Secret({"a": "b"})}
    created = provider.create(ACCOUNT, inputs, preview=True)
    assert created.id == ""
    assert arm.requests == []
    outputs = created.outputs
    assert outputs["name"] is UNKNOWN
    assert outputs["primaryEndpoints"] is UNKNOWN
    assert outputs["kind"] == "StorageV2"
    assert outputs["sku"] == {"name": "Standard_LRS", "tier": UNKNOWN}
    assert outputs["type"] == "Microsoft.Storage/storageAccounts"
    assert outputs["tags"] == Secret({"a": "b"})


def test_the_preview_of_an_update_keeps_what_cannot_change(provider: Any) -> None:
    old_outputs = {"primaryEndpoints": {"blob": "https://acct"}, "kind": "StorageV2", "etag": "1"}
    inputs = {**ACCOUNT_INPUTS, "enableHttpsTrafficOnly": False}
    outputs = provider.update(ACCOUNT, ACCOUNT_ID, (ACCOUNT_INPUTS, old_outputs), inputs, preview=True)
    assert outputs["primaryEndpoints"] == {"blob": "https://acct"}
    assert outputs["enableHttpsTrafficOnly"] is False


def test_secret_inputs_stay_secret_in_the_outputs(provider: Any) -> None:
    created = provider.create(ACCOUNT, {**ACCOUNT_INPUTS, "tags": {"key": Secret("hunter2"), "open": "x"}})
    assert created.outputs["tags"] == {"key": Secret("hunter2"), "open": "x"}
    again = provider.read(ACCOUNT, created.id, {**ACCOUNT_INPUTS, "tags": {"key": Secret("hunter2")}}, {})
    assert again.outputs["tags"]["key"] == Secret("hunter2")


@pytest.mark.parametrize(
    ("token", "old", "change", "expected"),
    [
        (ACCOUNT, ACCOUNT_INPUTS, {"location": "northeurope"}, ["location"]),
        (ACCOUNT, ACCOUNT_INPUTS, {"location": "West Europe"}, []),
        (ACCOUNT, ACCOUNT_INPUTS, {"accountName": "other"}, ["accountName"]),
        (ACCOUNT, ACCOUNT_INPUTS, {"isHnsEnabled": True}, ["isHnsEnabled"]),
        (ACCOUNT, ACCOUNT_INPUTS, {"enableHttpsTrafficOnly": False}, []),
        (ACCOUNT, ACCOUNT_INPUTS, {"accountName": UNKNOWN}, ["accountName"]),
        (COMPUTE, COMPUTE_INPUTS, {"workspaceName": "ws2"}, ["workspaceName"]),
        (
            COMPUTE,
            COMPUTE_INPUTS,
            {"properties": {"computeType": "AmlCompute", "properties": {**CLUSTER, "vmSize": "Other"}}},
            ["properties.properties.vmSize"],
        ),
        (
            COMPUTE,
            {**COMPUTE_INPUTS, "properties": {"computeType": "AmlCompute"}},
            {"properties": {"computeType": "AmlCompute", "properties": CLUSTER}},
            ["properties.properties"],
        ),
        (
            COMPUTE,
            COMPUTE_INPUTS,
            {"properties": {"computeType": "AmlCompute", "properties": {**CLUSTER, "scaleSettings": {}}}},
            [],
        ),
    ],
)
def test_replacement(
    provider: Any, token: str, old: dict[str, Any], change: dict[str, Any], expected: list[str]
) -> None:
    difference = provider.diff(token, old, {**old, **change})
    assert [change.dotted for change in difference.changes if change.replaces] == expected


def test_the_old_one_goes_first_where_both_cannot_exist(provider: Any) -> None:
    moved = provider.diff(ACCOUNT, ACCOUNT_INPUTS, {**ACCOUNT_INPUTS, "location": "northeurope"})
    renamed = provider.diff(ACCOUNT, ACCOUNT_INPUTS, {**ACCOUNT_INPUTS, "accountName": "other"})
    other_group = provider.diff(ACCOUNT, ACCOUNT_INPUTS, {**ACCOUNT_INPUTS, "resourceGroupName": "rg2"})
    changed = provider.diff(ACCOUNT, ACCOUNT_INPUTS, {**ACCOUNT_INPUTS, "kind": "BlobStorage"})
    assert moved.delete_before_replace
    assert not renamed.delete_before_replace
    assert other_group.delete_before_replace, "storage account names are unique in all of Azure"
    assert not changed.delete_before_replace


def test_refresh_shows_drift_and_nothing_else(provider: Any, arm: Any) -> None:
    created = provider.create(COMPUTE, COMPUTE_INPUTS)
    stored = arm.resources[COMPUTE_ID.lower()]
    stored["properties"]["description"] = "filled in by Azure at creation"
    before = provider.read(COMPUTE, COMPUTE_ID, COMPUTE_INPUTS, created.outputs)
    stored["properties"]["properties"]["scaleSettings"]["maxNodeCount"] = 99
    after = provider.read(COMPUTE, COMPUTE_ID, COMPUTE_INPUTS, before.outputs)
    scale = {"minNodeCount": 0, "maxNodeCount": 99}
    properties = {"computeType": "AmlCompute", "properties": {**CLUSTER, "scaleSettings": scale}}
    assert after.inputs == {**COMPUTE_INPUTS, "properties": properties}


def test_refresh_notices_what_is_gone(provider: Any) -> None:
    assert provider.read(COMPUTE, COMPUTE_ID, COMPUTE_INPUTS, {}).id == ""


def test_an_id_of_another_type_is_refused(provider: Any) -> None:
    with pytest.raises(
        api.ProviderError, match=r"has the form /subscriptions/\{subscription\}/resourceGroups/"
    ):
        provider.read(ACCOUNT, COMPUTE_ID, {}, {})
    with pytest.raises(api.ProviderError, match=r"is no id of Microsoft\.Authorization/roleAssignments"):
        provider.read(ASSIGNMENT, ACCOUNT_ID, {}, {})


def test_deleting_what_is_gone_is_no_error(provider: Any, arm: Any) -> None:
    provider.delete(ACCOUNT, ACCOUNT_ID)
    assert arm.requests == [("DELETE", ACCOUNT_ID)]


def test_client_config_and_lookups(provider: Any) -> None:
    config = provider.invoke("azure-native:authorization:getClientConfig", {}).result
    assert config == {
        "clientId": "client-id",
        "objectId": "object-id",
        "subscriptionId": SUBSCRIPTION,
        "tenantId": "tenant-id",
    }
    token = provider.invoke("azure-native:authorization:getClientToken", {}).result["token"]
    assert isinstance(token, Secret)
    provider.create(ACCOUNT, ACCOUNT_INPUTS)
    arguments = {"resourceGroupName": "rg1", "accountName": "acct"}
    found = provider.invoke("azure-native:storage:getStorageAccount", arguments).result
    assert (found["id"], found["kind"]) == (ACCOUNT_ID, "StorageV2")


def test_wrong_lookups(provider: Any) -> None:
    wrong = provider.invoke("azure-native:storage:getStorageAccount", {"accountname": "acct"})
    assert [failure.property for failure in wrong.failures] == [
        "resourceGroupName",
        "accountName",
        "accountname",
    ]
    with pytest.raises(api.ProviderError, match='Status=404 Code="ResourceNotFound"'):
        provider.invoke(
            "azure-native:storage:getStorageAccount", {"resourceGroupName": "x", "accountName": "y"}
        )
    with pytest.raises(api.ProviderError, match="listStorageAccountKeys is not part of the sandbox"):
        provider.invoke("azure-native:storage:listStorageAccountKeys", {})

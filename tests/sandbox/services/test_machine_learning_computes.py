"""Clusters and instances of a workspace, read back with azure-ai-ml."""

from __future__ import annotations

from typing import Any

import pytest
from azure.ai.ml import MLClient
from azure.ai.ml.entities import AmlCompute, ComputeInstance
from azure.core.credentials import TokenCredential

from tests.support.arm_requests import LOCATION, ArmRequests, error_of, unique
from tests.support.platform_parts import VERSION, Parts, make_parts, make_workspace, workspace_path

JsonObject = dict[str, Any]


class Computes:
    """Requests about the computes of one workspace."""

    def __init__(self, arm: ArmRequests, parts: Parts, workspace: str, client: MLClient) -> None:
        self.arm, self.parts, self.workspace, self.client = arm, parts, workspace, client

    def path(self, name: str, action: str = "") -> str:
        """Path of a compute, or of an action on it."""
        return workspace_path(self.parts.group, self.workspace, f"/computes/{name}{action}")

    def body(self, kind: str, inner: JsonObject, **outer: Any) -> JsonObject:
        """Request for a compute."""
        properties = {
            "computeType": kind,
            "computeLocation": LOCATION,
            "disableLocalAuth": True,
            "properties": inner,
        }
        return {"location": LOCATION, "properties": {**properties, **outer}}

    def cluster(self, **changes: Any) -> JsonObject:
        """A cluster of zero to four small machines, with changes; None leaves a property out."""
        inner: JsonObject = {
            "vmSize": "Standard_DS3_v2",
            "vmPriority": "Dedicated",
            "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 4, "nodeIdleTimeBeforeScaleDown": "PT15M"},
            "remoteLoginPortPublicAccess": "Disabled",
            **changes,
        }
        return self.body("AmlCompute", {key: value for key, value in inner.items() if value is not None})

    def instance(self, **changes: Any) -> JsonObject:
        """A personal instance that shuts down by itself, with changes."""
        user = {
            "objectId": "00000000-0000-4000-8000-0000000000aa",
            "tenantId": "00000000-0000-4000-8000-00000000000a",
        }
        inner: JsonObject = {
            "vmSize": "Standard_DS3_v2",
            "computeInstanceAuthorizationType": "personal",
            "personalComputeInstanceSettings": {"assignedUser": user},
            "applicationSharingPolicy": "Personal",
            "idleTimeBeforeShutdown": "PT30M",
            **changes,
        }
        return self.body("ComputeInstance", inner)

    def put(self, name: str, body: JsonObject) -> JsonObject:
        """Create or update, and answer what GET shows."""
        return self.arm.done("PUT", self.path(name), VERSION, body)

    def refusal(self, name: str, body: JsonObject) -> tuple[int, str, str]:
        """The refusal of a PUT that must not succeed."""
        answer = self.arm.send("PUT", self.path(name), VERSION, body)
        assert answer.status_code >= 400, answer.text
        return error_of(answer)


@pytest.fixture(scope="module")
def computes(
    arm: ArmRequests, shared_group: str, tenant_id: str, credential: TokenCredential, subscription_id: str
) -> Computes:
    """Computes of a workspace made for this module."""
    parts = make_parts(arm, shared_group, tenant_id)
    name = unique("mlw-")
    make_workspace(arm, parts, name)
    return Computes(arm, parts, name, MLClient(credential, subscription_id, shared_group, name))


def test_what_the_service_writes_of_a_cluster(computes: Computes) -> None:
    found = computes.put(unique("cpu"), computes.cluster())
    properties, inner = found["properties"], found["properties"]["properties"]
    assert (properties["provisioningState"], properties["isAttachedCompute"]) == ("Succeeded", False)
    assert inner["vmSize"] == "STANDARD_DS3_V2"
    assert (inner["osType"], inner["isolatedNetwork"], inner["enableNodePublicIp"]) == ("Linux", False, True)
    assert (inner["allocationState"], inner["currentNodeCount"], inner["targetNodeCount"]) == ("Steady", 0, 0)
    assert sum(inner["nodeStateCounts"].values()) == 0


def test_azure_ai_ml_reads_a_cluster(computes: Computes) -> None:
    name = unique("cpu")
    computes.put(name, computes.cluster())
    found = computes.client.compute.get(name)
    assert isinstance(found, AmlCompute)
    assert (found.type, found.location, found.provisioning_state) == ("amlcompute", LOCATION, "Succeeded")
    assert (found.size, found.tier) == ("STANDARD_DS3_V2", "dedicated")
    assert (found.min_instances, found.max_instances, found.idle_time_before_scale_down) == (0, 4, 900)
    assert found.ssh_public_access_enabled is False
    assert name in [item.name for item in computes.client.compute.list()]


def test_azure_ai_ml_makes_changes_and_deletes_a_cluster(computes: Computes) -> None:
    name = unique("cpu")
    # Not the object that get() gives: azure-ai-ml 1.35 fails on its empty network settings.
    for most in (2, 6):
        wanted = AmlCompute(name=name, size="Standard_DS2_v2", min_instances=0, max_instances=most)
        computes.client.compute.begin_create_or_update(wanted).result()
    changed = computes.client.compute.get(name)
    assert isinstance(changed, AmlCompute)
    assert changed.max_instances == 6
    computes.client.compute.begin_delete(name).wait()
    assert computes.arm.send("GET", computes.path(name), VERSION).status_code == 404


def test_scale_settings_change(computes: Computes) -> None:
    name = unique("cpu")
    computes.put(name, computes.cluster())
    scale = {"minNodeCount": 1, "maxNodeCount": 8, "nodeIdleTimeBeforeScaleDown": "PT5M"}
    inner = computes.put(name, computes.cluster(scaleSettings=scale))["properties"]["properties"]
    assert (inner["scaleSettings"]["maxNodeCount"], inner["currentNodeCount"]) == (8, 1)
    assert len(computes.arm.send("POST", computes.path(name, "/listNodes"), VERSION).json()["nodes"]) == 1
    patch = {"properties": {"properties": {"scaleSettings": {"minNodeCount": 0, "maxNodeCount": 3}}}}
    patched = computes.arm.done("PATCH", computes.path(name), VERSION, patch)
    assert patched["properties"]["properties"]["scaleSettings"]["maxNodeCount"] == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("vmSize", "Standard_DS2_v2"),
        ("vmPriority", "LowPriority"),
        ("enableNodePublicIp", False),
        ("remoteLoginPortPublicAccess", "Enabled"),
    ],
)
def test_what_a_cluster_cannot_change(computes: Computes, name: str, value: Any) -> None:
    cluster = unique("cpu")
    computes.put(cluster, computes.cluster())
    status, code, message = computes.refusal(cluster, computes.cluster(**{name: value}))
    assert (status, code) == (400, "UserError")
    assert name in message


def test_the_same_request_again_is_no_change(computes: Computes) -> None:
    name = unique("cpu")
    before = computes.put(name, computes.cluster())["properties"]
    after = computes.put(name, computes.cluster())["properties"]
    assert before["createdOn"] == after["createdOn"]
    assert before["properties"] == after["properties"]


def test_tags_and_identities_are_replaced_and_not_added_to(computes: Computes, arm: ArmRequests) -> None:
    name = unique("cpu")
    path = f"{computes.parts.identity.rsplit('/', 1)[0]}/{unique('id-')}"
    other = arm.done("PUT", path, "2023-01-31", {"location": LOCATION})["id"]
    both = {"type": "UserAssigned", "userAssignedIdentities": {computes.parts.identity: {}, other: {}}}
    one = {"type": "UserAssigned", "userAssignedIdentities": {other: {}}}
    computes.put(name, computes.cluster() | {"identity": both, "tags": {"a": "1", "b": "2"}})
    found = computes.put(name, computes.cluster() | {"identity": one, "tags": {"b": "3"}})
    assert found["tags"] == {"b": "3"}
    assert list(found["identity"]["userAssignedIdentities"]) == [other]


def test_both_node_counts_are_required(computes: Computes) -> None:
    code, message = computes.refusal(unique("cpu"), computes.cluster(scaleSettings={"maxNodeCount": 1}))[1:]
    assert code == "UserError"
    assert (
        message
        == "ScaleSettings.MaxNodeCount and ScaleSettings.MinNodeCount must be specified for create compute."
    )


def test_the_minimum_is_not_above_the_maximum(computes: Computes) -> None:
    scale = {"minNodeCount": 3, "maxNodeCount": 2, "nodeIdleTimeBeforeScaleDown": "PT2M"}
    assert "must not be greater" in computes.refusal(unique("cpu"), computes.cluster(scaleSettings=scale))[2]


def test_an_unknown_size_is_refused(computes: Computes) -> None:
    answer = computes.arm.send(
        "PUT", computes.path(unique("cpu")), VERSION, computes.cluster(vmSize="Standard_Imaginary_v9")
    )
    assert answer.json()["error"]["details"][0]["code"] == "InvalidPropertyValue"
    assert "is not a supported VM size. Supported VM sizes: " in answer.json()["error"]["message"]


def test_a_family_without_quota_is_refused(computes: Computes) -> None:
    body = computes.cluster(vmSize="Standard_ND96isr_H100_v5")
    status, code, message = computes.refusal(unique("gpu"), body)
    assert (status, code) == (400, "BadRequest")
    assert "Standard NDSH100v5 family vCPU quota of 0 and cannot accomodate" in message


def test_nodes_that_must_run_need_quota(computes: Computes) -> None:
    scale = {"minNodeCount": 30, "maxNodeCount": 40, "nodeIdleTimeBeforeScaleDown": "PT2M"}
    body = computes.cluster(vmSize="Standard_F4s_v2", scaleSettings=scale)
    assert "is less than the requested" in computes.refusal(unique("cpu"), body)[2]
    allowed = {**scale, "minNodeCount": 0}
    assert computes.put(unique("cpu"), computes.cluster(vmSize="Standard_F4s_v2", scaleSettings=allowed))


@pytest.mark.parametrize("name", ["x", "1digit", "ends-", "under_score", "a" * 33])
def test_a_wrong_cluster_name_is_refused(computes: Computes, name: str) -> None:
    assert computes.refusal(name, computes.cluster())[0] == 400


@pytest.mark.parametrize("name", ["ab", "ends-in-1", "a" * 25])
def test_a_wrong_instance_name_is_refused(computes: Computes, name: str) -> None:
    message = computes.refusal(name, computes.instance())[2]
    assert message.startswith("A name for an Azure ML Compute Instance must be between 3 and 24 characters")


def test_what_the_service_writes_of_an_instance(computes: Computes) -> None:
    name = unique("ci")
    stop = {
        "action": "Stop",
        "triggerType": "Cron",
        "cron": {"expression": "0 19 * * 1-5", "timeZone": "UTC"},
    }
    found = computes.put(name, computes.instance(schedules={"computeStartStop": [stop]}))
    inner = found["properties"]["properties"]
    assert (inner["state"], inner["vmSize"]) == ("Running", "STANDARD_DS3_V2")
    assert inner["applications"][0]["endpointUri"] == f"https://{name}.{LOCATION}.instances.azureml.ms/tree/"
    assert inner["lastOperation"]["operationName"] == "Create"
    assert inner["schedules"]["computeStartStop"][0]["provisioningStatus"] == "Completed"
    assert len(inner["createdBy"]["userId"]) == 36


def test_azure_ai_ml_reads_an_instance(computes: Computes) -> None:
    name = unique("ci")
    computes.put(name, computes.instance())
    found = computes.client.compute.get(name)
    assert isinstance(found, ComputeInstance)
    assert (found.state, found.size) == ("Running", "STANDARD_DS3_V2")
    assert found.idle_time_before_shutdown == "PT30M"
    assert found.ssh_public_access_enabled is False


def test_an_instance_name_is_unique_in_its_region(
    computes: Computes, arm: ArmRequests, credential: TokenCredential, subscription_id: str
) -> None:
    name, other = unique("ci"), unique("mlw-")
    computes.put(name, computes.instance())
    make_workspace(arm, computes.parts, other)
    elsewhere = Computes(arm, computes.parts, other, computes.client)
    message = elsewhere.refusal(name, computes.instance())[2]
    assert message.startswith("Compute with this name already exists.")


def test_a_put_on_an_instance_ignores_idle_time_and_schedules(computes: Computes) -> None:
    name = unique("ci")
    computes.put(name, computes.instance())
    after = computes.put(name, computes.instance(idleTimeBeforeShutdown="PT2H"))
    assert after["properties"]["properties"]["idleTimeBeforeShutdown"] == "PT30M"
    changed = {"idleTimeBeforeShutdown": "PT2H"}
    answer = computes.arm.send("POST", computes.path(name, "/updateIdleShutdownSetting"), VERSION, changed)
    assert answer.status_code == 200
    shown = computes.arm.send("GET", computes.path(name), VERSION).json()
    assert shown["properties"]["properties"]["idleTimeBeforeShutdown"] == "PT2H"


@pytest.mark.parametrize("idle", ["PT14M", "P4D", "half an hour"])
def test_idle_time_has_limits(computes: Computes, idle: str) -> None:
    assert (
        "idleTimeBeforeShutdown"
        in computes.refusal(unique("ci"), computes.instance(idleTimeBeforeShutdown=idle))[2]
    )


def test_an_instance_stops_and_starts(computes: Computes) -> None:
    name = unique("ci")
    computes.put(name, computes.instance())
    for action, state in (("stop", "Stopped"), ("start", "Running"), ("restart", "Running")):
        getattr(computes.client.compute, f"begin_{action}")(name).wait()
        found = computes.client.compute.get(name)
        assert isinstance(found, ComputeInstance)
        assert found.state == state
    found_last = computes.arm.send("GET", computes.path(name), VERSION).json()["properties"]["properties"]
    assert found_last["lastOperation"]["operationName"] == "Restart"


def test_a_cluster_does_not_stop(computes: Computes) -> None:
    name = unique("cpu")
    computes.put(name, computes.cluster())
    assert computes.arm.send("POST", computes.path(name, "/stop"), VERSION).status_code == 400


def test_the_first_compute_provisions_the_network(computes: Computes, arm: ArmRequests) -> None:
    workspace = unique("mlw-")
    make_workspace(arm, computes.parts, workspace, managedNetwork={"isolationMode": "AllowInternetOutbound"})
    path = workspace_path(computes.parts.group, workspace)
    assert (
        arm.send("GET", path, VERSION).json()["properties"]["managedNetwork"]["status"]["status"]
        == "Inactive"
    )
    arm.done("PUT", f"{path}/computes/{unique('cpu')}", VERSION, computes.cluster())
    assert (
        arm.send("GET", path, VERSION).json()["properties"]["managedNetwork"]["status"]["status"] == "Active"
    )


def test_no_subnet_beside_a_managed_network(computes: Computes, arm: ArmRequests) -> None:
    workspace = unique("mlw-")
    make_workspace(arm, computes.parts, workspace, managedNetwork={"isolationMode": "AllowInternetOutbound"})
    group_id = computes.parts.storage.split("/providers/")[0]
    subnet = {"id": f"{group_id}/providers/Microsoft.Network/virtualNetworks/v/subnets/s"}
    path = workspace_path(computes.parts.group, workspace, f"/computes/{unique('cpu')}")
    answer = arm.send("PUT", path, VERSION, computes.cluster(subnet=subnet))
    assert answer.status_code == 400
    assert "managed network is AllowInternetOutbound" in answer.text


def test_computes_are_gone_with_a_soft_deleted_workspace(computes: Computes, arm: ArmRequests) -> None:
    workspace, cluster = unique("mlw-"), unique("cpu")
    make_workspace(arm, computes.parts, workspace)
    path = workspace_path(computes.parts.group, workspace)
    arm.done("PUT", f"{path}/computes/{cluster}", VERSION, computes.cluster())
    arm.done("DELETE", path, VERSION)
    assert arm.send("GET", f"{path}/computes/{cluster}", VERSION).status_code == 404

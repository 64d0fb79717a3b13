"""Clusters and instances: no local accounts, no SSH, and nothing that runs for ever."""

from __future__ import annotations

from typing import Any

from tests.support.recorded_stack import Recorded, RecordedStack, Settings, record

COMPUTE = "azure-native:machinelearningservices:Compute"


def compute(stack: RecordedStack, name: str) -> Recorded:
    return next(each for each in stack.of(COMPUTE) if each.name == f"{name}-compute")


def properties(recorded: Recorded) -> dict[str, Any]:
    inner: dict[str, Any] = recorded.inputs["properties"]["properties"]
    return inner


def test_no_compute_has_local_accounts_or_ssh(stack: RecordedStack) -> None:
    for recorded in stack.of(COMPUTE):
        assert recorded.inputs["properties"]["disableLocalAuth"] is True
        if recorded.inputs["properties"]["computeType"] == "AmlCompute":
            assert properties(recorded)["remoteLoginPortPublicAccess"] == "Disabled"
        else:
            assert properties(recorded)["sshSettings"] == {"sshPublicAccess": "Disabled"}


def test_no_node_has_a_public_address_in_a_managed_network(stack: RecordedStack) -> None:
    assert [properties(recorded)["enableNodePublicIp"] for recorded in stack.of(COMPUTE)].count(True) == 0


def test_nodes_without_a_managed_network_need_public_addresses(dev_settings: Settings) -> None:
    dev_settings["network"]["isolationMode"] = "Disabled"
    stack = record("dev", dev_settings)

    assert all(properties(recorded)["enableNodePublicIp"] for recorded in stack.of(COMPUTE))


def test_a_cluster_scales_as_the_stack_says(dev: RecordedStack) -> None:
    cluster = compute(dev, "cpu-cluster")

    assert cluster.inputs["computeName"] == "cpu-cluster"
    assert cluster.inputs["properties"]["computeType"] == "AmlCompute"
    assert properties(cluster)["vmSize"] == "Standard_DS3_v2"
    assert properties(cluster)["vmPriority"] == "LowPriority"
    assert properties(cluster)["scaleSettings"] == {
        "minNodeCount": 0,
        "maxNodeCount": 2,
        "nodeIdleTimeBeforeScaleDown": "PT5M",
    }


def test_prod_runs_on_dedicated_nodes(prod: RecordedStack) -> None:
    assert {properties(recorded)["vmPriority"] for recorded in prod.of(COMPUTE)} == {"Dedicated"}


def test_clusters_act_with_the_compute_identity(stack: RecordedStack) -> None:
    identity = next(
        each.urn
        for each in stack.of("azure-native:managedidentity:UserAssignedIdentity")
        if each.name == "compute-identity-identity"
    )

    assert identity in compute(stack, "cpu-cluster").property_dependencies["identity"]


def test_only_the_builder_acts_with_the_identity_that_may_push_images(prod: RecordedStack) -> None:
    identity = next(
        each.urn
        for each in prod.of("azure-native:managedidentity:UserAssignedIdentity")
        if each.name == "image-build-identity-identity"
    )
    users = [each.name for each in prod.of(COMPUTE) if identity in each.property_dependencies["identity"]]

    assert users == ["image-build-compute"]


def test_an_instance_is_one_persons_and_stops_when_idle(dev: RecordedStack) -> None:
    instance = compute(dev, "ada")

    assert instance.inputs["computeName"] == f"ada-{dev.exports['storageAccountName'][-6:]}"
    assert instance.inputs["properties"]["computeType"] == "ComputeInstance"
    assert properties(instance)["computeInstanceAuthorizationType"] == "personal"
    assert properties(instance)["applicationSharingPolicy"] == "Personal"
    assert properties(instance)["personalComputeInstanceSettings"] == {
        "assignedUser": {
            "objectId": "5b0c7a52-93d4-4e0f-9a1e-2f6d8c4b7a10",
            "tenantId": dev.exports["tenantId"],
        }
    }
    assert properties(instance)["idleTimeBeforeShutdown"] == "PT30M"
    assert properties(instance)["schedules"] == {
        "computeStartStop": [
            {
                "action": "Stop",
                "triggerType": "Cron",
                "status": "Enabled",
                "cron": {"expression": "0 19 * * 1-5", "timeZone": "W. Europe Standard Time"},
            }
        ]
    }
    assert "identity" not in instance.inputs


def test_changes_that_azure_ignores_make_a_new_instance(dev: RecordedStack) -> None:
    assert compute(dev, "ada").replace_on_changes == (
        "properties.properties.idleTimeBeforeShutdown",
        "properties.properties.schedules",
    )


def test_an_instance_needs_no_schedule(dev_settings: Settings) -> None:
    del dev_settings["compute"]["instances"]["ada"]["schedules"]

    assert "schedules" not in properties(compute(record("dev", dev_settings), "ada"))


def test_people_have_workstations_in_dev_only(staging: RecordedStack, prod: RecordedStack) -> None:
    for stack in (staging, prod):
        assert {each.inputs["properties"]["computeType"] for each in stack.of(COMPUTE)} == {"AmlCompute"}
        assert stack.exports["computeInstanceNames"] == []


def test_compute_waits_for_the_workspace_and_its_own_identity_only(stack: RecordedStack) -> None:
    for recorded in stack.of(COMPUTE):
        types = {stack.by_urn(urn).type for urn in recorded.dependencies}

        assert types <= {
            "azure-native:machinelearningservices:Workspace",
            "azure-native:resources:ResourceGroup",
            "azure-native:managedidentity:UserAssignedIdentity",
        }


def test_a_platform_may_have_no_compute_at_all(dev_settings: Settings) -> None:
    del dev_settings["compute"]
    stack = record("dev", dev_settings)

    assert stack.of(COMPUTE) == []
    assert stack.exports["computeClusterNames"] == []

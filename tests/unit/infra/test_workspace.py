"""The workspace: its identity, its associated resources, and its managed network."""

from __future__ import annotations

from tests.support.recorded_stack import RecordedStack, Settings, record

WORKSPACE = "azure-native:machinelearningservices:Workspace"
IDENTITY = "azure-native:managedidentity:UserAssignedIdentity"


def identity(stack: RecordedStack, name: str) -> str:
    return next(each.urn for each in stack.of(IDENTITY) if each.name == f"{name}-identity-identity")


def test_the_workspace_acts_with_an_identity_of_ours_from_the_first_day(stack: RecordedStack) -> None:
    workspace = stack[WORKSPACE]

    assert workspace.inputs["identity"]["type"] == "UserAssigned"
    assert workspace.inputs["identity"]["userAssignedIdentities"] == [
        workspace.inputs["primaryUserAssignedIdentity"]
    ]
    assert identity(stack, "workspace") in workspace.property_dependencies["primaryUserAssignedIdentity"]


def test_system_datastores_work_without_keys(stack: RecordedStack) -> None:
    assert stack[WORKSPACE].inputs["systemDatastoresAuthMode"] == "Identity"


def test_the_workspace_is_wired_to_the_platforms_own_resources(stack: RecordedStack) -> None:
    sources = stack[WORKSPACE].property_dependencies

    assert stack["azure-native:storage:StorageAccount"].urn in sources["storageAccount"]
    assert stack["azure-native:keyvault:Vault"].urn in sources["keyVault"]
    assert stack["azure-native:applicationinsights:Component"].urn in sources["applicationInsights"]
    assert stack["azure-native:containerregistry:Registry"].urn in sources["containerRegistry"]


def test_the_old_network_mode_is_off(stack: RecordedStack) -> None:
    assert stack[WORKSPACE].inputs["v1LegacyMode"] is False
    assert "allowPublicAccessWhenBehindVnet" not in stack[WORKSPACE].inputs


def test_dev_is_public_and_may_reach_the_internet(dev: RecordedStack) -> None:
    inputs = dev[WORKSPACE].inputs

    assert inputs["publicNetworkAccess"] == "Enabled"
    assert inputs["managedNetwork"]["isolationMode"] == "AllowInternetOutbound"
    assert "outboundRules" not in inputs["managedNetwork"]
    assert "firewallSku" not in inputs["managedNetwork"]
    assert "imageBuildCompute" not in inputs


def test_prod_is_private_and_reaches_what_is_approved(prod: RecordedStack) -> None:
    inputs = prod[WORKSPACE].inputs

    assert inputs["publicNetworkAccess"] == "Disabled"
    assert inputs["managedNetwork"]["isolationMode"] == "AllowOnlyApprovedOutbound"
    assert inputs["managedNetwork"]["firewallSku"] == "Standard"
    assert inputs["managedNetwork"]["outboundRules"]["packages"] == {
        "type": "FQDN",
        "category": "UserDefined",
        "destination": "packages.contoso.com",
    }
    assert inputs["imageBuildCompute"] == "image-build"
    assert inputs["hbiWorkspace"] is True


def test_every_kind_of_outbound_rule_is_sent_in_azures_shape(prod_settings: Settings) -> None:
    storage = (
        "/subscriptions/3f2b8c1e-5d47-4a90-8e6b-0c9d1f2a3b4c/resourceGroups/rg-data/providers"
        "/Microsoft.Storage/storageAccounts/stdata"
    )
    prod_settings["network"]["outboundRules"] = {
        "monitor": {"type": "ServiceTag", "serviceTag": "AzureMonitor"},
        "data": {"type": "PrivateEndpoint", "serviceResourceId": storage, "subresourceTarget": "blob"},
    }
    del prod_settings["network"]["firewallSku"]
    network = record("prod", prod_settings)[WORKSPACE].inputs["managedNetwork"]

    assert network["outboundRules"] == {
        "monitor": {
            "type": "ServiceTag",
            "category": "UserDefined",
            "destination": {"serviceTag": "AzureMonitor", "protocol": "TCP", "portRanges": "443"},
        },
        "data": {
            "type": "PrivateEndpoint",
            "category": "UserDefined",
            "destination": {
                "serviceResourceId": storage,
                "subresourceTarget": "blob",
                "sparkEnabled": False,
            },
        },
    }


def test_a_managed_network_is_built_with_the_workspace(stack: RecordedStack) -> None:
    assert stack[WORKSPACE].inputs["provisionNetworkNow"] is True


def test_a_network_can_wait_for_the_first_compute(dev_settings: Settings) -> None:
    dev_settings["network"]["provisionNetworkNow"] = False

    assert record("dev", dev_settings)[WORKSPACE].inputs["provisionNetworkNow"] is False


def test_nothing_is_built_without_a_managed_network(dev_settings: Settings) -> None:
    dev_settings["network"]["isolationMode"] = "Disabled"

    assert "provisionNetworkNow" not in record("dev", dev_settings)[WORKSPACE].inputs


def test_the_workspace_waits_for_its_identitys_roles(stack: RecordedStack) -> None:
    """Azure uses the identity while it creates the workspace."""
    before = stack[WORKSPACE].dependencies
    roles = stack.of("azure-native:authorization:RoleAssignment")
    own = {each.urn for each in roles if each.name.startswith("workspace-access-")}

    assert own
    assert own <= before


def test_the_workspace_waits_for_nobody_elses_roles(stack: RecordedStack) -> None:
    """A false dependency makes `up` longer than it has to be."""
    before = stack.ancestors(stack[WORKSPACE].urn)
    others = {
        each.urn
        for each in stack.of("azure-native:authorization:RoleAssignment")
        if not each.name.startswith("workspace-access-")
    }

    assert not others & before


def test_the_creation_may_take_as_long_as_a_managed_network_takes(stack: RecordedStack) -> None:
    assert stack[WORKSPACE].create_timeout == "60m"


def test_the_studio_url_opens_this_workspace(stack: RecordedStack) -> None:
    exports = stack.exports

    assert exports["studioUrl"] == (
        f"https://ml.azure.com/?wsid={exports['workspaceId']}&tid={exports['tenantId']}"
    )

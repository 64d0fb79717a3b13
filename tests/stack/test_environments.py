"""Dev, staging and prod as they stand in the repository: read back with Azure's own SDKs.

What is expected follows from the stack files and from the promises of the documentation,
not from the program's code.
"""

from __future__ import annotations

import pytest

from tests.support.deployed import Deployed

pytestmark = pytest.mark.slow


def test_a_second_up_changes_nothing(deployed: Deployed) -> None:
    counts = deployed.stack.up()

    assert set(counts) == {"same"}, counts


def test_preview_and_refresh_see_no_difference(deployed: Deployed) -> None:
    assert deployed.stack.preview().changes() == {}
    assert set(deployed.stack.refresh()) == {"same"}


def test_everything_is_in_one_tagged_resource_group(deployed: Deployed) -> None:
    group = deployed.clients.resources.resource_groups.get(deployed.group)

    assert group.location == deployed.settings["location"]
    assert group.tags is not None
    assert group.tags["environment"] == deployed.environment
    assert group.tags["owner"] == deployed.settings["tags"]["owner"]
    assert group.tags["managed-by"] == "pulumi"
    untagged = [
        resource.name
        for resource in deployed.clients.resources.resources.list_by_resource_group(deployed.group)
        if (resource.tags or {}).get("environment") != deployed.environment
    ]
    assert untagged == []


def test_storage_takes_identities_only(deployed: Deployed) -> None:
    account = deployed.clients.storage.storage_accounts.get_properties(
        deployed.group, deployed.outputs["storageAccountName"]
    )

    assert account.allow_shared_key_access is False
    assert account.allow_blob_public_access is False
    assert account.minimum_tls_version == "TLS1_2"
    assert account.enable_https_traffic_only is True
    assert account.allow_cross_tenant_replication is False
    assert account.kind == "StorageV2"
    assert account.primary_endpoints.blob == deployed.outputs["blobEndpoint"]
    assert account.public_network_access == ("Enabled" if deployed.is_dev else "Disabled")
    assert account.network_rule_set.bypass == "AzureServices"


def test_deleted_blobs_can_be_restored(deployed: Deployed) -> None:
    blobs = deployed.clients.storage.blob_services.get_service_properties(
        deployed.group, deployed.outputs["storageAccountName"]
    )
    storage = deployed.settings["storage"]

    assert blobs.delete_retention_policy.enabled is True
    assert blobs.delete_retention_policy.days == storage["blobRetentionInDays"]
    assert blobs.container_delete_retention_policy.enabled is True
    assert blobs.container_delete_retention_policy.days == storage["containerRetentionInDays"]


def test_key_vault_authorizes_by_roles_and_is_protected_from_purging(deployed: Deployed) -> None:
    vault = deployed.clients.key_vault.vaults.get(deployed.group, deployed.outputs["keyVaultName"])

    assert vault.properties.enable_rbac_authorization is True
    assert vault.properties.enable_soft_delete is True
    assert vault.properties.tenant_id == deployed.outputs["tenantId"]
    assert vault.properties.vault_uri == deployed.outputs["keyVaultUri"]
    assert (vault.properties.enable_purge_protection or False) is (not deployed.is_dev)
    assert vault.properties.public_network_access == ("Enabled" if deployed.is_dev else "Disabled")
    assert not vault.properties.access_policies


def test_the_registry_has_no_admin_user(deployed: Deployed) -> None:
    registry = deployed.clients.registry.registries.get(
        deployed.group, deployed.outputs["containerRegistryName"]
    )

    assert registry.admin_user_enabled is False
    assert registry.anonymous_pull_enabled is False
    assert registry.login_server == deployed.outputs["containerRegistryLoginServer"]
    assert registry.sku.name == ("Standard" if deployed.is_dev else "Premium")
    assert registry.public_network_access == ("Enabled" if deployed.is_dev else "Disabled")


def test_application_insights_writes_to_the_log_analytics_workspace(deployed: Deployed) -> None:
    component = deployed.clients.insights.components.get(
        deployed.group, deployed.outputs["applicationInsightsId"].rsplit("/", 1)[-1]
    )
    log_id = deployed.outputs["logAnalyticsWorkspaceId"]
    logs = deployed.clients.log_analytics.workspaces.get(deployed.group, log_id.rsplit("/", 1)[-1])

    assert component.workspace_resource_id.lower() == log_id.lower()
    assert component.ingestion_mode == "LogAnalytics"
    assert component.disable_local_auth is True
    assert logs.properties is not None
    assert logs.properties.retention_in_days == deployed.settings["logAnalytics"]["retentionInDays"]


def test_the_workspace_is_wired_to_its_dependencies(deployed: Deployed) -> None:
    outputs = deployed.outputs
    client = deployed.clients.machine_learning(deployed.group, outputs["workspaceName"])
    workspace = client.workspaces.get(outputs["workspaceName"])

    assert workspace.id.lower() == outputs["workspaceId"].lower()
    assert workspace.display_name == deployed.settings["workspace"]["friendlyName"]
    assert workspace.storage_account.lower() == outputs["storageAccountId"].lower()
    assert workspace.key_vault.lower() == outputs["keyVaultId"].lower()
    assert workspace.container_registry.lower() == outputs["containerRegistryId"].lower()
    assert workspace.application_insights.lower() == outputs["applicationInsightsId"].lower()
    assert workspace.primary_user_assigned_identity.lower() == outputs["workspaceIdentityId"].lower()
    assert workspace.system_datastores_auth_mode.lower() == "identity"
    assert workspace.public_network_access == ("Enabled" if deployed.is_dev else "Disabled")
    assert workspace.managed_network.isolation_mode.replace("_", "").lower() == (
        "allowinternetoutbound" if deployed.is_dev else "allowonlyapprovedoutbound"
    )
    assert (
        outputs["studioUrl"]
        == f"https://ml.azure.com/?wsid={outputs['workspaceId']}&tid={outputs['tenantId']}"
    )


def test_the_default_datastore_needs_no_key(deployed: Deployed) -> None:
    client = deployed.clients.machine_learning(deployed.group, deployed.outputs["workspaceName"])
    datastore = client.datastores.get_default()

    assert datastore.name == "workspaceblobstore"
    assert datastore.account_name == deployed.outputs["storageAccountName"]
    assert (
        datastore.credentials is None or type(datastore.credentials).__name__ == "NoneCredentialConfiguration"
    )


def test_clusters_are_as_the_stack_file_says(deployed: Deployed) -> None:
    client = deployed.clients.machine_learning(deployed.group, deployed.outputs["workspaceName"])
    clusters = deployed.settings["compute"]["clusters"]

    assert sorted(deployed.outputs["computeClusterNames"]) == sorted(clusters)
    for name, wanted in clusters.items():
        cluster = client.compute.get(name)
        assert cluster.size.lower() == wanted["vmSize"].lower()
        assert cluster.min_instances == wanted.get("minNodeCount", 0)
        assert cluster.max_instances == wanted["maxNodeCount"]
        assert cluster.tier.lower() == {"LowPriority": "low_priority"}.get(
            wanted.get("vmPriority"), "dedicated"
        )
        assert cluster.ssh_public_access_enabled is False
        assert cluster.identity.type.lower().replace("_", "") == "userassigned"


def test_instances_shut_down_when_idle_and_belong_to_one_person(deployed: Deployed) -> None:
    client = deployed.clients.machine_learning(deployed.group, deployed.outputs["workspaceName"])
    instances = deployed.settings["compute"].get("instances", {})
    by_key = {name.rsplit("-", 1)[0]: name for name in deployed.outputs["computeInstanceNames"]}

    assert sorted(by_key) == sorted(instances)
    for key, wanted in instances.items():
        instance = client.compute.get(by_key[key])
        assert instance.size.lower() == wanted["vmSize"].lower()
        assert instance.idle_time_before_shutdown == wanted["idleTimeBeforeShutdown"]
        assert instance.create_on_behalf_of.user_object_id == wanted["assignedUser"]
        assert instance.ssh_public_access_enabled is False
        assert len(instance.schedules.compute_start_stop) == len(wanted["schedules"])


@pytest.mark.parametrize(
    ("output", "scope", "roles"),
    [
        (
            "workspaceIdentityPrincipalId",
            "storageAccountId",
            {"Contributor", "Storage Blob Data Contributor"},
        ),
        ("workspaceIdentityPrincipalId", "keyVaultId", {"Contributor", "Key Vault Administrator"}),
        ("workspaceIdentityPrincipalId", "containerRegistryId", {"Contributor"}),
        ("computeIdentityPrincipalId", "storageAccountId", {"Storage Blob Data Contributor"}),
        ("computeIdentityPrincipalId", "containerRegistryId", {"AcrPull"}),
    ],
)
def test_identities_hold_the_roles_they_need(
    deployed: Deployed, output: str, scope: str, roles: set[str]
) -> None:
    assert deployed.role_names(deployed.outputs[scope], deployed.outputs[output]) == roles


def test_people_get_roles_through_groups(deployed: Deployed) -> None:
    group_id = f"/subscriptions/{deployed.outputs['subscriptionId']}/resourceGroups/{deployed.group}"
    for persona, role in (("contributor", "Contributor"), ("reader", "Reader"), ("owner", "Owner")):
        for grantee in deployed.settings["access"].get(persona, []):
            assert deployed.role_names(group_id, grantee["objectId"]) == {role}
    for persona, role in (
        ("dataScientist", "AzureML Data Scientist"),
        ("computeOperator", "AzureML Compute Operator"),
    ):
        for grantee in deployed.settings["access"].get(persona, []):
            assert role in deployed.role_names(deployed.outputs["workspaceId"], grantee["objectId"])


def test_assets_are_as_the_stack_file_says(deployed: Deployed) -> None:
    """Everything is registered under the name and version of the outputs, with the overrides in it."""
    client = deployed.clients.machine_learning(deployed.group, deployed.outputs["workspaceName"])
    registered = {
        file.removeprefix("ml_assets/assets/"): reference.split(":")[1:]
        for file, reference in deployed.outputs["assets"].items()
    }

    environment = client.environments.get(*registered["environments/training-sklearn.yml"])
    assert environment.conda_file["dependencies"]
    assert client.data.get(*registered["data/churn-history.yml"]).type == "uri_folder"
    assert client.connections.get(*registered["connections/crm.yml"]).type == "azure_sql_db"
    lake = client.datastores.get(*registered["datastores/product-lake.yml"])
    if not deployed.is_dev:
        assert "components/prep/component.yml" not in registered
        assert lake.account_name == f"contosolake{deployed.environment}"
        return
    assert lake.account_name == deployed.outputs["storageAccountName"]
    assert client.components.get(*registered["components/prep/component.yml"]).code
    assert client.online_deployments.get("blue", "contoso-churn-dev").instance_count == 1
    schedules = [client.schedules.get(*name) for file, name in registered.items() if "schedules/" in file]
    assert [schedule.is_enabled for schedule in schedules] == [False, False, False]


def test_no_output_and_no_state_holds_a_key(deployed: Deployed) -> None:
    state = deployed.stack.pulumi("stack export").stdout

    for word in ("AccountKey=", "primarySharedKey", "SharedAccessSignature", "sasToken"):
        assert word not in state

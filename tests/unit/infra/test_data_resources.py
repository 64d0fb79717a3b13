"""Storage, key vault, registry, logs: closed to keys and to strangers, and as durable as the stack says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.recorded_stack import RecordedStack, Settings, record

ACCOUNT = "azure-native:storage:StorageAccount"
VAULT = "azure-native:keyvault:Vault"
REGISTRY = "azure-native:containerregistry:Registry"
LOGS = "azure-native:operationalinsights:Workspace"
INSIGHTS = "azure-native:applicationinsights:Component"
LOCK = "azure-native:authorization:ManagementLockByScope"


def test_storage_takes_no_keys_and_no_strangers(stack: RecordedStack) -> None:
    inputs = stack[ACCOUNT].inputs

    assert inputs["allowSharedKeyAccess"] is False
    assert inputs["defaultToOAuthAuthentication"] is True
    assert inputs["allowBlobPublicAccess"] is False
    assert inputs["allowCrossTenantReplication"] is False
    assert inputs["isSftpEnabled"] is False
    assert inputs["isLocalUserEnabled"] is False


def test_storage_speaks_tls_1_2_only(stack: RecordedStack) -> None:
    inputs = stack[ACCOUNT].inputs

    assert inputs["enableHttpsTrafficOnly"] is True
    assert inputs["minimumTlsVersion"] == "TLS1_2"


def test_long_lived_sas_are_logged(stack: RecordedStack) -> None:
    assert stack[ACCOUNT].inputs["sasPolicy"] == {
        "expirationAction": "Log",
        "sasExpirationPeriod": "01.00:00:00",
    }


def test_default_storage_has_no_hierarchical_namespace(stack: RecordedStack) -> None:
    """Azure Machine Learning refuses such an account as a workspace's default storage."""
    assert stack[ACCOUNT].inputs["isHnsEnabled"] is False


@pytest.mark.parametrize("run", ["staging", "prod"])
def test_a_private_platform_has_no_public_endpoint_of_data(run: str, request: pytest.FixtureRequest) -> None:
    stack: RecordedStack = request.getfixturevalue(run)

    assert stack[ACCOUNT].inputs["publicNetworkAccess"] == "Disabled"
    assert stack[ACCOUNT].inputs["networkRuleSet"] == {
        "bypass": "AzureServices",
        "defaultAction": "Deny",
        "ipRules": [],
    }
    assert stack[VAULT].inputs["properties"]["publicNetworkAccess"] == "Disabled"
    assert stack[VAULT].inputs["properties"]["networkAcls"]["defaultAction"] == "Deny"
    assert stack[REGISTRY].inputs["publicNetworkAccess"] == "Disabled"
    assert stack[REGISTRY].inputs["sku"] == {"name": "Premium"}


def test_ip_ranges_reach_storage_key_vault_and_registry(dev_settings: Settings) -> None:
    dev_settings["network"]["allowedIpRanges"] = ["198.51.100.0/24"]
    dev_settings["containerRegistry"] = {"sku": "Premium"}
    stack = record("dev", dev_settings)

    assert stack[ACCOUNT].inputs["networkRuleSet"] == {
        "bypass": "AzureServices",
        "defaultAction": "Deny",
        "ipRules": [{"iPAddressOrRange": "198.51.100.0/24", "action": "Allow"}],
    }
    assert stack[VAULT].inputs["properties"]["networkAcls"] == {
        "bypass": "AzureServices",
        "defaultAction": "Deny",
        "ipRules": [{"value": "198.51.100.0/24"}],
    }
    assert stack[REGISTRY].inputs["networkRuleSet"] == {
        "defaultAction": "Deny",
        "ipRules": [{"iPAddressOrRange": "198.51.100.0/24", "action": "Allow"}],
    }


def test_dev_is_open_and_sends_no_rules_to_a_registry_that_has_none(dev: RecordedStack) -> None:
    assert dev[ACCOUNT].inputs["networkRuleSet"]["defaultAction"] == "Allow"
    assert "networkRuleSet" not in dev[REGISTRY].inputs


@pytest.mark.parametrize(
    ("run", "days", "versioning"), [("dev", 7, False), ("staging", 14, True), ("prod", 90, True)]
)
def test_deleted_data_can_be_restored_for_as_long_as_the_stack_says(
    run: str, days: int, versioning: bool, request: pytest.FixtureRequest
) -> None:
    stack: RecordedStack = request.getfixturevalue(run)
    blobs = stack["azure-native:storage:BlobServiceProperties"].inputs
    files = stack["azure-native:storage:FileServiceProperties"].inputs

    assert blobs["deleteRetentionPolicy"] == {"enabled": True, "days": days}
    assert blobs["containerDeleteRetentionPolicy"] == {"enabled": True, "days": days}
    assert blobs["isVersioningEnabled"] is versioning
    assert files["shareDeleteRetentionPolicy"] == {"enabled": True, "days": days}
    assert blobs["blobServicesName"] == files["fileServicesName"] == "default"


def test_the_vault_is_governed_by_roles(stack: RecordedStack) -> None:
    properties = stack[VAULT].inputs["properties"]

    assert properties["enableRbacAuthorization"] is True
    assert "accessPolicies" not in properties
    assert properties["enableSoftDelete"] is True
    assert not any(
        properties[f"enabledFor{use}"] for use in ("Deployment", "DiskEncryption", "TemplateDeployment")
    )


def test_purge_protection_is_true_or_absent_but_never_false(dev: RecordedStack, prod: RecordedStack) -> None:
    """Azure answers 400 to `enablePurgeProtection: false`."""
    assert "enablePurgeProtection" not in dev[VAULT].inputs["properties"]
    assert prod[VAULT].inputs["properties"]["enablePurgeProtection"] is True
    assert prod[VAULT].inputs["properties"]["softDeleteRetentionInDays"] == 90


def test_recovery_is_asked_for_once_and_never_seen_as_a_change(dev_settings: Settings) -> None:
    dev_settings["keyVault"].update(purgeSoftDeleted=False, createMode="recover")
    vault = record("dev", dev_settings)[VAULT]

    assert vault.inputs["properties"]["createMode"] == "recover"
    assert vault.ignore_changes == ("properties.createMode",)


def test_a_vault_is_created_in_default_mode_otherwise(stack: RecordedStack) -> None:
    assert "createMode" not in stack[VAULT].inputs["properties"]


def test_the_registry_knows_entra_identities_only(stack: RecordedStack) -> None:
    inputs = stack[REGISTRY].inputs

    assert inputs["adminUserEnabled"] is False
    assert inputs["anonymousPullEnabled"] is False
    assert inputs["networkRuleBypassOptions"] == "AzureServices"


def test_premium_features_are_sent_to_premium_registries_only(
    dev: RecordedStack, prod: RecordedStack
) -> None:
    assert prod[REGISTRY].inputs["zoneRedundancy"] == "Enabled"
    assert prod[REGISTRY].inputs["policies"] == {"retentionPolicy": {"days": 30, "status": "enabled"}}
    assert dev[REGISTRY].inputs["zoneRedundancy"] == "Disabled", "the SDK's own default, which any tier takes"
    assert "policies" not in dev[REGISTRY].inputs


def test_logs_take_no_keys_and_are_kept_as_long_as_the_stack_says(stack: RecordedStack) -> None:
    inputs = stack[LOGS].inputs
    expected: dict[str, Any] = {"dev": 30, "staging": 60, "prod": 365}

    assert inputs["features"] == {
        "disableLocalAuth": True,
        "enableLogAccessUsingOnlyResourcePermissions": True,
    }
    assert inputs["sku"] == {"name": "PerGB2018"}
    assert inputs["retentionInDays"] == expected[stack.exports["environment"]]


def test_only_dev_caps_its_logs(dev: RecordedStack, prod: RecordedStack) -> None:
    assert dev[LOGS].inputs["workspaceCapping"] == {"dailyQuotaGb": 1}
    assert "workspaceCapping" not in prod[LOGS].inputs


def test_application_insights_lives_in_our_log_analytics_and_takes_no_keys(stack: RecordedStack) -> None:
    insights = stack[INSIGHTS]

    assert insights.inputs["ingestionMode"] == "LogAnalytics"
    assert insights.inputs["disableLocalAuth"] is True
    assert insights.property_dependencies["workspaceResourceId"] >= {stack[LOGS].urn}


def test_prod_locks_what_holds_data_and_dev_locks_nothing(dev: RecordedStack, prod: RecordedStack) -> None:
    locked = {next(iter(lock.property_dependencies["scope"])) for lock in prod.of(LOCK)}

    assert locked == {prod[ACCOUNT].urn, prod[VAULT].urn}
    assert {lock.inputs["level"] for lock in prod.of(LOCK)} == {"CanNotDelete"}
    assert dev.of(LOCK) == []


def test_prod_protects_and_retains_exactly_what_holds_data(prod: RecordedStack) -> None:
    protected = {each.type for each in prod.custom() if each.protect}

    assert protected == {
        "azure-native:resources:ResourceGroup",
        LOGS,
        ACCOUNT,
        VAULT,
        REGISTRY,
        "azure-native:machinelearningservices:Workspace",
    }
    assert protected == {each.type for each in prod.custom() if each.retain_on_delete}


@pytest.mark.parametrize("run", ["dev", "staging"])
def test_dev_and_staging_can_be_torn_down(run: str, request: pytest.FixtureRequest) -> None:
    stack: RecordedStack = request.getfixturevalue(run)

    assert not any(each.protect or each.retain_on_delete for each in stack.custom())

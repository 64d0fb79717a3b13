"""The platform as a whole: what it exports, what it waits for, and what it asks Azure."""

from __future__ import annotations

from dataclasses import fields

import pytest

from infra.outputs import PlatformOutputs
from tests.support.recorded_stack import (
    SUBSCRIPTION,
    TENANT,
    UNKNOWN,
    RecordedStack,
    recorded,
    stack_settings,
)

EXPORTS = [
    "subscriptionId",
    "tenantId",
    "location",
    "environment",
    "resourceGroupName",
    "workspaceName",
    "workspaceId",
    "studioUrl",
    "storageAccountName",
    "storageAccountId",
    "blobEndpoint",
    "keyVaultName",
    "keyVaultId",
    "keyVaultUri",
    "containerRegistryName",
    "containerRegistryId",
    "containerRegistryLoginServer",
    "applicationInsightsId",
    "logAnalyticsWorkspaceId",
    "workspaceIdentityId",
    "workspaceIdentityPrincipalId",
    "workspaceIdentityClientId",
    "computeIdentityId",
    "computeIdentityPrincipalId",
    "computeIdentityClientId",
    "computeClusterNames",
    "computeInstanceNames",
]


def test_the_exports_are_those_that_stage_2_and_people_rely_on(any_run: RecordedStack) -> None:
    assert list(any_run.exports) == EXPORTS
    assert len(fields(PlatformOutputs)) == len(EXPORTS)


def test_every_export_has_a_value_once_azure_has_answered(stack: RecordedStack) -> None:
    missing = [name for name, value in stack.exports.items() if value in (None, "", UNKNOWN)]

    assert missing == []


def test_exports_read_as_azure_writes_them(dev: RecordedStack) -> None:
    exports = dev.exports

    assert exports["subscriptionId"] == SUBSCRIPTION
    assert exports["tenantId"] == TENANT
    assert exports["resourceGroupName"] == "rg-mlplat-dev-weu"
    assert exports["blobEndpoint"] == f"https://{exports['storageAccountName']}.blob.core.windows.net/"
    assert exports["keyVaultUri"] == f"https://{exports['keyVaultName']}.vault.azure.net/"
    assert exports["containerRegistryLoginServer"] == f"{exports['containerRegistryName']}.azurecr.io"
    assert exports["computeClusterNames"] == ["cpu-cluster"]


def test_a_first_preview_knows_only_what_the_settings_say() -> None:
    exports = recorded("prod", known=False).exports
    known = {name for name, value in exports.items() if value is not UNKNOWN}

    assert known == {"subscriptionId", "tenantId", "location", "environment", "computeInstanceNames"}


def test_a_first_preview_registers_what_the_update_will() -> None:
    update, preview = recorded("prod"), recorded("prod", known=False)

    assert {each.urn for each in preview.resources} == {each.urn for each in update.resources}


def test_azure_is_asked_only_who_is_deploying(any_run: RecordedStack) -> None:
    assert any_run.invokes == ["azure-native:authorization:getClientConfig"]


def test_the_dependencies_of_the_workspace_start_side_by_side(stack: RecordedStack) -> None:
    """Storage, vault, registry, logs and identities wait for the resource group and for nothing else."""
    group = stack["azure-native:resources:ResourceGroup"].urn
    first = (
        "azure-native:storage:StorageAccount",
        "azure-native:keyvault:Vault",
        "azure-native:containerregistry:Registry",
        "azure-native:operationalinsights:Workspace",
        "azure-native:managedidentity:UserAssignedIdentity",
    )

    for type_token in first:
        for resource in stack.of(type_token):
            assert stack.ancestors(resource.urn) == {group}, resource.name


def test_personas_do_not_wait_for_the_workspace_where_they_need_not(dev: RecordedStack) -> None:
    workspace = dev["azure-native:machinelearningservices:Workspace"].urn
    early = [
        each.name
        for each in dev.of("azure-native:authorization:RoleAssignment")
        if each.name.startswith("persona-access-") and workspace not in dev.ancestors(each.urn)
    ]

    assert [name.rpartition("-")[2] for name in sorted(early)] == ["resourceGroup", "storage", "storage"]


@pytest.mark.parametrize("stack_name", ["dev", "staging", "prod"])
def test_everything_stands_in_the_region_of_the_stack(stack_name: str) -> None:
    region = stack_settings(stack_name)["location"]
    located = [each for each in recorded(stack_name).custom() if "location" in each.inputs]

    assert {each.inputs["location"] for each in located} == {region}
    assert len(located) >= 8


def test_no_input_holds_a_secret_or_a_key(any_run: RecordedStack) -> None:
    words = ("password", "secret", "connectionstring", "accesskey", "sharedkey")
    for resource in any_run.custom():
        for name, value in resource.inputs.items():
            harmless = isinstance(value, bool) or name == "allowSharedKeyAccess"
            assert harmless or not any(word in name.lower() for word in words), f"{resource.name}.{name}"


def test_the_environments_do_not_share_a_global_name() -> None:
    exports = [recorded(stack_name).exports for stack_name in ("dev", "staging", "prod")]

    for name in ("storageAccountName", "keyVaultName", "containerRegistryName", "resourceGroupName"):
        assert len({each[name] for each in exports}) == 3

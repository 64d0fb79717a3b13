"""Where everything stands: subscription and tenant, resource group, Log Analytics workspace.

No lock on the resource group: Azure Machine Learning deletes and recreates what it manages
in there, and a lock is inherited by everything. The stateful resources carry locks of their
own (`storage.py`, `key_vault.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization, operationalinsights, resources

from infra.naming import Names
from infra.options import child_options
from infra.settings.sections import LogAnalyticsSettings, ProtectionSettings
from infra.settings.types import Location


@dataclass(frozen=True, kw_only=True)
class FoundationArgs:
    """Settings of logs and protection, and where to build."""

    names: Names
    location: Location
    log_analytics: LogAnalyticsSettings
    protection: ProtectionSettings


class Foundation(pulumi.ComponentResource):
    """Resource group and Log Analytics, and whose subscription they are in."""

    subscription_id: pulumi.Output[str]
    tenant_id: pulumi.Output[str]
    resource_group_name: pulumi.Output[str]
    resource_group_id: pulumi.Output[str]
    log_analytics_workspace_id: pulumi.Output[str]

    def __init__(self, name: str, args: FoundationArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("azureml:infra:Foundation", name, None, opts)
        tags = args.names.tags()
        client = authorization.get_client_config_output(opts=pulumi.InvokeOutputOptions(parent=self))
        group = resources.ResourceGroup(
            f"{name}-group",
            resource_group_name=args.names.resource_group(),
            location=args.location,
            tags=tags,
            opts=child_options(self, protection=args.protection),
        )
        quota = args.log_analytics.daily_quota_gb
        logs = operationalinsights.Workspace(
            f"{name}-logs",
            workspace_name=args.names.log_analytics(),
            resource_group_name=group.name,
            location=args.location,
            sku=operationalinsights.WorkspaceSkuArgs(
                name=operationalinsights.WorkspaceSkuNameEnum.PER_GB2018
            ),
            retention_in_days=args.log_analytics.retention_in_days,
            workspace_capping=(
                operationalinsights.WorkspaceCappingArgs(daily_quota_gb=quota) if quota is not None else None
            ),
            features=operationalinsights.WorkspaceFeaturesArgs(
                disable_local_auth=True, enable_log_access_using_only_resource_permissions=True
            ),
            # Closing these needs an Azure Monitor Private Link Scope, which the platform does not have:
            # without one nothing in the managed network could send its logs.
            public_network_access_for_ingestion="Enabled",
            public_network_access_for_query="Enabled",
            tags=tags,
            opts=child_options(self, protection=args.protection),
        )
        self.subscription_id = client.subscription_id
        self.tenant_id = client.tenant_id
        self.resource_group_name = group.name
        self.resource_group_id = group.id
        self.log_analytics_workspace_id = logs.id
        self.register_outputs(
            {
                "subscriptionId": self.subscription_id,
                "tenantId": self.tenant_id,
                "resourceGroupName": self.resource_group_name,
                "resourceGroupId": self.resource_group_id,
                "logAnalyticsWorkspaceId": self.log_analytics_workspace_id,
            }
        )

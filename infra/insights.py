"""Application Insights of the workspace, kept in the Log Analytics workspace of the foundation."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import applicationinsights

from infra.naming import Names
from infra.options import child_options
from infra.settings.types import Location


@dataclass(frozen=True, kw_only=True)
class InsightsArgs:
    """`log_analytics_workspace_id` is where the telemetry is kept."""

    names: Names
    location: Location
    resource_group_name: pulumi.Input[str]
    log_analytics_workspace_id: pulumi.Input[str]


class Insights(pulumi.ComponentResource):
    """Application Insights; retention is that of the Log Analytics workspace."""

    component_id: pulumi.Output[str]

    def __init__(self, name: str, args: InsightsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("azureml:infra:Insights", name, None, opts)
        component = applicationinsights.Component(
            f"{name}-component",
            resource_name_=args.names.application_insights(),
            resource_group_name=args.resource_group_name,
            location=args.location,
            kind="web",
            application_type=applicationinsights.ApplicationType.WEB,
            ingestion_mode=applicationinsights.IngestionMode.LOG_ANALYTICS,
            workspace_resource_id=args.log_analytics_workspace_id,
            disable_local_auth=True,
            # As for Log Analytics: closing them needs a private link scope for Azure Monitor.
            public_network_access_for_ingestion=applicationinsights.PublicNetworkAccessType.ENABLED,
            public_network_access_for_query=applicationinsights.PublicNetworkAccessType.ENABLED,
            tags=args.names.tags(),
            opts=child_options(self),
        )
        self.component_id = component.id
        self.register_outputs({"componentId": self.component_id})

"""The Azure Machine Learning workspace (kind Default) and its managed virtual network.

Outbound rules are part of the workspace. Azure adds rules of its own to those that are
written here. A soft-deleted workspace of the same name: `soft_delete.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from infra.naming import Names
from infra.options import child_options
from infra.settings.sections import (
    FqdnRule,
    NetworkSettings,
    PrivateEndpointRule,
    ProtectionSettings,
    ServiceTagRule,
    WorkspaceSettings,
)
from infra.settings.types import Location
from infra.soft_delete import workspace_hook


@dataclass(frozen=True, kw_only=True)
class WorkspaceArgs:
    """`after`: the role assignments of the workspace's identity, which Azure uses during the creation."""

    names: Names
    location: Location
    subscription_id: pulumi.Input[str]
    tenant_id: pulumi.Input[str]
    resource_group_name: pulumi.Input[str]
    storage_account_id: pulumi.Input[str]
    key_vault_id: pulumi.Input[str]
    application_insights_id: pulumi.Input[str]
    container_registry_id: pulumi.Input[str]
    identity_id: pulumi.Input[str]
    workspace: WorkspaceSettings
    network: NetworkSettings
    protection: ProtectionSettings
    after: Sequence[pulumi.Resource]


class Workspace(pulumi.ComponentResource):
    """The workspace."""

    workspace_id: pulumi.Output[str]
    workspace_name: pulumi.Output[str]
    studio_url: pulumi.Output[str]

    def __init__(self, name: str, args: WorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("azureml:infra:Workspace", name, None, opts)
        settings, names = args.workspace, args.names
        workspace = ml.Workspace(
            f"{name}-workspace",
            workspace_name=names.workspace(),
            resource_group_name=args.resource_group_name,
            location=args.location,
            kind="Default",
            sku=ml.SkuArgs(name="Basic", tier=ml.SkuTier.BASIC),
            friendly_name=settings.friendly_name or names.workspace(),
            description=settings.description,
            identity=ml.ManagedServiceIdentityArgs(
                type=ml.ManagedServiceIdentityType.USER_ASSIGNED, user_assigned_identities=[args.identity_id]
            ),
            primary_user_assigned_identity=args.identity_id,
            storage_account=args.storage_account_id,
            key_vault=args.key_vault_id,
            application_insights=args.application_insights_id,
            container_registry=args.container_registry_id,
            system_datastores_auth_mode=ml.SystemDatastoresAuthMode.IDENTITY,
            hbi_workspace=settings.hbi_workspace,
            v1_legacy_mode=False,
            public_network_access=args.network.public_network_access,
            managed_network=_managed_network(args.network),
            provision_network_now=_provision_now(args.network),
            # A name, not a reference: Azure takes that of a cluster which does not exist yet, and the
            # cluster can only be created inside the workspace.
            image_build_compute=settings.image_build_compute,
            tags=names.tags(),
            opts=child_options(
                self,
                protection=args.protection,
                depends_on=args.after,
                hooks=workspace_hook(
                    f"{name}-soft-deleted", args.subscription_id, args.resource_group_name, settings
                ),
                custom_timeouts=pulumi.CustomTimeouts(create="60m", update="60m", delete="60m"),
            ),
        )
        self.workspace_id = workspace.id
        self.workspace_name = workspace.name
        self.studio_url = pulumi.Output.concat(
            "https://ml.azure.com/?wsid=", workspace.id, "&tid=", args.tenant_id
        )
        self.register_outputs(
            {
                "workspaceId": self.workspace_id,
                "workspaceName": self.workspace_name,
                "studioUrl": self.studio_url,
            }
        )


def _managed_network(network: NetworkSettings) -> ml.ManagedNetworkSettingsArgs:
    return ml.ManagedNetworkSettingsArgs(
        isolation_mode=network.isolation_mode,
        firewall_sku=network.firewall_sku,
        outbound_rules={name: _outbound_rule(rule) for name, rule in network.outbound_rules.items()} or None,
    )


def _provision_now(network: NetworkSettings) -> bool | None:
    """True unless said otherwise: the wait then belongs to `up`, not to the first job."""
    if not network.has_managed_network:
        return None
    return True if network.provision_network_now is None else network.provision_network_now


def _outbound_rule(
    rule: FqdnRule | ServiceTagRule | PrivateEndpointRule,
) -> ml.FqdnOutboundRuleArgs | ml.ServiceTagOutboundRuleArgs | ml.PrivateEndpointOutboundRuleArgs:
    category = ml.RuleCategory.USER_DEFINED
    if isinstance(rule, FqdnRule):
        return ml.FqdnOutboundRuleArgs(type="FQDN", category=category, destination=rule.destination)
    if isinstance(rule, ServiceTagRule):
        return ml.ServiceTagOutboundRuleArgs(
            type="ServiceTag",
            category=category,
            destination=ml.ServiceTagDestinationArgs(
                service_tag=rule.service_tag, protocol=rule.protocol, port_ranges=rule.port_ranges
            ),
        )
    return ml.PrivateEndpointOutboundRuleArgs(
        type="PrivateEndpoint",
        category=category,
        destination=ml.PrivateEndpointDestinationArgs(
            service_resource_id=rule.service_resource_id,
            subresource_target=rule.subresource_target,
            spark_enabled=rule.spark_enabled,
        ),
    )

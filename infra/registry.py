"""The container registry of the workspace's images, reached by Entra identities only."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import containerregistry

from infra.naming import Names
from infra.options import child_options
from infra.settings.sections import ContainerRegistrySettings, NetworkSettings, ProtectionSettings
from infra.settings.types import Location


@dataclass(frozen=True, kw_only=True)
class RegistryArgs:
    """Settings of the registry, the network and protection, and where to build."""

    names: Names
    location: Location
    resource_group_name: pulumi.Input[str]
    container_registry: ContainerRegistrySettings
    network: NetworkSettings
    protection: ProtectionSettings


class Registry(pulumi.ComponentResource):
    """Container registry."""

    registry_id: pulumi.Output[str]
    registry_name: pulumi.Output[str]
    login_server: pulumi.Output[str]

    def __init__(self, name: str, args: RegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("azureml:infra:Registry", name, None, opts)
        settings = args.container_registry
        registry = containerregistry.Registry(
            f"{name}-registry",
            registry_name=args.names.container_registry(),
            resource_group_name=args.resource_group_name,
            location=args.location,
            sku=containerregistry.SkuArgs(name=settings.sku),
            admin_user_enabled=False,
            anonymous_pull_enabled=False,
            public_network_access=args.network.public_network_access,
            network_rule_bypass_options=containerregistry.NetworkRuleBypassOptions.AZURE_SERVICES,
            network_rule_set=_network_rules(args.network),
            zone_redundancy=settings.zone_redundancy,
            policies=_policies(settings.untagged_retention_in_days),
            tags=args.names.tags(),
            opts=child_options(self, protection=args.protection),
        )
        self.registry_id = registry.id
        self.registry_name = registry.name
        self.login_server = registry.login_server
        self.register_outputs(
            {
                "registryId": self.registry_id,
                "registryName": self.registry_name,
                "loginServer": self.login_server,
            }
        )


def _network_rules(network: NetworkSettings) -> containerregistry.NetworkRuleSetArgs | None:
    """Rules only where there are ranges: the property itself is refused by tiers below Premium."""
    if not network.allowed_ip_ranges:
        return None
    return containerregistry.NetworkRuleSetArgs(
        default_action=containerregistry.DefaultAction.DENY,
        ip_rules=[
            containerregistry.IPRuleArgs(i_p_address_or_range=written, action=containerregistry.Action.ALLOW)
            for written in network.allowed_ip_ranges
        ],
    )


def _policies(untagged_days: int | None) -> containerregistry.PoliciesArgs | None:
    if untagged_days is None:
        return None
    return containerregistry.PoliciesArgs(
        retention_policy=containerregistry.RetentionPolicyArgs(
            days=untagged_days, status=containerregistry.PolicyStatus.ENABLED
        )
    )

"""Access from and to the network, for all resources at once."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from infra.settings import types
from infra.settings.errors import Mistake, shown
from infra.settings.sections.base import Section, Switch


class FqdnRule(Section):
    """Outbound rule to a host name, on ports 80 and 443; needs the managed network's firewall."""

    type: Literal["FQDN"] = Field(description="Kind of rule.")
    destination: types.Fqdn = Field(description="Host name, or one with a leading `*.`.")


class ServiceTagRule(Section):
    """Outbound rule to the addresses behind an Azure service tag."""

    type: Literal["ServiceTag"] = Field(description="Kind of rule.")
    service_tag: types.ServiceTag = Field(description="Service tag.")
    protocol: Literal["TCP", "UDP", "ICMP", "*"] = Field(default="TCP", description="Protocol.")
    port_ranges: types.PortRanges = Field(default="443", description="Ports, ranges of ports, or `*`.")


class PrivateEndpointRule(Section):
    """Outbound rule to one Azure resource through a private endpoint in the managed network."""

    type: Literal["PrivateEndpoint"] = Field(description="Kind of rule.")
    service_resource_id: types.ResourceId = Field(description="ARM id of the resource.")
    subresource_target: types.Label = Field(description="Sub-resource (group id), such as `blob`.")
    spark_enabled: bool = Field(default=False, description="Whether serverless Spark jobs use it too.")


OutboundRule = Annotated[FqdnRule | ServiceTagRule | PrivateEndpointRule, Field(discriminator="type")]
IsolationMode = Literal["Disabled", "AllowInternetOutbound", "AllowOnlyApprovedOutbound"]


class NetworkSettings(Section):
    """Who reaches the platform, and what its compute reaches."""

    public_network_access: Switch = Field(
        default="Disabled",
        description="Whether workspace, storage, key vault and registry have public endpoints.",
    )
    allowed_ip_ranges: tuple[types.IpRange, ...] = Field(
        default=(),
        max_length=100,  # the registry's limit, the lowest of the three ("Configure public registry access")
        description="Public addresses that reach storage, key vault and registry; empty: all. The "
        "workspace's own endpoint has no such list in this API version.",
    )
    isolation_mode: IsolationMode = Field(
        default="AllowOnlyApprovedOutbound",
        description="Managed virtual network of the workspace's compute. Azure does not go back to Disabled.",
    )
    outbound_rules: dict[types.RuleName, OutboundRule] = Field(
        default={}, description="What compute may reach beyond Azure's required destinations, by rule name."
    )
    firewall_sku: Literal["Basic", "Standard"] | None = Field(
        default=None, description="Firewall behind FQDN rules; Azure takes Standard when there are any."
    )
    provision_network_now: bool | None = Field(
        default=None,
        description="Build the managed network with the workspace, not with its first compute. Default: true "
        "where there is one.",
    )

    @property
    def has_managed_network(self) -> bool:
        """Whether compute runs in a managed virtual network."""
        return self.isolation_mode != "Disabled"

    def mistakes(self) -> Iterator[Mistake]:
        """See `Section.mistakes`."""
        yield from self._ip_range_mistakes()
        yield from self._outbound_mistakes()
        if self.public_network_access == "Disabled" and not self.has_managed_network:
            yield Mistake(
                key="isolationMode",
                found="'Disabled'",
                allowed="AllowInternetOutbound or AllowOnlyApprovedOutbound while publicNetworkAccess is "
                "Disabled, or compute reaches neither storage nor key vault",
                example="AllowInternetOutbound",
                involves=("publicNetworkAccess",),
            )
        if self.provision_network_now is not None and not self.has_managed_network:
            yield Mistake(
                key="provisionNetworkNow",
                found=shown(self.provision_network_now),
                allowed="no such key while isolationMode is Disabled, since there is no network to build",
                example="isolationMode: AllowInternetOutbound",
                involves=("isolationMode",),
            )

    def _ip_range_mistakes(self) -> Iterator[Mistake]:
        if self.allowed_ip_ranges and self.public_network_access == "Disabled":
            yield Mistake(
                key="allowedIpRanges",
                found=shown(list(self.allowed_ip_ranges)),
                allowed="no ranges while publicNetworkAccess is Disabled, since nobody comes in by them",
                example="publicNetworkAccess: Enabled",
                involves=("publicNetworkAccess",),
            )
        elif self.allowed_ip_ranges and not self.has_managed_network:
            yield Mistake(
                key="allowedIpRanges",
                found=shown(list(self.allowed_ip_ranges)),
                allowed="no ranges while isolationMode is Disabled: they shut out the workspace's compute",
                example="isolationMode: AllowInternetOutbound",
                involves=("isolationMode",),
            )
        networks = [ipaddress.IPv4Network(written) for written in self.allowed_ip_ranges]
        for later, network in enumerate(networks):
            for earlier in range(later):
                if network.overlaps(networks[earlier]):
                    yield Mistake(
                        key=f"allowedIpRanges[{later}]",
                        found=shown(self.allowed_ip_ranges[later]),
                        allowed=f"ranges without overlap; it meets '{self.allowed_ip_ranges[earlier]}'",
                        example="203.0.113.0/24",
                        involves=(f"allowedIpRanges[{earlier}]",),
                    )

    def _outbound_mistakes(self) -> Iterator[Mistake]:
        for name, rule in self.outbound_rules.items():
            if isinstance(rule, PrivateEndpointRule):
                if not self.has_managed_network:
                    yield Mistake(
                        key=f"outboundRules.{name}",
                        found="type 'PrivateEndpoint'",
                        allowed="no rules while isolationMode is Disabled",
                        example="isolationMode: AllowOnlyApprovedOutbound",
                        involves=("isolationMode",),
                    )
            elif self.isolation_mode != "AllowOnlyApprovedOutbound":
                yield Mistake(
                    key=f"outboundRules.{name}",
                    found=f"type '{rule.type}'",
                    allowed=f"{rule.type} rules only with isolationMode AllowOnlyApprovedOutbound; "
                    f"it is {self.isolation_mode}",
                    example="isolationMode: AllowOnlyApprovedOutbound",
                    involves=("isolationMode",),
                )
        has_fqdn_rules = any(isinstance(rule, FqdnRule) for rule in self.outbound_rules.values())
        if self.firewall_sku is not None and not has_fqdn_rules:
            yield Mistake(
                key="firewallSku",
                found=shown(self.firewall_sku),
                allowed="no such key without a rule of type FQDN, since only those need a firewall",
                example="outboundRules: {packages: {type: FQDN, destination: packages.contoso.com}}",
                involves=("outboundRules",),
            )

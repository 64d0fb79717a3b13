"""Controls of virtual networks: security rules and subnets.

Both are written in two ways: inside the network security group or the virtual network, and as resources
of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from pulumi_policy import Severity

from azureml_guard.addresses import is_anybody, ports_include
from azureml_guard.control import (
    Concern,
    Context,
    Control,
    References,
    ResourceControl,
    StackControl,
)
from azureml_guard.facts import Fact, Finding, Resource, Stack, Truth, both, either, negated
from azureml_guard.links import given

_GROUP: Final = "network:NetworkSecurityGroup"
_RULE: Final = "network:SecurityRule"
_SUBNET: Final = "network:Subnet"
_NETWORK: Final = "network:VirtualNetwork"
_MANAGEMENT_PORTS: Final = (22, 3389)
# Azure keeps its own rules there and refuses ours (Azure Firewall FAQ, VPN Gateway FAQ, Route Server FAQ).
_WITHOUT_GROUP: Final = (
    "GatewaySubnet",
    "AzureFirewallSubnet",
    "AzureFirewallManagementSubnet",
    "RouteServerSubnet",
)
_ALWAYS_PUBLIC: Final = (*_WITHOUT_GROUP, "AzureBastionSubnet")


def _inbound(resource: Resource, context: Context) -> Iterator[Finding]:
    if resource.type == _RULE:
        yield from _rule(_whole(resource))
        return
    rules = resource.at("securityRules")
    if rules.is_unknown:
        yield rules.must(None, "must name who is let in")
    for rule in rules.each():
        yield from _rule(rule)


def _rule(rule: Fact) -> Iterator[Finding]:
    applies = both(rule.at("access").equals("Allow"), rule.at("direction").equals("Inbound"))
    if applies is False:
        return
    sources = list(_one_and_many(rule, "sourceAddressPrefix", "sourceAddressPrefixes"))
    for source in sources:
        named = negated(source.test(_is_any_source))
        yield source.must(either(negated(applies), named), "must name who is let in")
    ports = list(_one_and_many(rule, "destinationPortRange", "destinationPortRanges"))
    exposed = both(
        applies,
        rule.at("protocol").equals("Tcp", "Udp", "*", absent=True),
        _one_is(sources, is_anybody),
        _one_is(ports, lambda text: any(ports_include(text, port) for port in _MANAGEMENT_PORTS)),
    )
    for port in ports[:1]:
        yield port.must(negated(exposed), "must not have port 22 or 3389 while the Internet is let in")


def _is_any_source(text: str) -> bool:
    """Everybody, and not just everybody outside: a public service has to let in the Internet."""
    return is_anybody(text) and text.strip().lower() != "internet"


def _one_and_many(rule: Fact, one: str, many: str) -> Iterator[Fact]:
    """What a rule says either as one value or as a list; an unknown list as a whole."""
    single, several = rule.at(one), rule.at(many)
    if not single.is_absent:
        yield single
    yield from [several] if several.is_unknown else several.each()


def _one_is(facts: list[Fact], question: Callable[[str], bool]) -> Truth:
    return either(*(fact.test(question) for fact in facts))


def _subnets(stack: Stack, context: Context) -> Iterator[Finding]:
    own = {subnet.at("id").value for subnet in stack.of(_SUBNET) if isinstance(subnet.at("id").value, str)}
    for subnet in stack.of(_SUBNET):
        yield from _subnet(stack, subnet, _whole(subnet))
    for network in stack.of(_NETWORK):
        inside = network.at("subnets")
        if inside.is_unknown:
            yield inside.must(None, "must have network security groups and no default outbound access")
        for each in inside.each():
            # A network that is read back shows the subnets that are resources of their own, too.
            if not each.test(lambda value: value.get("id") in own):
                yield from _subnet(stack, network, each)


def _subnet(stack: Stack, holder: Resource, subnet: Fact) -> Iterator[Finding]:
    group, outbound = subnet.at("networkSecurityGroup.id"), subnet.at("defaultOutboundAccess")
    without = _is_named(subnet, _WITHOUT_GROUP)
    if without is not True:
        truth = either(without, given(stack, group, holder, _GROUP))
        yield group.must(truth, "must name a network security group")
    public = _is_named(subnet, _ALWAYS_PUBLIC)
    if public is not True:
        # Azure's default is true up to and in Subnets - Create Or Update, 2024-05-01; false from 2025-07-01.
        yield outbound.must(either(public, outbound.equals(False)), "must be false")


def _is_named(subnet: Fact, names: tuple[str, ...]) -> Truth:
    return either(*(subnet.at(key).equals(*names) for key in ("subnetName", "name")))


def _whole(resource: Resource) -> Fact:
    """A resource as a fact, like one that stands inside its parent."""
    return Fact(resource.properties, "", resource.urn)


CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.NETWORK,
        number=14,
        title="Security rules let in named sources, and nobody from the Internet to SSH and RDP",
        why="A rule for any source lets in the whole Internet, which tries SSH and RDP within minutes.",
        mend=(
            "Name addresses or a service tag as the source. Reach machines by Azure Bastion, not by ports 22 "
            "and 3389."
        ),
        severity=Severity.CRITICAL,
        types=(_GROUP, _RULE),
        check=_inbound,
        references=References(
            azure_policy=(
                "Management ports should be closed on your virtual machines",
                (
                    "All network ports should be restricted on network security groups associated to "
                    "your virtual machine"
                ),
            ),
            benchmark=("NS-1", "NS-3"),
            cis=("6.1", "6.2", "6.3", "6.4"),
            others=(
                "Azure.NSG.AnyInboundSource",
                "CKV_AZURE_9",
                "CKV_AZURE_10",
                "CKV_AZURE_77",
                "CKV_AZURE_160",
                "AZU-0047",
                "AZU-0048",
                "AZU-0050",
                "AZU-0074",
            ),
            url="https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview",
        ),
    ),
    StackControl(
        concern=Concern.NETWORK,
        number=15,
        title="Subnets have a network security group and no default outbound access",
        why=(
            "Without a security group everything in the network reaches the subnet, and by default Azure "
            "lets every machine out by an address that nobody chose."
        ),
        mend=(
            "Set networkSecurityGroup.id and defaultOutboundAccess: false on the subnet, and give it a NAT "
            "gateway or a route where it has to go out."
        ),
        severity=Severity.MEDIUM,
        types=(_SUBNET, _NETWORK, _GROUP),
        check=_subnets,
        references=References(
            azure_policy=(
                "Subnets should be associated with a Network Security Group",
                "Subnets should be private",
            ),
            benchmark=("NS-1",),
            others=("Azure.VNET.UseNSGs", "Azure.VNET.PrivateSubnet", "CKV2_AZURE_31"),
            url="https://learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access",
        ),
    ),
)

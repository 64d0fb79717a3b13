"""Controls of private endpoints: a closed workspace has one, and its name leads there.

A project is reached by the private endpoint of its hub.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pulumi_policy import Severity

from azureml_guard.control import Concern, Context, Control, References, StackControl
from azureml_guard.facts import Fact, Finding, Resource, Stack, Truth, both, either, negated
from azureml_guard.links import OUTBOUND_RULES, WORKSPACE, contains, is_project, names

PRIVATE_ENDPOINT: Final = "network:PrivateEndpoint"
_ZONE_GROUP: Final = "network:PrivateDnsZoneGroup"
_ZONE: Final = "privatedns:PrivateZone"
_GROUP: Final = "amlworkspace"
_CONNECTIONS: Final = ("privateLinkServiceConnections", "manualPrivateLinkServiceConnections")
# How the names of the zones begin, in all of Azure's clouds (Private endpoint private DNS zone values).
_ZONES_OF: Final[Mapping[str, tuple[str, ...]]] = {
    _GROUP: ("privatelink.api.", "privatelink.notebooks."),
    "amlregistry": ("privatelink.api.",),
    "blob": ("privatelink.blob.",),
    "dfs": ("privatelink.dfs.",),
    "file": ("privatelink.file.",),
    "queue": ("privatelink.queue.",),
    "table": ("privatelink.table.",),
    "vault": ("privatelink.vaultcore.",),
    "registry": ("privatelink.azurecr.",),
}


def _private_endpoint(stack: Stack, context: Context) -> Iterator[Finding]:
    for workspace in stack.of(WORKSPACE):
        access = workspace.at("publicNetworkAccess")
        if access.equals("Enabled", absent=True) or is_project(workspace):
            continue
        found = either(*_by_endpoints(stack, workspace), *_by_other_workspaces(stack, workspace))
        sure = both(access.equals("Disabled"), negated(is_project(workspace)))
        yield access.must(
            either(found, None if sure is None else False),
            "must be matched by a private endpoint of the group amlworkspace while it is Disabled",
        )


def _by_endpoints(stack: Stack, workspace: Resource) -> Iterator[Truth]:
    for endpoint in stack.of(PRIVATE_ENDPOINT):
        yield from _leads_to(stack, endpoint, workspace)


def _leads_to(stack: Stack, endpoint: Resource, workspace: Resource) -> Iterator[Truth]:
    for key in _CONNECTIONS:
        connections = endpoint.at(key)
        if connections.is_unknown:
            yield both(stack.comes_from(connections, endpoint, workspace), None)
        for connection in connections.each():
            leads_there = stack.refers(connection.at("privateLinkServiceId"), endpoint, workspace)
            yield both(leads_there, contains(connection.at("groupIds"), _GROUP))


def _by_other_workspaces(stack: Stack, workspace: Resource) -> Iterator[Truth]:
    """Managed networks make private endpoints of their own, by outbound rules."""
    for other in stack.of(WORKSPACE):
        if other.urn != workspace.urn:
            for rule in other.at("managedNetwork.outboundRules").each():
                yield _leads(stack, rule, other, workspace)
    for resource in stack.of(*OUTBOUND_RULES):
        own = names(stack, resource.at("workspaceName"), resource, workspace, "workspaceName", "name")
        yield both(negated(own), _leads(stack, resource.at("properties"), resource, workspace))


def _leads(stack: Stack, rule: Fact, holder: Resource, workspace: Resource) -> Truth:
    return both(
        rule.at("type").equals("PrivateEndpoint"),
        rule.at("destination.subresourceTarget").equals(_GROUP),
        stack.refers(rule.at("destination.serviceResourceId"), holder, workspace),
    )


def _zones(stack: Stack, context: Context) -> Iterator[Finding]:
    for endpoint in stack.of(PRIVATE_ENDPOINT):
        for key in _CONNECTIONS:
            connections = endpoint.at(key)
            if connections.is_unknown:
                yield connections.must(None, "must be matched by a private DNS zone group")
            for connection in connections.each():
                yield from _zones_of(stack, endpoint, connection)


def _zones_of(stack: Stack, endpoint: Resource, connection: Fact) -> Iterator[Finding]:
    group_ids = connection.at("groupIds")
    if group_ids.is_unknown:
        yield group_ids.must(None, "must be matched by a private DNS zone group")
    for group_id in group_ids.each():
        if group_id.is_unknown:
            yield group_id.must(None, "must be matched by a private DNS zone group")
        for known, zones in _ZONES_OF.items():
            if group_id.equals(known):
                for zone in zones:
                    expectation = f"must be matched by a private DNS zone group with a zone {zone}*"
                    resolved = either(
                        _resolves(stack, endpoint, zone),
                        *(
                            both(same, _resolves(stack, other, zone))
                            for other, same in _twins(stack, endpoint, connection)
                        ),
                    )
                    yield group_id.must(resolved, expectation)


def _twins(stack: Stack, endpoint: Resource, connection: Fact) -> Iterator[tuple[Resource, Truth]]:
    """Other endpoints of the same workspace: its names may be divided among them, a zone for each."""
    target_id = connection.at("privateLinkServiceId")
    for workspace in stack.of(WORKSPACE):
        if stack.refers(target_id, endpoint, workspace):
            for other in stack.of(PRIVATE_ENDPOINT):
                if other.urn != endpoint.urn:
                    yield other, either(*_leads_to(stack, other, workspace))


def _resolves(stack: Stack, endpoint: Resource, zone: str) -> Truth:
    """Whether a zone group of the endpoint has a zone whose name begins like this."""
    return either(
        *(
            both(
                names(stack, group.at("privateEndpointName"), group, endpoint, "privateEndpointName", "name"),
                _has_zone(stack, group, zone),
            )
            for group in stack.of(_ZONE_GROUP)
        )
    )


def _has_zone(stack: Stack, group: Resource, zone: str) -> Truth:
    configs = group.at("privateDnsZoneConfigs")
    ids = [config.at("privateDnsZoneId") for config in configs.each()]
    known = either(*(_ends_in_zone(each, zone) for each in ids if not each.is_unknown))
    if known or not (configs.is_unknown or any(each.is_unknown for each in ids)):
        return known
    origins = group.sources.get(configs.path, ())
    zones = [each for each in stack.of(_ZONE) if each.urn in origins]
    found = either(*(each.at("privateZoneName").test(lambda name: _begins(name, zone)) for each in zones))
    # What is unknown comes from these zones alone only if there are as many of them.
    enough = not configs.is_unknown and len(zones) >= sum(each.is_unknown for each in ids)
    return found if found or enough else None


def _ends_in_zone(its_id: Fact, zone: str) -> Truth:
    return its_id.test(lambda value: _begins(value.rstrip("/").rsplit("/", 1)[-1], zone))


def _begins(name: str, zone: str) -> bool:
    return name.lower().startswith(zone)


CONTROLS: Final[tuple[Control, ...]] = (
    StackControl(
        concern=Concern.NETWORK,
        number=4,
        title="A private workspace has a private endpoint",
        why="A workspace without public access and without a private endpoint can be reached by nobody.",
        mend="Add a network.PrivateEndpoint with the group id amlworkspace that targets the workspace.",
        severity=Severity.HIGH,
        types=(WORKSPACE, PRIVATE_ENDPOINT, *OUTBOUND_RULES),
        check=_private_endpoint,
        references=References(
            azure_policy=(
                "Azure Machine Learning workspaces should use private link",
                "Configure Azure Machine Learning workspaces with private endpoints",
            ),
            benchmark=("NS-2",),
            others=("CKV_AZURE_243",),
            url="https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link",
        ),
    ),
    StackControl(
        concern=Concern.NETWORK,
        number=5,
        title="Names lead to the private endpoints",
        why=(
            "Without private DNS zones a name still leads to the public address, which is closed: clients "
            "fail, studio and notebooks first."
        ),
        mend=(
            "Add a network.PrivateDnsZoneGroup to the private endpoint, for amlworkspace with both zones: "
            "privatelink.api.azureml.ms and privatelink.notebooks.azure.net."
        ),
        severity=Severity.MEDIUM,
        types=(PRIVATE_ENDPOINT, _ZONE_GROUP, _ZONE),
        check=_zones,
        references=References(
            azure_policy=(
                "Configure Azure Machine Learning workspace to use private DNS zones",
                "Configure Azure Key Vaults to use private DNS zones",
                "Configure Container registries to use private DNS zones",
                "Configure a private DNS Zone ID for blob groupID",
                "Configure a private DNS Zone ID for file groupID",
            ),
            benchmark=("NS-2",),
            url="https://learn.microsoft.com/azure/machine-learning/how-to-custom-dns",
        ),
    ),
)

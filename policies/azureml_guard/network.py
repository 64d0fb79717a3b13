"""Controls of the workspace's network: who reaches it, and what it reaches.

A project has the network of its hub, so that what it leaves out is not judged here: its hub is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pulumi_policy import Severity

from azureml_guard.addresses import hosts_meet, is_any_host, is_anybody, is_host_of
from azureml_guard.control import (
    Concern,
    Context,
    Control,
    References,
    ResourceControl,
    Setting,
)
from azureml_guard.facts import Fact, Finding, Resource, Truth, either, negated
from azureml_guard.links import OUTBOUND_RULES, WORKSPACE, is_project

_MODES: Final = ["AllowOnlyApprovedOutbound"]
_HOSTS: Final[Mapping[str, Any]] = {"type": "array", "items": {"type": "string", "minLength": 1}}
_LEGACY: Final = "v1LegacyMode"
_BEHIND_NETWORK: Final = "allowPublicAccessWhenBehindVnet"


def _of_workspace(workspace: Resource, fact: Fact, truth: Truth, expectation: str) -> Iterator[Finding]:
    """The finding, unless a project leaves the property to its hub."""
    project = is_project(workspace) if fact.is_absent else False
    if project is not True:
        yield fact.must(truth if project is False else None, expectation)


def _public_access(workspace: Resource, context: Context) -> Iterator[Finding]:
    access = workspace.at("publicNetworkAccess")
    # Azure's default is Enabled (Workspaces - Create Or Update, 2025-12-01).
    yield from _of_workspace(workspace, access, access.equals("Disabled"), "must be Disabled")


def _isolation(workspace: Resource, context: Context) -> Iterator[Finding]:
    mode = workspace.at("managedNetwork.isolationMode")
    # Azure's default is Disabled (Workspaces - Create Or Update, 2025-12-01).
    truth = mode.equals(*context.settings["isolationModes"])
    yield from _of_workspace(workspace, mode, truth, "must be an isolation mode that the environment allows")


def _outbound(resource: Resource, context: Context) -> Iterator[Finding]:
    if resource.type != WORKSPACE:
        yield from _outbound_rule(resource.at("properties"), context)
        return
    rules = resource.at("managedNetwork.outboundRules")
    if rules.is_unknown:
        yield rules.must(None, "must name what is reached")
    for rule in rules.each():
        yield from _outbound_rule(rule, context)


def _outbound_rule(rule: Fact, context: Context) -> Iterator[Finding]:
    kind, destination = rule.at("type"), rule.at("destination")
    if rule.is_unknown or kind.is_unknown:
        yield destination.must(None, "must name what is reached")
    elif kind.equals("FQDN"):
        yield from _host(destination, context)
    elif kind.equals("ServiceTag"):
        yield from _addresses(destination)


def _host(destination: Fact, context: Context) -> Iterator[Finding]:
    allowed, refused = context.settings["allowedHosts"], context.settings["refusedHosts"]
    wide = destination.test(is_any_host, absent=True)
    yield destination.must(negated(wide), "must be a host, or the hosts of one domain")
    if refused and wide is not True:
        meets = destination.test(lambda host: any(hosts_meet(host, each) for each in refused))
        yield destination.must(negated(meets), "must be no host of refusedHosts")
    if allowed:
        covered = destination.test(lambda host: any(is_host_of(host, each) for each in allowed))
        yield destination.must(covered, "must be a host of allowedHosts")


def _addresses(destination: Fact) -> Iterator[Finding]:
    denies = destination.at("action").equals("Deny")
    if denies:
        return
    prefixes = destination.at("addressPrefixes")
    if prefixes.present() is False:  # Azure reads the tag only where there are no prefixes
        tag = destination.at("serviceTag")
        yield tag.must(either(denies, negated(tag.test(is_anybody))), "must be the tag of one service")
    elif prefixes.is_unknown:
        yield prefixes.must(None, "must be no large part of the Internet")
    for prefix in prefixes.each():
        truth = either(denies, negated(prefix.test(is_anybody)))
        yield prefix.must(truth, "must be no large part of the Internet")


def _old_switches(workspace: Resource, context: Context) -> Iterator[Finding]:
    # Both are off unless set (Workspaces - Create Or Update, 2025-12-01).
    for key in (_LEGACY, _BEHIND_NETWORK):
        switch = workspace.at(key)
        yield switch.must(switch.equals(False, absent=True), "must be false")


def _switched_off(workspace: Resource, context: Context) -> Mapping[str, Any]:
    keys = (_LEGACY, _BEHIND_NETWORK)
    return {key: False for key in keys if workspace.at(key).equals(False, absent=True) is False}


CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.NETWORK,
        number=1,
        title="The workspace is not reachable from the public network",
        why="Anyone who gets hold of a token can use a public workspace from anywhere.",
        mend="Set publicNetworkAccess to Disabled and reach the workspace by a private endpoint.",
        severity=Severity.HIGH,
        types=(WORKSPACE,),
        check=_public_access,
        references=References(
            azure_policy=(
                "Azure Machine Learning Workspaces should disable public network access",
                "Configure Azure Machine Learning Workspaces to disable public network access",
            ),
            benchmark=("NS-2",),
            others=("Azure.ML.PublicAccess", "CKV_AZURE_144", "CKV2_AZURE_49"),
            url="https://learn.microsoft.com/azure/machine-learning/how-to-configure-private-link",
        ),
    ),
    ResourceControl(
        concern=Concern.NETWORK,
        number=2,
        title="A managed network isolates what the workspace runs",
        why=(
            "Without it, serverless jobs, managed endpoints and computes without a subnet reach all of the "
            "Internet, and so does stolen data."
        ),
        mend="Set managedNetwork.isolationMode to AllowOnlyApprovedOutbound, or to a mode of isolationModes.",
        severity=Severity.HIGH,
        types=(WORKSPACE,),
        check=_isolation,
        settings={
            "isolationModes": Setting(
                schema={
                    "type": "array",
                    "items": {"enum": ["AllowOnlyApprovedOutbound", "AllowInternetOutbound"]},
                    "minItems": 1,
                    "default": _MODES,
                },
                description="The isolation modes that are allowed.",
            )
        },
        references=References(
            azure_policy=(
                (
                    "Azure Machine Learning and Ai Studio should use Allow Only Approved Outbound "
                    "Managed Vnet mode"
                ),
            ),
            benchmark=("DP-2", "NS-1", "NS-2"),
            url="https://learn.microsoft.com/azure/machine-learning/how-to-managed-network",
        ),
    ),
    ResourceControl(
        concern=Concern.NETWORK,
        number=3,
        title="Outbound rules of the managed network name what is needed",
        why=(
            "A wildcard or a whole address space undoes the isolation, and packages from a public index were "
            "checked by nobody."
        ),
        mend="Name single hosts, and take packages from a mirror or feed of your own.",
        severity=Severity.HIGH,
        types=(WORKSPACE, *OUTBOUND_RULES),
        check=_outbound,
        settings={
            "allowedHosts": Setting(
                schema={**_HOSTS, "default": []},
                description="Hosts that FQDN rules may name, * is a wildcard; empty: all but refusedHosts.",
            ),
            "refusedHosts": Setting(
                schema={**_HOSTS, "default": []},
                description="Hosts that no FQDN rule may open, * is a wildcard: public package indexes.",
            ),
        },
        references=References(
            benchmark=("NS-1", "DP-2"),
            url="https://learn.microsoft.com/azure/machine-learning/how-to-managed-network",
        ),
    ),
    ResourceControl(
        concern=Concern.NETWORK,
        number=17,
        title="The workspace's switches for old networks are off",
        why=(
            "v1LegacyMode takes away managed endpoints and everything else of the v2 API, and "
            "allowPublicAccessWhenBehindVnet opens a private workspace again."
        ),
        mend="Leave v1LegacyMode and allowPublicAccessWhenBehindVnet out, or set them to false.",
        severity=Severity.MEDIUM,
        types=(WORKSPACE,),
        check=_old_switches,
        remedy=_switched_off,
        references=References(
            others=("Azure.ML.PublicAccess",),
            url="https://learn.microsoft.com/azure/machine-learning/how-to-configure-network-isolation-with-v2",
        ),
    ),
)

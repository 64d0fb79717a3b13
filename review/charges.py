"""What a resource is charged for: how many of which meter run, at least and at most.

Three things are kept apart: what has a price for the hours that it is there (charges), what costs by use, and
what is known to cost something that cannot be told here. Types of azure-native that nobody has looked at are
of the third kind; only those in FREE cost nothing of their own.

Sources: the services' pricing pages (Microsoft Azure); for Azure ML "Plan and manage costs for Azure Machine
Learning" (compute is charged as the virtual machines below it) and "Workspace managed virtual network
isolation" (a firewall comes with the first FQDN rule, each private endpoint rule is an endpoint).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from review.hours import monthly_hours
from review.preview import ASSETS, State, native_type
from review.prices import DEDICATED, HOURS_A_MONTH, LOW_PRIORITY, VIRTUAL_MACHINES, Meter
from review.values import ABSENT, is_unknown

_MOST: Final = 100_000  # nodes; more is no number of machines


@dataclass(frozen=True)
class Charge:
    """`least` to `most` of a meter run all month."""

    what: str
    meter: Meter
    least: float
    most: float


@dataclass(frozen=True)
class Charged:
    """What a resource costs: charges with prices, what is paid by use, or why it cannot be told."""

    charges: tuple[Charge, ...] = ()
    by_use: str = ""
    unpriced: str = ""


FREE: Final = frozenset(
    {
        "authorization",
        "consumption",
        "managedidentity",
        "resources",
        "policyinsights",
        "costmanagement",
        "portal",
        "quota",
        "containerregistry:ScopeMap",
        "containerregistry:Token",
        "containerregistry:CacheRule",
        "eventhub:ConsumerGroup",
        "eventhub:EventHub",
        "keyvault:AccessPolicy",
        "keyvault:Secret",
        "keyvault:PrivateEndpointConnection",
        "machinelearningservices:BatchDeployment",
        "machinelearningservices:BatchEndpoint",
        "machinelearningservices:CodeContainer",
        "machinelearningservices:CodeVersion",
        "machinelearningservices:ComponentContainer",
        "machinelearningservices:ComponentVersion",
        "machinelearningservices:DataContainer",
        "machinelearningservices:DataVersion",
        "machinelearningservices:Datastore",
        "machinelearningservices:EnvironmentContainer",
        "machinelearningservices:EnvironmentVersion",
        "machinelearningservices:ManagedNetworkSettingsRule",
        "machinelearningservices:ModelContainer",
        "machinelearningservices:ModelVersion",
        "machinelearningservices:OnlineEndpoint",
        "machinelearningservices:PrivateEndpointConnection",
        "machinelearningservices:Schedule",
        "machinelearningservices:WorkspaceConnection",
        "monitor:ActionGroup",
        "monitor:DiagnosticSetting",
        "network:FirewallPolicy",
        "network:NetworkInterface",
        "network:NetworkSecurityGroup",
        "network:PrivateDnsZoneGroup",
        "network:Route",
        "network:RouteTable",
        "network:SecurityRule",
        "network:Subnet",
        "network:VirtualNetwork",
        "operationalinsights:LinkedService",
        "privatedns:PrivateRecordSet",
        "privatedns:VirtualNetworkLink",
        "storage:BlobContainer",
        "storage:BlobServiceProperties",
        "storage:FileServiceProperties",
        "storage:FileShare",
        "storage:ManagementPolicy",
        "storage:Queue",
        "storage:QueueServiceProperties",
        "storage:Table",
        "storage:TableServiceProperties",
    }
)
BY_USE: Final[Mapping[str, str]] = {
    "storage:StorageAccount": "data that is kept, read and written",
    "keyvault:Vault": "operations on keys, secrets and certificates",
    "keyvault:Key": "operations; a key of an HSM has a price a month too",
    "operationalinsights:Workspace": "gigabytes of logs taken in and kept",
    "applicationinsights:Component": "gigabytes of telemetry taken in",
    "machinelearningservices:ServerlessEndpoint": "tokens",
    "machinelearningservices:Job": "hours of the compute that it runs on",
    "monitor:MetricAlert": "time series that are watched",
    "monitor:ScheduledQueryRule": "evaluations of the query",
    "datafactory:Factory": "runs of pipelines",
    "eventgrid:SystemTopic": "operations",
}


def charged(token: str, state: State, rules: tuple[Mapping[str, Any], ...] = ()) -> Charged:
    """What a resource costs. `rules`: outbound rules of its managed network that are resources too."""
    if token == f"{ASSETS}OnlineDeployment":
        return _deployment_asset(state)
    kind = native_type(token)
    if kind == "machinelearningservices:Workspace":
        return _workspace(state, rules)
    if how := _FIXED.get(kind):
        return how(state)
    if kind in BY_USE:
        return Charged(by_use=BY_USE[kind])
    if not kind or kind in FREE or kind.split(":", 1)[0] in FREE:
        return Charged()
    return Charged(unpriced=f"nothing is known here of what {kind} costs")


def _compute(state: State) -> Charged:
    kind = state.at("properties.computeType")
    inner = "properties.properties."
    if kind == "AmlCompute":
        system = "Windows" if state.at(f"{inner}osType") == "Windows" else "Linux"
        priority = state.at(f"{inner}vmPriority")
        least = _number(state.at(f"{inner}scaleSettings.minNodeCount"), absent=0)
        most = _number(state.at(f"{inner}scaleSettings.maxNodeCount"))
        if is_unknown(priority):
            return Charged(unpriced="its priority is known only after the update")
        low = priority == LOW_PRIORITY
        what = f"{_range(least, most)} {'low-priority ' if low else ''}nodes"
        priority = LOW_PRIORITY if low else DEDICATED
        size = state.at(f"{inner}vmSize")
        return _machines(size, what, least, most, system=system, priority=priority)
    if kind == "ComputeInstance":
        least, most, what = _instance(state.at(f"{inner}schedules.computeStartStop"), state)
        return _machines(state.at(f"{inner}vmSize"), what, least, most)
    if kind == "AKS" and state.at("properties.resourceId") in (ABSENT, "", None):
        return Charged(unpriced="the cluster that comes with it")
    if is_unknown(kind):
        return Charged(unpriced="its kind is known only after the update")
    return Charged()  # attached: it is paid for where it is


def _instance(schedules: object, state: State) -> tuple[float, float, str]:
    """Of one machine that runs all month: the part at least and at most, and how it is said."""
    times: dict[str, list[str]] = {"Start": [], "Stop": []}
    for schedule in schedules if isinstance(schedules, list) else ():
        if not isinstance(schedule, dict) or schedule.get("status") == "Disabled":
            continue
        cron = schedule.get("cron")
        expression = cron.get("expression") if isinstance(cron, dict) else None
        action = schedule.get("action")
        if isinstance(action, str) and action in times:
            times[action].append(expression if isinstance(expression, str) else "")
    idle = state.at("properties.properties.idleTimeBeforeShutdown") not in (ABSENT, "", None)
    hours = monthly_hours(times["Start"], times["Stop"])
    if hours is not None:
        least = 0 if idle else hours / HOURS_A_MONTH
        return least, hours / HOURS_A_MONTH, f"{hours:.0f} hours a month by its schedule"
    if times["Stop"] or idle:
        return 0, 1, "up to 730 hours a month: it stops by itself, and is started by hand"
    return 1, 1, "always on"


def _online_deployment(state: State) -> Charged:
    if state.at("properties.endpointComputeType") == "Kubernetes":
        return Charged()
    scale = "properties.scaleSettings."
    count = _number(state.at("sku.capacity"), absent=1)
    if state.at(f"{scale}scaleType") == "TargetUtilization":
        least = _number(state.at(f"{scale}minInstances"), absent=1)
        most = _number(state.at(f"{scale}maxInstances"), absent=1)
    else:
        least = most = count
    return _machines(state.at("properties.instanceType"), f"{_range(least, most)} instances", least, most)


def _deployment_asset(state: State) -> Charged:
    if state.at("spec.type") == "kubernetes":
        return Charged()
    scale = "spec.scale_settings."
    least = most = _number(state.at("spec.instance_count"), absent=1)
    if state.at(f"{scale}type") == "target_utilization":
        least = _number(state.at(f"{scale}min_instances"), absent=1)
        most = _number(state.at(f"{scale}max_instances"), absent=1)
    return _machines(state.at("spec.instance_type"), f"{_range(least, most)} instances", least, most)


def _machines(
    size: object,
    what: str,
    least: float | None,
    most: float | None,
    *,
    system: str = "Linux",
    priority: str = DEDICATED,
) -> Charged:
    if not isinstance(size, str) or not size or is_unknown(size):
        later = "known only after the update" if is_unknown(size) else "not set"
        return Charged(unpriced=f"its size is {later}")
    if least is None or most is None:
        return Charged(unpriced=f"how many of {size} run is not known")
    meter = Meter(VIRTUAL_MACHINES, size, system, priority)
    return Charged(charges=(Charge(f"{size}, {what}", meter, least, max(least, most)),))


def _workspace(state: State, rules: tuple[Mapping[str, Any], ...]) -> Charged:
    """Its managed network; storage and all else of it are resources of their own."""
    network = state.at("managedNetwork")
    if not isinstance(network, Mapping):
        return Charged()
    own = network.get("outboundRules")
    all_rules = [*rules, *(own.values() if isinstance(own, Mapping) else ())]
    kinds = [rule.get("type") for rule in all_rules if isinstance(rule, Mapping)]
    charges: list[Charge] = []
    if (endpoints := kinds.count("PrivateEndpoint")) and network.get("isolationMode") != "Disabled":
        what = f"{endpoints} private endpoints of the managed network"
        charges.append(Charge(what, _PRIVATE_ENDPOINT, endpoints, endpoints))
    if "FQDN" in kinds and network.get("isolationMode") == "AllowOnlyApprovedOutbound":
        sku = network.get("firewallSku")
        sku = sku if isinstance(sku, str) and not is_unknown(sku) else "Standard"
        charges.append(Charge(f"{sku} firewall of the managed network", _firewall(sku), 1, 1))
    return Charged(charges=tuple(charges))


def _registry(state: State) -> Charged:
    sku = state.at("sku.name")
    if not isinstance(sku, str) or is_unknown(sku):
        return Charged(unpriced="its SKU is not known")
    return _one(f"{sku} registry, without storage above what is included", _registry_meter(sku.capitalize()))


def _azure_firewall(state: State) -> Charged:
    tier = state.at("sku.tier")
    tier = tier if isinstance(tier, str) and not is_unknown(tier) else "Standard"
    return _one(f"{tier} firewall, without traffic", _firewall(tier))


def _firewall(sku: str) -> Meter:
    return Meter("Azure Firewall", f"{sku.capitalize()} Deployment")


def _registry_meter(sku: str) -> Meter:
    return Meter("Container Registry", f"{sku} Registry Unit")


def _one(what: str, meter: Meter) -> Charged:
    return Charged(charges=(Charge(what, meter, 1, 1),))


_PRIVATE_ENDPOINT: Final = Meter("Virtual Network", "Standard Private Endpoint")
_FIXED: Final[Mapping[str, Callable[[State], Charged]]] = {
    "machinelearningservices:Compute": _compute,
    "machinelearningservices:OnlineDeployment": _online_deployment,
    "containerregistry:Registry": _registry,
    "containerregistry:Replication": lambda _: _one(
        "one more region of the registry", _registry_meter("Premium")
    ),
    "network:PrivateEndpoint": lambda _: _one("private endpoint, without traffic", _PRIVATE_ENDPOINT),
    "network:AzureFirewall": _azure_firewall,
    "network:NatGateway": lambda _: _one(
        "NAT gateway, without traffic", Meter("NAT Gateway", "Standard Gateway")
    ),
}


def _number(value: object, absent: float | None = None) -> float | None:
    """A number of machines; None for what is none, or known later."""
    if value is ABSENT or value is None:
        return absent
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return value if math.isfinite(value) and 0 <= value <= _MOST else None


def _range(least: float | None, most: float | None) -> str:
    low, high = (f"{each:g}" if each is not None else "?" for each in (least, most))
    return low if low == high else f"{low} to {high}"

"""The machines that a resource runs: size, how many at most, and whether they may be taken away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from azureml_guard.documents import (
    ASSETS,
    BATCH_DEPLOYMENTS,
    COMPUTE,
    JOBS,
    NATIVE,
    ONLINE_DEPLOYMENTS,
    document,
    said,
)
from azureml_guard.facts import Fact, Resource, Truth, negated
from azureml_guard.values import ABSENT, UNKNOWN

CLUSTER: Final = "AmlCompute"
INSTANCE: Final = "ComputeInstance"
WITH_MACHINES: Final = (COMPUTE, *ONLINE_DEPLOYMENTS)
_OTHER_SIZES: Final[Mapping[str, str]] = {
    f"{NATIVE}:Schedule": "properties.action.monitorDefinition.computeConfiguration.instanceType",
    f"{NATIVE}:FeaturesetVersion": "properties.materializationSettings.resource.instanceType",
    f"{ASSETS}:Schedule": "spec.create_monitor.compute.instance_type",
    f"{ASSETS}:FeatureSet": "spec.materialization_settings.resource.instance_type",
}
WITH_SIZES: Final = tuple(dict.fromkeys((*WITH_MACHINES, *JOBS, *BATCH_DEPLOYMENTS, *_OTHER_SIZES)))
# "Compute instance type. Default: Standard_F4s_v2" (onlineDeployments, 2025-12-01).
_DEFAULT_SIZE: Final = "Standard_F4s_v2"


@dataclass(frozen=True)
class Serving:
    """Where one shape of online deployments keeps what it runs on."""

    kind: str
    size: str
    instances: str
    scale_type: str
    fewest: str
    most: str


_SERVING: Final[Mapping[str, Serving]] = {
    f"{NATIVE}:OnlineDeployment": Serving(
        kind="properties.endpointComputeType",
        size="properties.instanceType",
        instances="sku.capacity",
        scale_type="properties.scaleSettings.scaleType",
        fewest="properties.scaleSettings.minInstances",
        most="properties.scaleSettings.maxInstances",
    ),
    f"{ASSETS}:OnlineDeployment": Serving(
        kind="spec.type",
        size="spec.instance_type",
        instances="spec.instance_count",
        scale_type="spec.scale_settings.type",
        fewest="spec.scale_settings.min_instances",
        most="spec.scale_settings.max_instances",
    ),
}


def serving(deployment: Resource) -> Serving:
    """Where an online deployment keeps it."""
    return _SERVING[deployment.type]


def is_managed(deployment: Resource) -> Truth:
    """Whether Azure ML runs it; on Kubernetes it takes what the cluster has. CLI v2's default is managed."""
    return deployment.at(serving(deployment).kind).equals("Managed", absent=True)


def scales_itself(deployment: Resource) -> Truth:
    """Whether its number of instances follows its load.

    Without scale settings a managed deployment keeps its number, one on Kubernetes does not
    (ManagedOnlineDeployment.scaleSettings, 2025-12-01).
    """
    scale_type = deployment.at(serving(deployment).scale_type)
    if scale_type.is_absent:
        return negated(is_managed(deployment))
    return scale_type.equals("TargetUtilization", "target_utilization")


@dataclass(frozen=True)
class Machines:
    """Machines of one size.

    Attributes:
        count: How many at most; None if unknown.
        reserved: How many the quota has to hold where that is more.
    """

    size: Fact
    count: float | None
    low_priority: Truth = False
    reserved: float | None = None

    @property
    def needed(self) -> float | None:
        """How many the quota has to hold."""
        return self.count if self.reserved is None else self.reserved


def machines(resource: Resource) -> Iterator[Machines]:
    """Machines that are paid for by the hour. An attached VM or Kubernetes cluster is paid for elsewhere."""
    if resource.type in ONLINE_DEPLOYMENTS:
        yield from _of_deployment(resource)
    if resource.type != COMPUTE:
        return
    size = resource.at("properties.properties.vmSize")
    if compute_is(resource, CLUSTER) is not False:
        scale = resource.at("properties.properties.scaleSettings.maxNodeCount")
        priority = resource.at("properties.properties.vmPriority")  # Dedicated, unless it is said
        yield Machines(size, number(scale, absent=1), priority.equals("LowPriority"))
    elif compute_is(resource, INSTANCE):
        yield Machines(size, 1)


def sizes(resource: Resource) -> Iterator[Fact]:
    """Every VM size that a resource names."""
    for each in machines(resource):
        yield each.size
    if resource.type == COMPUTE and compute_is(resource, CLUSTER, INSTANCE) is False:
        yield from (fact for fact in _attached(resource) if not fact.is_absent)
    if resource.type in JOBS or resource.type in BATCH_DEPLOYMENTS:
        whole = document(resource, {**JOBS, **BATCH_DEPLOYMENTS})
        for fact in said(whole, ("resources.instance_type", "resources.instanceType")):
            named = fact.each() if isinstance(fact.value, list) else iter((fact,))
            yield from (size for size in named if size.test(_is_vm_size) is not False)
    if resource.type in _OTHER_SIZES:
        size = resource.at(_OTHER_SIZES[resource.type])
        if not size.is_absent:
            yield size


def _is_vm_size(text: str) -> bool:
    """Whether a job means a VM size, and not an instance type that a Kubernetes cluster defines."""
    return text.strip().lower().startswith(("standard_", "basic_"))


def _attached(compute: Resource) -> Iterator[Fact]:
    for key in ("virtualMachineSize", "agentVmSize"):
        yield compute.at(f"properties.properties.{key}")


def compute_is(compute: Resource, *kinds: str) -> Truth:
    """Whether a compute is of one of some kinds, such as AmlCompute."""
    return compute.at("properties.computeType").equals(*kinds)


def number(fact: Fact, *, absent: float) -> float | None:
    """The number that a property holds; None if it is unknown, or no number."""
    if fact.value is ABSENT:
        return absent
    if fact.value is UNKNOWN or isinstance(fact.value, bool) or not isinstance(fact.value, (int, float)):
        return None
    return float(fact.value)


def _of_deployment(deployment: Resource) -> Iterator[Machines]:
    if is_managed(deployment) is False:
        return
    where = serving(deployment)
    size = deployment.at(where.size)
    if size.is_absent:
        size = Fact(_DEFAULT_SIZE, size.path, size.urn)
    count = number(deployment.at(where.instances), absent=1)
    if scales_itself(deployment) is not False:
        most = number(deployment.at(where.most), absent=1)
        count = None if count is None or most is None else max(count, most)
    # Azure ML keeps a fifth more for upgrades ("Manage and increase quotas and limits", virtual machine
    # quota allocation for deployment).
    reserved = None if count is None else float(-(-count * 12 // 10))
    yield Machines(size, count, reserved=reserved)

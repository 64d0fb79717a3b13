"""Compute clusters: scale settings, quota, and the state of one that runs no jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.arm.facts import recorded
from sandbox.arm.namespaces.machine_learning import errors, locations, vm_sizes
from sandbox.arm.namespaces.machine_learning.compute_bodies import inner_of, region_of, size_of
from sandbox.arm.namespaces.values import JsonObject, object_at, seconds_of, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

RECORDING = recorded("Azure/azure-powershell, help of New-AzMLWorkspaceCompute, 2025-11-05")

# What the service refuses to change, below properties.properties; ClusterUpdateParameters holds
# scaleSettings alone.
FIXED = (
    "vmSize", "vmPriority", "osType", "subnet.id", "isolatedNetwork", "enableNodePublicIp",
    "remoteLoginPortPublicAccess", "userAccountCredentials.adminUserName", "virtualMachineImage.id",
)  # fmt: skip
DEFAULTS: JsonObject = {
    "osType": "Linux",
    "vmPriority": "Dedicated",
    "isolatedNetwork": False,
    "remoteLoginPortPublicAccess": "Enabled",
    "enableNodePublicIp": True,
    "scaleSettings": {"nodeIdleTimeBeforeScaleDown": "PT2M"},
}


def state(body: JsonObject, before: JsonObject, moment: str) -> JsonObject:
    """Nodes and allocation of a cluster that keeps its minimum running."""
    nodes = value_at(body, "properties.properties.scaleSettings.minNodeCount") or 0
    counts = (
        "runningNodeCount",
        "preparingNodeCount",
        "unusableNodeCount",
        "leavingNodeCount",
        "preemptedNodeCount",
    )
    resized = nodes != before.get("targetNodeCount")
    state: JsonObject = {
        "errors": None,
        "allocationState": "Steady",
        "allocationStateTransitionTime": moment if resized else before.get("allocationStateTransitionTime"),
        "currentNodeCount": nodes,
        "targetNodeCount": nodes,
        "nodeStateCounts": {"idleNodeCount": nodes, **dict.fromkeys(counts, 0)},
    }
    return state


def check(context: RequestContext, body: JsonObject, *, is_new: bool) -> None:
    """Size, scale settings and quota of a cluster."""
    inner = inner_of(body)
    size = size_of(inner)
    scale = object_at(inner, "scaleSettings")
    lowest, highest = scale.get("minNodeCount"), scale.get("maxNodeCount")
    if lowest is None or highest is None:
        raise errors.node_counts_missing()
    if lowest < 0 or highest < 0 or lowest > highest:
        raise errors.node_counts_crossed(lowest, highest)
    if seconds_of(str(scale.get("nodeIdleTimeBeforeScaleDown"))) is None:
        raise errors.user_error(
            "ScaleSettings.NodeIdleTimeBeforeScaleDown must be an ISO 8601 duration, such as PT2M."
        )
    low_priority = inner.get("vmPriority") == "LowPriority"
    if low_priority and not size.low_priority:
        raise errors.user_error(f"The VM size {size.name} is not available with low priority.")
    _check_quota(context, body, size, lowest, low_priority=low_priority, is_new=is_new)


def _check_quota(
    context: RequestContext,
    body: JsonObject,
    size: vm_sizes.VmSize,
    nodes: int,
    *,
    low_priority: bool,
    is_new: bool,
) -> None:
    """A new cluster needs quota for one node; its minimum must fit beside what already runs."""
    dedicated, in_low_priority = locations.cores_in_use(context, region_of(context, body), without=context.id)
    family = size.family
    if low_priority:
        if is_new and size.cores > vm_sizes.TOTAL_LOW_PRIORITY_CORES:
            raise errors.no_total_quota_for_one_node(vm_sizes.TOTAL_LOW_PRIORITY_CORES, size.cores)
        quota, used, label = vm_sizes.TOTAL_LOW_PRIORITY_CORES, in_low_priority, "Total LowPriority"
    else:
        if is_new and family.dedicated_cores < size.cores:
            raise errors.no_quota_for_one_node(family.label, family.dedicated_cores, size.cores)
        quota, used, label = family.dedicated_cores, dedicated[family.key], family.label
    if used + nodes * size.cores > quota:
        raise errors.min_nodes_exceed_quota(label, quota, nodes, nodes * size.cores)

"""What a region offers and how much of it is used: usages, quotas, VM sizes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from sandbox.arm.namespaces.machine_learning import vm_sizes
from sandbox.arm.namespaces.values import JsonObject, object_at, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

COMPUTE_TYPE = "Microsoft.MachineLearningServices/workspaces/computes"


def cores_in_use(context: RequestContext, region: str, *, without: str = "") -> tuple[Counter[str], int]:
    """Cores that run in a region: by family key for dedicated ones, and the low-priority total.

    Nodes that run are an instance, and a cluster's minimum; `without` is the id of a
    compute to leave out.
    """
    dedicated: Counter[str] = Counter()
    low_priority = 0
    for compute in context.all(COMPUTE_TYPE):
        if str(compute["id"]).lower() == without.lower():
            continue
        properties = object_at(compute, "properties")
        inner = object_at(properties, "properties")
        size = vm_sizes.find(str(inner.get("vmSize")))
        if size is None or str(properties.get("computeLocation")).lower() != region.lower():
            continue
        nodes = 1
        if properties.get("computeType") == "AmlCompute":
            nodes = value_at(inner, "scaleSettings.minNodeCount") or 0
        elif inner.get("state") != "Running":
            nodes = 0
        if inner.get("vmPriority") == "LowPriority":
            low_priority += nodes * size.cores
        else:
            dedicated[size.family.key] += nodes * size.cores
    return dedicated, low_priority


def _rows(context: RequestContext, region: str) -> list[tuple[str, str, int, int]]:
    """(key, label, used, limit) for every family and the two totals."""
    dedicated, low_priority = cores_in_use(context, region)
    total, limit, in_use = "Total Cluster", vm_sizes.TOTAL_LOW_PRIORITY_CORES, sum(dedicated.values())
    rows = [
        ("TotalDedicatedCores", f"{total} Dedicated Regional vCPUs", in_use, vm_sizes.TOTAL_DEDICATED_CORES),
        ("TotalLowPriorityCores", f"{total} LowPriority Regional vCPUs", low_priority, limit),
    ]  # fmt: skip
    return rows + [
        (
            family.key,
            f"{family.label} Family Cluster Dedicated vCPUs",
            dedicated[family.key],
            family.dedicated_cores,
        )
        for family in vm_sizes.FAMILIES
    ]


def _id(context: RequestContext, region: str, kind: str, key: str) -> str:
    provider = "providers/Microsoft.MachineLearningServices"
    return f"/subscriptions/{context.subscription_id}/{provider}/locations/{region}/{kind}/{key}"


def list_usages(context: RequestContext, request: JsonObject) -> JsonObject:
    """GET locations/{region}/usages."""
    region = context.query["location"].lower()
    return {
        "value": [
            {
                "id": _id(context, region, "usages", key),
                "type": "Microsoft.MachineLearningServices/usages",
                "unit": "Count",
                "currentValue": used,
                "limit": limit,
                "name": {"value": key, "localizedValue": label},
            }
            for key, label, used, limit in _rows(context, region)
        ]
    }


def list_quotas(context: RequestContext, request: JsonObject) -> JsonObject:
    """GET locations/{region}/quotas."""
    region = context.query["location"].lower()
    return {
        "value": [
            {
                "id": _id(context, region, "quotas", key),
                "type": "Microsoft.MachineLearningServices/quotas",
                "unit": "Count",
                "limit": limit,
                "name": {"value": key, "localizedValue": label},
            }
            for key, label, _, limit in _rows(context, region)
        ]
    }


def list_vm_sizes(context: RequestContext, request: JsonObject) -> JsonObject:
    """GET locations/{region}/vmSizes: the same sizes in every region."""
    return {
        "value": [
            {
                "name": size.name,
                "family": size.family.key,
                "vCPUs": size.cores,
                "gpus": size.gpus,
                "osVhdSizeMB": 1047552,
                "maxResourceVolumeMB": size.disk_mb,
                "memoryGB": size.memory_gb,
                "lowPriorityCapable": size.low_priority,
                "premiumIO": "s" in size.name.split("_")[1].lower(),
                "supportedComputeTypes": ["AmlCompute", "ComputeInstance"],
            }
            for size in vm_sizes.VM_SIZES
        ]
    }

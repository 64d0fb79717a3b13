"""Computes of a workspace: clusters and instances in full, attached ones as far as their shape goes.

A cluster changes its scale settings, identity, tags and description, nothing else. Left
out: nodes that come and go with jobs, setup scripts that run, custom applications, the
attached services themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.arm.facts import documented
from sandbox.arm.namespaces.machine_learning import clusters, errors, instances, managed_network
from sandbox.arm.namespaces.machine_learning.compute_bodies import TYPE, inner_of, region_of, workspace_of
from sandbox.arm.namespaces.values import JsonObject, object_at, timestamp, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

NAMING = documented("Naming rules and restrictions for Azure resources: Microsoft.MachineLearningServices")
FIXED = documented(
    "Create an Azure Machine Learning compute cluster; ClusterUpdateParameters of the REST API"
)

MANAGED = ("AmlCompute", "ComputeInstance")
ATTACHED = (
    "AKS", "Kubernetes", "VirtualMachine", "HDInsight", "DataFactory", "Databricks",
    "DataLakeAnalytics", "SynapseSpark",
)  # fmt: skip
NAME_LENGTHS = {"ComputeInstance": (3, 24), "AmlCompute": (3, 32)}
OTHER_NAME_LENGTHS = (2, 16)
INSTANCE_NAME = r"[A-Za-z](?![A-Za-z0-9-]*-\d+$)[A-Za-z0-9-]{2,23}"
COMPUTE_FIXED = ("computeType", "computeLocation", "resourceId", "disableLocalAuth")


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """What the service fills in, by kind of compute."""
    kind = value_at(body, "properties.computeType")
    region = region_of(context, body)
    properties: JsonObject = {"description": None, "computeLocation": region, "disableLocalAuth": False}
    inner = {"AmlCompute": clusters.DEFAULTS, "ComputeInstance": instances.DEFAULTS}.get(str(kind))
    if inner is not None:
        properties["properties"] = inner
    return {"location": region, "properties": properties}


def computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """State, times, nodes, addresses; for an instance also what a PUT does not change."""
    before = object_at(context.existing, "properties")
    moment = timestamp(context.now)
    kind = str(value_at(body, "properties.computeType"))
    properties: JsonObject = {
        "createdOn": before.get("createdOn") or moment,
        "modifiedOn": moment,
        "isAttachedCompute": kind in ATTACHED,
        "provisioningErrors": None,
    }
    if kind == "AmlCompute":
        properties["properties"] = clusters.state(body, inner_of(context.existing), moment)
    elif kind == "ComputeInstance":
        properties["properties"] = instances.state(context, body, inner_of(context.existing), moment)
    if vm_size := value_at(body, "properties.properties.vmSize"):
        properties["properties"]["vmSize"] = str(vm_size).upper()
    return {"properties": properties}


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """Name, size, quota, scale settings, schedules, and what may not change."""
    kind = value_at(body, "properties.computeType")
    if kind not in (*MANAGED, *ATTACHED):
        raise errors.user_error(f"computeType '{kind}' is not one of {', '.join((*MANAGED, *ATTACHED))}.")
    if existing is None:
        _check_name(context, str(kind), region_of(context, body))
    if kind in MANAGED:
        _check_network(context, body)
    if kind == "AmlCompute":
        clusters.check(context, body, is_new=existing is None)
    elif kind == "ComputeInstance" and existing is None:
        instances.check(context, body)


def _check_name(context: RequestContext, kind: str, region: str) -> None:
    name = context.name
    if kind == "ComputeInstance":
        if not re.fullmatch(INSTANCE_NAME, name):
            raise errors.instance_name_invalid()
        for other in context.all(TYPE):
            same_kind = value_at(other, "properties.computeType") == kind
            if same_kind and str(other["name"]).lower() == name.lower() and region == other.get("location"):
                raise errors.compute_name_taken()
        return
    shortest, longest = NAME_LENGTHS.get(kind, OTHER_NAME_LENGTHS)
    if not (shortest <= len(name) <= longest and re.fullmatch(r"[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?", name)):
        raise errors.compute_name_invalid(shortest, longest)


def _check_network(context: RequestContext, body: JsonObject) -> None:
    """Computes of a workspace with a managed network are in that one, never in a subnet of the user's."""
    mode = value_at(workspace_of(context), "properties.managedNetwork.isolationMode") or "Disabled"
    if mode != "Disabled" and value_at(body, "properties.properties.subnet.id"):
        raise errors.user_error(
            f"A compute can't be in a subnet of its own while the workspace's managed network is {mode}."
        )


def created(context: RequestContext, body: JsonObject) -> None:
    """The first managed compute of a workspace provisions its managed network."""
    if value_at(body, "properties.computeType") in MANAGED:
        managed_network.activate(context, workspace_of(context))

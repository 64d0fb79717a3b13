"""Computes of a workspace: clusters and instances in full, attached ones as far as their shape goes.

A cluster changes its scale settings, identity, tags and description, nothing else. An
instance takes a PUT on itself and ignores it (Azure/bicep-types-az#2543): its idle time
and schedules change by their own actions. Left out: nodes that come and go with jobs,
setup scripts that run, custom applications, the attached services themselves.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.arm.facts import documented, recorded
from sandbox.arm.namespaces.machine_learning import errors, locations, managed_network, vm_sizes
from sandbox.arm.namespaces.values import JsonObject, object_at, parent_of, seconds_of, timestamp, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.MachineLearningServices/workspaces/computes"

NAMING = documented("Naming rules and restrictions for Azure resources: Microsoft.MachineLearningServices")
CLUSTER = recorded("Azure/azure-powershell, help of New-AzMLWorkspaceCompute, 2025-11-05")
INSTANCE = recorded("Azure/azure-powershell, MachineLearningServices development notes, 2022-04-11")
FIXED = documented(
    "Create an Azure Machine Learning compute cluster; ClusterUpdateParameters of the REST API"
)
IGNORED = recorded("Azure/bicep-types-az#2543, 2025-07-17")

MANAGED = ("AmlCompute", "ComputeInstance")
ATTACHED = (
    "AKS", "Kubernetes", "VirtualMachine", "HDInsight", "DataFactory", "Databricks",
    "DataLakeAnalytics", "SynapseSpark",
)  # fmt: skip
NAME_LENGTHS = {"ComputeInstance": (3, 24), "AmlCompute": (3, 32)}
OTHER_NAME_LENGTHS = (2, 16)
INSTANCE_NAME = r"[A-Za-z](?![A-Za-z0-9-]*-\d+$)[A-Za-z0-9-]{2,23}"
PUBLIC_ADDRESS, PRIVATE_ADDRESS = "203.0.113.5", "10.0.0.5"  # of a documentation range, and private
OS_IMAGE = "25.10.01"
IDLE_SECONDS = (15 * 60, 3 * 24 * 3600)

# What the service refuses to change, below properties.properties; "Create an Azure Machine
# Learning compute cluster" and ClusterUpdateParameters, which holds scaleSettings alone.
CLUSTER_FIXED = (
    "vmSize", "vmPriority", "osType", "subnet.id", "isolatedNetwork", "enableNodePublicIp",
    "remoteLoginPortPublicAccess", "userAccountCredentials.adminUserName", "virtualMachineImage.id",
)  # fmt: skip
INSTANCE_FIXED = (
    "vmSize", "subnet.id", "enableNodePublicIp", "computeInstanceAuthorizationType",
    "personalComputeInstanceSettings.assignedUser.objectId", "applicationSharingPolicy", "enableSSO",
    "sshSettings.sshPublicAccess", "sshSettings.adminPublicKey",
)  # fmt: skip
COMPUTE_FIXED = ("computeType", "computeLocation", "resourceId", "disableLocalAuth")
INSTANCE_IGNORED = ("idleTimeBeforeShutdown", "schedules")


def workspace_of(context: RequestContext) -> JsonObject:
    """The workspace that holds the compute."""
    return context.find(parent_of(context.id)) or {}


def _inner(body: JsonObject | None) -> JsonObject:
    return object_at(body, "properties.properties")


def region_of(context: RequestContext, body: JsonObject) -> str:
    """`computeLocation`, or the workspace's region where the request does not name one."""
    named = value_at(body, "properties.computeLocation") or body.get("location")
    return str(named or workspace_of(context).get("location")).lower().replace(" ", "")


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """What the service fills in, by kind of compute."""
    kind = value_at(body, "properties.computeType")
    region = region_of(context, body)
    properties: JsonObject = {"description": None, "computeLocation": region, "disableLocalAuth": False}
    if kind == "AmlCompute":
        properties["properties"] = {
            "osType": "Linux",
            "vmPriority": "Dedicated",
            "isolatedNetwork": False,
            "remoteLoginPortPublicAccess": "Enabled",
            "enableNodePublicIp": True,
            "scaleSettings": {"nodeIdleTimeBeforeScaleDown": "PT2M"},
        }
    elif kind == "ComputeInstance":
        properties["properties"] = {
            "subnet": None,
            "applicationSharingPolicy": "Shared",
            "computeInstanceAuthorizationType": "personal",
            "personalComputeInstanceSettings": None,
            "setupScripts": None,
            "schedules": {"computeStartStop": []},
            "enableNodePublicIp": True,
            "sshSettings": {"sshPublicAccess": "Disabled"},
        }
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
        properties["properties"] = _cluster_state(body, _inner(context.existing), moment)
    elif kind == "ComputeInstance":
        properties["properties"] = _instance_state(context, body, _inner(context.existing), moment)
    if vm_size := value_at(body, "properties.properties.vmSize"):
        properties["properties"]["vmSize"] = str(vm_size).upper()
    return {"properties": properties}


def _cluster_state(body: JsonObject, before: JsonObject, moment: str) -> JsonObject:
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


def _instance_state(context: RequestContext, body: JsonObject, before: JsonObject, moment: str) -> JsonObject:
    host = f"{context.name.lower()}.{region_of(context, body)}.instances.azureml.ms"
    applications = {"Jupyter": f"https://{host}/tree/", "Jupyter Lab": f"https://{host}/lab"}
    public = _inner(body).get("enableNodePublicIp")
    state: JsonObject = {
        "errors": [],
        "state": before.get("state") or "Running",
        "createdBy": before.get("createdBy")
        or {"userName": None, "userOrgId": context.tenant_id, "userId": context.caller.object_id},
        "connectivityEndpoints": {
            "publicIpAddress": PUBLIC_ADDRESS if public else None,
            "privateIpAddress": PRIVATE_ADDRESS,
        },
        "applications": [{"displayName": name, "endpointUri": uri} for name, uri in applications.items()],
        "sshSettings": {"adminUserName": "azureuser", "sshPort": 4001},
        "lastOperation": before.get("lastOperation") or last_operation("Create", moment),
        "versions": {"runtime": "3.0.02120.0004"},
        "containers": None,
        "dataDisks": None,
        "dataMounts": None,
        "osImageMetadata": {
            "currentImageVersion": OS_IMAGE,
            "latestImageVersion": OS_IMAGE,
            "isLatestOsImageVersion": True,
        },
    }
    if before:
        state |= {name: before.get(name) for name in INSTANCE_IGNORED}
    else:
        state["schedules"] = {"computeStartStop": _numbered(_inner(body))}
    return state


def _numbered(inner: JsonObject) -> list[JsonObject]:
    """Schedules with the id and state that the service gives each."""
    schedules = value_at(inner, "schedules.computeStartStop") or []
    return [
        {"id": str(number), "provisioningStatus": "Completed", "status": "Enabled", **schedule}
        for number, schedule in enumerate(schedules)
    ]


def last_operation(name: str, moment: str) -> JsonObject:
    """`lastOperation` of an instance after a user's request that went well."""
    return {
        "operationName": name,
        "operationTime": moment,
        "operationStatus": "Succeeded",
        "operationTrigger": "User",
    }


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """Name, size, quota, scale settings, schedules, and what may not change."""
    kind = value_at(body, "properties.computeType")
    if kind not in (*MANAGED, *ATTACHED):
        raise errors.user_error(f"computeType '{kind}' is not one of {', '.join((*MANAGED, *ATTACHED))}.")
    if existing is None:
        _check_name(context, str(kind), region_of(context, body))
    if kind == "AmlCompute":
        _check_cluster(context, body, is_new=existing is None)
    elif kind == "ComputeInstance" and existing is None:
        _check_instance(context, body)


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


def _size(inner: JsonObject) -> vm_sizes.VmSize:
    name = str(inner.get("vmSize"))
    size = vm_sizes.find(name)
    if size is None:
        raise errors.vm_size_not_supported(name, vm_sizes.supported_names())
    return size


def _check_cluster(context: RequestContext, body: JsonObject, *, is_new: bool) -> None:
    inner = _inner(body)
    size = _size(inner)
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


def _check_instance(context: RequestContext, body: JsonObject) -> None:
    inner = _inner(body)
    size = _size(inner)
    idle = inner.get("idleTimeBeforeShutdown")
    if idle is not None:
        check_idle_time(str(idle))
    for schedule in value_at(inner, "schedules.computeStartStop") or []:
        check_schedule(schedule)
    dedicated, _ = locations.cores_in_use(context, region_of(context, body), without=context.id)
    if dedicated[size.family.key] + size.cores > size.family.dedicated_cores:
        raise errors.min_nodes_exceed_quota(size.family.label, size.family.dedicated_cores, 1, size.cores)


def check_idle_time(text: str) -> None:
    """As "Create a compute instance: configure idle shutdown": fifteen minutes to three days."""
    seconds = seconds_of(text)
    if seconds is None or not IDLE_SECONDS[0] <= seconds <= IDLE_SECONDS[1]:
        raise errors.user_error(
            f"idleTimeBeforeShutdown '{text}' must be an ISO 8601 duration between 15 minutes and 3 "
            "days, such as PT30M."
        )


def check_schedule(schedule: JsonObject) -> None:
    """A start or stop by cron expression or by recurrence, with the section that its trigger needs."""
    trigger = schedule.get("triggerType")
    if schedule.get("action") not in ("Start", "Stop"):
        raise errors.user_error("A compute start-stop schedule needs the action Start or Stop.")
    if trigger == "Cron":
        if len(str(value_at(schedule, "cron.expression") or "").split()) != 5:
            raise errors.user_error(
                "A compute schedule of trigger type Cron needs cron.expression with five fields."
            )
    elif trigger == "Recurrence":
        if not value_at(schedule, "recurrence.frequency") or not value_at(schedule, "recurrence.interval"):
            raise errors.user_error(
                "A compute schedule of trigger type Recurrence needs recurrence.frequency and "
                "recurrence.interval."
            )
    else:
        raise errors.user_error(
            f"A compute schedule's trigger type must be Cron or Recurrence, not '{trigger}'."
        )


def created(context: RequestContext, body: JsonObject) -> None:
    """The first managed compute of a workspace provisions its managed network."""
    if value_at(body, "properties.computeType") in MANAGED:
        managed_network.activate(context, workspace_of(context))

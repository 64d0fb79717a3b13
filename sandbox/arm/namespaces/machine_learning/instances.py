"""Compute instances: idle shutdown, schedules, and the state of one that runs.

A PUT on an existing instance changes neither idle time nor schedules (IGNORED): they
have actions of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.arm.facts import recorded
from sandbox.arm.namespaces.machine_learning import errors, locations
from sandbox.arm.namespaces.machine_learning.compute_bodies import inner_of, region_of, size_of
from sandbox.arm.namespaces.values import JsonObject, seconds_of, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

RECORDING = recorded("Azure/azure-powershell, MachineLearningServices development notes, 2022-04-11")
IGNORED = recorded("Azure/bicep-types-az#2543, 2025-07-17")

FIXED = (
    "vmSize", "subnet.id", "enableNodePublicIp", "computeInstanceAuthorizationType",
    "personalComputeInstanceSettings.assignedUser.objectId", "applicationSharingPolicy", "enableSSO",
    "sshSettings.sshPublicAccess", "sshSettings.adminPublicKey",
)  # fmt: skip
DEFAULTS: JsonObject = {
    "subnet": None,
    "applicationSharingPolicy": "Shared",
    "computeInstanceAuthorizationType": "personal",
    "personalComputeInstanceSettings": None,
    "setupScripts": None,
    "schedules": {"computeStartStop": []},
    "enableNodePublicIp": True,
    "sshSettings": {"sshPublicAccess": "Disabled"},
}
INSTANCE_IGNORED = ("idleTimeBeforeShutdown", "schedules")
PUBLIC_ADDRESS, PRIVATE_ADDRESS = "203.0.113.5", "10.0.0.5"  # of a documentation range, and private
OS_IMAGE = "25.10.01"
IDLE_SECONDS = (15 * 60, 3 * 24 * 3600)


def state(context: RequestContext, body: JsonObject, before: JsonObject, moment: str) -> JsonObject:
    """State, addresses and times; for an existing instance also what a PUT does not change."""
    host = f"{context.name.lower()}.{region_of(context, body)}.instances.azureml.ms"
    applications = {"Jupyter": f"https://{host}/tree/", "Jupyter Lab": f"https://{host}/lab"}
    public = inner_of(body).get("enableNodePublicIp")
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
        state["schedules"] = {"computeStartStop": _numbered(inner_of(body))}
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


def check(context: RequestContext, body: JsonObject) -> None:
    """Size, idle time, schedules and quota of a new instance."""
    inner = inner_of(body)
    size = size_of(inner)
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
            f"idleTimeBeforeShutdown '{text}' must be an ISO 8601 duration between 15 minutes and 3 days, "
            "such as PT30M."
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

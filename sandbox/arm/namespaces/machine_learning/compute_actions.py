"""POST actions on computes: start, stop, restart, nodes, idle time, schedules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.arm.namespaces.machine_learning import computes, errors, instances
from sandbox.arm.namespaces.values import JsonObject, account_key, object_at, timestamp, value_at
from sandbox.arm.resource_type import Answer, LroStyle

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

OPERATION_SECONDS = 60.0  # starting or stopping a virtual machine


def _instance(context: RequestContext) -> JsonObject:
    body = context.existing or {}
    if value_at(body, "properties.computeType") != "ComputeInstance":
        kind = value_at(body, "properties.computeType")
        raise errors.user_error(f"The operation is not supported for a compute of type {kind}.")
    return body


def _save(context: RequestContext, body: JsonObject, **changes: object) -> None:
    inner = {**object_at(body, "properties.properties"), **changes}
    context.write(context.id, {**body, "properties": {**body["properties"], "properties": inner}})


def _operate(context: RequestContext, name: str, state: str) -> Answer:
    body = _instance(context)
    done = instances.last_operation(name, timestamp(context.now))
    _save(context, body, state=state, lastOperation=done)
    return Answer(status=202, style=LroStyle.ASYNC_OPERATION, seconds=OPERATION_SECONDS)


def start(context: RequestContext, request: JsonObject) -> Answer:
    """POST start: a stopped instance runs again, if its family's quota allows."""
    return _operate(context, "Start", "Running")


def stop(context: RequestContext, request: JsonObject) -> Answer:
    """POST stop."""
    return _operate(context, "Stop", "Stopped")


def restart(context: RequestContext, request: JsonObject) -> Answer:
    """POST restart."""
    return _operate(context, "Restart", "Running")


def list_nodes(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST listNodes: the nodes that a cluster keeps running."""
    count = value_at(context.existing, "properties.properties.currentNodeCount")
    if count is None:
        raise errors.user_error("Only a compute cluster has nodes to list.")
    nodes = [
        {
            "nodeId": f"tvmps_{context.name}_{number}",
            "privateIpAddress": f"10.0.0.{number + 10}",
            "nodeState": "idle",
        }
        for number in range(count)
    ]
    return {"nodes": nodes}


def list_keys(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST listKeys: secrets of an attached compute; managed ones have none."""
    kind = str(value_at(context.existing, "properties.computeType"))
    if kind in computes.MANAGED:
        raise errors.user_error(f"A compute of type {kind} has no keys.")
    secrets = {"computeType": kind}
    if kind == "Databricks":
        secrets["databricksAccessToken"] = context.secrets.setdefault("token", account_key(24))
    return secrets


def update_idle_shutdown(context: RequestContext, request: JsonObject) -> Answer:
    """POST updateIdleShutdownSetting {idleTimeBeforeShutdown}: the one way to change it."""
    body = _instance(context)
    idle = str(request.get("idleTimeBeforeShutdown"))
    instances.check_idle_time(idle)
    _save(context, body, idleTimeBeforeShutdown=idle)
    return Answer(status=200)

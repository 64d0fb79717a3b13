"""How long-running operations end, and where their status is asked for."""

from __future__ import annotations

from datetime import datetime

from sandbox.arm import operations
from sandbox.arm.ids import key_of, subscription_of
from sandbox.arm.registry import Registry
from sandbox.arm.resource_type import ResourceType
from sandbox.arm.soft_delete import take_away
from sandbox.arm.store import Transaction
from sandbox.arm.targets import GROUPS


def settle(transaction: Transaction, registry: Registry, now: datetime) -> None:
    """End every operation whose time is over, in the order of their ends."""
    operations.settle(transaction, now, lambda inner, record: _finish(inner, registry, now, record))


def operation_base(declared: ResourceType, resource_id: str, location: str) -> str:
    """Where the status URLs of a type's operations lie."""
    base = f"/subscriptions/{subscription_of(key_of(resource_id))}"
    if declared.type == GROUPS:
        return base
    return f"{base}/providers/{declared.namespace}/locations/{location or 'global'}"


def _finish(
    transaction: Transaction, registry: Registry, now: datetime, record: operations.OperationRecord
) -> None:
    """What the end of an operation does to its resource."""
    if record.verb == "POST":
        return
    body = transaction.body(record.resource_id)
    if body is None or body.get("_operation") != record.id:
        return
    if record.verb == "DELETE" and record.failure is None:
        take_away(transaction, registry, record.resource_id, now, permanent=record.permanent)
        return
    del body["_operation"]
    declared = registry.find(str(body["type"]))
    if declared is None or declared.provisioning_state:
        properties = body.setdefault("properties", {})
        properties["provisioningState"] = "Failed" if record.failure else "Succeeded"
    transaction.write(record.resource_id, body, now=now)

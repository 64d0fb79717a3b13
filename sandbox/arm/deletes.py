"""DELETE: a resource with all below it, at once or when its operation ends."""

from __future__ import annotations

from typing import Any

from sandbox.arm import checks, operations
from sandbox.arm.bodies import shown
from sandbox.arm.call import Call, Reply
from sandbox.arm.endings import operation_base, settle
from sandbox.arm.errors import ArmError
from sandbox.arm.ids import key_of
from sandbox.arm.resource_errors import another_operation_in_progress
from sandbox.arm.resource_type import LroStyle, ResourceType
from sandbox.arm.soft_delete import take_away

JsonObject = dict[str, Any]


def delete(call: Call, resource_id: str) -> Reply:
    """Carry out a DELETE; 204 when there is nothing to delete."""
    declared = call.target.type
    existing = call.transaction.body(resource_id)
    if existing is None:
        return _delete_again(call, declared, resource_id)
    resource_id = str(existing["id"])
    checks.locks(call, declared, resource_id, "delete")
    if existing.get("_operation") and _state(existing) == "Deleting":
        raise another_operation_in_progress(resource_id)
    permanent = _permanent(call, declared, resource_id, existing)
    _run_hooks(call, resource_id)
    style, seconds = declared.lro.delete, declared.lro.delete_seconds * call.core.lro_scale
    if style in (LroStyle.NONE, LroStyle.BODY) and not seconds:
        take_away(call.transaction, call.core.registry, resource_id, call.now, permanent=permanent)
        return Reply(200, shown(existing) if declared.delete_answers_body else None)
    return _start(call, declared, existing, style, seconds, permanent=permanent)


def _start(
    call: Call,
    declared: ResourceType,
    existing: JsonObject,
    style: LroStyle,
    seconds: float,
    *,
    permanent: bool,
) -> Reply:
    resource_id = str(existing["id"])
    slow, fail = call.fault("lro_slow"), call.fault("lro_fail")
    seconds += slow.seconds if slow else 0
    record = operations.start(
        call.transaction,
        verb="DELETE",
        resource_id=resource_id,
        style=LroStyle.LOCATION if style in (LroStyle.NONE, LroStyle.BODY) else style,
        url_base=operation_base(declared, resource_id, str(existing.get("location") or "global")),
        api_version=call.api_version,
        now=call.now,
        seconds=seconds,
        failure={"code": fail.code, "message": fail.message} if fail else None,
        permanent=permanent,
    )
    existing["_operation"] = record.id
    if isinstance(existing.get("properties"), dict):
        existing["properties"]["provisioningState"] = "Deleting"
    call.transaction.write(resource_id, existing, now=call.now)
    headers = operations.polling_headers(record, call.base_url, call.now)
    if not seconds:
        settle(call.transaction, call.core.registry, call.now)
    return Reply(202, None, headers)


def _state(body: JsonObject) -> str:
    return str((body.get("properties") or {}).get("provisioningState", ""))


def _permanent(call: Call, declared: ResourceType, resource_id: str, existing: JsonObject | None) -> bool:
    if declared.soft_delete is None:
        return True
    return declared.soft_delete.permanent(call.context(resource_id, declared, existing))


def _delete_again(call: Call, declared: ResourceType, resource_id: str) -> Reply:
    """Nothing is there; but a permanent delete also reaches what was soft-deleted before."""
    kept = call.transaction.deleted(declared.type, key=key_of(resource_id)) if declared.soft_delete else []
    if not kept or not _permanent(call, declared, resource_id, kept[0].body):
        return Reply(204)
    call.transaction.purge(resource_id)
    if declared.lro.delete in (LroStyle.NONE, LroStyle.BODY):
        return Reply(200)
    record = operations.start(
        call.transaction,
        verb="DELETE",
        resource_id=resource_id,
        style=declared.lro.delete,
        url_base=operation_base(declared, resource_id, kept[0].location),
        api_version=call.api_version,
        now=call.now,
        seconds=declared.lro.delete_seconds * call.core.lro_scale,
    )
    return Reply(202, None, operations.polling_headers(record, call.base_url, call.now))


def _run_hooks(call: Call, resource_id: str) -> None:
    """Ask everything that would go, innermost first. One that refuses is asked again once others are gone."""
    doomed = [call.transaction.body(resource_id) or {}, *call.transaction.below(resource_id)]
    waiting = [str(body["id"]) for body in reversed(doomed)]
    while waiting:
        refused: list[tuple[str, ArmError]] = []
        for doomed_id in waiting:
            try:
                _run_hook(call, doomed_id)
            except ArmError as error:
                refused.append((doomed_id, error))
        if len(refused) == len(waiting):
            raise refused[0][1]
        waiting = [doomed_id for doomed_id, _ in refused]


def _run_hook(call: Call, resource_id: str) -> None:
    body = call.transaction.body(resource_id)
    declared = call.core.registry.find(str(body["type"])) if body else None
    if body is None or declared is None:
        return
    if declared.deleted is not None:
        declared.deleted(call.context(resource_id, declared, body), body)
    principal = (body.get("identity") or {}).get("principalId")
    if principal:
        call.transaction.remove_principal(principal)

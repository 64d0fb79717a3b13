"""PUT and PATCH: from a request's body to a stored resource."""

from __future__ import annotations

from typing import Any

from sandbox.arm import checks, operations
from sandbox.arm.bodies import merged, merged_by_schema, shown, without_nulls, without_path
from sandbox.arm.call import Call, Reply
from sandbox.arm.clock import timestamp
from sandbox.arm.context import RequestContext
from sandbox.arm.endings import operation_base, settle
from sandbox.arm.resource_errors import another_operation_in_progress, resource_group_being_deleted
from sandbox.arm.resource_type import LroStyle, ResourceType
from sandbox.arm.soft_delete import recover

JsonObject = dict[str, Any]


def write(call: Call, resource_id: str) -> Reply:
    """Carry out a PUT or PATCH. The order is ARM's: schema first, then rules, then the service's own."""
    declared, patch = call.target.type, call.method == "PATCH"
    existing = call.transaction.body(resource_id)
    resource_id = str(existing["id"]) if existing else resource_id
    context = call.context(resource_id, declared, existing)
    if existing is None:
        checks.name(declared, context.name)
    request = call.read_body()
    if declared.as_read is not None:
        request = declared.as_read(request)
    content, schema = checks.body(call, declared, request, patch=patch)
    checks.tags(content)
    checks.locks(call, declared, resource_id, "write")
    _not_busy(context)
    if existing is None and declared.soft_delete is not None:
        existing = recover(call, context, content)
    if existing is None:
        checks.name_is_free(context, declared)
    keeps = existing is not None and (patch or declared.put_keeps_omitted)
    content = _cleaned(merged_by_schema(existing or {}, content, schema) if keeps else content)
    if declared.tracked:
        content["location"] = context.location = checks.location(context, declared, content)
    if existing is not None:
        checks.unchanged(declared, existing, content)
    body = _finished(call, context, content)
    return _store(call, context, body)


def _not_busy(context: RequestContext) -> None:
    group_id = f"/subscriptions/{context.subscription_id}/resourceGroups/{context.resource_group}"
    group = context.find(group_id) if context.resource_group else None
    if group and (group.get("properties") or {}).get("provisioningState") == "Deleting":
        raise resource_group_being_deleted(str(group["name"]))
    if context.existing is not None and context.existing.get("_operation"):
        raise another_operation_in_progress(context.id)


def _cleaned(content: JsonObject) -> JsonObject:
    """The request without what says nothing (null) and what ARM writes itself."""
    tags = content.get("tags")
    cleaned: JsonObject = without_nulls(content)
    if tags is not None:
        cleaned["tags"] = tags
    for member in ("id", "name", "type", "systemData", "_operation"):
        cleaned.pop(member, None)
    return cleaned


def _finished(call: Call, context: RequestContext, content: JsonObject) -> JsonObject:
    """The request with defaults under it and computed values over it, once its rules are met."""
    declared = call.target.type
    if declared.defaults is not None:
        content = merged(declared.defaults(context, content), content)
    if declared.validate is not None:
        declared.validate(context, content, context.existing)
    checks.identity(call, context, content)
    body: JsonObject = {"id": context.id, "name": context.name, "type": declared.type, **content}
    if declared.tracked:
        body["tags"] = content.get("tags") or {}
    if declared.computed is not None:
        body = merged(body, declared.computed(context, body))
    if declared.provisioning_state:
        body["properties"] = {**(body.get("properties") or {}), "provisioningState": "Succeeded"}
    if declared.system_data:
        body["systemData"] = _system_data(context)
    return body


def _system_data(context: RequestContext) -> JsonObject:
    """Who made the resource and who changed it last ("Common API details", systemData)."""
    by = context.caller.application_id or context.caller.object_id
    kind = "Application" if context.caller.application_id else "User"
    moment = timestamp(context.now)
    before = (context.existing or {}).get("systemData") or {
        "createdBy": by,
        "createdByType": kind,
        "createdAt": moment,
    }
    return {**before, "lastModifiedBy": by, "lastModifiedByType": kind, "lastModifiedAt": moment}


def _store(call: Call, context: RequestContext, body: JsonObject) -> Reply:
    declared, created = call.target.type, context.existing is None
    style = declared.lro.create if created else declared.lro.update
    visible = body
    for path in declared.write_only:
        visible = without_path(visible, path)
    headers: dict[str, str] = {}
    if style is not LroStyle.NONE:
        visible, headers = _start(call, context, visible, style, created=created)
    call.transaction.write(context.id, visible, now=context.now, secrets=context.secrets)
    if created:
        make_singletons(call, context.id, declared)
    hook = declared.created if created else declared.updated
    if hook is not None:
        hook(context, body)
        call.transaction.write_secrets(context.id, context.secrets)
    stored = call.transaction.body(context.id) or visible
    if headers and not _pending(call, declared, created=created):
        # Without an emulated duration the work is done now; only the answer still says that it goes on.
        settle(call.transaction, call.core.registry, call.now)
    return _reply(call, declared, stored, style=style, headers=headers, created=created)


def _pending(call: Call, declared: ResourceType, *, created: bool) -> bool:
    seconds = declared.lro.create_seconds if created else declared.lro.update_seconds
    slow = call.fault("lro_slow")
    return seconds * call.core.lro_scale + (slow.seconds if slow else 0) > 0


def _start(
    call: Call, context: RequestContext, body: JsonObject, style: LroStyle, *, created: bool
) -> tuple[JsonObject, dict[str, str]]:
    declared = call.target.type
    seconds = (declared.lro.create_seconds if created else declared.lro.update_seconds) * call.core.lro_scale
    slow, fail = call.fault("lro_slow"), call.fault("lro_fail")
    record = operations.start(
        call.transaction,
        verb="PUT",
        resource_id=context.id,
        style=style,
        url_base=operation_base(declared, context.id, context.location),
        api_version=call.api_version,
        now=context.now,
        seconds=seconds + (slow.seconds if slow else 0),
        failure={"code": fail.code, "message": fail.message} if fail else None,
    )
    body = {**body, "_operation": record.id}
    if declared.provisioning_state:
        state = "Creating" if created else "Updating"
        body["properties"] = {**body["properties"], "provisioningState": state}
    return body, operations.polling_headers(record, call.base_url, context.now)


def _reply(
    call: Call,
    declared: ResourceType,
    stored: JsonObject,
    *,
    style: LroStyle,
    headers: dict[str, str],
    created: bool,
) -> Reply:
    answer = shown(stored)
    if style is LroStyle.LOCATION:
        return Reply(202, None, headers)
    if style is LroStyle.ASYNC_OPERATION and call.method == "PATCH":
        return Reply(202, None, headers)
    return Reply(declared.created_status if created else 200, answer, headers)


def make_singletons(call: Call, resource_id: str, declared: ResourceType) -> None:
    """The children that exist as soon as their parent does, with their defaults."""
    for child in call.core.registry.singletons(declared.type):
        child_id = f"{resource_id}/{child.segments[-1]}/{child.singleton}"
        context = call.context(child_id, child, None)
        body: JsonObject = child.defaults(context, {}) if child.defaults else {"properties": {}}
        body = {"id": child_id, "name": child.singleton, "type": child.type, **body}
        if child.computed is not None:
            body = merged(body, child.computed(context, body))
        if child.provisioning_state:
            body["properties"] = {**(body.get("properties") or {}), "provisioningState": "Succeeded"}
        call.transaction.write(child_id, body, now=call.now, secrets=context.secrets)
        make_singletons(call, child_id, child)

"""GET, HEAD, LIST, actions, operations and the status of long-running operations."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import quote

from sandbox.arm import checks, operations, resource_errors
from sandbox.arm.bodies import shown
from sandbox.arm.call import Call, Reply
from sandbox.arm.endings import operation_base
from sandbox.arm.errors import ArmError
from sandbox.arm.ids import key_of
from sandbox.arm.resource_type import Answer, LroStyle, ResourceType
from sandbox.arm.targets import GROUPS

JsonObject = dict[str, Any]


def not_found(call: Call, resource_id: str, declared: ResourceType) -> ArmError:
    """The error for a resource that is not there: its service's own, or ARM's."""
    context = call.context(resource_id, declared, None)
    if declared.not_found is not None:
        return declared.not_found(context)
    names = key_of(resource_id).rpartition("/providers/")[2].split("/")[2::2]
    spelled = resource_id.split("/")[-2 * len(names) + 1 :: 2]
    return resource_errors.resource_not_found(declared.type, "/".join(spelled), context.resource_group)


def get(call: Call, resource_id: str) -> Reply:
    """One resource. A resource whose operation still runs says when to ask again."""
    declared = call.target.type
    body = call.transaction.body(resource_id)
    if body is None and declared.unstored is not None:
        body = declared.unstored(call.context(resource_id, declared, None))
    if body is None:
        raise not_found(call, resource_id, declared)
    if declared.presented is not None:
        body = declared.presented(call.context(resource_id, declared, body), body)
    headers: dict[str, str] = {}
    if "_operation" in body:
        headers = operations.retry_headers(operations.find(call.transaction, body["_operation"]), call.now)
    return Reply(200, shown(body), headers)


def head(call: Call, resource_id: str) -> Reply:
    """Whether a resource is there: 204 or 404, both without a body."""
    return Reply(204 if call.transaction.exists(resource_id) else 404)


def list_(call: Call) -> Reply:
    """The resources of a type in a group, subscription or scope, or below a parent; in pages when many."""
    declared, parent = call.target.type, call.target.parent
    context = call.context(parent, declared, None)
    if declared.scope == "resourceGroup" and not declared.parent_type and not context.resource_group:
        found = call.transaction.of_type(declared.type, context.subscription_id)
    else:
        found = call.transaction.children(parent, declared.type)
    if declared.type == GROUPS:
        permission = "Microsoft.Resources/subscriptions/resourceGroups/read"
        found = [item for item in found if call.allowed(permission, str(item["id"]))]
    if declared.presented is not None:
        found = [declared.presented(call.context(str(one["id"]), declared, one), one) for one in found]
    if declared.list_filter is not None:
        found = declared.list_filter(context, found)
    return Reply(200, _page(call, [shown(item) for item in found]))


def _page(call: Call, items: list[JsonObject]) -> JsonObject:
    """One page and the link to the next ("Common API details, paging")."""
    parameter = call.target.type.page_parameter
    start = _offset(call.query.get(parameter, ""))
    size = min(_top(call.query.get("$top")) or call.core.page_size, call.core.page_size)
    page: JsonObject = {"value": items[start : start + size]}
    if start + size < len(items):
        token = base64.urlsafe_b64encode(str(start + size).encode()).decode()
        base, _, query = call.url.partition("?")
        kept = [
            part
            for part in query.split("&")
            if part and not part.lower().startswith((f"{parameter}=", f"%24{parameter[1:]}="))
        ]
        page["nextLink"] = f"{base}?{'&'.join([*kept, f'{parameter}={quote(token)}'])}"
    return page


def _offset(token: str) -> int:
    if not token:
        return 0
    try:
        return max(0, int(base64.urlsafe_b64decode(token.encode())))
    except ValueError:
        raise ArmError(400, "InvalidSkipToken", f"The skip token '{token}' is invalid.") from None


def _top(text: str | None) -> int:
    if text is None:
        return 0
    if not text.isdigit() or int(text) == 0:
        raise ArmError(
            400, "InvalidTop", f"The value '{text}' of $top is invalid: it must be a positive number."
        )
    return int(text)


def action(call: Call, resource_id: str) -> Reply:
    """POST (or GET) {id}/NAME. A ReadOnly lock forbids POSTs, for they may hand out or change keys."""
    declared = call.target.type
    body = call.transaction.body(resource_id)
    if body is None and call.target.action not in declared.early_actions:
        raise not_found(call, resource_id, declared)
    resource_id = str(body["id"]) if body is not None else resource_id
    if call.method == "POST":
        checks.locks(call, declared, resource_id, "write")
    context = call.context(resource_id, declared, body)
    request = _action_body(call, declared)
    before = dict(context.secrets)
    result = declared.actions[call.target.action](context, request)
    if context.secrets != before:
        call.transaction.write_secrets(resource_id, context.secrets)
    return _answer(call, result, operation_base(declared, resource_id, context.location))


def _action_body(call: Call, declared: ResourceType) -> JsonObject:
    name = call.target.action.rpartition(" ")[2]
    schema = call.core.schemas.action(declared.schema_type or declared.type, name, call.api_version)
    request = call.read_body() if call.method == "POST" else {}
    if schema is None or not request:
        return request
    checks.against(request, schema)
    return request


def operation(call: Call) -> Reply:
    """A request about no stored resource."""
    matched = call.target.operation
    if matched is None:
        raise LookupError("a target of kind operation has no operation")
    call.query = {**call.query, **matched.values}
    context = call.context(call.target.parent, None, None)
    request = call.read_body() if call.method in ("POST", "PUT") else {}
    result = matched.operation.handler(context, request)
    namespace = matched.operation.api_versions_of.partition("/")[0] or "Microsoft.Resources"
    place = f"providers/{namespace}/locations/{context.location or 'global'}"
    return _answer(call, result, f"/subscriptions/{context.subscription_id}/{place}")


def _answer(call: Call, result: JsonObject | Answer, url_base: str) -> Reply:
    if not isinstance(result, Answer):
        return Reply(200, result)
    if result.style is LroStyle.NONE:
        return Reply(result.status, result.body, result.headers)
    slow, fail = call.fault("lro_slow"), call.fault("lro_fail")
    record = operations.start(
        call.transaction,
        verb="POST",
        resource_id=call.target.permission_scope,
        style=result.style,
        url_base=url_base,
        api_version=call.api_version,
        now=call.now,
        seconds=result.seconds * call.core.lro_scale + (slow.seconds if slow else 0),
        failure={"code": fail.code, "message": fail.message} if fail else None,
        result=result.body,
    )
    return Reply(202, None, {**result.headers, **operations.polling_headers(record, call.base_url, call.now)})


def status(call: Call) -> Reply:
    """What the URLs of a long-running operation answer: its state, or (Location) its result."""
    record = operations.find(call.transaction, call.target.name)
    if call.target.action == "operationstatuses":
        headers = operations.retry_headers(record, call.now) if record.status == "InProgress" else {}
        return Reply(200, operations.status_body(record), headers)
    if record.status == "InProgress":
        return Reply(202, None, operations.polling_headers(record, call.base_url, call.now))
    if record.status == "Failed":
        raise operations.failure_of(record)
    if record.verb == "POST":
        return Reply(200, record.result) if record.result is not None else Reply(200)
    body = call.transaction.body(record.resource_id) if record.verb == "PUT" else None
    return Reply(200, shown(body)) if body is not None else Reply(200)

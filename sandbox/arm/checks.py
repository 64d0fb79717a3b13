"""What a write must pass before it is stored, one function per rule; each raises an ArmError."""

from __future__ import annotations

import re
import uuid
from typing import Any

from sandbox.arm import errors, resource_errors
from sandbox.arm.bodies import coerced, value_at, without_read_only
from sandbox.arm.call import Call
from sandbox.arm.context import RequestContext
from sandbox.arm.ids import key_of, scopes_of
from sandbox.arm.regions import NAMES, REGIONS, normalised
from sandbox.arm.resource_type import ResourceType
from sandbox.arm.targets import GROUPS
from sandbox.schemas.check import check
from sandbox.schemas.nodes import Schema

JsonObject = dict[str, Any]
LOCKS = "Microsoft.Authorization/locks"
IDENTITIES = "Microsoft.ManagedIdentity/userAssignedIdentities"
MAX_TAGS = 50


def name(declared: ResourceType, text: str) -> None:
    """The type's alphabet and length; a singleton has its one name."""
    rule = declared.name
    wrong = bool(declared.singleton) and text.lower() != declared.singleton.lower()
    if not wrong and re.fullmatch(rule.pattern, text):
        return
    raise (
        rule.error(text) if rule.error else resource_errors.name_invalid(rule.error_code, text, rule.allowed)
    )


def name_is_free(context: RequestContext, declared: ResourceType) -> None:
    """A globally unique name is nobody else's."""
    rule = declared.name
    if rule.unique != "global" or rule.taken is None:
        return
    if any(
        key_of(other["id"]) != key_of(context.id)
        for other in context.transaction.named(declared.type, context.name)
    ):
        raise rule.taken(context.name)


def body(
    call: Call, declared: ResourceType, content: JsonObject, *, patch: bool
) -> tuple[JsonObject, Schema | None]:
    """The type's wire schema for this API version; gives it, and the body without read-only properties."""
    arm_type = declared.schema_type or declared.type
    schemas = call.core.schemas
    own = schemas.body(arm_type, call.api_version, "PATCH") if patch else None
    schema = own or schemas.body(arm_type, call.api_version) or _pulumi_schema(call, declared)
    if schema is None:
        return content, None
    if declared.coerces:
        content = coerced(content, schema)
    against(content, schema, partial=patch and own is None)
    return without_read_only(content, schema), schema


def against(content: JsonObject, schema: Schema, *, partial: bool = False) -> None:
    """A request's body and its schema; all mistakes in one error."""
    problems = check(content, schema, partial=partial)
    if problems:
        raise errors.body_does_not_match([(problem.path, problem.message) for problem in problems])


def _pulumi_schema(call: Call, declared: ResourceType) -> Schema | None:
    if not declared.token:
        return None
    path_inputs = ("resourceGroupName", "scope", *declared.parent_inputs, declared.name_input)
    return call.core.schemas.pulumi_body(declared.token, path_inputs, flattened=declared.flattened)


def location(context: RequestContext, declared: ResourceType, content: JsonObject) -> str:
    """A region that exists, and the one that the resource is in already; gives its short name."""
    wanted, existing = content.get("location"), context.existing
    if wanted is None:
        if existing is None:
            raise resource_errors.location_required()
        return str(existing.get("location", ""))
    short = normalised(str(wanted))
    if short not in REGIONS and short != "global":
        if declared.type == GROUPS:
            raise resource_errors.group_location_not_available(str(wanted), NAMES)
        raise resource_errors.location_not_available(str(wanted), declared.type, NAMES)
    present = normalised(str((existing or {}).get("location", "")))
    if existing is not None and present != short:
        if declared.type == GROUPS:
            raise resource_errors.group_location_changed(str(wanted), present)
        raise resource_errors.location_changed(context.name, present, context.resource_group, short)
    return short


def tags(content: JsonObject) -> None:
    """At most fifty; names to 512 and values to 256 characters; some marks not in names."""
    found = content.get("tags") or {}
    if len(found) > MAX_TAGS:
        raise resource_errors.too_many_tags(len(found))
    for tag, value in found.items():
        if not 1 <= len(tag) <= 512 or re.search(r"[<>%&\\?/]", tag):
            raise resource_errors.tag_invalid(tag, "a name has 1-512 characters without <, >, %, &, \\, ?, /")
        if value is not None and len(value) > 256:
            raise resource_errors.tag_invalid(tag, "a value has at most 256 characters")


def unchanged(declared: ResourceType, existing: JsonObject, content: JsonObject) -> None:
    """Properties that only creation sets; what a request leaves out it does not change.

    Texts are compared without regard to case, and nothing, false and "" are the same: services
    write back ids and sizes in spellings of their own.
    """
    for rule in declared.immutable:
        after = value_at(content, rule.path)
        if after is None:
            continue
        before = value_at(existing, rule.path)
        if (rule.same or _same)(before, after):
            continue
        if rule.error:
            raise rule.error()
        raise resource_errors.property_change_not_allowed(rule.error_code, rule.path, rule.message)


def _same(before: Any, after: Any) -> bool:
    if isinstance(before, str) and isinstance(after, str):
        return before.rstrip("/").lower() == after.rstrip("/").lower()
    return bool(before == after) or (not before and not after)


def locks(call: Call, declared: ResourceType, resource_id: str, operation: str) -> None:
    """Locks at the resource, above it and, for a delete, below it. Locks themselves can be changed."""
    if declared.type == LOCKS:
        return
    levels = ("CanNotDelete", "ReadOnly") if operation == "delete" else ("ReadOnly",)
    found = [
        lock for scope in scopes_of(key_of(resource_id)) for lock in call.transaction.children(scope, LOCKS)
    ]
    if operation == "delete":
        found += call.transaction.below_of_type(resource_id, LOCKS)
    locked = {
        str(lock["id"]).rsplit("/providers/", 1)[0]: None
        for lock in found
        if lock["properties"]["level"] in levels
    }
    if locked:
        raise resource_errors.scope_locked(resource_id, operation, list(locked))


def identity(call: Call, context: RequestContext, content: JsonObject) -> None:
    """Fill in the resource's managed identities; the caller must be allowed to assign new ones."""
    given = content.get("identity")
    if not isinstance(given, dict) or "type" not in given:
        return
    before = (context.existing or {}).get("identity") or {}
    kind = str(given["type"]).replace(" ", "")
    result: JsonObject = {"type": given["type"]}
    if "SystemAssigned" in kind:
        principal = before.get("principalId") or _new_principal(context)
        result |= {"principalId": principal, "tenantId": context.tenant_id}
    elif before.get("principalId"):
        context.remove_principal(before["principalId"])
    if "UserAssigned" in kind:
        had = {key_of(item) for item in before.get("userAssignedIdentities") or {}}
        result["userAssignedIdentities"] = {}
        for wanted in given.get("userAssignedIdentities") or {}:
            found = context.find(wanted)
            if found is None or found.get("type") != IDENTITIES:
                raise resource_errors.identity_not_found(context.id, wanted)
            if key_of(wanted) not in had:
                _may_assign(call, context, str(found["id"]))
            result["userAssignedIdentities"][found["id"]] = {
                "principalId": found["properties"]["principalId"],
                "clientId": found["properties"]["clientId"],
            }
    content["identity"] = result


def _new_principal(context: RequestContext) -> str:

    principal = str(uuid.uuid4())
    context.add_principal(principal, "ServicePrincipal", context.name)
    return principal


def _may_assign(call: Call, context: RequestContext, identity_id: str) -> None:
    linked = f"{IDENTITIES}/assign/action"
    if not call.allowed(linked, identity_id):
        caller = call.caller
        action = f"{context.type}/write"
        raise resource_errors.linked_authorization_failed(
            caller.client,
            caller.object_id,
            action,
            context.id,
            linked_action=linked,
            linked_scope=identity_id,
        )

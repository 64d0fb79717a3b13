"""What all versions and containers have in common: defaults, records, archive, deletion.

The first version makes its container. A container remembers the versions that were
deleted in its private member `_deleted`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.arm.namespaces.machine_learning.assets import errors
from sandbox.arm.namespaces.machine_learning.assets.kind import (
    AssetKind,
    check_name,
    container_name,
    in_registry,
)
from sandbox.arm.namespaces.machine_learning.references import asset_id
from sandbox.arm.namespaces.values import JsonObject, object_at, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

COMMON: JsonObject = {"description": None, "tags": {}, "properties": {}, "isArchived": False}


def as_read(body: JsonObject) -> JsonObject:
    """A request as the service takes it, where azure-ai-ml does not keep to its own models.

    It sends a code's hash_version as a number among texts, and models of registries with
    `system_metadata: null`.
    """
    properties = body.get("properties")
    if not isinstance(properties, dict):
        return body
    taken = {key: value for key, value in properties.items() if (key, value) != ("system_metadata", None)}
    free = taken.get("properties")
    if isinstance(free, dict):
        texts = {key: str(value) if type(value) is int else value for key, value in free.items()}
        taken["properties"] = texts
    return {**body, "properties": taken}


def version_defaults(kind: AssetKind, context: RequestContext, body: JsonObject) -> JsonObject:
    """What the service fills in where the request is silent."""
    return {"properties": {**COMMON, "isAnonymous": False, **kind.defaults}}


def version_computed(kind: AssetKind, context: RequestContext, body: JsonObject) -> JsonObject:
    """What the service writes itself."""
    properties = kind.computed(context, object_at(body, "properties"))
    if context.existing is not None:
        properties["isAnonymous"] = bool(value_at(context.existing, "properties.isAnonymous"))
    return {"properties": properties}


def check_version(
    kind: AssetKind, context: RequestContext, body: JsonObject, existing: JsonObject | None
) -> None:
    """The asset's own name (its container may not be there yet), deleted versions, the kind's rules."""
    if existing is None:
        check_name(container_name(context))
        deleted = object_at(context.find(context.parent_id), "_deleted").get(context.name.lower())
        if deleted and (in_registry(context.id) or not kind.recreated):
            raise errors.deleted_for_good(asset_id(context.id), deleted)
    kind.check(context, object_at(body, "properties"), object_at(existing, "properties"))


def version_created(kind: AssetKind, context: RequestContext, body: JsonObject) -> None:
    """Make the container, or bring its record up to date."""
    container = context.find(context.parent_id)
    if container is None:
        taken = {name: value_at(body, f"properties.{name}") for name in kind.container_takes}
        container = {"properties": {**COMMON, **taken}, "systemData": body.get("systemData")}
        if kind.provisioning_state:
            container["properties"]["provisioningState"] = "Succeeded"
    container["properties"] |= _record(context.children(context.parent_id, context.type))
    context.write(context.parent_id, container)


def version_deleted(context: RequestContext, body: JsonObject) -> None:
    """Remember the version, and take it out of the container's record."""
    container = context.find(context.parent_id)
    if container is None:
        return
    left = [version for version in context.children(context.parent_id, context.type) if version != body]
    container["properties"] |= _record(left)
    moment = context.now.strftime("%m/%d/%Y %H:%M:%S")
    container["_deleted"] = {**object_at(container, "_deleted"), context.name.lower(): moment}
    context.write(context.parent_id, container)


def container_defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """What the service fills in where the request is silent."""
    return {"properties": dict(COMMON)}


def container_computed(version_type: str, context: RequestContext, body: JsonObject) -> JsonObject:
    """The record of versions, which no request changes."""
    computed: JsonObject = {"properties": _record(context.children(context.id, version_type))}
    if context.existing is not None and "_deleted" in context.existing:
        computed["_deleted"] = context.existing["_deleted"]
    return computed


def check_container(
    kind: AssetKind, context: RequestContext, body: JsonObject, existing: JsonObject | None
) -> None:
    """What the container has of its first version stays."""
    for name in kind.container_takes:
        before = value_at(existing, f"properties.{name}")
        if before is not None and before != value_at(body, f"properties.{name}"):
            raise errors.invalid(f"The property '{name}' of {kind.plural}/{context.name} cannot be updated.")


def _record(versions: list[JsonObject]) -> JsonObject:
    """Latest is the one created last; the next is one more than the highest whole number."""
    newest = max(versions, key=created_at, default=None)
    numbers = [int(str(version["name"])) for version in versions if str(version["name"]).isdecimal()]
    return {
        "latestVersion": newest["name"] if newest is not None else None,
        "nextVersion": str(max(numbers, default=0) + 1),
    }


def created_at(body: JsonObject) -> str:
    """When a resource was created, as a text that sorts."""
    return str(value_at(body, "systemData.createdAt") or "")

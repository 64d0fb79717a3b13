"""Made-up resource types, one for each thing that a declaration can say.

Real declarations are tested with real clients; these test the machinery that enforces them.
"""

from __future__ import annotations

from typing import Any

from sandbox.arm.context import RequestContext
from sandbox.arm.errors import ArmError
from sandbox.arm.facts import assumed
from sandbox.arm.namespaces import authorization, managed_identity, resources
from sandbox.arm.resource_type import (
    Answer,
    Immutable,
    Lro,
    LroStyle,
    NameRule,
    Operation,
    ResourceType,
    SoftDelete,
)

MADE_UP = assumed("made up for a test")
NAME = NameRule(pattern=r"[a-z0-9-]{3,20}", allowed="3-20 small letters, digits, hyphens", source=MADE_UP)
VERSION = "2020-01-01"
_VERSIONS = ("2020-01-01", "2021-01-01")


def _taken(name: str) -> ArmError:
    return ArmError(409, "NameTaken", f"{name} is taken.")


def _conflict(name: str) -> ArmError:
    return ArmError(409, "StillDeleted", f"{name} is soft-deleted.")


def _no_such(name: str) -> ArmError:
    return ArmError(404, "NoSuchDeleted", f"{name} is not soft-deleted.")


def _nothing() -> ArmError:
    return ArmError(400, "NothingToRecover", "There is nothing to recover.")


def _refused() -> ArmError:
    return ArmError(405, "Protected", "Protected against purge.")


def _validate(context: RequestContext, body: dict[str, Any], existing: dict[str, Any] | None) -> None:
    if body["properties"]["size"] > 10:
        raise ArmError(400, "TooBig", f"size {body['properties']['size']} is more than 10.")


def _computed(context: RequestContext, body: dict[str, Any]) -> dict[str, Any]:
    before = (context.existing or {}).get("properties", {})
    return {
        "properties": {"address": f"https://{context.name}.example", "writes": before.get("writes", 0) + 1}
    }


def _created(context: RequestContext, body: dict[str, Any]) -> None:
    context.secrets["key"] = f"secret of {context.name}"
    context.write(f"{context.id}/parts/made-with-it", {"properties": {"provisioningState": "Succeeded"}})


def _restart(context: RequestContext, request: dict[str, Any]) -> Answer:
    return Answer(status=202, body={"restarted": context.name}, style=LroStyle.ASYNC_OPERATION, seconds=30)


def _refuse_while_kept(context: RequestContext, body: dict[str, Any]) -> None:
    if body["properties"].get("keep"):
        raise ArmError(409, "Kept", f"{context.name} is kept.")


BOX = ResourceType(
    type="Microsoft.Test/boxes",
    name=NAME,
    extra_api_versions=_VERSIONS,
    immutable=(Immutable(path="properties.kind", source=MADE_UP),),
    write_only=("properties.password",),
    put_keeps_omitted=True,
    actions={
        "listKeys": lambda context, request: {"key": context.secrets["key"]},
        "restart": _restart,
        "GET usage": lambda context, request: {"used": 1},
    },
    operations=(
        Operation(
            method="GET",
            path="providers/Microsoft.Test/locations/{location}/usages",
            handler=lambda context, request: {"value": [context.query["location"]]},
            api_versions_of="Microsoft.Test/boxes",
        ),
    ),
    defaults=lambda context, body: {"properties": {"size": 1, "nested": {"a": 1, "b": 2}}},
    computed=_computed,
    validate=_validate,
    created=_created,
    deleted=_refuse_while_kept,
)
PART = ResourceType(type="Microsoft.Test/boxes/parts", name=NAME, extra_api_versions=_VERSIONS, tracked=False)
LID = ResourceType(
    type="Microsoft.Test/boxes/lids",
    name=NameRule(pattern="default", allowed="default", source=MADE_UP),
    singleton="default",
    extra_api_versions=_VERSIONS,
    tracked=False,
    verbs=frozenset({"GET", "PUT", "LIST"}),
    defaults=lambda context, body: {"properties": {"open": False}},
)


def _slow(short: str, style: LroStyle) -> ResourceType:
    return ResourceType(
        type=f"Microsoft.Test/{short}",
        name=NAME,
        extra_api_versions=_VERSIONS,
        lro=Lro(
            create=style, update=style, delete=style, create_seconds=60, update_seconds=30, delete_seconds=20
        ),
    )


VAULT = ResourceType(
    type="Microsoft.Test/safes",
    name=NameRule(pattern=NAME.pattern, allowed=NAME.allowed, source=MADE_UP, unique="global", taken=_taken),
    extra_api_versions=_VERSIONS,
    write_only=("properties.recover",),
    soft_delete=SoftDelete(
        retention_days=lambda body: 7,
        purge_protected=lambda body: bool(body["properties"].get("protected")),
        conflict=_conflict,
        recover_requested=lambda body: bool(body.get("properties", {}).get("recover")),
        nothing_to_recover=_nothing,
        permanent=lambda context: context.query.get("purge") == "true",
        collection="deletedSafes",
        shown=lambda body, deleted, purge: {"name": body["name"], "deleted": deleted, "purge": purge},
        not_found=_no_such,
        purge_refused=_refused,
        source=MADE_UP,
    ),
)
SAFE_PART = ResourceType(
    type="Microsoft.Test/safes/parts", name=NAME, extra_api_versions=_VERSIONS, tracked=False
)

TYPES: tuple[ResourceType, ...] = (
    *resources.RESOURCE_TYPES,
    *authorization.RESOURCE_TYPES,
    *managed_identity.RESOURCE_TYPES,
    BOX,
    PART,
    LID,
    _slow("asyncs", LroStyle.ASYNC_OPERATION),
    _slow("locations", LroStyle.LOCATION),
    _slow("bodies", LroStyle.BODY),
    VAULT,
    SAFE_PART,
)

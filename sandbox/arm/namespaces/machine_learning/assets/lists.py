"""LIST of containers and versions: which are shown, in which order, how many.

Every query parameter that is not understood is refused: a filter that is ignored
would show too much.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sandbox.arm import errors as arm_errors
from sandbox.arm.namespaces.machine_learning.assets import errors
from sandbox.arm.namespaces.machine_learning.assets.versions import created_at
from sandbox.arm.namespaces.values import JsonObject, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

VIEWS = ("ActiveOnly", "ArchivedOnly", "All")
ORDERS = ("createdtime desc", "createdtime asc")
_COMMON = frozenset(("api-version", "listviewtype", "$skip", "$top", "$orderby"))
_OF_KIND = {
    "codes": frozenset(("hash", "hashversion")),
    "models": frozenset(("stage",)),
    "featuresets": frozenset(("stage", "pagesize")),
    "featurestoreEntities": frozenset(("stage", "pagesize")),
}


def containers(context: RequestContext, found: list[JsonObject]) -> list[JsonObject]:
    """Names, the archived ones only when asked for."""
    # pageSize is a wish: pages here have the emulator's size, and their links lead through all of them.
    _only_known(context, (_COMMON - {"$orderby", "$top"}) | {"pagesize"})
    view = _view(context)
    return [item for item in found if _seen(view, archived=_is_archived(item))]


def versions(kind: str, context: RequestContext, found: list[JsonObject]) -> list[JsonObject]:
    """Versions of one name, newest first; codes by content are looked for under all names."""
    _only_known(context, _COMMON | _OF_KIND.get(kind, frozenset()))
    if "hash" in context.query:
        found = _with_hash(context)
    container = context.find(context.id)
    all_archived = container is not None and _is_archived(container)
    view = _view(context)
    found = [item for item in found if _seen(view, archived=all_archived or _is_archived(item))]
    if "stage" in context.query:
        found = [item for item in found if value_at(item, "properties.stage") == context.query["stage"]]
    order = context.query.get("$orderby", ORDERS[0]).strip().lower()
    if order not in ORDERS:
        raise errors.invalid(f"$orderBy is '{order}'; allowed are: {', '.join(ORDERS)}.")
    found.sort(key=created_at, reverse=order == ORDERS[0])
    top = context.query.get("$top", "")
    return found[: int(top)] if top.isdecimal() and int(top) else found


def of(kind: str) -> partial[list[JsonObject]]:
    """The filter for the versions of one kind."""
    return partial(versions, kind)


def _with_hash(context: RequestContext) -> list[JsonObject]:
    holder = "/".join(context.id.split("/")[:-2])
    wanted, algorithm = context.query["hash"], context.query.get("hashversion")
    return [
        code
        for code in context.transaction.below_of_type(holder, context.type, containing=wanted)
        if value_at(code, "properties.properties.hash_sha256") == wanted
        and algorithm in (None, value_at(code, "properties.properties.hash_version"))
    ]


def _only_known(context: RequestContext, known: frozenset[str]) -> None:
    unknown = sorted(set(context.query) - known)
    if unknown:
        raise arm_errors.not_implemented(f"The filter {', '.join(unknown)} of {context.type}")


def _is_archived(item: JsonObject) -> bool:
    return bool(value_at(item, "properties.isArchived"))


def _view(context: RequestContext) -> str:
    view = context.query.get("listviewtype", VIEWS[0])
    if view not in VIEWS:
        raise errors.invalid(f"listViewType is '{view}'; allowed are: {', '.join(VIEWS)}.")
    return view


def _seen(view: str, *, archived: bool) -> bool:
    return view == "All" or archived == (view == "ArchivedOnly")

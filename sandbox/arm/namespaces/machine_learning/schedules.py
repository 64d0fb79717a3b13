"""Schedules: when a job is made, data is imported, a monitor runs or a batch endpoint is invoked.

Nothing is started when its time comes. Left out: the checks of monitors and of invocations
beyond their shape, time zones' names, and how many jobs a schedule has made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.arm.facts import documented
from sandbox.arm.namespaces.machine_learning import errors, jobs, triggers
from sandbox.arm.namespaces.values import JsonObject, object_at, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.MachineLearningServices/workspaces/schedules"
DELETION = documented("Schedule machine learning pipeline jobs: a schedule must be disabled before deletion")


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """Enabled, in UTC."""
    return {
        "properties": {
            "description": None,
            "displayName": context.name,
            "isEnabled": True,
            "properties": {},
            "tags": {},
            "trigger": {"timeZone": "UTC"},
        }
    }


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """A trigger that can be, and an action whose parts are there."""
    triggers.check(object_at(body, "properties.trigger"))
    action = object_at(body, "properties.action")
    kind = action.get("actionType")
    if kind == "CreateJob":
        _check_job(context, object_at(action, "jobDefinition"))
    elif kind == "ImportData":
        _check_import(object_at(action, "dataImportDefinition"))


def _check_job(context: RequestContext, definition: JsonObject) -> None:
    source = definition.get("sourceJobId")
    if source and context.find(str(source)) is None:
        raise errors.user_error(f"The source job '{source}' of the schedule was not found.")
    jobs.check_definition(context, definition)


def _check_import(definition: JsonObject) -> None:
    wanted = {"database": "query", "file_system": "path"}
    source = object_at(definition, "source")
    needed = wanted.get(str(source.get("sourceType")))
    if needed is None or not source.get("connection") or not source.get(needed):
        kinds = " or ".join(f"{kind} with connection and {name}" for kind, name in wanted.items())
        raise errors.user_error(f"An import needs a source: {kinds}.")


def deleted(context: RequestContext, body: JsonObject) -> None:
    """An enabled schedule can't be deleted; a workspace that goes disables its schedules first."""
    if value_at(body, "properties.isEnabled"):
        raise errors.user_error(
            f"Schedule '{context.name}' is enabled. Disable the schedule before deleting it."
        )


def listed(context: RequestContext, found: list[JsonObject]) -> list[JsonObject]:
    """LIST: filter listViewType, EnabledOnly, DisabledOnly or All."""
    view = context.query.get("listviewtype", "EnabledOnly").lower()
    if view == "all":
        return found
    enabled = view != "disabledonly"
    return [item for item in found if bool(value_at(item, "properties.isEnabled")) == enabled]

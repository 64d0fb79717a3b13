"""What the plugin is told of a stack's documents as a whole, before the first of them is declared.

The engine has the plugin check one resource after the other, and ends at the first that is wrong.
Told of all, the plugin looks at the others too when one is wrong; and when references or settings
are wrong already, it is asked for what else is, so that a user corrects everything in one go.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pulumi

from ml_assets.mistakes import Mistake
from ml_assets.plan import CatalogError, Plan, PlanArgs, Planned, make_plan

__all__ = ["CatalogError", "PlanArgs", "announce", "checked_plan"]

_FUNCTION: Final = "azureml-assets:index:documents"


def checked_plan(args: PlanArgs) -> Plan:
    """The plan of a stack. Raises CatalogError with all mistakes, those that the plugin knows among them."""
    try:
        return make_plan(args)
    except CatalogError as error:
        known = {(each.file, each.key) for each in error.mistakes}
        more = [each for each in _told(error.resources, check=True) if (each.file, each.key) not in known]
        raise CatalogError([*error.mistakes, *more], args.stack) from None


def announce(plan: Plan) -> None:
    """Tells the plugin which documents there are; costs one call, and no check."""
    _told(plan.resources, check=False)


def _told(resources: Sequence[Planned], *, check: bool) -> list[Mistake]:
    documents = json.dumps([_document(each) for each in resources])
    answer = pulumi.runtime.invoke(_FUNCTION, {"documents": documents, "check": check}).value or {}
    found: Sequence[Mapping[str, Any]] = answer.get("mistakes", ())
    return [Mistake(each["file"], int(each["line"]), each["key"], each["text"]) for each in found]


def _document(planned: Planned) -> dict[str, Any]:
    """One document: values that other resources give are not known yet."""
    return {
        "file": planned.file,
        "kind": planned.kind,
        "routes": planned.routes,
        "spec": planned.spec,
        "unknown": [
            path for path, parts in planned.parts.items() if not all(isinstance(part, str) for part in parts)
        ],
        "places": {key: [place.file, place.line, place.key] for key, place in planned.places.items()},
    }

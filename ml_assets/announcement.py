"""What the plugin is told of a stack's documents as a whole, before the first of them is declared.

The engine has the plugin check one resource after the other, and ends at the first that is wrong.
Told of all, the plugin looks at the others too when one is wrong; and when references or settings
are wrong already, it is asked for what else is, so that a user corrects everything in one go.
"""

from __future__ import annotations

import contextlib
import copy
import json
import threading
from collections.abc import Mapping, Sequence
from typing import Any, Final

import grpc
import pulumi
from pulumi.runtime.mocks import MockMonitor
from pulumi.runtime.proto import resource_pb2
from pulumi.runtime.settings import get_monitor

from ml_assets.documents import DocumentPath
from ml_assets.mistakes import Mistake
from ml_assets.plan import CatalogError, Plan, PlanArgs, Planned, make_plan
from ml_assets.secret_keys import secret_values

__all__ = ["CatalogError", "PlanArgs", "checked_plan"]

_FUNCTION: Final = "azureml-assets:index:documents"


def checked_plan(args: PlanArgs) -> Plan:
    """The plan of a stack, which the plugin is told of.

    Raises CatalogError with all mistakes, those that the plugin knows among them.
    """
    try:
        plan = make_plan(args)
    except CatalogError as error:
        known = {(each.file, each.key) for each in error.mistakes}
        more = [each for each in _mistakes(error.resources) if (each.file, each.key) not in known]
        raise CatalogError([*error.mistakes, *more], args.stack) from None
    _announce(plan.resources)
    return plan


def _announce(resources: Sequence[Planned]) -> None:
    """Sent early and not waited for: the engine starts the plugin while the program declares stage 1."""
    request = resource_pb2.ResourceInvokeRequest(tok=_FUNCTION)
    request.args.update(_arguments(resources, check=False))
    monitor = get_monitor()
    if isinstance(monitor, MockMonitor):  # a test's program has no engine behind it
        monitor.Invoke(request)  # type: ignore[no-untyped-call]
    else:
        threading.Thread(target=_send, args=(monitor, request), name="announce", daemon=True).start()


def _send(monitor: Any, request: resource_pb2.ResourceInvokeRequest) -> None:
    """What stands in its way, the first asset meets too, and reports."""
    with contextlib.suppress(grpc.RpcError):
        monitor.Invoke(request)


def _mistakes(resources: Sequence[Planned]) -> list[Mistake]:
    try:
        answer = pulumi.runtime.invoke(_FUNCTION, _arguments(resources, check=True)).value or {}
    except Exception:  # noqa: BLE001  # without the plugin, what the program knows is told all the same
        return []
    found: Sequence[Mapping[str, Any]] = answer.get("mistakes", ())
    return [Mistake(each["file"], int(each["line"]), each["key"], each["text"]) for each in found]


def _arguments(resources: Sequence[Planned], *, check: bool) -> dict[str, Any]:
    return {"documents": json.dumps([_document(each) for each in resources]), "check": check}


def _document(planned: Planned) -> dict[str, Any]:
    """One document: values that other resources give are not known yet, and secrets are not told."""
    given = [
        path for path, parts in planned.parts.items() if not all(isinstance(part, str) for part in parts)
    ]
    secrets = [path for path, value in secret_values(planned.kind, planned.spec) if value]
    return {
        "file": planned.file,
        "kind": planned.kind,
        "routes": planned.routes,
        "spec": _without(planned.spec, secrets),
        "unknown": [*given, *secrets],
        "places": {key: [place.file, place.line, place.key] for key, place in planned.places.items()},
    }


def _without(spec: Mapping[str, Any], paths: Sequence[DocumentPath]) -> dict[str, Any]:
    """The document with nothing at some paths."""
    result = copy.deepcopy(dict(spec)) if paths else dict(spec)
    for *parents, last in paths:
        here: Any = result
        for part in parents:
            here = here[part]
        here[last] = None
    return result

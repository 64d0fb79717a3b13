"""Paths of data and models: where they may be, and how the service writes them back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.arm.facts import Fact, assumed, recorded
from sandbox.arm.namespaces.machine_learning.assets import errors
from sandbox.arm.namespaces.machine_learning.assets.kind import holder_id, in_registry

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

SCHEMES = ("azureml://", "https://", "http://", "wasbs://", "wasb://", "abfss://", "abfs://", "adl://")
_SHORT = re.compile(r"azureml://datastores/(?P<store>[^/]+)/paths/(?P<path>.*)", re.DOTALL)
_LONG = re.compile(
    r"azureml://subscriptions/(?P<subscription>[^/]+)/resourcegroups/(?P<group>[^/]+)"
    r"(?:/providers/Microsoft\.MachineLearningServices)?"
    r"/workspaces/(?P<workspace>[^/]+)/datastores/(?P<store>[^/]+)/paths/(?P<path>.*)",
    re.IGNORECASE | re.DOTALL,
)

FACTS: tuple[Fact, ...] = (
    Fact(
        "A path on a datastore comes back in its long form, with subscription, group and workspace.",
        recorded("outputs of az ml data create in published notebooks"),
    ),
    Fact(
        "The datastore of a path must exist.",
        assumed("a data asset on an unknown datastore can't be used; the moment of the refusal is not known"),
    ),
    Fact(
        "Whether there is anything at a path is not looked at.",
        assumed(
            "Azure looks for a model's files when they come from a job (MicrosoftDocs/azure-docs#103778)"
        ),
    ),
)


def canonical(context: RequestContext, uri: object, what: str) -> str:
    """A path as the service keeps it. ArmError for no path at all, or one on an unknown datastore."""
    text = str(uri or "")
    if not text.startswith(SCHEMES):
        raise errors.invalid(f"{what} '{text}' is not a path: it must begin with {', '.join(SCHEMES)}.")
    if in_registry(context.id):
        return text
    own = holder_id(context)
    match = _SHORT.fullmatch(text) or _LONG.fullmatch(text)
    if match is None:
        return text
    parts = match.groupdict()
    holder = own
    if "workspace" in parts:
        holder = (
            f"/subscriptions/{parts['subscription']}/resourceGroups/{parts['group']}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{parts['workspace']}"
        )
    datastore = context.find(f"{holder}/datastores/{parts['store']}")
    if datastore is None:
        raise errors.invalid(f"{what} '{text}' is on the datastore '{parts['store']}', which was not found.")
    steps = str(datastore["id"]).split("/")
    return (
        f"azureml://subscriptions/{steps[2]}/resourcegroups/{steps[4]}/workspaces/{steps[8]}"
        f"/datastores/{steps[10]}/paths/{parts['path']}"
    )

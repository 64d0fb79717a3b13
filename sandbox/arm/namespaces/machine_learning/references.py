"""References in endpoints, jobs and schedules: whether the assets and computes that they name are there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.arm.errors import ArmError
from sandbox.arm.namespaces.machine_learning import errors
from sandbox.arm.namespaces.machine_learning.assets import references as asset_references
from sandbox.arm.namespaces.values import JsonObject

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

COMPUTE_TYPE = "Microsoft.MachineLearningServices/workspaces/computes"
SERVERLESS = "serverless"

# Every workspace has Microsoft's curated environments, beside those of its users.
_CURATED = re.compile(
    r"(?:azureml:|.*/environments/)AzureML-[^/]*(?:/(?:versions|labels)/[^/]+)?", re.IGNORECASE
)


def workspace_id(resource_id: str) -> str:
    """The id of the workspace that a resource is in."""
    return "/".join(resource_id.split("/")[:9])


def workspace_of(context: RequestContext) -> JsonObject:
    """The workspace that holds the resource of a request, however deep it is."""
    return context.find(workspace_id(context.id)) or {}


def require_asset(context: RequestContext, reference: object, kind: str) -> None:
    """The asset service's error unless the version is there; `kind` is a collection: models, codes, …

    No reference is no mistake.
    """
    text = str(reference or "")
    if text and not (kind == "environments" and _CURATED.fullmatch(text)):
        asset_references.require(context, workspace_id(context.id), text, kind)


def find_asset(context: RequestContext, reference: object, kind: str) -> JsonObject | None:
    """The stored version that a reference names; {} for one that is believed, None for none."""
    if not reference:
        return None
    try:
        found = asset_references.require(context, workspace_id(context.id), reference, kind)
    except ArmError:
        return None
    return context.find(found) or {}


def require_compute(context: RequestContext, reference: object) -> JsonObject | None:
    """The compute that a reference names; None for serverless and for none; UserError if it is not there."""
    if not reference or str(reference).lower().rpartition("/")[2] == SERVERLESS:
        return None
    name = str(reference).removeprefix("azureml:")
    compute_id = name if name.startswith("/") else f"{workspace_id(context.id)}/computes/{name}"
    found = context.find(compute_id)
    if found is None or str(found["type"]).lower() != COMPUTE_TYPE.lower():
        raise errors.unknown_compute(name.rsplit("/", 1)[-1])
    return found

"""Data assets: a type and a path, both fixed; all versions of a name have one type."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sandbox.arm.facts import Fact, assumed, documented
from sandbox.arm.namespaces.machine_learning.assets import errors, paths
from sandbox.arm.namespaces.machine_learning.assets.kind import AssetKind, container_name
from sandbox.arm.namespaces.values import JsonObject, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext


def computed(context: RequestContext, properties: JsonObject) -> JsonObject:
    """The path in the form that the service keeps."""
    return {"dataUri": paths.canonical(context, properties.get("dataUri"), "dataUri")}


def check(context: RequestContext, properties: JsonObject, before: JsonObject) -> None:
    """The container's type, a path that can be, and neither of them changed."""
    name = container_name(context)
    uri = paths.canonical(context, properties.get("dataUri"), "dataUri")
    kind = properties.get("dataType")
    expected = value_at(context.find(context.parent_id), "properties.dataType")
    if expected not in (None, kind):
        raise errors.invalid(
            f"Data {name} has the type {expected}: a version of type {kind} is not possible."
        )
    if before and before.get("dataUri") != uri:
        raise errors.path_is_fixed()


KIND = AssetKind(
    plural="data",
    tokens=("DataContainer", "DataVersion"),
    registry_tokens=("RegistryDataContainer", "RegistryDataVersion"),
    not_found=partial(errors.version_not_found, "Data"),
    check=check,
    computed=computed,
    container_takes=("dataType",),
    provisioning_state=False,
    registry_uploads=True,
    facts=(
        Fact("Another path is refused.", documented("azure-ai-ml 1.35: ASSET_PATH_ERROR")),
        Fact(
            "All versions of a name have one type.",
            documented("Data Containers - Create Or Update, REST API: dataType is set at creation"),
        ),
        Fact("The sentence about another type.", assumed("no exchange with it was found")),
        Fact(
            "A missing data asset is 404 UserError with a sentence of its own.",
            assumed("the status is what azure-ai-ml takes for missing; the sentence was not found"),
        ),
    ),
)

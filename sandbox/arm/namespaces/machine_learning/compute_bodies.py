"""What all functions about computes read from a request: its inner properties, region, size, workspace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.arm.namespaces.machine_learning import errors, vm_sizes
from sandbox.arm.namespaces.values import JsonObject, object_at, parent_of, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.MachineLearningServices/workspaces/computes"


def workspace_of(context: RequestContext) -> JsonObject:
    """The workspace that holds the compute."""
    return context.find(parent_of(context.id)) or {}


def inner_of(body: JsonObject | None) -> JsonObject:
    """`properties.properties`: what belongs to the kind of compute."""
    return object_at(body, "properties.properties")


def region_of(context: RequestContext, body: JsonObject) -> str:
    """`computeLocation`, or the workspace's region where the request does not name one."""
    named = value_at(body, "properties.computeLocation") or body.get("location")
    return str(named or workspace_of(context).get("location")).lower().replace(" ", "")


def size_of(inner: JsonObject) -> vm_sizes.VmSize:
    """The VM size of a compute's inner properties; an unknown one is refused."""
    name = str(inner.get("vmSize"))
    size = vm_sizes.find(name)
    if size is None:
        raise errors.vm_size_not_supported(name, vm_sizes.supported_names())
    return size

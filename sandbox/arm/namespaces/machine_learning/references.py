"""References to versioned assets inside requests: whether what they name is there.

Endpoints, jobs and schedules name assets by resource id, by `azureml:NAME:VERSION`, or in a
registry by `azureml://registries/…`. Curated environments and registries that are not in this
sandbox belong to Microsoft or to other people: references to them are believed.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.arm.namespaces.machine_learning import errors
from sandbox.arm.namespaces.values import JsonObject, type_of

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

NAMESPACE = "Microsoft.MachineLearningServices"
WORKSPACE_TYPE = f"{NAMESPACE}/workspaces"
REGISTRY_TYPE = f"{NAMESPACE}/registries"
SERVERLESS = "serverless"

_IN_REGISTRY = re.compile(
    r"azureml://registries/([^/]+)/([^/]+)/([^/]+)/(versions|labels)/([^/]+)", re.IGNORECASE
)
_SHORT = re.compile(r"(?:azureml:)?([A-Za-z0-9][\w.-]*)(?::([\w.-]+)|@([\w.-]+))")
_CURATED = re.compile(r"azureml-", re.IGNORECASE)


def workspace_id(resource_id: str) -> str:
    """The id of the workspace that a resource is in."""
    steps = resource_id.split("/")
    return "/".join(steps[:9])


def workspace_of(context: RequestContext) -> JsonObject:
    """The workspace that holds the resource of a request, however deep it is."""
    return context.find(workspace_id(context.id)) or {}


def require_asset(context: RequestContext, reference: object, kind: str) -> None:
    """UserError unless the version is there; `kind` is a collection: models, environments, codes, …"""
    if reference and find_asset(context, str(reference), kind) is None:
        raise errors.asset_not_found(str(reference))


def find_asset(context: RequestContext, reference: str, kind: str) -> JsonObject | None:
    """The stored version that a reference names; {} for one that is believed, None for none."""
    if in_registry := _IN_REGISTRY.fullmatch(reference):
        return _registry_asset(context, in_registry, kind)
    plain = re.sub(r"^azureml:(?=/)", "", reference)
    if not plain.startswith("/"):
        short = _SHORT.fullmatch(plain)
        if short is None:
            return None
        parent = f"{workspace_id(context.id)}/{kind}/{short[1]}"
        return _version(context, parent, short[2] or "", short[3] or "", kind)
    if (
        type_of(plain) not in (f"{WORKSPACE_TYPE}/{kind}/{part}".lower() for part in ("versions", "labels"))
        and type_of(plain) != f"{REGISTRY_TYPE}/{kind}/versions".lower()
    ):
        return None
    parent, part, name = plain.rstrip("/").rsplit("/", 2)
    by_label = part.lower() == "labels"
    return _version(context, parent, "" if by_label else name, name if by_label else "", kind)


def _registry_asset(context: RequestContext, found: re.Match[str], kind: str) -> JsonObject | None:
    registry, collection, name, part, version = found.groups()
    if collection.lower() != kind:
        return None
    for known in context.all(REGISTRY_TYPE):
        if str(known["name"]).lower() == registry.lower():
            by_label = part.lower() == "labels"
            parent = f"{known['id']}/{kind}/{name}"
            return _version(context, parent, "" if by_label else version, version if by_label else "", kind)
    return {}


def _version(context: RequestContext, parent: str, version: str, label: str, kind: str) -> JsonObject | None:
    if kind == "environments" and _CURATED.match(parent.rsplit("/", 1)[-1]):
        return {}
    if version:
        return context.find(f"{parent}/versions/{version}")
    base = REGISTRY_TYPE if "/registries/" in parent.lower() else WORKSPACE_TYPE
    versions = context.children(parent, f"{base}/{kind}/versions")
    newest = sorted(versions, key=lambda item: str((item.get("systemData") or {}).get("createdAt")))
    return newest[-1] if label and newest else None


def require_compute(context: RequestContext, reference: object) -> JsonObject | None:
    """The compute that a reference names; None for serverless and for none; UserError if it is not there."""
    if not reference or str(reference).lower().rpartition("/")[2] == SERVERLESS:
        return None
    text = str(reference)
    name = re.sub(r"^azureml:", "", text)
    compute_id = name if name.startswith("/") else f"{workspace_id(context.id)}/computes/{name}"
    found = context.find(compute_id)
    if found is None or str(found["type"]).lower() != f"{WORKSPACE_TYPE}/computes".lower():
        raise errors.unknown_compute(name.rsplit("/", 1)[-1])
    return found

"""References between resources of Azure ML, and whether what they name is there: assets and computes.

Forms of an asset's id: `azureml:/subscriptions/…/environments/E/versions/V` (or the bare Resource
Manager id), `azureml://registries/R/environments/E/versions/V`, `azureml:E:V` and `azureml:E@latest`
for one in the same workspace or registry. Microsoft's own registries and curated environments are
not part of the sandbox: an id of one of them is taken on trust.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.arm.errors import ArmError
from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.machine_learning import errors
from sandbox.arm.namespaces.machine_learning.assets import errors as asset_errors
from sandbox.arm.namespaces.values import JsonObject, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

REGISTRY_TYPE = "Microsoft.MachineLearningServices/registries"
COMPUTE_TYPE = "Microsoft.MachineLearningServices/workspaces/computes"
SERVERLESS = "serverless"

# Every workspace has Microsoft's curated environments, beside those of its users.
_CURATED = re.compile(
    r"(?:azureml:|.*/environments/)AzureML-[^/]*(?:/(?:versions|labels)/[^/]+)?", re.IGNORECASE
)
# Public registries of Microsoft and its partners: "azureml", "azureml-meta", "azure-openai", ...
_PUBLIC_REGISTRY = re.compile(r"azureml(-.+)?|azure-openai|huggingface|nvidia-ai", re.IGNORECASE)

_ARM_ID = re.compile(
    r"(?:azureml:)?(?P<holder>/subscriptions/[^/]+/resourcegroups/[^/]+/providers/"
    r"Microsoft\.MachineLearningServices/(?:workspaces|registries)/[^/]+)"
    r"/(?P<kind>[A-Za-z]+)/(?P<name>[^/]+)/(?P<what>versions|labels)/(?P<value>[^/]+)",
    re.IGNORECASE,
)
_REGISTRY_ID = re.compile(
    r"azureml://registries/(?P<registry>[^/]+)/(?P<kind>[A-Za-z]+)/(?P<name>[^/]+)"
    r"/(?P<what>versions|labels)/(?P<value>[^/]+)",
    re.IGNORECASE,
)
_SHORT = re.compile(r"azureml:(?P<name>[^/:@]+)(?P<mark>[:@])(?P<value>[^/:@]+)")

FACTS: tuple[Fact, ...] = (
    Fact(
        "Forms of an asset's id: of Resource Manager, of a registry, name and version, name and label.",
        documented("azure-ai-ml 1.35: _utils/_arm_id_utils.py"),
    ),
    Fact(
        "A missing asset is refused as 'Could not find asset with assetId'.",
        recorded("Azure/azure-sdk-for-python#34876"),
    ),
    Fact(
        "Names and versions are compared without regard to case.",
        assumed("Azure minds it; two assets that differ in nothing else are a mistake"),
    ),
    Fact(
        "An asset in one of Microsoft's own registries exists.",
        assumed("the sandbox does not have those registries"),
    ),
    Fact(
        "Curated environments are there in every version.",
        assumed("Microsoft's list of them changes from week to week"),
    ),
)


def asset_id(resource_id: str) -> str:
    """The asset's id as the service writes it: for registries `azureml://registries/…`."""
    _, found, below = resource_id.partition("/registries/")
    return f"azureml://registries/{below}" if found else resource_id


def registry_named(context: RequestContext, name: str) -> JsonObject | None:
    """A registry by its name, which is unique in the tenant."""
    found = context.transaction.named(REGISTRY_TYPE, name)
    return found[0] if found else None


def require(context: RequestContext, holder: str, reference: object, kind: str) -> str:
    """The canonical id of the asset that a reference names; ArmError when it names none of that kind."""
    text = str(reference)
    if kind == "environments" and "/workspaces/" in holder and _CURATED.fullmatch(text):
        return text
    match = _ARM_ID.fullmatch(text) or _REGISTRY_ID.fullmatch(text)
    if match is None:
        return _by_name(context, holder, text, kind)
    parts = match.groupdict()
    if parts["kind"].lower() != kind.lower():
        raise asset_errors.invalid(f"'{text}' is not an id of {kind}.")
    if "registry" in parts:
        if _PUBLIC_REGISTRY.fullmatch(parts["registry"]):
            return text
        registry = registry_named(context, parts["registry"])
        if registry is None:
            raise asset_errors.asset_not_found(text)
        parts["holder"] = str(registry["id"])
    return _found(context, f"{parts['holder']}/{kind}/{parts['name']}", parts["what"], parts["value"], text)


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
    if reference:
        require(context, workspace_id(context.id), reference, kind)


def find_asset(context: RequestContext, reference: object, kind: str) -> JsonObject | None:
    """The stored version that a reference names; {} for one that is believed, None for none."""
    if not reference:
        return None
    try:
        found = require(context, workspace_id(context.id), reference, kind)
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


def _by_name(context: RequestContext, holder: str, text: str, kind: str) -> str:
    match = _SHORT.fullmatch(text)
    if match is None:
        raise asset_errors.invalid(
            f"'{text}' is not an id of {kind}: expected azureml:NAME:VERSION, a Resource Manager id or "
            "azureml://registries/…"
        )
    what = "versions" if match["mark"] == ":" else "labels"
    return _found(context, f"{holder}/{kind}/{match['name']}", what, match["value"], text)


def _found(context: RequestContext, container_id: str, what: str, value: str, text: str) -> str:
    version: str | None = value
    if what.lower() == "labels":
        container = context.find(container_id) if value.lower() == "latest" else None
        version = value_at(container, "properties.latestVersion")
    asset = context.find(f"{container_id}/versions/{version}") if version else None
    if asset is None:
        raise asset_errors.asset_not_found(text)
    return str(asset["id"])

"""Models: a type and a path, both fixed; flavors of MLflow models as the client says them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sandbox.arm.facts import Fact, assumed, documented
from sandbox.arm.namespaces.machine_learning.assets import errors, paths
from sandbox.arm.namespaces.machine_learning.assets.kind import AssetKind, container_name
from sandbox.arm.namespaces.values import JsonObject

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPES = ("custom_model", "mlflow_model", "triton_model", "openai_model")


def computed(context: RequestContext, properties: JsonObject) -> JsonObject:
    """The path in the form that the service keeps."""
    return {"modelUri": paths.canonical(context, properties.get("modelUri"), "modelUri")}


def check(context: RequestContext, properties: JsonObject, before: JsonObject) -> None:
    """A known type, a path that can be, and neither of them changed."""
    name = container_name(context)
    kind = properties.get("modelType")
    if kind not in TYPES:
        raise errors.invalid(f"Model {name}: the type '{kind}' is not one of {', '.join(TYPES)}.")
    uri = paths.canonical(context, properties.get("modelUri"), "modelUri")
    if not before:
        return
    if before.get("modelUri") != uri:
        raise errors.path_is_fixed()
    if before.get("modelType") != kind:
        raise errors.property_is_fixed("model", name, context.name, "modelType")


KIND = AssetKind(
    plural="models",
    tokens=("ModelContainer", "ModelVersion"),
    registry_tokens=("RegistryModelContainer", "RegistryModelVersion"),
    registry_name_input="modelName",
    not_found=partial(errors.version_not_found, "Model"),
    check=check,
    defaults={"modelType": "custom_model", "flavors": {}},
    computed=computed,
    registry_uploads=True,
    facts=(
        Fact(
            "A model has flavors, an empty object at least.", documented("azure-ai-ml 1.35: Model reads it")
        ),
        Fact("Another path is refused.", documented("azure-ai-ml 1.35: ASSET_PATH_ERROR")),
        Fact("Types of models.", documented("azure-ai-ml 1.35: AssetTypes")),
        Fact("Another type is refused.", assumed("the path is; the type says how to read it")),
    ),
)

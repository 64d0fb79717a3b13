"""Feature sets and the entities that they are about. Left out: features, materialisation, backfill."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sandbox.arm.facts import Fact, assumed, documented
from sandbox.arm.namespaces.machine_learning.assets import errors, paths
from sandbox.arm.namespaces.machine_learning.assets.kind import AssetKind, container_name, holder_id
from sandbox.arm.namespaces.machine_learning.references import require
from sandbox.arm.namespaces.values import JsonObject, value_at

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

_CHANGES = documented("Feature set specification and asset: what a registered version may change")


def check_set(context: RequestContext, properties: JsonObject, before: JsonObject) -> None:
    """A specification's folder and existing entities, neither of them changed."""
    name = container_name(context)
    path = value_at(properties, "specification.path")
    paths.canonical(context, path, "specification.path")
    if not properties.get("entities"):
        raise errors.invalid(f"Feature set {name} needs at least one entity.")
    if not before:
        for entity in properties["entities"]:
            require(context, holder_id(context), entity, "featurestoreEntities")
        return
    for fixed in ("specification", "entities"):
        if before.get(fixed) != properties.get(fixed):
            raise errors.property_is_fixed("feature set", name, context.name, fixed)


def check_entity(context: RequestContext, properties: JsonObject, before: JsonObject) -> None:
    """At least one index column, none of them changed."""
    name, columns = container_name(context), properties.get("indexColumns")
    if not columns:
        raise errors.invalid(f"Feature store entity {name} needs at least one index column.")
    if before and before.get("indexColumns") != columns:
        raise errors.property_is_fixed("feature store entity", name, context.name, "indexColumns")


FEATURE_SET = AssetKind(
    plural="featuresets",
    tokens=("FeaturesetContainerEntity", "FeaturesetVersion"),
    not_found=partial(errors.version_not_found, "Featureset"),
    check=check_set,
    defaults={"stage": "Development"},
    coerces=True,
    facts=(
        Fact(
            "Frequencies are taken in any case, and numbers in the Spark configuration.",
            documented(
                "azureml-examples: featurestore_sample, featureset_asset.yaml; azure-ai-ml sends both so"
            ),
        ),
        Fact("Specification and entities of a version stay.", _CHANGES),
        Fact(
            "Any workspace takes feature sets, not only a feature store.",
            assumed("feature stores are workspaces; a refusal by others was not found"),
        ),
        Fact("Their refusals are 400 UserError.", assumed("as for other assets")),
    ),
)
FEATURE_STORE_ENTITY = AssetKind(
    plural="featurestoreEntities",
    tokens=("FeaturestoreEntityContainerEntity", "FeaturestoreEntityVersion"),
    not_found=partial(errors.version_not_found, "FeaturestoreEntity"),
    check=check_entity,
    defaults={"stage": "Development"},
    facts=(Fact("Index columns of a version stay.", _CHANGES),),
)

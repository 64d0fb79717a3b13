"""The kinds of assets that there are, and their resource types."""

from __future__ import annotations

from sandbox.arm.namespaces.machine_learning.assets import (
    codes,
    components,
    data,
    environments,
    feature_store,
    models,
)
from sandbox.arm.namespaces.machine_learning.assets.kind import AssetKind
from sandbox.arm.namespaces.machine_learning.assets.types import registry_types, workspace_types
from sandbox.arm.resource_type import ResourceType

KINDS: tuple[AssetKind, ...] = (
    environments.KIND,
    data.KIND,
    models.KIND,
    components.KIND,
    codes.KIND,
    feature_store.FEATURE_SET,
    feature_store.FEATURE_STORE_ENTITY,
)
ASSET_RESOURCE_TYPES: tuple[ResourceType, ...] = tuple(
    declared for kind in KINDS for declared in (*workspace_types(kind), *registry_types(kind))
)

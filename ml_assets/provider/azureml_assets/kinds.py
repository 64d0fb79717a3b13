"""What the plugin knows of each resource type: kind, ids, and the operations of azure-ai-ml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from ml_assets.schemas import VERSIONED, Kind
from resource_provider.provider import ProviderError

PACKAGE: Final = "azureml-assets"
# The version that the plugin itself reads with; the SDK writes with those that it knows.
API_VERSION: Final = "2024-10-01-preview"


@dataclass(frozen=True, kw_only=True)
class AssetType:
    """One resource type. `collection`: the last part of its path in Resource Manager."""

    name: str
    kind: Kind
    collection: str
    loader: str = ""  # function of azure.ai.ml
    operations: str = ""  # attribute of MLClient
    parent: str = ""  # collection of the endpoints that it belongs to
    routes: bool = False  # the part of an endpoint that says where requests go

    @property
    def token(self) -> str:
        """The Pulumi type."""
        return f"{PACKAGE}:index:{self.name}"

    @property
    def versioned(self) -> bool:
        """Whether a change makes a new version."""
        return self.kind in VERSIONED


# fmt: off
_TYPES: Final = (
    AssetType(
        name="Environment",
        kind=Kind.ENVIRONMENT,
        collection="environments",
        loader="load_environment",
        operations="environments",
    ),
    AssetType(name="Data", kind=Kind.DATA, collection="data", loader="load_data", operations="data"),
    AssetType(
        name="Component",
        kind=Kind.COMPONENT,
        collection="components",
        loader="load_component",
        operations="components",
    ),
    AssetType(name="Model", kind=Kind.MODEL, collection="models", loader="load_model", operations="models"),
    AssetType(
        name="FeatureSet",
        kind=Kind.FEATURE_SET,
        collection="featuresets",
        loader="load_feature_set",
        operations="feature_sets",
    ),
    AssetType(
        name="FeatureStoreEntity",
        kind=Kind.FEATURE_STORE_ENTITY,
        collection="featurestoreEntities",
        loader="load_feature_store_entity",
        operations="feature_store_entities",
    ),
    AssetType(
        name="Datastore",
        kind=Kind.DATASTORE,
        collection="datastores",
        loader="load_datastore",
        operations="datastores",
    ),
    AssetType(
        name="Connection",
        kind=Kind.CONNECTION,
        collection="connections",
        loader="load_workspace_connection",
        operations="connections",
    ),
    AssetType(
        name="Schedule",
        kind=Kind.SCHEDULE,
        collection="schedules",
        loader="load_schedule",
        operations="schedules",
    ),
    AssetType(
        name="OnlineEndpoint",
        kind=Kind.ONLINE_ENDPOINT,
        collection="onlineEndpoints",
        loader="load_online_endpoint",
        operations="online_endpoints",
    ),
    AssetType(
        name="OnlineDeployment",
        kind=Kind.ONLINE_DEPLOYMENT,
        collection="deployments",
        parent="onlineEndpoints",
        loader="load_online_deployment",
        operations="online_deployments",
    ),
    AssetType(
        name="OnlineTraffic", kind=Kind.ONLINE_ENDPOINT, collection="traffic", parent="onlineEndpoints",
        operations="online_endpoints", routes=True,
    ),
    AssetType(
        name="BatchEndpoint",
        kind=Kind.BATCH_ENDPOINT,
        collection="batchEndpoints",
        loader="load_batch_endpoint",
        operations="batch_endpoints",
    ),
    AssetType(
        name="BatchDefaults", kind=Kind.BATCH_ENDPOINT, collection="defaults", parent="batchEndpoints",
        operations="batch_endpoints", routes=True,
    ),
    AssetType(
        name="BatchDeployment",
        kind=Kind.BATCH_DEPLOYMENT,
        collection="deployments",
        parent="batchEndpoints",
        loader="load_batch_deployment",
        operations="batch_deployments",
    ),
    AssetType(name="Job", kind=Kind.JOB, collection="jobs", loader="load_job", operations="jobs"),
)
# fmt: on
TYPES: Final[Mapping[str, AssetType]] = {each.token: each for each in _TYPES}


def type_of(token: str) -> AssetType:
    """The type of a token; ProviderError with the known ones."""
    try:
        return TYPES[token]
    except KeyError:
        raise ProviderError(f"{token} is no type of {PACKAGE}; known are {', '.join(TYPES)}") from None


def type_for(kind: Kind, *, routes: bool) -> AssetType:
    """The type of what a document describes, or of the part of it that says where requests go."""
    return next(each for each in _TYPES if each.kind is kind and each.routes is routes)


@dataclass(frozen=True)
class Target:
    """Where assets live: a workspace, or a registry (then the first three are empty)."""

    subscription_id: str = ""
    resource_group_name: str = ""
    workspace_name: str = ""
    registry_name: str = ""

    @classmethod
    def of(cls, inputs: Mapping[str, Any]) -> Target:
        """From the input `target`; every part is known by then."""
        return cls(
            str(inputs.get("subscriptionId", "")),
            str(inputs.get("resourceGroupName", "")),
            str(inputs.get("workspaceName", "")),
            str(inputs.get("registryName", "")),
        )

    @property
    def workspace_id(self) -> str:
        """Resource id of the workspace."""
        return (
            f"/subscriptions/{self.subscription_id}/resourceGroups/{self.resource_group_name}"
            f"/providers/Microsoft.MachineLearningServices/workspaces/{self.workspace_name}"
        )

    def as_input(self) -> dict[str, str]:
        """The input `target` again."""
        if self.registry_name:
            return {"registryName": self.registry_name}
        return {
            "subscriptionId": self.subscription_id,
            "resourceGroupName": self.resource_group_name,
            "workspaceName": self.workspace_name,
        }

    def __str__(self) -> str:
        return f"registry {self.registry_name}" if self.registry_name else f"workspace {self.workspace_name}"


def resource_id(asset: AssetType, target: Target, name: str, version: str | None, parent: str = "") -> str:
    """The id of an asset, as Azure ML writes it."""
    if target.registry_name:
        return f"azureml://registries/{target.registry_name}/{asset.collection}/{name}/versions/{version}"
    if asset.routes:
        return f"{target.workspace_id}/{asset.parent}/{name}/{asset.collection}"
    within = f"{asset.parent}/{parent}/" if asset.parent else ""
    path = f"{target.workspace_id}/{within}{asset.collection}/{name}"
    return f"{path}/versions/{version}" if asset.versioned else path


def import_command(asset: AssetType, name: str, its_id: str) -> str:
    """How to take over what others made, for messages."""
    return (
        f"`pulumi import {asset.token} {name} {its_id} --parent catalog=URN --generate-code=false`, "
        "URN being the catalogue's in `pulumi stack --show-urns`"
    )


def reference(asset: AssetType, target: Target, name: str, version: str | None) -> str:
    """How another document names the asset."""
    if target.registry_name:
        return resource_id(asset, target, name, version)
    return f"azureml:{name}:{version}" if asset.versioned else f"azureml:{name}"


_WORKSPACE_ID: Final = re.compile(
    r"/subscriptions/(?P<subscription>[^/]+)/resourceGroups/(?P<group>[^/]+)"
    r"/providers/Microsoft\.MachineLearningServices/workspaces/(?P<workspace>[^/]+)/(?P<rest>.+)",
    re.IGNORECASE,
)
_REGISTRY_ID: Final = re.compile(
    r"azureml://registries/(?P<registry>[^/]+)/(?P<collection>[^/]+)/(?P<name>[^/]+)/versions/(?P<version>[^/]+)"
)


@dataclass(frozen=True)
class Identity:
    """An id taken apart. `parent`: the endpoint of a deployment."""

    target: Target
    name: str
    version: str | None = None
    parent: str = ""


def identity_of(asset: AssetType, id: str) -> Identity:
    """Takes an id apart, for refresh and import. ProviderError with the form that the type's ids have."""
    if (found := _REGISTRY_ID.fullmatch(id)) and found["collection"] == asset.collection:
        return Identity(Target(registry_name=found["registry"]), found["name"], found["version"])
    if found := _WORKSPACE_ID.fullmatch(id):
        target = Target(found["subscription"], found["group"], found["workspace"])
        parts = found["rest"].split("/")
        match [part.lower() if index % 2 == 0 else part for index, part in enumerate(parts)]:
            case [parent, name, _] if asset.routes and parent == asset.parent.lower():
                return Identity(target, name)
            case [collection, name, "versions", version] if asset.versioned:
                if collection == asset.collection.lower():
                    return Identity(target, name, version)
            case [parent, endpoint, "deployments", name] if parent == asset.parent.lower():
                return Identity(target, name, parent=endpoint)
            case [collection, name] if collection == asset.collection.lower() and not asset.versioned:
                return Identity(target, name)
    example = resource_id(asset, Target("SUBSCRIPTION", "GROUP", "WORKSPACE"), "NAME", "VERSION", "ENDPOINT")
    raise ProviderError(f"{id!r} is no id of {asset.token}; such an id is {example}")

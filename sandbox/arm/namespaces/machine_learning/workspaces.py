"""Workspaces: dependencies, identity, network isolation, what the service writes, default datastores.

A workspace is soft-deleted for fourteen days, its computes are gone at once. Left
out: the outbound rules of category Required that the service adds by itself, customer
keys, private endpoints, the workspaces that Azure AI Foundry makes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.arm.facts import documented, recorded
from sandbox.arm.namespaces import application_insights, container_registry, key_vault
from sandbox.arm.namespaces.machine_learning import datastores, errors, managed_network
from sandbox.arm.namespaces.storage import accounts
from sandbox.arm.namespaces.values import (
    JsonObject,
    account_key,
    new_guid,
    object_at,
    same_id,
    stable_hex,
    timestamp,
    type_of,
    value_at,
)
from sandbox.arm.resource_type import Answer, LroStyle

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.MachineLearningServices/workspaces"
# "Recover workspace data while soft deleted": computes and inference endpoints are gone at once.
NOT_RECOVERABLE = tuple(f"{TYPE}/{name}" for name in ("computes", "onlineEndpoints", "batchEndpoints"))
SCHEDULE_TYPE = f"{TYPE}/schedules"
NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_-]{2,32}"
KINDS = ("Default", "Hub", "Project", "FeatureStore")
SOFT_DELETE_DAYS = 14
PROVISION_SECONDS = 300.0

RECORDING = recorded(
    "Azure/azure-service-operator, Test_Machinelearningservices_v1api20210701_CreationAndDeletion.yaml, "
    "2024-09-02"
)
SOFT_DELETE = documented("Recover workspace data while soft deleted (Azure Machine Learning)")
REFERENCE = documented("Workspaces - Create Or Update, Azure Machine Learning REST API")
UPDATE_PARAMETERS = documented("WorkspaceUpdateParameters, model of the Azure Machine Learning REST API")

# property → type of the resource it must name, and how a hub's project calls it
DEPENDENCIES: dict[str, tuple[str, str]] = {
    "storageAccount": (accounts.TYPE, "Storage Account"),
    "keyVault": (key_vault.TYPE, "Key Vault"),
    "applicationInsights": (application_insights.TYPE, "Application Insights"),
    "containerRegistry": (container_registry.TYPE, "Container Registry"),
}
REQUIRED_BY_KIND: dict[str, tuple[str, ...]] = {
    "Default": ("storageAccount", "keyVault", "applicationInsights"),
    "FeatureStore": ("storageAccount", "keyVault", "applicationInsights"),
    "Hub": ("storageAccount", "keyVault"),
    "Project": (),
}
SET_AT_CREATION = ("storageAccount", "keyVault", "hbiWorkspace", "hubResourceId")
PROVIDER_SPELLING = {
    "keyVault": ("Microsoft.KeyVault", "Microsoft.Keyvault"),
    "applicationInsights": ("Microsoft.Insights", "Microsoft.insights"),
}


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """An open workspace on account keys, without a managed network; or what an existing one has already.

    The rules of the managed network come from the request whole, where it names any.
    """
    existing = context.existing or {}
    kind = body.get("kind") or existing.get("kind") or "Default"
    properties: JsonObject = {
        "friendlyName": "",
        "description": "",
        "hbiWorkspace": False,
        "imageBuildCompute": None,
        "publicNetworkAccess": "Enabled",
        "allowPublicAccessWhenBehindVnet": False,
        "v1LegacyMode": False,
        "enableDataIsolation": kind in ("Hub", "Project"),
        "systemDatastoresAuthMode": "AccessKey",
        "provisionNetworkNow": False,
    }
    if kind != "Project":
        properties |= dict.fromkeys(DEPENDENCIES)
        properties["managedNetwork"] = {"isolationMode": "Disabled"}
    properties |= object_at(existing, "properties")
    if value_at(body, "properties.managedNetwork.outboundRules") is not None:
        network = object_at(properties, "managedNetwork")
        properties["managedNetwork"] = {
            key: value for key, value in network.items() if key != "outboundRules"
        }
    sku = existing.get("sku") or {"name": "Basic", "tier": "Basic"}
    kept: JsonObject = {
        name: existing[name] for name in ("identity", "tags") if name in existing and name not in body
    }
    return {"kind": kind, "sku": sku, **kept, "properties": properties}


def computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """Identifiers and addresses; drawn once, kept ever after."""
    existing = object_at(context.existing, "properties")
    workspace_id = existing.get("workspaceId") or new_guid()
    region = context.location
    storage = object_at(context.find(value_at(body, "properties.storageAccount") or ""), "properties")
    shared: JsonObject = {}
    if body.get("kind") == "Project":
        hub = object_at(context.find(value_at(body, "properties.hubResourceId") or ""), "properties")
        shared = {name: hub.get(name) for name in (*DEPENDENCIES, "managedNetwork")}
        storage = object_at(context.find(hub.get("storageAccount") or ""), "properties")
    properties: JsonObject = {
        **shared,
        "workspaceId": workspace_id,
        "tenantId": context.tenant_id,
        "creationTime": existing.get("creationTime") or timestamp(context.now),
        "discoveryUrl": f"https://{region}.api.azureml.ms/discovery",
        "mlFlowTrackingUri": f"azureml://{region}.api.azureml.ms/mlflow/v1.0{context.id}",
        "notebookInfo": {
            "resourceId": stable_hex(workspace_id),
            "fqdn": f"ml-{context.name.lower()[:15]}-{region}-{workspace_id}.{region}.notebooks.azure.net",
            "isPrivateLinkEnabled": False,
            "notebookPreparationError": None,
        },
        "storageHnsEnabled": bool(storage.get("isHnsEnabled")),
        "privateLinkCount": 0,
        "privateEndpointConnections": [],
    }
    for name, (sent, shown) in PROVIDER_SPELLING.items():
        if resource_id := properties.get(name) or value_at(body, f"properties.{name}"):
            properties[name] = re.sub(
                f"/{re.escape(sent)}/", f"/{shown}/", str(resource_id), flags=re.IGNORECASE
            )
    if body.get("kind") == "Hub":
        properties["associatedWorkspaces"] = existing.get("associatedWorkspaces") or []
    elif body.get("kind") != "Project":
        network = object_at(body, "properties.managedNetwork")
        properties["managedNetwork"] = managed_network.shown(
            network,
            object_at(existing, "managedNetwork"),
            provision_now=bool(value_at(body, "properties.provisionNetworkNow")),
        )
    return {"etag": None, "properties": properties}


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """Dependencies, identity, network and what may not change."""
    kind = str(body.get("kind"))
    if kind not in KINDS:
        raise errors.workspace_invalid(f"Workspace kind '{kind}' is not one of {', '.join(KINDS)}.")
    properties = object_at(body, "properties")
    if kind == "Project":
        _check_project(context, properties)
    _check_dependencies(context, kind, properties)
    _check_identity(context, body)
    if kind != "Project":
        managed_network.validate_settings(
            object_at(properties, "managedNetwork"), object_at(existing, "properties.managedNetwork")
        )


def _check_project(context: RequestContext, properties: JsonObject) -> None:
    hub = context.find(properties.get("hubResourceId") or "")
    if hub is None or hub.get("kind") != "Hub":
        raise errors.dependency_not_found("hubResourceId", str(properties.get("hubResourceId")))
    for name, (_, label) in DEPENDENCIES.items():
        if properties.get(name) and not same_id(properties[name], value_at(hub, f"properties.{name}")):
            raise errors.project_has_own_dependency(label)
    if properties.get("managedNetwork") and context.existing is None:
        raise errors.project_has_own_network()


def _check_dependencies(context: RequestContext, kind: str, properties: JsonObject) -> None:
    if any(not properties.get(name) for name in REQUIRED_BY_KIND[kind]):
        raise errors.missing_dependencies()
    for name, (resource_type, _) in DEPENDENCIES.items():
        resource_id = properties.get(name)
        if not resource_id:
            continue
        if type_of(resource_id) != resource_type.lower() or context.find(resource_id) is None:
            raise errors.dependency_not_found(name, resource_id)
    if kind != "Project":
        _check_storage(context.find(properties["storageAccount"]) or {}, properties)


def _check_storage(account: JsonObject, properties: JsonObject) -> None:
    """As "Manage Azure Machine Learning workspaces": no premium account, no hierarchical namespace."""
    if str(value_at(account, "sku.name")).startswith("Premium"):
        raise errors.workspace_invalid(
            "A premium storage account can't be the default storage of a workspace."
        )
    if value_at(account, "properties.isHnsEnabled"):
        raise errors.storage_with_hierarchical_namespace()
    keys_refused = value_at(account, "properties.allowSharedKeyAccess") is False
    if keys_refused and str(properties.get("systemDatastoresAuthMode")).lower() == "accesskey":
        raise errors.workspace_invalid(
            "Key based authentication is not permitted on the storage account: set "
            "systemDatastoresAuthMode to Identity, or allow shared key access."
        )


def _check_identity(context: RequestContext, body: JsonObject) -> None:
    identity = object_at(body, "identity")
    if str(identity.get("type") or "None") == "None":
        # seen in Azure/azure-sdk-for-js#10473
        raise errors.workspace_invalid("Make sure to create your workspace using a client which support MSI")
    primary = value_at(body, "properties.primaryUserAssignedIdentity")
    assigned = list(identity.get("userAssignedIdentities") or {})
    if primary and not any(same_id(primary, other) for other in assigned):
        raise errors.workspace_invalid(
            "The primaryUserAssignedIdentity must be one of the workspace's userAssignedIdentities."
        )
    if identity["type"] == "UserAssigned" and not primary:
        raise errors.workspace_invalid(
            "A workspace without a system-assigned identity needs a primaryUserAssignedIdentity."
        )


def created(context: RequestContext, body: JsonObject) -> None:
    """Keys, the four datastores with their containers, the rules of the managed network."""
    context.secrets.update({"primaryAccessKey": account_key(32), "secondaryAccessKey": account_key(32)})
    datastores.create_defaults(context, body)
    managed_network.write_rules(context, body)
    if body.get("kind") == "Project":
        _tell_hub(context, body, present=True)


def updated(context: RequestContext, body: JsonObject) -> None:
    """Bring the rules and the datastores' credentials in line with the workspace."""
    managed_network.write_rules(context, body)
    datastores.update_defaults(context, body)


def _tell_hub(context: RequestContext, body: JsonObject, *, present: bool) -> None:
    hub = context.find(value_at(body, "properties.hubResourceId") or "")
    if hub is None:
        return
    others = [
        other
        for other in hub["properties"].get("associatedWorkspaces") or []
        if not same_id(other, context.id)
    ]
    hub["properties"]["associatedWorkspaces"] = [*others, context.id] if present else others
    context.write(str(hub["id"]), hub)


def deleted(context: RequestContext, body: JsonObject) -> None:
    """A hub goes last: its projects must be gone. What runs is not kept with a soft-deleted workspace."""
    if body.get("kind") == "Hub" and value_at(body, "properties.associatedWorkspaces"):
        raise errors.hub_has_projects()
    if body.get("kind") == "Project":
        _tell_hub(context, body, present=False)
    for schedule in context.children(context.id, SCHEDULE_TYPE):
        # An enabled one would not let itself be deleted.
        quiet = {**schedule["properties"], "isEnabled": False}
        context.write(str(schedule["id"]), {**schedule, "properties": quiet})
    for gone in NOT_RECOVERABLE:
        for child in context.children(context.id, gone):
            context.remove(str(child["id"]))


def list_keys(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST listKeys: keys of the storage account, Application Insights and notebooks."""
    properties = object_at(context.existing, "properties")
    storage_id = properties.get("storageAccount")
    insights = context.find(properties.get("applicationInsights") or "")
    return {
        "userStorageKey": context.secrets_of(storage_id).get("key1") if storage_id else None,
        "userStorageArmId": storage_id,
        "appInsightsInstrumentationKey": value_at(insights, "properties.InstrumentationKey"),
        "containerRegistryCredentials": None,
        "notebookAccessKeys": {
            "primaryAccessKey": context.secrets["primaryAccessKey"],
            "secondaryAccessKey": context.secrets["secondaryAccessKey"],
        },
    }


def provision_network(context: RequestContext, request: JsonObject) -> Answer:
    """POST provisionManagedNetwork: make the managed network active now."""
    network = object_at(context.existing, "properties.managedNetwork")
    if network.get("isolationMode", "Disabled") == "Disabled":
        raise errors.workspace_invalid(
            "The workspace has no managed network: its isolation mode is Disabled."
        )
    workspace = context.find(context.id) or {}
    status = managed_network.set_active(context, workspace, spark=bool(request.get("includeSpark")))
    return Answer(status=202, body=status, style=LroStyle.ASYNC_OPERATION, seconds=PROVISION_SECONDS)

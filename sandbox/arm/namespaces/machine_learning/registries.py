"""Registries: what Azure makes with them, and where their assets' files go.

A registry has a managed resource group with a storage account and a container registry per
region. Left out: replication between regions, private endpoints, storage that users bring.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.arm.errors import ArmError
from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.machine_learning.api_versions import API_VERSIONS
from sandbox.arm.namespaces.machine_learning.assets import registry_uploads
from sandbox.arm.namespaces.machine_learning.errors import user_error
from sandbox.arm.namespaces.values import JsonObject, account_key, new_guid, stable_hex, value_at
from sandbox.arm.regions import REGIONS, normalised
from sandbox.arm.resource_type import Lro, LroStyle, NameRule, ResourceType

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.MachineLearningServices/registries"
ACCOUNTS = "Microsoft.Storage/storageAccounts"
CONTAINER_REGISTRIES = "Microsoft.ContainerRegistry/registries"
REFERENCE = documented("Create and manage registries; Registries - Create Or Update, REST API")


def _taken(name: str) -> ArmError:
    return user_error(f"A registry named '{name}' exists already: the name must be unique in the tenant.")


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """Known regions, the primary one among them, once each."""
    regions = [normalised(str(region.get("location"))) for region in _regions(body)]
    unknown = [region for region in regions if region not in REGIONS]
    if unknown:
        raise user_error(f"Registry {context.name}: {', '.join(unknown)} is no region.")
    if len(set(regions)) != len(regions) or normalised(str(body["location"])) not in regions:
        raise user_error(
            f"Registry {context.name}: regionDetails must name {body['location']}, its own region, and "
            "every region once."
        )


def computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """Addresses, the managed resource group, and the resources that Azure makes in it."""
    location, before = context.location, context.existing or {}
    group = value_at(before, "properties.managedResourceGroup.resourceId") or (
        f"/subscriptions/{context.subscription_id}/resourceGroups/azureml-rg-{context.name}_{new_guid()}"
    )
    host = f"{location}.api.azureml.ms"
    return {
        "properties": {
            "discoveryUrl": f"https://{host}/registrymanagement/v1.0/registries/{context.name}/discovery",
            "mlFlowRegistryUri": f"azureml://{host}/mlflow/v1.0{context.id}",
            "managedResourceGroup": {"resourceId": group},
            "publicNetworkAccess": value_at(body, "properties.publicNetworkAccess") or "Enabled",
            "regionDetails": [_region(group, region) for region in _regions(body)],
        }
    }


def _regions(body: JsonObject) -> list[JsonObject]:
    return list(value_at(body, "properties.regionDetails") or ())


def _region(group: str, region: JsonObject) -> JsonObject:
    """One region with its storage account and container registry."""
    location = normalised(str(region["location"]))
    name = stable_hex(group, location, length=11)
    storage = {
        "storageAccountType": "Standard_LRS",
        "storageAccountHnsEnabled": False,
        "allowBlobPublicAccess": False,
        **_wanted(region, "storageAccountDetails", "systemCreatedStorageAccount"),
        "storageAccountName": name,
        "armResourceId": {"resourceId": f"{group}/providers/{ACCOUNTS}/{name}"},
    }
    images = {
        "acrAccountSku": "Premium",
        **_wanted(region, "acrDetails", "systemCreatedAcrAccount"),
        "acrAccountName": name,
        "armResourceId": {"resourceId": f"{group}/providers/{CONTAINER_REGISTRIES}/{name}"},
    }
    return {
        "location": location,
        "storageAccountDetails": [{"systemCreatedStorageAccount": storage}],
        "acrDetails": [{"systemCreatedAcrAccount": images}],
    }


def _wanted(region: JsonObject, section: str, name: str) -> JsonObject:
    for details in region.get(section) or ():
        return {key: value for key, value in (details.get(name) or {}).items() if value is not None}
    return {}


def written(context: RequestContext, body: JsonObject) -> None:
    """Make what is missing in the managed resource group."""
    group = str(value_at(body, "properties.managedResourceGroup.resourceId"))
    tags = value_at(body, "properties.managedResourceGroupTags") or {}
    state = {"provisioningState": "Succeeded"}
    managed = {"location": context.location, "tags": tags, "managedBy": context.id, "properties": state}
    context.write(group, managed)
    for region in _regions(body):
        account = region["storageAccountDetails"][0]["systemCreatedStorageAccount"]
        images = region["acrDetails"][0]["systemCreatedAcrAccount"]
        if context.find(account["armResourceId"]["resourceId"]) is None:
            _make_account(context, region["location"], account)
            properties = {
                "provisioningState": "Succeeded",
                "loginServer": f"{images['acrAccountName']}.azurecr.io",
                "adminUserEnabled": False,
            }
            sku = {"name": images["acrAccountSku"], "tier": images["acrAccountSku"]}
            registry = {"location": region["location"], "tags": {}, "sku": sku, "properties": properties}
            context.write(images["armResourceId"]["resourceId"], registry)


def _make_account(context: RequestContext, location: str, account: JsonObject) -> None:
    name, keys = account["storageAccountName"], {"key1": account_key(), "key2": account_key()}
    properties = {
        "provisioningState": "Succeeded",
        "allowBlobPublicAccess": account["allowBlobPublicAccess"],
        "minimumTlsVersion": "TLS1_2",
        "supportsHttpsTrafficOnly": True,
        "primaryEndpoints": {"blob": f"https://{name}.blob.core.windows.net/"},
        "primaryLocation": location,
    }
    sku = {"name": account["storageAccountType"], "tier": "Standard"}
    body = {"location": location, "tags": {}, "kind": "StorageV2", "sku": sku, "properties": properties}
    context.write(account["armResourceId"]["resourceId"], body, keys)
    context.blob.ensure_account(name, keys["key1"])


def deleted(context: RequestContext, body: JsonObject) -> None:
    """The managed resource group goes with the registry."""
    for region in _regions(body):
        account = region["storageAccountDetails"][0]["systemCreatedStorageAccount"]
        context.blob.delete_account(account["storageAccountName"])
    context.remove(str(value_at(body, "properties.managedResourceGroup.resourceId")))


REGISTRY = ResourceType(
    type=TYPE,
    token="azure-native:machinelearningservices:Registry",
    name=NameRule(
        pattern=r"[A-Za-z0-9][A-Za-z0-9_-]{2,32}",
        allowed="3 to 33 letters, digits, hyphens and underscores, with a letter or digit first",
        source=REFERENCE,
        unique="global",
        taken=_taken,
        error=lambda name: user_error(
            f"Registry name '{name}' is invalid: it must be 3 to 33 letters, digits, hyphens and "
            "underscores, with a letter or digit first."
        ),
    ),
    name_input="registryName",
    flattened=True,
    created_status=202,
    extra_api_versions=API_VERSIONS,
    verbs=frozenset({"PUT", "PATCH", "GET", "DELETE", "LIST"}),
    lro=Lro(
        create=LroStyle.ASYNC_OPERATION,
        update=LroStyle.ASYNC_OPERATION,
        delete=LroStyle.ASYNC_OPERATION,
        create_seconds=90.0,
        update_seconds=20.0,
        delete_seconds=30.0,
    ),
    operations=registry_uploads.OPERATIONS,
    computed=computed,
    validate=validate,
    created=written,
    updated=written,
    deleted=deleted,
    facts=(
        Fact(
            "A create is answered with 202.",
            documented("azure-ai-ml 1.35: RegistryOperations.begin_create says what the service returns"),
        ),
        Fact("A registry has a managed group with a storage account and images.", REFERENCE),
        Fact(
            "Managed accounts are named by eleven hexadecimal digits.",
            recorded("a report of image builds in registries, 2026-02: contextUri"),
        ),
        Fact(
            "The primary region is one of regionDetails.",
            documented("Registry YAML schema: replication_locations"),
        ),
        Fact("The name is unique in the tenant.", REFERENCE),
        Fact("The sentences of refusals.", assumed("no exchange with one was found")),
        Fact("How long operations take.", assumed("a minute or two by the documentation")),
    ),
)

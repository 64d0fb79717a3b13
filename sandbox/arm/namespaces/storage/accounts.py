"""Storage accounts: SKU and kind rules, what Azure fills in, keys, name availability.

The account's blobs are real: creating one opens it in the blob backend. Left out:
customer-managed keys' key vault checks, failover, SFTP local users, private
endpoints (their connections show as an empty list).
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from sandbox.arm.facts import documented, recorded
from sandbox.arm.namespaces.storage import errors
from sandbox.arm.namespaces.values import (
    JsonObject,
    account_key,
    object_at,
    timestamp,
    value_at,
    without_nulls,
)

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.Storage/storageAccounts"
NAME_PATTERN = r"[a-z0-9]{3,24}"

NAMING = documented("Naming rules and restrictions for Azure resources: Microsoft.Storage")
REFERENCE = documented("Storage Accounts - Create, REST API 2024-01-01")
RECORDING = recorded(
    "Azure/azure-service-operator, Test_Storage_v20230101_CreationAndDeletion.yaml, 2026-01-19"
)
UPDATE = recorded("CompositionalIT/farmer#346: AccountPropertyCannotBeUpdated")

STANDARD_SKUS = (
    "Standard_LRS", "Standard_GRS", "Standard_RAGRS", "Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS",
)  # fmt: skip
V2_SKUS = ("StandardV2_LRS", "StandardV2_GRS", "StandardV2_ZRS", "StandardV2_GZRS")
PREMIUM_V2_SKUS = ("PremiumV2_LRS", "PremiumV2_ZRS")

# "Storage account overview" and "Types of storage accounts": which redundancy each kind has.
SKUS_BY_KIND: dict[str, tuple[str, ...]] = {
    "Storage": ("Standard_LRS", "Standard_GRS", "Standard_RAGRS", "Standard_ZRS", "Premium_LRS"),
    "StorageV2": (*STANDARD_SKUS, "Premium_LRS"),
    "BlobStorage": ("Standard_LRS", "Standard_GRS", "Standard_RAGRS"),
    "BlockBlobStorage": ("Premium_LRS", "Premium_ZRS"),
    "FileStorage": ("Premium_LRS", "Premium_ZRS", *V2_SKUS, *PREMIUM_V2_SKUS),
}
UPDATABLE_SKUS = (
    ("Standard_LRS", "Standard_GRS", "Standard_RAGRS"),
    ("Standard_ZRS", "Standard_GZRS", "Standard_RAGZRS"),
)
ENDPOINTS_BY_KIND: dict[str, tuple[str, ...]] = {
    "Storage": ("blob", "queue", "table", "file"),
    "StorageV2": ("dfs", "web", "blob", "queue", "table", "file"),
    "BlobStorage": ("dfs", "blob", "table"),
    "BlockBlobStorage": ("dfs", "web", "blob"),
    "FileStorage": ("file",),
}
KINDS_WITH_TIER = ("StorageV2", "BlobStorage")

# "Azure region pairs and nonpaired regions"
PAIRED_REGIONS = {
    "westeurope": "northeurope", "northeurope": "westeurope", "eastus": "westus", "westus": "eastus",
    "eastus2": "centralus", "centralus": "eastus2", "westus2": "westcentralus", "westcentralus": "westus2",
    "northcentralus": "southcentralus", "southcentralus": "northcentralus", "uksouth": "ukwest",
    "ukwest": "uksouth", "francecentral": "francesouth", "germanywestcentral": "germanynorth",
    "switzerlandnorth": "switzerlandwest", "norwayeast": "norwaywest", "swedencentral": "swedensouth",
    "eastasia": "southeastasia", "southeastasia": "eastasia", "japaneast": "japanwest",
    "japanwest": "japaneast",
    "australiaeast": "australiasoutheast", "australiasoutheast": "australiaeast",
    "canadacentral": "canadaeast", "canadaeast": "canadacentral", "centralindia": "southindia",
    "koreacentral": "koreasouth",
    "brazilsouth": "southcentralus", "southafricanorth": "southafricawest", "uaenorth": "uaecentral",
}  # fmt: skip


PRIVATE_RANGES = tuple(
    ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
)


def redundancy(sku: str) -> str:
    """LRS, GRS, RAGZRS, ...: the part of a SKU's name that says where copies are."""
    return sku.rpartition("_")[2]


def endpoints(name: str, kind: str, suffix: str = "") -> JsonObject:
    """The service addresses of an account; `suffix` is "-secondary" for the readable copy."""
    hosts = ENDPOINTS_BY_KIND.get(kind, ())
    return {
        service: f"https://{name}{suffix}.{'z6.web' if service == 'web' else service}.core.windows.net/"
        for service in hosts
        if not (suffix and service == "file")  # files have no readable secondary
    }


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """What the service assumes where the request is silent."""
    kind = str(body.get("kind") or "StorageV2")
    properties: JsonObject = {
        "supportsHttpsTrafficOnly": True,
        "minimumTlsVersion": "TLS1_0",
        "allowBlobPublicAccess": False,
        "allowCrossTenantReplication": False,
        "networkAcls": {
            "bypass": "AzureServices",
            "virtualNetworkRules": [],
            "ipRules": [],
            "defaultAction": "Allow",
        },
        "encryption": {"services": {"file": {}, "blob": {}}, "keySource": "Microsoft.Storage"},
    }
    if kind in KINDS_WITH_TIER and not str(value_at(body, "sku.name")).startswith("Premium"):
        properties["accessTier"] = "Hot"
    elif kind != "Storage" and str(value_at(body, "sku.name")).startswith("Premium"):
        properties["accessTier"] = "Premium"
    return {"kind": kind, "properties": properties}


def computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """What the service writes itself: endpoints, state, times, the SKU's tier."""
    existing = object_at(context.existing, "properties")
    sku = str(value_at(body, "sku.name") or "Standard_LRS")
    kind = str(body.get("kind"))
    created = existing.get("creationTime") or timestamp(context.now)
    properties: JsonObject = {
        "creationTime": created,
        "keyCreationTime": existing.get("keyCreationTime") or {"key1": created, "key2": created},
        "privateEndpointConnections": [],
        "primaryEndpoints": endpoints(context.name, kind),
        "primaryLocation": context.location,
        "statusOfPrimary": "available",
        "encryption": {
            "services": _encryption_services(object_at(body, "properties.encryption.services"), created)
        },
    }
    secondary = PAIRED_REGIONS.get(context.location)
    if redundancy(sku) in ("GRS", "RAGRS", "GZRS", "RAGZRS") and secondary:
        properties |= {"secondaryLocation": secondary, "statusOfSecondary": "available"}
        if redundancy(sku).startswith("RA"):
            properties["secondaryEndpoints"] = endpoints(context.name, kind, "-secondary")
    return {
        "sku": {"name": sku, "tier": "Premium" if sku.startswith("Premium") else "Standard"},
        "properties": properties,
    }


def _encryption_services(requested: JsonObject, moment: str) -> JsonObject:
    services: JsonObject = {}
    for service, settings in requested.items():
        services[service] = without_nulls(
            {"keyType": "Account", **(settings or {}), "enabled": True, "lastEnabledTime": moment}
        )
    return services


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """Rules across properties; the schema has already been checked."""
    sku = str(value_at(body, "sku.name") or "")
    kind = str(body.get("kind"))
    if existing is not None:
        _check_kind_change(str(existing.get("kind")), kind)
    if sku not in SKUS_BY_KIND.get(kind, ()):
        raise errors.invalid_account_type(sku)
    if existing is not None:
        _check_sku_change(str(value_at(existing, "sku.name")), sku)
    _check_access_tier(kind, sku, value_at(body, "properties.accessTier"))
    _check_network(object_at(body, "properties.networkAcls"))
    if existing is None:
        _check_name_is_free(context)


def _check_access_tier(kind: str, sku: str, tier: str | None) -> None:
    if tier is None:
        return
    allowed: tuple[str, ...] = ("Hot", "Cool", "Cold") if kind in KINDS_WITH_TIER else ()
    if sku.startswith("Premium"):
        allowed = ("Premium",)
    if tier not in allowed:
        raise errors.invalid_access_tier(tier, kind)


def _check_network(rules: JsonObject) -> None:
    """As "Configure Azure Storage firewalls": public IPv4 addresses only, no /31 and /32 ranges."""
    help_page = "https://aka.ms/storagenetworkruleset"
    for rule in rules.get("ipRules") or ():
        text = str(rule.get("value"))
        try:
            network = ipaddress.IPv4Network(text, strict=False)
        except ValueError:
            raise errors.invalid_values("networkAcls.ipRules[*].value", help_page) from None
        private = any(network.subnet_of(reserved) for reserved in PRIVATE_RANGES)
        if private or ("/" in text and network.prefixlen > 30):
            raise errors.invalid_values("networkAcls.ipRules[*].value", help_page)


def _check_name_is_free(context: RequestContext) -> None:
    for other in context.all(TYPE):
        if str(other["name"]).lower() == context.name.lower():
            same_subscription = f"/subscriptions/{context.subscription_id}/" in str(other["id"]).lower()
            raise (errors.account_already_exists if same_subscription else errors.account_already_taken)(
                context.name
            )


def _check_kind_change(before: str, after: str) -> None:
    """As "Upgrade to a general-purpose v2 storage account": the only change of kind there is."""
    if before != after and not (before in ("Storage", "BlobStorage") and after == "StorageV2"):
        raise errors.property_cannot_be_updated("kind")


def _check_sku_change(before: str, after: str) -> None:
    """As "Change how a storage account is replicated": an update neither adds nor removes zones."""
    if before != after and not any(before in group and after in group for group in UPDATABLE_SKUS):
        raise errors.conversion_not_allowed(before, after)


def created(context: RequestContext, body: JsonObject) -> None:
    """Draw the two keys and open the account in the blob backend."""
    context.secrets.update({"key1": account_key(), "key2": account_key()})
    context.blob.ensure_account(context.name, context.secrets["key1"])


def deleted(context: RequestContext, body: JsonObject) -> None:
    """Remove the account's blobs."""
    context.blob.delete_account(context.name)


def list_keys(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST listKeys: both keys. Azure gives them out even when shared key access is off."""
    times = object_at(context.existing, "properties.keyCreationTime")
    return {
        "keys": [
            {
                "creationTime": times.get(key),
                "keyName": key,
                "value": context.secrets[key],
                "permissions": "FULL",
            }
            for key in ("key1", "key2")
        ]
    }


def regenerate_key(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST regenerateKey {keyName}: a new key in the place of the old one; answers with both."""
    name = str(request.get("keyName"))
    if name not in ("key1", "key2"):
        raise errors.invalid_values("keyName")
    context.secrets[name] = account_key()
    context.blob.ensure_account(context.name, context.secrets["key1"])
    return list_keys(context, request)


def check_name_availability(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST checkNameAvailability of the namespace: {name, type} → {nameAvailable, reason, message}."""
    name = str(request.get("name"))
    if not re.fullmatch(NAME_PATTERN, name):
        return {
            "nameAvailable": False,
            "reason": "AccountNameInvalid",
            "message": errors.account_name_not_valid(name).message,
        }
    if any(str(other["name"]).lower() == name.lower() for other in context.all(TYPE)):
        return {
            "nameAvailable": False,
            "reason": "AlreadyExists",
            "message": errors.account_already_taken(name).message,
        }
    return {"nameAvailable": True}

"""Container registries: what each service tier has, admin credentials, name availability.

Left out: geo-replications, tasks, tokens and scope maps, webhooks, the registry's own
data plane, customer-managed keys' key vault checks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sandbox.arm.errors import ArmError
from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.values import JsonObject, account_key, object_at, timestamp, value_at
from sandbox.arm.resource_type import NameRule, Operation, ResourceType

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.ContainerRegistry/registries"
NAME_PATTERN = r"[A-Za-z0-9]{5,50}"
TIERS = ("Basic", "Standard", "Premium")
NAME_MESSAGE = (
    "Registry names may contain only alpha numeric characters and must be between 5 and 50 characters"
)

NAMING = documented("Naming rules and restrictions for Azure resources: Microsoft.ContainerRegistry")
TIER_TABLE = documented("Registry service tiers and features (Azure Container Registry)")
RECORDING = recorded(
    "Azure/azure-service-operator, Test_Containerregistry_v20251101_CreationAndDeletion.yaml, 2026-08-18"
)


def already_in_use(name: str) -> ArmError:
    """The name belongs to another registry, anywhere."""
    return ArmError(
        409,
        "AlreadyInUse",
        f"The registry DNS name {name.lower()}.azurecr.io is already in use. You can check if the name is "
        "already claimed using following API: "
        "https://docs.microsoft.com/en-us/rest/api/containerregistry/registries/checknameavailability",
    )


def name_not_valid(name: str) -> ArmError:
    """The registry's name breaks the alphabet or length (satomic/copilot-usage-advanced-dashboard#25)."""
    return ArmError(400, "InvalidResourceName", NAME_MESSAGE, target=name)


def unknown_tier(sku: str) -> ArmError:
    """A SKU that no registry has."""
    return ArmError(
        400, "SkuNotSupported", f"The SKU {sku} is not supported. Supported SKUs: {', '.join(TIERS)}."
    )


def public_access_not_supported(sku: str) -> ArmError:
    """Closing the public endpoint below Premium (hashicorp/terraform-provider-azurerm#26054)."""
    return ArmError(
        400,
        "DisablingPublicNetworkAccessNotSupported",
        f"Disabling public network access is not supported for the SKU {sku}. For more information, "
        "please visit https://aka.ms/acr/private-link.",
    )


def feature_not_supported(code: str, feature: str, sku: str) -> ArmError:
    """A Premium feature asked of a lower tier; the network rules' text was seen in deployments."""
    return ArmError(400, code, f"The requested feature {feature} is not supported for the SKU {sku}.")


def policy_not_supported(sku: str) -> ArmError:
    """A policy that the tier does not have (Azure/bicep-registry-modules#1316)."""
    return ArmError(400, "SkuNotSupported", f"The SKU {sku} is not supported.")


def anonymous_pull_not_supported(sku: str) -> ArmError:
    """Anonymous pull below Standard (MicrosoftDocs/azure-docs#94535)."""
    return ArmError(
        400,
        "BadRequest",
        f"Anonymous pull is not supported for SKU Managed_{sku}. For more information on SKU tiers, "
        "please visit https://aka.ms/acr/tiers.",
    )


def invalid_retention_days() -> ArmError:
    """Days of the retention policy for untagged manifests."""
    return ArmError(400, "BadRequest", "The retention policy days must be between 0 and 365.")


def admin_user_disabled(resource_id: str) -> ArmError:
    """Credentials asked of a registry without the admin user."""
    return ArmError(
        400,
        "UnAuthorizedForCredentialOperations",
        f"Cannot perform credential operations for {resource_id} as admin user is disabled. Kindly enable "
        "admin user as per docs: "
        "https://docs.microsoft.com/en-us/azure/container-registry/container-registry-authentication#admin-account",
    )


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """Everything off that costs or opens something: recorded, see FACTS."""
    properties: JsonObject = {
        "adminUserEnabled": False,
        "policies": {
            "quarantinePolicy": {"status": "disabled"},
            "trustPolicy": {"type": "Notary", "status": "disabled"},
            "retentionPolicy": {"days": 7, "status": "disabled"},
            "exportPolicy": {"status": "enabled"},
            "azureADAuthenticationAsArmPolicy": {"status": "enabled"},
        },
        "encryption": {"status": "disabled"},
        "dataEndpointEnabled": False,
        "publicNetworkAccess": "Enabled",
        "networkRuleBypassOptions": "AzureServices",
        "zoneRedundancy": "Disabled",
        "anonymousPullEnabled": False,
    }
    if value_at(body, "sku.name") == "Premium":
        properties["networkRuleSet"] = {"defaultAction": "Allow", "ipRules": []}
    return {"properties": properties}


def computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """Login server, creation date, the tier, and the time of the retention policy's last change."""
    existing = object_at(context.existing, "properties")
    moment = timestamp(context.now)
    retention = object_at(body, "properties.policies.retentionPolicy")
    before = object_at(existing, "policies.retentionPolicy")
    changed = any(retention.get(key) != before.get(key) for key in ("days", "status"))
    login_server = f"{context.name.lower()}.azurecr.io"
    data_endpoints = value_at(body, "properties.dataEndpointEnabled")
    return {
        "sku": {"tier": value_at(body, "sku.name")},
        "properties": {
            "loginServer": login_server,
            "creationDate": existing.get("creationDate") or moment,
            "dataEndpointHostNames": (
                [f"{context.name.lower()}.{context.location}.data.azurecr.io"] if data_endpoints else []
            ),
            "privateEndpointConnections": [],
            "policies": {
                "retentionPolicy": {"lastUpdatedTime": moment if changed else before.get("lastUpdatedTime")}
            },
        },
    }


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """What the tier does not have is refused."""
    sku = str(value_at(body, "sku.name"))
    if sku not in TIERS:
        raise unknown_tier(sku)
    properties = object_at(body, "properties")
    if sku == "Basic" and properties.get("anonymousPullEnabled"):
        raise anonymous_pull_not_supported(sku)
    if sku != "Premium":
        _check_below_premium(sku, properties)
    days = value_at(properties, "policies.retentionPolicy.days")
    if days is not None and not 0 <= days <= 365:
        raise invalid_retention_days()
    if value_at(properties, "policies.exportPolicy.status") == "disabled":
        _check_export_policy(properties)


def _check_below_premium(sku: str, properties: JsonObject) -> None:
    if properties.get("publicNetworkAccess") == "Disabled":
        raise public_access_not_supported(sku)
    rules = object_at(properties, "networkRuleSet")
    if rules.get("defaultAction", "Allow") != "Allow" or rules.get("ipRules"):
        raise feature_not_supported("NetworkRuleNotSupported", "virtual network rule", sku)
    if properties.get("zoneRedundancy") == "Enabled":
        raise feature_not_supported("ZoneRedundancyNotSupported", "zone redundancy", sku)
    if properties.get("dataEndpointEnabled"):
        raise feature_not_supported("DataEndpointNotSupported", "data endpoint rule", sku)
    if value_at(properties, "encryption.status") == "enabled":
        raise feature_not_supported("EncryptionNotSupported", "encryption", sku)
    for policy in ("retentionPolicy", "quarantinePolicy", "trustPolicy"):
        if value_at(properties, f"policies.{policy}.status") == "enabled":
            raise policy_not_supported(sku)


def _check_export_policy(properties: JsonObject) -> None:
    """As "Disable export of artifacts": only in a registry that is closed to the public network."""
    if properties.get("publicNetworkAccess") != "Disabled":
        raise ArmError(
            400,
            "BadRequest",
            "The export policy can be disabled only when public network access of the registry is disabled.",
        )


def created(context: RequestContext, body: JsonObject) -> None:
    """Draw the admin user's two passwords, kept whether or not the user is enabled."""
    context.secrets.update({"password": account_key(39), "password2": account_key(39)})


def list_credentials(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST listCredentials: the admin user's name and passwords; refused while it is off."""
    if not value_at(context.existing, "properties.adminUserEnabled"):
        raise admin_user_disabled(context.id)
    passwords = [{"name": name, "value": context.secrets[name]} for name in ("password", "password2")]
    return {"username": context.name, "passwords": passwords}


def regenerate_credential(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST regenerateCredential {name}: a new password in the place of the old one."""
    list_credentials(context, {})  # refused alike while the admin user is off
    context.secrets[str(request.get("name"))] = account_key(39)
    return list_credentials(context, {})


def list_usages(context: RequestContext, request: JsonObject) -> JsonObject:
    """GET listUsages: storage included in the tier, bytes; nothing is ever stored here."""
    included = {"Basic": 10, "Standard": 100, "Premium": 500}
    sku = str(value_at(context.existing, "sku.name"))
    size = {"name": "Size", "limit": included[sku] * 1024**3, "currentValue": 0, "unit": "Bytes"}
    webhooks = {"Basic": 2, "Standard": 10, "Premium": 500}
    return {"value": [size, {"name": "Webhooks", "limit": webhooks[sku], "currentValue": 0, "unit": "Count"}]}


def check_name_availability(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST checkNameAvailability of the namespace: {name, type} → {nameAvailable, reason, message}."""
    name = str(request.get("name"))
    if not re.fullmatch(NAME_PATTERN, name):
        return {"nameAvailable": False, "reason": "Invalid", "message": NAME_MESSAGE}
    if any(str(other["name"]).lower() == name.lower() for other in context.all(TYPE)):
        message = f"The registry {name} is already in use."
        return {"nameAvailable": False, "reason": "AlreadyExists", "message": message}
    return {"nameAvailable": True}


REGISTRY = ResourceType(
    type=TYPE,
    token="azure-native:containerregistry:Registry",
    name=NameRule(
        pattern=NAME_PATTERN,
        allowed="5 to 50 letters and digits",
        source=NAMING,
        unique="global",
        error=name_not_valid,
        taken=already_in_use,
    ),
    name_input="registryName",
    created_status=200,
    put_keeps_omitted=True,
    extra_api_versions=("2019-05-01", "2023-01-01-preview", "2023-07-01", "2025-04-01", "2025-11-01"),
    actions={
        "listCredentials": list_credentials,
        "regenerateCredential": regenerate_credential,
        "GET listUsages": list_usages,
    },
    operations=(
        Operation(
            method="POST",
            path="providers/Microsoft.ContainerRegistry/checkNameAvailability",
            handler=check_name_availability,
            api_versions_of=TYPE,
        ),
    ),
    defaults=defaults,
    computed=computed,
    validate=validate,
    created=created,
    facts=(
        Fact("A create is answered with 200 and the state Succeeded, after some seven seconds.", RECORDING),
        Fact("Policies, network rules and everything else that a request may leave out.", RECORDING),
        Fact("Which features need which tier.", TIER_TABLE),
        Fact(
            "Closing the public network below Premium: DisablingPublicNetworkAccessNotSupported.",
            recorded("hashicorp/terraform-provider-azurerm#26054"),
        ),
        Fact("Anonymous pull needs Standard.", recorded("MicrosoftDocs/azure-docs#94535")),
        Fact(
            "Network rules below Premium: NetworkRuleNotSupported.",
            recorded("deployment logs of several public repositories, 2025 and 2026"),
        ),
        Fact(
            "A quarantine policy below Premium: SkuNotSupported.",
            recorded("Azure/bicep-registry-modules#1316"),
        ),
        Fact(
            "Codes for zone redundancy, data endpoints, encryption and the other policies below Premium.",
            assumed("made after NetworkRuleNotSupported and SkuNotSupported; the tier table refuses them"),
        ),
        Fact(
            "The export policy is disabled only together with public network access.",
            documented("Disable export of artifacts from an Azure container registry"),
        ),
        Fact("Zone redundancy shows Disabled unless it is asked for.", RECORDING),
    ),
)

RESOURCE_TYPES: tuple[ResourceType, ...] = (REGISTRY,)

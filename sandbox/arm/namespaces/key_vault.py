"""Key vaults: soft delete, recovery, purge, and the properties that can only go one way.

Deleting a vault keeps it, under its location, for `softDeleteRetentionInDays`; its
name stays taken until it is recovered (a PUT with `createMode: recover`) or purged.
Left out: secrets, keys and certificates (the data plane), managed HSMs, private
endpoints.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from sandbox.arm.errors import ArmError
from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.namespaces.values import JsonObject, object_at, same_setting, value_at
from sandbox.arm.resource_type import Immutable, Lro, LroStyle, NameRule, Operation, ResourceType, SoftDelete

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.KeyVault/vaults"
PROVIDER = "providers/Microsoft.KeyVault"
NAME_PATTERN = r"(?!.*--)[A-Za-z][A-Za-z0-9-]{1,22}[A-Za-z0-9]"
RETENTION_DAYS = (7, 90)

SOFT_DELETE = documented("Azure Key Vault soft-delete overview")
REFERENCE = documented("Vaults - Create Or Update, Key Vault REST API 2024-11-01")
RECORDING = recorded(
    "Azure/azure-service-operator, Test_Machinelearningservices_v1api20210701_CreationAndDeletion.yaml, "
    "2024-09-02"
)


def name_not_valid(name: str) -> ArmError:
    """The vault's name breaks the alphabet or length."""
    return ArmError(
        400,
        "VaultNameNotValid",
        f"The vault name '{name}' is invalid. A vault's name must be between 3-24 alphanumeric "
        "characters. The name must begin with a letter, end with a letter or digit, and not contain "
        "consecutive hyphens. Follow this link for more information: "
        "https://go.microsoft.com/fwlink/?linkid=2147742",
    )


def vault_already_exists(name: str) -> ArmError:
    """The name belongs to a vault elsewhere (text as in Azure/ARO-Landing-Zone-Accelerator#28)."""
    return ArmError(
        409,
        "VaultAlreadyExists",
        f"The vault name '{name}' is already in use. Vault names are globaly unique so it is possible "
        "that the name is already taken. If you are sure that the vault name was not taken then it is "
        "possible that a vault with the same name was recently deleted but not purged after being placed "
        "in a recoverable state. If the vault is in a recoverable state then the vault will need to be "
        "purged before reusing the name. For more information on soft delete and purging a vault follow "
        "this link https://go.microsoft.com/fwlink/?linkid=2147740.",
    )


CONFLICT_MESSAGE = (
    "A vault with the same name already exists in deleted state. You need to either recover or purge "
    "existing key vault. Follow this link https://go.microsoft.com/fwlink/?linkid=2149745 for more "
    "information on soft delete."
)


def conflict_with_deleted() -> ArmError:
    """A create over a soft-deleted vault of the same place (text as in the FinOps toolkit's help page)."""
    return ArmError(409, "ConflictError", CONFLICT_MESSAGE)


def nothing_to_recover() -> ArmError:
    """`createMode: recover` without a soft-deleted vault of that name."""
    return ArmError(
        400,
        "SoftDeletedVaultDoesNotExist",
        "A soft deleted vault with the given name does not exist. Ensure that the name for the vault "
        "that is being attempted to recover is in a recoverable state.",
    )


def deleted_vault_not_found(name: str) -> ArmError:
    """GET or purge of a vault that is not in the soft-deleted state (recorded, see RECORDING)."""
    return ArmError(
        404,
        "DeletedVaultNotFound",
        f"The specified deleted vault '{name}' does not exist. Ensure that the vault was indeed deleted "
        "and that it is in recoverable state. If soft delete was not enabled then the vault is "
        "permanently deleted. Follow this link for more information: "
        "https://go.microsoft.com/fwlink/?linkid=2149745",
    )


def purge_not_allowed() -> ArmError:
    """Purge of a vault that was deleted with purge protection on."""
    return ArmError(405, "MethodNotAllowed", "Operation 'DeletedVaultPurge' is not allowed.")


def cannot_be_false(property_name: str, sentence: str) -> ArmError:
    """A property that accepts only `true`."""
    return ArmError(400, "BadRequest", f'The property "{property_name}" cannot be set to false. {sentence}')


def cannot_be_modified(property_name: str) -> ArmError:
    """A property that is written once."""
    return ArmError(
        400, "BadRequest", f'The property "{property_name}" has been set already and it can\'t be modified.'
    )


def invalid_value(property_name: str) -> ArmError:
    """A value outside what the property takes."""
    return ArmError(400, "BadRequest", f"An invalid value was provided for '{property_name}'.")


PURGE_PROTECTION_IS_FINAL = "Enabling the purge protection for a vault is an irreversible action."


def defaults(context: RequestContext, body: JsonObject) -> JsonObject:
    """Soft delete is on for ninety days; what was set once stays when a later request leaves it out."""
    before = object_at(context.existing, "properties")
    properties: JsonObject = {
        "accessPolicies": [],
        "enabledForDeployment": False,
        "enableSoftDelete": True,
        "softDeleteRetentionInDays": before.get("softDeleteRetentionInDays", RETENTION_DAYS[1]),
        "enableRbacAuthorization": False,
        "publicNetworkAccess": "Enabled",
    }
    if before.get("enablePurgeProtection"):
        properties["enablePurgeProtection"] = True
    if (acls := value_at(body, "properties.networkAcls")) is not None:
        properties["networkAcls"] = {
            "bypass": "AzureServices",
            "defaultAction": "Allow",
            "ipRules": [],
            "virtualNetworkRules": [],
            **acls,
        }
    return {"properties": properties}


def computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """The vault's address; single addresses in rules are written back as /32 ranges."""
    properties: JsonObject = {"vaultUri": f"https://{context.name.lower()}.vault.azure.net/"}
    rules = value_at(body, "properties.networkAcls.ipRules")
    if rules:
        properties["networkAcls"] = {
            "ipRules": [
                {"value": rule["value"] if "/" in rule["value"] else f"{rule['value']}/32"} for rule in rules
            ]
        }
    return {"properties": properties}


def validate(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """Rules across properties, and the settings that never go back."""
    properties = object_at(body, "properties")
    if properties.get("enableSoftDelete") is False:
        raise cannot_be_false(
            "enableSoftDelete", "Soft delete is enabled for all vaults and cannot be turned off."
        )
    days = properties.get("softDeleteRetentionInDays")
    if days is not None and not RETENTION_DAYS[0] <= days <= RETENTION_DAYS[1]:
        raise invalid_value("softDeleteRetentionInDays")
    if properties.get("enablePurgeProtection") is False:
        raise cannot_be_false("enablePurgeProtection", PURGE_PROTECTION_IS_FINAL)
    if str(properties.get("tenantId")).lower() != context.tenant_id.lower():
        raise invalid_value("tenantId")
    _check_rules(object_at(properties, "networkAcls"))


def _check_rules(acls: JsonObject) -> None:
    """As "Configure Azure Key Vault networking settings": IPv4 addresses and ranges, at most 1000."""
    rules = acls.get("ipRules") or []
    for rule in rules:
        try:
            ipaddress.IPv4Network(str(rule.get("value")), strict=False)
        except ValueError:
            raise invalid_value("networkAcls.ipRules") from None
    if len(rules) > 1000:
        raise invalid_value("networkAcls.ipRules")


def deleted_vault(body: JsonObject, deleted: str, purge: str) -> JsonObject:
    """A soft-deleted vault as `deletedVaults` shows it."""
    vault_id = str(body["id"])
    subscription = vault_id.split("/")[2]
    location, name = body["location"], body["name"]
    return {
        "id": f"/subscriptions/{subscription}/{PROVIDER}/locations/{location}/deletedVaults/{name}",
        "name": name,
        "type": "Microsoft.KeyVault/deletedVaults",
        "properties": {
            "vaultId": vault_id,
            "location": location,
            "tags": body.get("tags") or {},
            "deletionDate": deleted,
            "scheduledPurgeDate": purge,
            **(
                {"purgeProtectionEnabled": True} if value_at(body, "properties.enablePurgeProtection") else {}
            ),
        },
    }


def check_name_availability(context: RequestContext, request: JsonObject) -> JsonObject:
    """POST checkNameAvailability of the namespace: {name, type} → {nameAvailable, reason, message}."""
    name = str(request.get("name"))
    if not re.fullmatch(NAME_PATTERN, name):
        message = name_not_valid(name).message
        return {"nameAvailable": False, "reason": "AccountNameInvalid", "message": message}
    if any(str(other["name"]).lower() == name.lower() for other in context.all(TYPE)):
        message = vault_already_exists(name).message
        return {"nameAvailable": False, "reason": "AlreadyExists", "message": message}
    return {"nameAvailable": True}


VAULT = ResourceType(
    type=TYPE,
    token="azure-native:keyvault:Vault",
    name=NameRule(
        pattern=NAME_PATTERN,
        allowed="3 to 24 letters, digits and single hyphens, with a letter first and a letter or digit last",
        source=documented("Naming rules and restrictions for Azure resources: Microsoft.KeyVault"),
        unique="global",
        error=name_not_valid,
        taken=vault_already_exists,
    ),
    name_input="vaultName",
    flattened=False,
    created_status=200,
    extra_api_versions=("2021-10-01", "2023-07-01", "2024-11-01", "2025-05-01", "2026-02-01", "2026-05-15"),
    write_only=("properties.createMode",),
    immutable=(
        Immutable(
            path="properties.softDeleteRetentionInDays",
            source=recorded(
                "hashicorp/terraform-provider-azurerm, key_vault_resource.go: message of the service"
            ),
            error=lambda: cannot_be_modified("softDeleteRetentionInDays"),
        ),
        Immutable(
            path="properties.tenantId",
            source=assumed(
                "moving a vault to another tenant is a documented procedure that we do not emulate"
            ),
            error=lambda: invalid_value("tenantId"),
            same=same_setting,
        ),
    ),
    lro=Lro(create=LroStyle.BODY, create_seconds=18.0),
    soft_delete=SoftDelete(
        retention_days=lambda body: int(
            value_at(body, "properties.softDeleteRetentionInDays") or RETENTION_DAYS[1]
        ),
        purge_protected=lambda body: bool(value_at(body, "properties.enablePurgeProtection")),
        on_conflict="refuse",
        conflict=lambda name: conflict_with_deleted(),
        recover_requested=lambda body: value_at(body, "properties.createMode") == "recover",
        nothing_to_recover=nothing_to_recover,
        collection="deletedVaults",
        shown=deleted_vault,
        not_found=deleted_vault_not_found,
        purge_refused=purge_not_allowed,
        purge_seconds=15.0,
        source=SOFT_DELETE,
    ),
    operations=(
        Operation(
            method="POST",
            path="providers/Microsoft.KeyVault/checkNameAvailability",
            handler=check_name_availability,
            api_versions_of=TYPE,
        ),
    ),
    defaults=defaults,
    computed=computed,
    validate=validate,
    facts=(
        Fact("A create is answered with 200, provisioningState RegisteringDns at first.", RECORDING),
        Fact(
            "A create takes about eighteen seconds.",
            recorded("Azure/azure-cli#28980: output of az ml workspace create"),
        ),
        Fact("Soft delete is always on, for 90 days unless 7 to 90 are asked for at creation.", SOFT_DELETE),
        Fact(
            "enablePurgeProtection accepts only true.",
            recorded("Azure/azure-rest-api-specs#18106: message of the service"),
        ),
        Fact(
            "enableSoftDelete accepts only true.", assumed("the refusal is documented, its sentence is not")
        ),
        Fact("A purge of a protected vault is refused with 405.", recorded("MicrosoftDocs/azure-docs#55427")),
        Fact(
            "A single address in a rule comes back as a /32 range.",
            documented("IPRule, model of the Key Vault REST API"),
        ),
        Fact("publicNetworkAccess is Enabled, enableRbacAuthorization false by default.", REFERENCE),
        Fact("A deleted vault shows purgeProtectionEnabled where it is protected.", REFERENCE),
    ),
)

RESOURCE_TYPES: tuple[ResourceType, ...] = (VAULT,)

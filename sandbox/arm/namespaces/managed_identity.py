"""User-assigned managed identities and the external issuers whose tokens they accept.

Creating an identity makes a service principal in the directory: role assignments can
name it at once, and the token service knows its client id. Left out: system-assigned
identities as resources of their own (the core makes them with the resource they belong to).
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlparse

from sandbox.arm.errors import ArmError
from sandbox.arm.facts import Fact, assumed, documented
from sandbox.arm.namespaces.values import JsonObject, new_guid, object_at, value_at
from sandbox.arm.resource_type import NameRule, ResourceType

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

TYPE = "Microsoft.ManagedIdentity/userAssignedIdentities"
CREDENTIAL_TYPE = f"{TYPE}/federatedIdentityCredentials"
MAX_CREDENTIALS = 20

NAMING = documented("Naming rules and restrictions for Azure resources: Microsoft.ManagedIdentity")
FEDERATION = documented("Workload identity federation: important considerations and restrictions")


def invalid_issuer(issuer: str) -> ArmError:
    """An issuer that is no https URL."""
    return ArmError(400, "BadRequest", f"The issuer '{issuer}' is invalid: it must be an https URL.")


def one_audience() -> ArmError:
    """More or fewer than one audience."""
    return ArmError(400, "BadRequest", "A federated identity credential must have exactly one audience.")


def too_many_credentials() -> ArmError:
    """More than twenty credentials on one identity."""
    return ArmError(
        400,
        "BadRequest",
        f"A maximum of {MAX_CREDENTIALS} federated identity credentials can be added to an identity.",
    )


def credential_conflict(issuer: str, subject: str) -> ArmError:
    """A second credential with the same issuer and subject."""
    return ArmError(
        409,
        "Conflict",
        f"Issuer and subject combination already exists for this Managed Identity: '{issuer}', '{subject}'.",
    )


def computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """Tenant, object id and client id: drawn once, kept ever after."""
    before = object_at(context.existing, "properties")
    return {
        "properties": {
            "tenantId": context.tenant_id,
            "principalId": before.get("principalId") or new_guid(),
            "clientId": before.get("clientId") or new_guid(),
        }
    }


def created(context: RequestContext, body: JsonObject) -> None:
    """Make the service principal."""
    properties = object_at(body, "properties")
    context.add_principal(properties["principalId"], "ServicePrincipal", context.name, properties["clientId"])


def deleted(context: RequestContext, body: JsonObject) -> None:
    """Remove the service principal; role assignments to it stay, as Azure leaves them."""
    context.remove_principal(str(value_at(body, "properties.principalId")))


def validate_credential(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """One audience, an https issuer, and a pair of issuer and subject that the identity does not have yet."""
    properties = object_at(body, "properties")
    issuer, subject = str(properties.get("issuer")), str(properties.get("subject"))
    if urlparse(issuer).scheme != "https" or not urlparse(issuer).netloc:
        raise invalid_issuer(issuer)
    if len(properties.get("audiences") or ()) != 1:
        raise one_audience()
    others = [
        other
        for other in context.children(context.parent_id, CREDENTIAL_TYPE)
        if str(other["name"]).lower() != context.name.lower()
    ]
    if existing is None and len(others) >= MAX_CREDENTIALS:
        raise too_many_credentials()
    for other in others:
        if (value_at(other, "properties.issuer"), value_at(other, "properties.subject")) == (issuer, subject):
            raise credential_conflict(issuer, subject)


RESOURCE_TYPES: tuple[ResourceType, ...] = (
    ResourceType(
        type=TYPE,
        token="azure-native:managedidentity:UserAssignedIdentity",
        name=NameRule(
            pattern=r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}",
            allowed="3-128 letters, digits, hyphens and underscores, beginning with a letter or digit",
            source=NAMING,
        ),
        name_input="resourceName",
        provisioning_state=False,
        computed=computed,
        created=created,
        deleted=deleted,
        facts=(
            Fact(
                "An identity's principal and client ids are drawn once and never change.",
                documented("What are managed identities for Azure resources?"),
            ),
            Fact(
                "Deleting an identity leaves the role assignments made to it.",
                documented("Troubleshoot Azure RBAC: role assignments with identity not found"),
            ),
        ),
    ),
    ResourceType(
        type=CREDENTIAL_TYPE,
        token="azure-native:managedidentity:FederatedIdentityCredential",
        name=NameRule(
            pattern=r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}",
            allowed="3-120 letters, digits, hyphens and underscores, beginning with a letter or digit",
            source=FEDERATION,
        ),
        name_input="federatedIdentityCredentialResourceName",
        parent_inputs=("resourceName",),
        tracked=False,
        provisioning_state=False,
        validate=validate_credential,
        facts=(
            Fact("An identity has at most twenty federated credentials.", FEDERATION),
            Fact("Issuer and subject of a federated credential are unique on an identity.", FEDERATION),
            Fact("A federated credential has exactly one audience.", FEDERATION),
            Fact(
                "A federated credential's issuer is an https URL.", assumed("the error's code was not seen")
            ),
        ),
    ),
)

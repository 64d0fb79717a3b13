"""The statements about Azure that Resource Manager's own rules rest on."""

from __future__ import annotations

from sandbox.arm import rbac
from sandbox.arm.facts import Fact, assumed, documented, recorded

_RPC = documented("Azure Resource Manager RPC: common API details and asynchronous operations")
_ERRORS = documented("Troubleshoot common Azure deployment errors")
_TAGS = documented("Use tags to organize your Azure resources")

CORE_FACTS: tuple[Fact, ...] = (
    Fact("Ids are compared without regard to case and answered in one spelling.", _RPC),
    Fact("Every request needs an api-version.", recorded("cloudquery/cloudquery#6626")),
    Fact(
        "An unsupported version of a regional type is NoRegisteredProviderFound.",
        recorded("pulumi/pulumi-azure-native#584"),
    ),
    Fact(
        "An unsupported version of a global type is InvalidResourceType.", recorded("Azure/acs-engine#4037")
    ),
    Fact("An unknown namespace is InvalidResourceNamespace.", _ERRORS),
    Fact(
        "A missing token is AuthenticationFailed with a WWW-Authenticate header.",
        recorded("hashicorp/terraform-provider-azurerm#3612"),
    ),
    Fact(
        "Rights are checked before existence.", assumed("'or the scope is invalid' in the error says as much")
    ),
    Fact(
        "A child needs its parent: ParentResourceNotFound.",
        recorded("F5Networks/f5-azure-arm-templates-v2#20"),
    ),
    Fact("A missing resource group is ResourceGroupNotFound.", _ERRORS),
    Fact("A missing resource is ResourceNotFound.", _ERRORS),
    Fact("DELETE of what is not there is 204.", _RPC),
    Fact("PUT answers 201 for a new resource and 200 for a changed one.", _RPC),
    Fact("A resource can't change its location.", recorded("MicrosoftDocs/azure-docs#70422")),
    Fact("A tracked resource needs a location.", _ERRORS),
    Fact(
        "The regions are the same for every type.", assumed("which services a region lacks is not modelled")
    ),
    Fact("At most fifty tags; names to 512, values to 256 characters.", _TAGS),
    Fact("The error codes of too many or malformed tags.", assumed("no answer with them was found")),
    Fact(
        "Unknown and mistyped properties are InvalidRequestContent.",
        assumed("services differ: many ignore unknown properties; strictness finds mistakes"),
    ),
    Fact(
        "Read-only properties in a request are ignored.", documented("OpenAPI extensions of Azure: readOnly")
    ),
    Fact(
        "A lock below refuses the deletion of what holds it.",
        documented("Lock your Azure resources to protect your infrastructure"),
    ),
    Fact(
        "Role assignments fall under the locks of their scope.",
        documented("Lock your Azure resources to protect your infrastructure: considerations"),
    ),
    Fact(
        "Assigning a user-assigned identity needs the assign action on it.",
        documented("Best practice recommendations for managed system identities"),
    ),
    Fact(
        "LinkedAuthorizationFailed is the refusal of an action elsewhere.",
        recorded("Azure/aad-pod-identity#443"),
    ),
    Fact(
        "The codes for a verb that a type or a list does not have.",
        assumed("no answer with them was found"),
    ),
    Fact(
        "Operations are polled at Azure-AsyncOperation or Location after Retry-After seconds.",
        documented("Track asynchronous Azure operations"),
    ),
    Fact(
        "A write during an operation of the same resource is refused.",
        assumed("services use codes of their own; AnotherOperationInProgress is the network provider's"),
    ),
    Fact(
        "provisioningState is Creating, Updating or Deleting while an operation runs.",
        assumed("services use more words than these"),
    ),
    Fact(
        "Locks and role assignments of a soft-deleted resource do not come back.",
        documented("Azure Key Vault recovery management: role assignments are not recovered"),
    ),
    Fact(
        "Request quotas: 250 reads, 200 writes, 200 deletes, refilled by 25, 10 and 10 a second.",
        documented("Understand how Azure Resource Manager throttles requests"),
    ),
    Fact(
        "A list without read rights at its scope is refused.",
        assumed("for some lists ARM gives the visible part instead; resource groups are filtered so here"),
    ),
    *rbac.FACTS,
)

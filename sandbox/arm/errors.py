"""Errors of Resource Manager itself, one function each, with the code and sentence that ARM uses.

Errors of a service (Microsoft.Storage, ...) stand in its namespace module. Left out: how an
error becomes an HTTP answer (`sandbox.arm.answers`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

JsonObject = dict[str, Any]


class ArmError(Exception):
    """A refusal: HTTP status, ARM's code and message, and the optional parts of the error envelope.

    `details` are objects with at least `code` and `message`; `headers` go on the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        target: str = "",
        details: tuple[JsonObject, ...] = (),
        innererror: JsonObject | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code
        self.message = message
        self.target = target
        self.details = details
        self.innererror = innererror
        self.headers = dict(headers or {})

    def error(self) -> JsonObject:
        """What stands under "error": "Common API details, ErrorResponse" of the Resource Manager RPC."""
        error: JsonObject = {"code": self.code, "message": self.message}
        if self.target:
            error["target"] = self.target
        if self.details:
            error["details"] = list(self.details)
        if self.innererror:
            error["innererror"] = self.innererror
        return error

    def body(self) -> JsonObject:
        """The whole answer."""
        return {"error": self.error()}


# requests -------------------------------------------------------------------------------------


def authorization_header_missing() -> ArmError:
    """No token (text as in hashicorp/terraform-provider-azurerm#3612)."""
    return ArmError(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")


def authorization_header_invalid() -> ArmError:
    """A header that is no bearer token (text as in Azure/azure-sdk-for-python#4124)."""
    return ArmError(
        401,
        "AuthenticationFailedInvalidHeader",
        "Authentication failed. The 'Authorization' header is provided in an invalid format.",
    )


def token_rejected(code: str, message: str) -> ArmError:
    """A token that is expired, of another tenant or audience, or not signed by the tenant's issuer."""
    return ArmError(401, code, message)


def not_json(found: str) -> ArmError:
    """A body that is not a JSON object."""
    return ArmError(
        400, "InvalidRequestContent", f"The request content was invalid and could not be deserialized: '{found}'."
    )


def body_does_not_match(problems: list[tuple[str, str]]) -> ArmError:
    """A body that breaks its type's schema; (path, what is wrong) for each place, all reported."""
    shown = "; ".join(f"{path}: {text}" if path else text for path, text in problems)
    return ArmError(
        400,
        "InvalidRequestContent",
        f"The request content was invalid and could not be deserialized: '{shown}'.",
        details=tuple({"code": "InvalidProperty", "target": path, "message": text} for path, text in problems),
    )


def media_type_not_supported(found: str) -> ArmError:
    """A Content-Type other than JSON."""
    return ArmError(
        415,
        "UnsupportedMediaType",
        f"The content media type '{found}' is not supported. Only 'application/json' is supported.",
    )


def request_too_large(limit: int) -> ArmError:
    """A body beyond ARM's limit ("Common API details": 4 MB)."""
    return ArmError(413, "RequestContentTooLarge", f"The request content size exceeds the maximum size of '{limit}'.")


def method_not_supported(method: str) -> ArmError:
    """A verb that the resource type does not have (text as in ansible/ansible#33762)."""
    return ArmError(
        405,
        "HttpMethodNotSupported",
        f"The http method '{method}' is not supported for a resource collection.",
    )


def resource_method_not_allowed(method: str, resource_type: str) -> ArmError:
    """A verb that the resource type does not have, on one resource."""
    return ArmError(
        405, "MethodNotAllowed", f"The http method '{method}' is not supported for resource type '{resource_type}'."
    )


def too_many_requests(subscription: str, actor: str, operation: str, seconds: int) -> ArmError:
    """A token bucket that is empty ("Understand how Azure Resource Manager throttles requests")."""
    return ArmError(
        429,
        "SubscriptionRequestsThrottled",
        f"Number of '{operation}' requests for subscription '{subscription}' actor '{actor}' exceeded. Please try "
        f"again after '{seconds}' seconds after additional tokens are available. Refer to "
        "https://aka.ms/arm-throttling for additional information.",
        headers={"Retry-After": str(seconds)},
    )


# ids and API versions ----------------------------------------------------------------------------


def api_version_missing() -> ArmError:
    """No ?api-version= (text as in cloudquery/cloudquery#6626)."""
    return ArmError(
        400,
        "MissingApiVersionParameter",
        "The api-version query parameter (?api-version=) is required for all requests.",
    )


def api_version_invalid(api_version: str, supported: tuple[str, ...]) -> ArmError:
    """A version that is no date, or that ARM's own requests do not have (Azure/azure-cli#28038)."""
    return ArmError(
        400,
        "InvalidApiVersionParameter",
        f"The api-version '{api_version}' is invalid. The supported versions are '{','.join(reversed(supported))}'.",
    )


def no_registered_provider(
    location: str, api_version: str, type_name: str, supported: tuple[str, ...], locations: tuple[str, ...]
) -> ArmError:
    """A version that a regional type does not have (pulumi/pulumi-azure-native#584)."""
    return ArmError(
        400,
        "NoRegisteredProviderFound",
        f"No registered resource provider found for location '{location}' and API version '{api_version}' for type "
        f"'{type_name}'. The supported api-versions are '{', '.join(supported)}'. The supported locations are "
        f"'{', '.join(locations)}'.",
    )


def resource_type_not_found(
    namespace: str, type_name: str, api_version: str, supported: tuple[str, ...] = ()
) -> ArmError:
    """An unknown type, or a version that a global type does not have (Azure/acs-engine#4037)."""
    versions = f" The supported api-versions are '{','.join(supported)}'." if supported else ""
    return ArmError(
        404,
        "InvalidResourceType",
        f"The resource type '{type_name}' could not be found in the namespace '{namespace}' for api version "
        f"'{api_version}'.{versions}",
    )


def namespace_invalid(namespace: str) -> ArmError:
    """A provider namespace that does not exist here."""
    return ArmError(404, "InvalidResourceNamespace", f"The resource namespace '{namespace}' is invalid.")


def namespace_not_registered(namespace: str) -> ArmError:
    """A namespace that the subscription has not registered ("Resolve errors for resource provider registration")."""
    message = (
        f"The subscription is not registered to use namespace '{namespace}'. See https://aka.ms/rps-not-found for "
        "how to register subscriptions."
    )
    detail = {"code": "MissingSubscriptionRegistration", "target": namespace, "message": message}
    return ArmError(409, "MissingSubscriptionRegistration", message, details=(detail,))


def path_invalid(path: str) -> ArmError:
    """A path that is no resource id."""
    return ArmError(404, "NotFound", f"No HTTP resource was found that matches the request URI '{path}'.")


# scopes and existence ------------------------------------------------------------------------------


def subscription_id_malformed(subscription: str) -> ArmError:
    """A subscription id that is no GUID."""
    return ArmError(
        400,
        "InvalidSubscriptionId",
        f"The provided subscription identifier '{subscription}' is malformed or invalid.",
    )


def subscription_not_found(subscription: str) -> ArmError:
    """A subscription that the tenant does not have."""
    return ArmError(404, "SubscriptionNotFound", f"The subscription '{subscription}' could not be found.")


def resource_group_not_found(name: str) -> ArmError:
    """A resource group that is not there ("Resolve resource not found errors")."""
    return ArmError(404, "ResourceGroupNotFound", f"Resource group '{name}' could not be found.")


def resource_group_being_deleted(name: str) -> ArmError:
    """Anything written into a group that is on its way out."""
    return ArmError(
        409,
        "ResourceGroupBeingDeleted",
        f"The resource group '{name}' is in deprovisioning state and cannot perform this operation.",
    )


def resource_not_found(resource_type: str, name: str, resource_group: str) -> ArmError:
    """A resource that is not there ("Resolve resource not found errors")."""
    return ArmError(
        404,
        "ResourceNotFound",
        f"The Resource '{resource_type}/{name}' under resource group '{resource_group}' was not found. For more "
        "details please go to https://aka.ms/ARMResourceNotFoundFix",
    )


def parent_not_found(parent: str) -> ArmError:
    """A child of something that is not there (F5Networks/f5-azure-arm-templates-v2#20)."""
    return ArmError(
        404,
        "ParentResourceNotFound",
        f"Can not perform requested operation on nested resource. Parent resource '{parent}' not found.",
    )


def operation_not_found(operation_id: str) -> ArmError:
    """The status of an operation that nobody started."""
    return ArmError(404, "OperationNotFound", f"The operation '{operation_id}' was not found.")


# authorization ---------------------------------------------------------------------------------------


def authorization_failed(client: str, object_id: str, action: str, scope: str) -> ArmError:
    """No role grants the action ("Troubleshoot Azure RBAC")."""
    return ArmError(
        403,
        "AuthorizationFailed",
        f"The client '{client}' with object id '{object_id}' does not have authorization to perform action "
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please refresh "
        "your credentials.",
    )


def linked_authorization_failed(
    client: str, object_id: str, action: str, scope: str, linked_action: str, linked_scope: str
) -> ArmError:
    """The action needs another one elsewhere, such as assigning an identity ("Troubleshoot Azure RBAC")."""
    return ArmError(
        403,
        "LinkedAuthorizationFailed",
        f"The client '{client}' with object id '{object_id}' has permission to perform action '{action}' on scope "
        f"'{scope}'; however, it does not have permission to perform action(s) '{linked_action}' on the linked "
        f"scope(s) '{linked_scope}' (respectively) or the linked scope(s) are invalid.",
    )


def scope_locked(scope: str, operation: str, locked: list[str]) -> ArmError:
    """A lock forbids the change (Azure-Player/azure.datafactory.devops#183)."""
    return ArmError(
        409,
        "ScopeLocked",
        f"The scope '{scope}' cannot perform {operation} operation because following scope(s) are locked: "
        f"'{','.join(locked)}'. Please remove the lock and try again.",
    )


# names, places, contents -----------------------------------------------------------------------------


def name_invalid(code: str, name: str, allowed: str) -> ArmError:
    """A name that breaks its type's rule, where the service has no sentence of its own."""
    return ArmError(400, code, f"The name '{name}' is invalid: it must be {allowed}.")


def location_required() -> ArmError:
    """A tracked resource without location ("Common deployment errors": LocationRequired)."""
    return ArmError(400, "LocationRequired", "The location property is required for this definition.")


def location_not_available(location: str, resource_type: str, locations: tuple[str, ...]) -> ArmError:
    """A region that does not have the type (Azure/azure-capi-cli-extension#19)."""
    return ArmError(
        400,
        "LocationNotAvailableForResourceType",
        f"The provided location '{location}' is not available for resource type '{resource_type}'. List of available "
        f"regions for the resource type is '{','.join(locations)}'.",
    )


def group_location_not_available(location: str, locations: tuple[str, ...]) -> ArmError:
    """A region that can't hold a resource group (microsoft/vscode-azureresourcegroups#33)."""
    return ArmError(
        400,
        "LocationNotAvailableForResourceGroup",
        f"The provided location '{location}' is not available for resource group. List of available regions is "
        f"'{','.join(locations)}'.",
    )


def group_location_changed(wanted: str, present: str) -> ArmError:
    """A resource group that is asked to move (Azure/azure-cli#22242)."""
    return ArmError(
        409,
        "InvalidResourceGroupLocation",
        f"Invalid resource group location '{wanted}'. The Resource group already exists in location '{present}'.",
    )


def location_changed(name: str, present: str, resource_group: str, wanted: str) -> ArmError:
    """A resource that is asked to move (MicrosoftDocs/azure-docs#70422)."""
    return ArmError(
        409,
        "InvalidResourceLocation",
        f"The resource '{name}' already exists in location '{present}' in resource group '{resource_group}'. A "
        f"resource with the same name cannot be created in location '{wanted}'. Please select a new resource name.",
    )


def property_change_not_allowed(code: str, path: str, message: str = "") -> ArmError:
    """A property that only creation may set ("Common deployment errors": PropertyChangeNotAllowed)."""
    return ArmError(409, code, message or f"Changing property '{path}' is not allowed.", target=path)


def another_operation_in_progress(resource_id: str) -> ArmError:
    """A write to a resource whose last operation has not ended."""
    return ArmError(
        409,
        "AnotherOperationInProgress",
        f"Another operation on this or dependent resource is in progress. Resource: '{resource_id}'.",
    )


def too_many_tags(found: int) -> ArmError:
    """More than fifty tags ("Use tags to organize your Azure resources", limitations)."""
    return ArmError(
        400, "TooManyTags", f"The number of tags '{found}' exceeds the maximum of '50' tags on a resource."
    )


def tag_invalid(name: str, reason: str) -> ArmError:
    """A tag whose name or value breaks the limits ("Use tags to organize your Azure resources")."""
    return ArmError(400, "InvalidTag", f"The tag '{name}' is invalid: {reason}.")


def identity_not_found(identity_id: str) -> ArmError:
    """A user-assigned identity that is not there (hashicorp/terraform-provider-azurerm#20404)."""
    return ArmError(
        400, "FailedIdentityOperation", f"Identity operation failed: the resource '{identity_id}' was not found."
    )


def not_implemented(what: str) -> ArmError:
    """Something that Azure has and this sandbox does not: refused, never ignored."""
    return ArmError(501, "NotImplementedInSandbox", f"{what} is not part of the sandbox Azure.")

"""Resource Manager's errors about scopes, rights and resources: one function for each.

Each has the code and sentence that ARM uses, and says where they were read.
"""

from __future__ import annotations

from sandbox.arm.errors import ArmError

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
        f"The Resource '{resource_type}/{name}' under resource group '{resource_group}' was not found. For "
        "more "
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
        f"'{action}' over scope '{scope}' or the scope is invalid. If access was recently granted, please "
        "refresh "
        "your credentials.",
    )


def linked_authorization_failed(
    client: str, object_id: str, action: str, scope: str, *, linked_action: str, linked_scope: str
) -> ArmError:
    """The action needs another one elsewhere, such as assigning an identity (Azure/aad-pod-identity#443)."""
    return ArmError(
        403,
        "LinkedAuthorizationFailed",
        f"The client '{client}' with object id '{object_id}' has permission to perform action '{action}' on "
        "scope "
        f"'{scope}'; however, it does not have permission to perform action '{linked_action}' on the linked "
        f"scope(s) '{linked_scope}' or the linked scope(s) are invalid.",
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
        f"The provided location '{location}' is not available for resource type '{resource_type}'. List of "
        "available "
        f"regions for the resource type is '{','.join(locations)}'.",
    )


def group_location_not_available(location: str, locations: tuple[str, ...]) -> ArmError:
    """A region that can't hold a resource group (microsoft/vscode-azureresourcegroups#33)."""
    return ArmError(
        400,
        "LocationNotAvailableForResourceGroup",
        f"The provided location '{location}' is not available for resource group. List of available regions "
        "is "
        f"'{','.join(locations)}'.",
    )


def group_location_changed(wanted: str, present: str) -> ArmError:
    """A resource group that is asked to move (Azure/azure-cli#22242)."""
    return ArmError(
        409,
        "InvalidResourceGroupLocation",
        f"Invalid resource group location '{wanted}'. The Resource group already exists in location "
        f"'{present}'.",
    )


def location_changed(name: str, present: str, resource_group: str, wanted: str) -> ArmError:
    """A resource that is asked to move (MicrosoftDocs/azure-docs#70422)."""
    return ArmError(
        409,
        "InvalidResourceLocation",
        f"The resource '{name}' already exists in location '{present}' in resource group '{resource_group}'. "
        "A "
        f"resource with the same name cannot be created in location '{wanted}'. Please select a new resource "
        "name.",
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


def identity_not_found(resource_id: str, identity_id: str) -> ArmError:
    """A user-assigned identity that is not there (Azure/azure-policy#1311)."""
    inner = f'{{"error":{{"code":"BadRequest","message":"Resource \'{identity_id}\' was not found."}}}}'
    return ArmError(
        400,
        "FailedIdentityOperation",
        f"Identity operation for resource '{resource_id}' failed with error 'Failed to perform resource "
        "identity "
        f"operation. Status: 'BadRequest'. Response: '{inner}'.'.",
    )

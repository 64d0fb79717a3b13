"""Role assignments, role definitions, management locks and the caller's permissions.

All of them are extension resources: they exist at any scope. Left out: deny
assignments, eligibility (Privileged Identity Management), classic administrators.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sandbox.arm.builtin_roles import BUILT_IN_ROLES, BY_ID, Role
from sandbox.arm.clock import timestamp
from sandbox.arm.errors import ArmError
from sandbox.arm.facts import Fact, assumed, documented, recorded
from sandbox.arm.ids import key_of, parent_key, scopes_of
from sandbox.arm.namespaces.values import JsonObject, object_at, value_at
from sandbox.arm.resource_type import Immutable, NameRule, ResourceType

if TYPE_CHECKING:
    from sandbox.arm.context import RequestContext

ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
DEFINITIONS = "Microsoft.Authorization/roleDefinitions"
LOCKS = "Microsoft.Authorization/locks"
GUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

TROUBLESHOOTING = documented("Troubleshoot Azure RBAC")
REFERENCE = documented("Role Assignments - Create, Azure RBAC REST API 2022-04-01")
CUSTOM_ROLES = documented("Azure custom roles (Azure RBAC)")
LOCKING = documented("Lock your Azure resources to protect your infrastructure")


def assignment_name_invalid(name: str) -> ArmError:
    """A role assignment's name that is no GUID."""
    return ArmError(
        400,
        "InvalidRoleAssignmentId",
        f"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID.",
    )


def definition_name_invalid(name: str) -> ArmError:
    """A role definition's name that is no GUID."""
    return ArmError(
        400,
        "InvalidRoleDefinitionId",
        f"The role definition ID '{name}' is not valid. The role definition ID must be a GUID.",
    )


def definition_does_not_exist(definition_id: str) -> ArmError:
    """An assignment of a role that does not exist."""
    name = definition_id.rstrip("/").rsplit("/", 1)[-1].replace("-", "")
    return ArmError(
        404, "RoleDefinitionDoesNotExist", f"The specified role definition with ID '{name}' does not exist."
    )


def not_assignable_here(definition_id: str, scope: str) -> ArmError:
    """A custom role outside its assignable scopes."""
    return ArmError(
        400,
        "RoleAssignmentScopeNotAssignableToRoleDefinition",
        f"The given role assignment scope '{scope}' is not assignable to role definition '{definition_id}'.",
    )


def principal_not_found(principal_id: str, tenant_id: str) -> ArmError:
    """A principal that the directory does not know, named without its type."""
    return ArmError(
        400,
        "PrincipalNotFound",
        f"Principal {principal_id.replace('-', '')} does not exist in the directory {tenant_id}. Check that "
        "you have "
        "the correct principal ID. If you are creating this principal and then immediately assigning a role, "
        "this "
        "error might be related to a replication delay. In this case, set the role assignment principalType "
        "property "
        "to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype",
    )


def principal_type_differs(principal_id: str, actual: str, given: str) -> ArmError:
    """A principal type that is not the directory's; the misspelling is Azure's (Azure/azure-dev#5814)."""
    return ArmError(
        400,
        "UnmatchedPrincipalType",
        f"The PrincipalId '{principal_id.replace('-', '')}' has type '{actual}' , which is different from "
        "specified "
        f"PrinciaplType '{given}'.",
    )


def principal_id_invalid(principal_id: str) -> ArmError:
    """A principal id that is no GUID."""
    return ArmError(
        400,
        "InvalidPrincipalId",
        f"A valid principal ID must be provided for role assignment; '{principal_id}' is not a GUID.",
    )


def assignment_exists(name: str) -> ArmError:
    """The same role for the same principal at the same scope, under another name."""
    return ArmError(
        409,
        "RoleAssignmentExists",
        "The role assignment already exists. The ID of the existing role assignment is "
        f"{name.replace('-', '')}.",
    )


def update_not_permitted() -> ArmError:
    """Principal or role of an existing assignment changed (Azure/Enterprise-Scale#1747)."""
    return ArmError(
        400,
        "RoleAssignmentUpdateNotPermitted",
        "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
    )


def assignment_not_found(context: RequestContext) -> ArmError:
    """GET of an assignment that is not there."""
    return ArmError(404, "RoleAssignmentNotFound", f"The role assignment '{context.name}' is not found.")


def definition_not_found(context: RequestContext) -> ArmError:
    """GET of a role that is not there."""
    return definition_does_not_exist(context.name)


def definition_name_exists(name: str) -> ArmError:
    """A second custom role of that name."""
    return ArmError(
        409,
        "RoleDefinitionWithSameNameExists",
        f"A custom role with the same name '{name}' already exists in this directory. Use a different name.",
    )


def definition_has_assignments() -> ArmError:
    """Deleting a custom role that is in use."""
    return ArmError(
        400, "RoleDefinitionHasAssignments", "There are existing role assignments referencing role."
    )


def definition_invalid(reason: str) -> ArmError:
    """A custom role that is not well formed."""
    return ArmError(400, "InvalidRoleDefinition", reason)


def unsupported_filter(text: str) -> ArmError:
    """A $filter that this list does not have."""
    return ArmError(
        400,
        "UnsupportedQuery",
        f"The filter '{text}' is not supported. Supported filters are "
        "'atScope()', 'assignedTo('{value}')' and 'principalId eq '{value}''.",
    )


def condition_version_invalid() -> ArmError:
    """A condition without version, or with another one than 2.0."""
    return ArmError(400, "InvalidConditionVersion", "The condition version must be '2.0'.")


def lock_level_invalid() -> ArmError:
    """A lock that locks nothing."""
    return ArmError(400, "InvalidLockLevel", "The lock level must be 'CanNotDelete' or 'ReadOnly'.")


# role assignments ----------------------------------------------------------------------------------


def same_definition(left: Any, right: Any) -> bool:
    """Whether two role definition ids mean one role: only the GUID at the end counts."""
    return str(left).rsplit("/", 1)[-1].lower() == str(right).rsplit("/", 1)[-1].lower()


def validate_assignment(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """Role, principal, condition; and no second assignment of the same."""
    properties = object_at(body, "properties")
    principal, definition = str(properties["principalId"]), str(properties["roleDefinitionId"])
    if not re.fullmatch(GUID, principal):
        raise principal_id_invalid(principal)
    _check_definition(context, definition)
    known, given = context.principal_type(principal), properties.get("principalType")
    if known is None and given is None:
        raise principal_not_found(principal, context.tenant_id)
    if known is not None and given not in (None, known):
        raise principal_type_differs(principal, known, str(given))
    if properties.get("condition") and properties.get("conditionVersion") != "2.0":
        raise condition_version_invalid()
    for other in context.children(parent_key(key_of(context.id)), ASSIGNMENTS):
        if str(other["name"]).lower() == context.name.lower():
            continue
        theirs = other["properties"]
        if theirs["principalId"].lower() == principal.lower() and same_definition(
            theirs["roleDefinitionId"], definition
        ):
            raise assignment_exists(str(other["name"]))


def _check_definition(context: RequestContext, definition_id: str) -> None:
    guid = definition_id.rstrip("/").rsplit("/", 1)[-1].lower()
    if guid in BY_ID:
        return
    stored = _custom_role(context, guid)
    if stored is None:
        raise definition_does_not_exist(definition_id)
    scopes = scopes_of(parent_key(key_of(context.id)))
    if not any(key_of(scope) in scopes for scope in stored["properties"]["assignableScopes"]):
        raise not_assignable_here(definition_id, parent_key(context.id))


def _custom_role(context: RequestContext, guid: str) -> JsonObject | None:
    return next((role for role in context.all(DEFINITIONS) if str(role["name"]).lower() == guid), None)


def assignment_computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """Scope, author, times, and ids in their own spelling."""
    properties, before = object_at(body, "properties"), object_at(context.existing, "properties")
    moment = timestamp(context.now)
    guid = str(properties["roleDefinitionId"]).rstrip("/").rsplit("/", 1)[-1]
    return {
        "properties": {
            "roleDefinitionId": f"/subscriptions/{context.subscription_id}/providers/{DEFINITIONS}/{guid}",
            "principalId": str(properties["principalId"]),
            "principalType": properties.get("principalType")
            or context.principal_type(properties["principalId"]),
            "scope": parent_key(context.id),
            "condition": properties.get("condition"),
            "conditionVersion": properties.get("conditionVersion"),
            "createdOn": before.get("createdOn") or moment,
            "updatedOn": moment,
            "createdBy": before.get("createdBy") or context.caller.object_id,
            "updatedBy": context.caller.object_id,
            "delegatedManagedIdentityResourceId": properties.get("delegatedManagedIdentityResourceId"),
            "description": properties.get("description"),
        }
    }


def list_assignments(context: RequestContext, at_scope: list[JsonObject]) -> list[JsonObject]:
    """At the scope and above; below it too unless the filter says `atScope()`."""
    text = context.query.get("$filter", "").strip()
    principal = ""
    if match := re.fullmatch(r"(?:principalId eq|assignedTo\()\s*'([^']+)'\)?", text, re.IGNORECASE):
        principal = match[1].lower()
    elif text and text.replace(" ", "").lower() != "atscope()":
        raise unsupported_filter(text)
    found = [
        item
        for scope in reversed(scopes_of(key_of(context.id)))
        for item in context.children(scope, ASSIGNMENTS)
    ]
    if text.replace(" ", "").lower() != "atscope()":
        shown = {item["id"] for item in found}
        below = context.transaction.below_of_type(context.id, ASSIGNMENTS)
        found += [item for item in below if item["id"] not in shown]
    return [item for item in found if not principal or item["properties"]["principalId"].lower() == principal]


# role definitions ------------------------------------------------------------------------------------


def shown_role(role: Role, subscription_id: str) -> JsonObject:
    """A built-in role as Azure shows it in a subscription."""
    prefix = f"/subscriptions/{subscription_id}" if subscription_id else ""
    return {
        "id": f"{prefix}/providers/{DEFINITIONS}/{role.id}",
        "type": DEFINITIONS,
        "name": role.id,
        "properties": {
            "roleName": role.name,
            "type": "BuiltInRole",
            "description": f"Built-in role {role.name}.",
            "assignableScopes": ["/"],
            "permissions": [permission_of(role)],
            "createdOn": "2015-02-02T21:55:09.8806423Z",
            "updatedOn": "2015-02-02T21:55:09.8806423Z",
            "createdBy": None,
            "updatedBy": None,
        },
    }


def permission_of(role: Role) -> JsonObject:
    """What a role permits, as one entry of `permissions`."""
    return {
        "actions": list(role.actions),
        "notActions": list(role.not_actions),
        "dataActions": list(role.data_actions),
        "notDataActions": list(role.not_data_actions),
    }


def unstored_definition(context: RequestContext) -> JsonObject | None:
    """A built-in role, which exists at every scope; or a custom one asked for below where it is kept."""
    role = BY_ID.get(context.name.lower())
    return shown_role(role, context.subscription_id) if role else _custom_role(context, context.name.lower())


def list_definitions(context: RequestContext, at_scope: list[JsonObject]) -> list[JsonObject]:
    """Built-in and custom roles that can be assigned here, filtered by name or type."""
    found = [shown_role(role, context.subscription_id) for role in BUILT_IN_ROLES]
    scopes = scopes_of(key_of(context.id))
    found += [
        role
        for role in context.all(DEFINITIONS)
        if any(key_of(scope) in scopes for scope in role["properties"]["assignableScopes"])
    ]
    text = context.query.get("$filter", "").strip()
    if not text or text.replace(" ", "").lower() in ("atscopeandbelow()", "atscope()"):
        return found
    match = re.fullmatch(r"(roleName|type) eq '([^']*)'", text, re.IGNORECASE)
    if match is None:
        raise unsupported_filter(text)
    key = "roleName" if match[1].lower() == "rolename" else "type"
    return [role for role in found if str(role["properties"][key]).lower() == match[2].lower()]


def validate_definition(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """Name, scopes and permissions of a custom role; built-in roles cannot be changed."""
    properties = object_at(body, "properties")
    if context.name.lower() in BY_ID:
        raise definition_invalid(f"The built-in role '{BY_ID[context.name.lower()].name}' can't be changed.")
    name, scopes = properties.get("roleName"), properties.get("assignableScopes")
    if not name:
        raise definition_invalid("The role definition's roleName is required.")
    if not scopes:
        raise definition_invalid("The role definition must have at least one assignable scope.")
    if not properties.get("permissions"):
        raise definition_invalid("The role definition must have permissions.")
    others = [role.name for role in BUILT_IN_ROLES]
    others += [
        str(value_at(role, "properties.roleName"))
        for role in context.all(DEFINITIONS)
        if str(role["name"]).lower() != context.name.lower()
    ]
    if str(name).lower() in (other.lower() for other in others):
        raise definition_name_exists(str(name))


def definition_computed(context: RequestContext, body: JsonObject) -> JsonObject:
    """Type, author and times."""
    before, moment = object_at(context.existing, "properties"), timestamp(context.now)
    return {
        "properties": {
            "type": "CustomRole",
            "createdOn": before.get("createdOn") or moment,
            "updatedOn": moment,
            "createdBy": before.get("createdBy") or context.caller.object_id,
            "updatedBy": context.caller.object_id,
        }
    }


def definition_deleted(context: RequestContext, body: JsonObject) -> None:
    """A role in use stays."""
    for assignment in context.all(ASSIGNMENTS):
        if same_definition(assignment["properties"]["roleDefinitionId"], context.name):
            raise definition_has_assignments()


# locks, permissions ------------------------------------------------------------------------------------


def validate_lock(context: RequestContext, body: JsonObject, existing: JsonObject | None) -> None:
    """A lock has a level."""
    if value_at(body, "properties.level") not in ("CanNotDelete", "ReadOnly"):
        raise lock_level_invalid()


def list_locks(context: RequestContext, at_scope: list[JsonObject]) -> list[JsonObject]:
    """Locks at the scope and below; with `atScope()` only those at it."""
    text = context.query.get("$filter", "").replace(" ", "").lower()
    if text == "atscope()":
        return at_scope
    if text:
        raise unsupported_filter(context.query["$filter"])
    shown = {item["id"] for item in at_scope}
    return at_scope + [
        item for item in context.transaction.below_of_type(context.id, LOCKS) if item["id"] not in shown
    ]


def list_permissions(context: RequestContext, at_scope: list[JsonObject]) -> list[JsonObject]:
    """What the caller may do at the scope: one entry for each role."""
    return [permission_of(role) for role in context.roles_at(context.id)]


_BY_GUID = "a GUID"
RESOURCE_TYPES: tuple[ResourceType, ...] = (
    ResourceType(
        type=ASSIGNMENTS,
        token="azure-native:authorization:RoleAssignment",
        scope="extension",
        name=NameRule(pattern=GUID, allowed=_BY_GUID, source=REFERENCE, error=assignment_name_invalid),
        name_input="roleAssignmentName",
        tracked=False,
        provisioning_state=False,
        system_data=False,
        delete_answers_body=True,
        verbs=frozenset({"PUT", "GET", "DELETE", "LIST"}),
        immutable=(
            Immutable(path="properties.principalId", source=TROUBLESHOOTING, error=update_not_permitted),
            Immutable(
                path="properties.roleDefinitionId",
                source=TROUBLESHOOTING,
                error=update_not_permitted,
                same=same_definition,
            ),
        ),
        not_found=assignment_not_found,
        validate=validate_assignment,
        computed=assignment_computed,
        list_filter=list_assignments,
        facts=(
            Fact("A principal named without its type must be known to the directory.", TROUBLESHOOTING),
            Fact("A principal named with its type may be new to the directory.", TROUBLESHOOTING),
            Fact(
                "A principal's type must be the directory's.",
                recorded("Azure/modern-web-app-pattern-dotnet#129"),
            ),
            Fact("One principal holds a role once at a scope: a second name is refused.", TROUBLESHOOTING),
            Fact("A custom role can be assigned in its assignable scopes only.", CUSTOM_ROLES),
            Fact(
                "A condition has version 2.0.",
                documented("Azure role assignment condition format and syntax"),
            ),
            Fact("The error code of a wrong condition version.", assumed("no answer with it was found")),
            Fact(
                "A principal of any type is accepted unchecked when its type is given.",
                assumed("documented for service principals; users and groups may be looked up by Azure"),
            ),
        ),
    ),
    ResourceType(
        type=DEFINITIONS,
        token="azure-native:authorization:RoleDefinition",
        scope="extension",
        name=NameRule(pattern=GUID, allowed=_BY_GUID, source=CUSTOM_ROLES, error=definition_name_invalid),
        name_input="roleDefinitionId",
        tracked=False,
        provisioning_state=False,
        system_data=False,
        delete_answers_body=True,
        verbs=frozenset({"PUT", "GET", "DELETE", "LIST"}),
        not_found=definition_not_found,
        unstored=unstored_definition,
        validate=validate_definition,
        computed=definition_computed,
        deleted=definition_deleted,
        list_filter=list_definitions,
        facts=(
            Fact("A custom role's name is unique in the directory.", CUSTOM_ROLES),
            Fact("A role definition that is assigned can't be deleted.", TROUBLESHOOTING),
            Fact(
                "The error code of a malformed custom role.",
                assumed("Azure has several; one stands for all here"),
            ),
        ),
    ),
    ResourceType(
        type=LOCKS,
        token="azure-native:authorization:ManagementLockByScope",
        scope="extension",
        name=NameRule(
            pattern=r"[^<>%&:?/\x00-\x1f]{1,260}",
            allowed="1-260 characters without <, >, %, &, :, ?, / and control characters",
            source=documented("Management Locks - Create Or Update By Scope, REST API 2020-05-01"),
        ),
        name_input="lockName",
        tracked=False,
        provisioning_state=False,
        extra_api_versions=("2016-09-01", "2017-04-01", "2020-05-01"),
        verbs=frozenset({"PUT", "GET", "DELETE", "LIST"}),
        validate=validate_lock,
        list_filter=list_locks,
        facts=(
            Fact("A CanNotDelete lock forbids deleting at its scope and below.", LOCKING),
            Fact("A ReadOnly lock forbids changes and deleting at its scope and below.", LOCKING),
            Fact("A resource group can't be deleted while anything in it is locked.", LOCKING),
            Fact("The error code of a lock without level.", assumed("no answer with it was found")),
        ),
    ),
    ResourceType(
        type="Microsoft.Authorization/permissions",
        scope="extension",
        name=NameRule(pattern=r".+", allowed="absent", source=REFERENCE),
        tracked=False,
        extra_api_versions=("2015-07-01", "2018-07-01", "2022-04-01"),
        verbs=frozenset({"LIST"}),
        list_filter=list_permissions,
        facts=(
            Fact(
                "Permissions lists one entry for each role that the caller holds at a scope.",
                documented("Permissions - List For Resource Group, Azure RBAC REST API 2022-04-01"),
            ),
        ),
    ),
)

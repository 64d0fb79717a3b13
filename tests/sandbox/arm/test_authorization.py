"""Decisions of Azure RBAC, the rules of role assignments, custom roles and locks."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError
from azure.mgmt.authorization import AuthorizationManagementClient
from azure.mgmt.authorization.v2022_04_01.models import RoleAssignmentCreateParameters

from sandbox.arm.builtin_roles import BUILT_IN_ROLES, BY_NAME
from sandbox.arm.rbac import permits
from tests.support.arm import CALLERS, GROUP_MEMBERS, SUBSCRIPTION, TENANT, ArmServer, running

NOBODY = CALLERS["nobody"]
STORAGE = "Microsoft.Storage/storageAccounts"
ML = "Microsoft.MachineLearningServices/workspaces"
HEALTH = "Microsoft.ResourceHealth/availabilityStatuses"
APPROVER = "Azure AI Enterprise Network Connection Approver"
OUTBOUND_RULES_OPERATOR = "Azure AI Enterprise Networking Outbound Rules Operator"


def role_id(name: str) -> str:
    return (
        f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{BY_NAME[name].id}"
    )


def assign(
    arm: ArmServer, scope: str, role: str = "Reader", principal: str = NOBODY, **properties: Any
) -> dict[str, Any]:
    path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    definition = role if role.startswith("/") else role_id(role)
    body = {"roleDefinitionId": definition, "principalId": principal, "principalType": "ServicePrincipal"}
    made: dict[str, Any] = arm.ok("PUT", path, {"properties": {**body, **properties}})
    return made


@pytest.mark.parametrize(
    ("role", "action", "data", "allowed"),
    [
        ("Owner", "Microsoft.Authorization/roleAssignments/write", False, True),
        ("Owner", f"{STORAGE}/blobServices/containers/blobs/read", True, False),
        ("Contributor", f"{STORAGE}/write", False, True),
        ("Contributor", "microsoft.authorization/ROLEASSIGNMENTS/Write", False, False),
        ("Contributor", "Microsoft.Authorization/locks/delete", False, False),
        ("Contributor", "Microsoft.Authorization/roleAssignments/read", False, True),
        ("Contributor", "Microsoft.Subscription/cancel/action", False, False),
        ("Contributor", "Microsoft.Resources/deploymentStacks/manageDenySetting/action", False, False),
        ("Contributor", "Microsoft.Resources/deploymentStacks/write", False, True),
        ("Reader", f"{STORAGE}/read", False, True),
        ("Reader", f"{STORAGE}/listKeys/action", False, False),
        ("Reader", f"{STORAGE}/blobServices/containers/blobs/read", True, False),
        ("User Access Administrator", "Microsoft.Authorization/locks/write", False, True),
        ("User Access Administrator", f"{STORAGE}/write", False, False),
        (
            "Role Based Access Control Administrator",
            "Microsoft.Authorization/roleAssignments/write",
            False,
            True,
        ),
        ("Role Based Access Control Administrator", "Microsoft.Authorization/locks/write", False, False),
        ("Storage Blob Data Reader", f"{STORAGE}/blobServices/containers/blobs/read", True, True),
        ("Storage Blob Data Reader", f"{STORAGE}/blobServices/containers/blobs/write", True, False),
        ("Storage Blob Data Contributor", f"{STORAGE}/blobServices/containers/blobs/write", True, True),
        ("Storage Blob Data Contributor", f"{STORAGE}/blobServices/containers/blobs/tags/write", True, False),
        ("Storage Blob Data Owner", f"{STORAGE}/blobServices/containers/blobs/tags/write", True, True),
        ("AzureML Data Scientist", f"{ML}/jobs/write", False, True),
        ("AzureML Data Scientist", f"{ML}/write", False, False),
        ("AzureML Data Scientist", f"{ML}/computes/write", False, False),  # the pattern is computes/*/write
        ("AzureML Data Scientist", f"{ML}/computes/read", False, True),
        ("AzureML Data Scientist", f"{ML}/listKeys/action", False, False),
        ("AzureML Compute Operator", f"{ML}/computes/start/action", False, True),
        ("AzureML Compute Operator", f"{ML}/read", False, False),
        (
            "Managed Identity Operator",
            "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
            False,
            True,
        ),
        (
            "Managed Identity Contributor",
            "Microsoft.ManagedIdentity/userAssignedIdentities/revokeTokens/action",
            False,
            True,
        ),
        ("AcrPull", "Microsoft.ContainerRegistry/registries/pull/read", False, True),
        ("AcrPull", "Microsoft.ContainerRegistry/registries/push/write", False, False),
        ("Key Vault Secrets User", "Microsoft.KeyVault/vaults/secrets/getSecret/action", True, True),
        ("Key Vault Contributor", "Microsoft.KeyVault/vaults/write", False, True),
        ("Key Vault Contributor", "Microsoft.KeyVault/locations/deletedVaults/purge/action", False, False),
        ("Key Vault Contributor", "Microsoft.KeyVault/vaults/secrets/getSecret/action", True, False),
        ("Key Vault Reader", "Microsoft.Resources/deployments/write", False, False),
        ("Key Vault Administrator", "Microsoft.Resources/deployments/write", False, True),
        ("Key Vault Administrator", f"{HEALTH}/read", False, False),
        ("Private DNS Zone Contributor", f"{HEALTH}/read", False, False),
        ("Network Contributor", f"{HEALTH}/read", False, True),
        ("Azure AI Administrator", "Microsoft.DataFactory/factories/write", False, True),
        ("Azure AI Administrator", "Microsoft.Search/searchServices/listAdminKeys/action", False, True),
        ("Azure AI Administrator", "Microsoft.Search/searchServices/listQueryKeys/action", False, False),
        (APPROVER, f"{STORAGE}/privateEndpointConnectionsApproval/action", False, True),
        (APPROVER, "Microsoft.KeyVault/vaults/read", False, True),
        (APPROVER, "Microsoft.Sql/servers/privateEndpointConnections/write", False, True),
        (APPROVER, "Microsoft.ContainerRegistry/registries/read", False, False),
        (APPROVER, f"{STORAGE}/write", False, False),
        (OUTBOUND_RULES_OPERATOR, f"{ML}/managedNetworks/outboundRules/write", False, True),
        (OUTBOUND_RULES_OPERATOR, f"{ML}/write", False, False),
    ],
)
def test_a_role_permits_what_azure_says(role: str, action: str, data: bool, allowed: bool) -> None:
    assert permits(BY_NAME[role], action, data=data) is allowed


def test_built_in_roles_are_distinct() -> None:
    assert (
        len({role.id for role in BUILT_IN_ROLES})
        == len({role.name for role in BUILT_IN_ROLES})
        == len(BUILT_IN_ROLES)
    )


def test_no_built_in_role_rests_on_an_assumption() -> None:
    assert [role.name for role in BUILT_IN_ROLES if role.source.origin == "assumed"] == []


def test_a_denial_names_client_action_and_scope(arm: ArmServer) -> None:
    group = arm.group()
    status, code, message = arm.refused("GET", group, caller="nobody")
    assert (status, code) == (403, "AuthorizationFailed")
    assert message == (
        f"The client 'app-nobody' with object id '{NOBODY}' does not have authorization to perform action "
        f"'Microsoft.Resources/subscriptions/resourceGroups/read' over scope '{group}' or the scope is "
        "invalid. If access was recently granted, please refresh your credentials."
    )


def test_what_is_not_there_is_not_told_to_those_without_rights(arm: ArmServer) -> None:
    path = f"{arm.subscription}/resourceGroups/absent"
    assert arm.refused("GET", path, caller="nobody")[0] == 403
    assert arm.refused("GET", path, caller="reader")[0] == 404


def test_roles_are_inherited_downwards_only(arm: ArmServer) -> None:
    one, other = arm.group("one"), arm.group("other")
    identity, second = arm.identity(one, "id-one")["id"], arm.identity(one, "id-two")["id"]
    assign(arm, identity)
    assert arm.request("GET", identity, caller="nobody").is_success
    for path in (second, one, other):
        assert arm.refused("GET", path, caller="nobody")[0] == 403
    assign(arm, one)
    assert arm.request("GET", second, caller="nobody").is_success
    assert arm.refused("GET", other, caller="nobody")[0] == 403
    assert arm.refused("PUT", identity, {"location": "westeurope"}, caller="nobody")[0] == 403
    visible = arm.ok("GET", f"{arm.subscription}/resourceGroups", caller="nobody")["value"]
    assert [item["name"] for item in visible] == ["one"]


def test_a_role_of_a_group_counts_for_its_members(arm: ArmServer) -> None:
    group = arm.group()
    assign(arm, group, principal=GROUP_MEMBERS["nobody"][0], principalType="Group")
    assert arm.request("GET", group, caller="nobody").is_success


def test_a_removed_role_is_gone(arm: ArmServer) -> None:
    group = arm.group()
    made = assign(arm, group)
    assert arm.request("GET", group, caller="nobody").is_success
    arm.ok("DELETE", made["id"])
    assert arm.refused("GET", group, caller="nobody")[0] == 403


def test_a_new_role_takes_effect_after_the_propagation_delay() -> None:
    with running(rbac_delay=120) as arm:
        group = arm.group()
        assign(arm, group)
        arm.app.clock.advance(110)
        assert arm.refused("GET", group, caller="nobody")[0] == 403
        arm.app.clock.advance(20)
        assert arm.request("GET", group, caller="nobody").is_success


def test_data_actions_need_data_roles() -> None:
    with running(database=":memory:") as arm:
        group = arm.group()
        assign(arm, group, "Storage Blob Data Reader")
        permissions = arm.ok("GET", f"{group}/providers/Microsoft.Authorization/permissions", caller="reader")
        assert permissions["value"] == [
            {"actions": ["*/read"], "notActions": [], "dataActions": [], "notDataActions": []}
        ]


# role assignments ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "change", "status", "code"),
    [
        ("not-a-guid", {}, 400, "InvalidRoleAssignmentId"),
        ("", {"principalId": "someone"}, 400, "InvalidPrincipalId"),
        ("", {"principalType": None, "principalId": str(uuid.uuid4())}, 400, "PrincipalNotFound"),
        ("", {"principalType": "User", "principalId": CALLERS["reader"]}, 400, "UnmatchedPrincipalType"),
        ("", {"principalType": "Robot"}, 400, "InvalidRequestContent"),
        ("", {"roleDefinitionId": f"/x/{uuid.uuid4()}"}, 404, "RoleDefinitionDoesNotExist"),
        ("", {"condition": "true", "conditionVersion": "1.0"}, 400, "InvalidConditionVersion"),
    ],
)
def test_a_wrong_assignment_is_refused(
    arm: ArmServer, name: str, change: dict[str, Any], status: int, code: str
) -> None:
    path = f"{arm.group()}/providers/Microsoft.Authorization/roleAssignments/{name or uuid.uuid4()}"
    properties = {
        "roleDefinitionId": role_id("Reader"),
        "principalId": NOBODY,
        "principalType": "ServicePrincipal",
        **change,
    }
    assert arm.refused("PUT", path, {"properties": properties})[:2] == (status, code)


def test_the_real_client_sees_duplicates_updates_and_lists(arm: ArmServer) -> None:
    group = arm.group()
    client = AuthorizationManagementClient(
        subscription_id=SUBSCRIPTION, api_version="2022-04-01", **arm.client_options()
    )
    roles = client.role_assignments

    def parameters(role: str, principal: str = NOBODY) -> RoleAssignmentCreateParameters:
        return RoleAssignmentCreateParameters(
            role_definition_id=role_id(role), principal_id=principal, principal_type="ServicePrincipal"
        )

    name = str(uuid.uuid4())
    made = roles.create(group, name, parameters("Reader"))
    assert (made.scope, made.principal_type, made.created_by) == (group, "ServicePrincipal", CALLERS["owner"])
    assert roles.create(group, name, parameters("Reader")).name == name
    with pytest.raises(ResourceExistsError) as exists:
        roles.create(group, str(uuid.uuid4()), parameters("Reader"))
    assert name.replace("-", "") in str(exists.value)
    for changed in (parameters("Contributor"), parameters("Reader", CALLERS["reader"])):
        with pytest.raises(HttpResponseError, match="RoleAssignmentUpdateNotPermitted"):
            roles.create(group, name, changed)
    at_group = list(roles.list_for_scope(group, filter="atScope()"))
    assert {item.scope for item in at_group} == {group, f"/subscriptions/{SUBSCRIPTION}"}
    mine = list(roles.list_for_subscription(filter=f"principalId eq '{NOBODY}'"))
    assert [item.name for item in mine] == [name]
    assert roles.delete(group, name).name == name
    assert roles.delete(group, name) is None


def test_built_in_roles_are_found_by_name(arm: ArmServer) -> None:
    client = AuthorizationManagementClient(
        subscription_id=SUBSCRIPTION, api_version="2022-04-01", **arm.client_options()
    )
    found = list(
        client.role_definitions.list(arm.subscription, filter="roleName eq 'Storage Blob Data Contributor'")
    )
    assert [item.name for item in found] == ["ba92f5b4-2d11-453d-a403-e96b0029c9fe"]
    assert found[0].role_type == "BuiltInRole"
    by_id = client.role_definitions.get(arm.subscription, "acdd72a7-3385-48ef-bd42-f606fba81ae7")
    assert (by_id.role_name, by_id.permissions[0].actions) == ("Reader", ["*/read"])


def test_a_custom_role_grants_what_it_says_where_it_may(arm: ArmServer) -> None:
    one, other = arm.group("one"), arm.group("other")
    name = str(uuid.uuid4())
    path = f"{one}/providers/Microsoft.Authorization/roleDefinitions/{name}"
    properties = {
        "roleName": "Group looker",
        "type": "CustomRole",
        "assignableScopes": [one],
        "permissions": [{"actions": ["Microsoft.Resources/subscriptions/resourceGroups/*"],
                         "notActions": ["*/delete"]}],
    }  # fmt: skip
    made = arm.ok("PUT", path, {"properties": properties})
    twin = f"{one}/providers/Microsoft.Authorization/roleDefinitions/{uuid.uuid4()}"
    assert arm.refused("PUT", twin, {"properties": properties})[1] == "RoleDefinitionWithSameNameExists"
    assign(arm, one, made["id"])
    assert arm.request("PATCH", one, {"tags": {}}, caller="nobody").is_success
    assert arm.refused("DELETE", one, caller="nobody")[0] == 403
    assert arm.refused("DELETE", path)[1] == "RoleDefinitionHasAssignments"
    body = {"roleDefinitionId": made["id"], "principalId": NOBODY, "principalType": "ServicePrincipal"}
    wrong = f"{other}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    assert (
        arm.refused("PUT", wrong, {"properties": body})[1]
        == "RoleAssignmentScopeNotAssignableToRoleDefinition"
    )


def test_a_contributor_cannot_grant_roles(arm: ArmServer) -> None:
    path = f"{arm.group()}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    assert arm.refused("PUT", path, {}, caller="contributor")[:2] == (403, "AuthorizationFailed")


def test_assigning_an_identity_needs_the_right_on_it() -> None:
    from tests.support.arm_types import TYPES

    with running(types=TYPES) as arm:
        one, other = arm.group("one"), arm.group("other")
        identity = arm.identity(other)
        assign(arm, one, "Contributor")
        box = f"{one}/providers/Microsoft.Test/boxes/box"
        given = {"type": "UserAssigned", "userAssignedIdentities": {identity["id"].upper(): {}}}
        body = {"location": "westeurope", "identity": given}
        assert arm.refused("PUT", box, body, caller="nobody")[:2] == (403, "LinkedAuthorizationFailed")
        made = arm.ok("PUT", box, body)["identity"]["userAssignedIdentities"]
        assert made == {
            identity["id"]: {
                "principalId": identity["properties"]["principalId"],
                "clientId": identity["properties"]["clientId"],
            }
        }
        arm.ok("PUT", box, body, caller="nobody")  # it is assigned already
        given["userAssignedIdentities"] = {
            f"{other}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/no": {}
        }
        assert arm.refused("PUT", box, body)[:2] == (400, "FailedIdentityOperation")


def test_a_principal_made_by_an_identity_needs_no_type(arm: ArmServer) -> None:
    group = arm.group()
    principal = arm.identity(group)["properties"]["principalId"]
    made = assign(arm, group, principal=principal, principalType=None)
    assert made["properties"]["principalType"] == "ServicePrincipal"
    assert made["properties"]["principalId"] == principal
    assert (
        TENANT
        in arm.refused(
            "PUT",
            f"{group}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}",
            {"properties": {"roleDefinitionId": role_id("Reader"), "principalId": str(uuid.uuid4())}},
        )[2]
    )


# locks -----------------------------------------------------------------------------------------------


def lock(arm: ArmServer, scope: str, level: str) -> str:
    path = f"{scope}/providers/Microsoft.Authorization/locks/keep"
    return str(arm.ok("PUT", path, {"properties": {"level": level}})["id"])


def test_a_delete_lock_stops_deletes_at_below_and_above_it(arm: ArmServer) -> None:
    group = arm.group()
    identity = arm.identity(group)["id"]
    made = lock(arm, identity, "CanNotDelete")
    status, code, message = arm.refused("DELETE", identity)
    assert (status, code) == (409, "ScopeLocked")
    assert message == (
        f"The scope '{identity}' cannot perform delete operation because following scope(s) are locked: "
        f"'{identity}'. Please remove the lock and try again."
    )
    assert arm.refused("DELETE", group)[1] == "ScopeLocked"
    arm.ok("PUT", identity, {"location": "westeurope", "tags": {"a": "b"}})
    arm.ok("DELETE", made)
    assert arm.request("DELETE", group).status_code == 202


def test_a_read_only_lock_on_the_group_stops_every_change(arm: ArmServer) -> None:
    group = arm.group()
    identity = arm.identity(group)["id"]
    lock(arm, group, "ReadOnly")
    assert arm.refused("PUT", identity, {"location": "westeurope"})[1] == "ScopeLocked"
    assert arm.refused("PATCH", group, {"tags": {}})[1] == "ScopeLocked"
    assert arm.refused("DELETE", identity)[1] == "ScopeLocked"
    assert arm.request("GET", identity).is_success


def test_locks_are_listed_and_checked(arm: ArmServer) -> None:
    group = arm.group()
    identity = arm.identity(group)["id"]
    made = {lock(arm, group, "CanNotDelete"), lock(arm, identity, "ReadOnly")}
    listed = arm.ok("GET", f"{arm.subscription}/providers/Microsoft.Authorization/locks")["value"]
    assert {item["id"] for item in listed} == made
    path = f"{group}/providers/Microsoft.Authorization/locks/other"
    assert arm.refused("PUT", path, {"properties": {"level": "NotSpecified"}})[0] == 400
    assert arm.refused("PUT", path, {"properties": {"level": "Strong"}})[1] == "InvalidRequestContent"

"""The life of resources: creation rules, merging, actions, children, groups, identities, lists."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.mgmt.msi import ManagedServiceIdentityClient
from azure.mgmt.msi.models import FederatedIdentityCredential, Identity
from azure.mgmt.resource.resources import ResourceManagementClient

from tests.support.arm import SUBSCRIPTION, TENANT, ArmServer, running
from tests.support.arm_types import TYPES


@pytest.fixture
def test_arm() -> Any:
    with running(types=TYPES) as server:
        yield server


def box(group: str, name: str = "box") -> str:
    return f"{group}/providers/Microsoft.Test/boxes/{name}"


def put(arm: ArmServer, path: str, **properties: Any) -> dict[str, Any]:
    answer: dict[str, Any] = arm.ok("PUT", path, {"location": "westeurope", "properties": properties})
    return answer


def test_defaults_stand_under_the_request_and_computed_values_over_it(test_arm: ArmServer) -> None:
    made = put(test_arm, box(test_arm.group()), nested={"b": 3}, address="mine", writes=99)
    assert made["properties"] == {
        "size": 1,
        "nested": {"a": 1, "b": 3},
        "address": "https://box.example",
        "writes": 1,
        "provisioningState": "Succeeded",
    }
    assert list(made)[:3] == ["id", "name", "type"]
    assert made["systemData"]["createdBy"] == "app-owner"


def test_an_update_keeps_who_created_it(test_arm: ArmServer) -> None:
    path = box(test_arm.group())
    first = put(test_arm, path)["systemData"]
    test_arm.app.clock.advance(60)
    second = test_arm.ok("PUT", path, {"location": "westeurope"}, caller="contributor")["systemData"]
    assert (second["createdBy"], second["createdAt"]) == (first["createdBy"], first["createdAt"])
    assert second["lastModifiedBy"] == "app-contributor"
    assert second["lastModifiedAt"] > first["lastModifiedAt"]


def test_created_once_then_updated(test_arm: ArmServer) -> None:
    path, body = box(test_arm.group()), {"location": "westeurope"}
    assert test_arm.request("PUT", path, body).status_code == 201
    again = test_arm.request("PUT", path, body)
    assert (again.status_code, again.json()["properties"]["writes"]) == (200, 2)


def test_rules_refuse_and_leave_nothing(test_arm: ArmServer) -> None:
    group = test_arm.group()
    assert test_arm.refused("PUT", box(group, "NO"), {"location": "westeurope"})[:2] == (
        400,
        "InvalidResourceName",
    )
    assert test_arm.refused("PUT", box(group), {"properties": {}})[:2] == (400, "LocationRequired")
    wrong = {"location": "westeurope", "properties": {"size": 11}}
    assert test_arm.refused("PUT", box(group), wrong)[:2] == (400, "TooBig")
    assert test_arm.ok("GET", f"{group}/providers/Microsoft.Test/boxes")["value"] == []


def test_an_immutable_property_changes_only_in_case(test_arm: ArmServer) -> None:
    path = box(test_arm.group())
    put(test_arm, path, kind="Round")
    put(test_arm, path, kind="ROUND")
    put(test_arm, path)  # what is left out does not change
    body = {"location": "westeurope", "properties": {"kind": "square"}}
    assert test_arm.refused("PUT", path, body)[:2] == (409, "PropertyChangeNotAllowed")
    assert (
        test_arm.refused("PATCH", path, {"properties": {"kind": "square"}})[1] == "PropertyChangeNotAllowed"
    )


def test_secrets_are_kept_and_never_shown(test_arm: ArmServer) -> None:
    path = box(test_arm.group())
    made = put(test_arm, path, password="hidden")
    assert "password" not in made["properties"]
    put(test_arm, path)
    assert test_arm.ok("POST", f"{path}/listKeys") == {"key": "secret of box"}
    for answer in (test_arm.request("GET", path).text, test_arm.request("GET", path.rpartition("/")[0]).text):
        assert "hidden" not in answer
        assert "secret of" not in answer


def test_actions_by_verb_and_with_their_own_permission(test_arm: ArmServer) -> None:
    path = box(test_arm.group())
    assert test_arm.refused("POST", f"{path}/listKeys")[:2] == (404, "ResourceNotFound")
    put(test_arm, path)
    assert test_arm.ok("GET", f"{path}/USAGE", caller="reader") == {"used": 1}
    assert test_arm.refused("POST", f"{path}/listkeys", caller="reader")[:2] == (403, "AuthorizationFailed")
    assert test_arm.refused("POST", f"{path}/explode")[:2] == (404, "InvalidResourceType")


def test_operations_of_a_namespace(test_arm: ArmServer) -> None:
    path = f"{test_arm.subscription}/providers/Microsoft.Test/locations/westeurope/usages"
    assert test_arm.ok("GET", path) == {"value": ["westeurope"]}
    assert test_arm.refused("GET", path, version="1999-01-01")[1] == "InvalidApiVersionParameter"
    assert test_arm.refused("GET", path, caller="nobody")[1] == "AuthorizationFailed"


def test_a_singleton_child_comes_with_its_parent(test_arm: ArmServer) -> None:
    path = box(test_arm.group())
    put(test_arm, path)
    assert test_arm.ok("GET", f"{path}/lids/default")["properties"]["open"] is False
    assert test_arm.request("PUT", f"{path}/lids/default", {"properties": {"open": True}}).status_code == 200
    assert test_arm.refused("PUT", f"{path}/lids/other", {})[0] == 400
    assert [item["name"] for item in test_arm.ok("GET", f"{path}/lids")["value"]] == ["default"]
    assert test_arm.refused("DELETE", f"{path}/lids/default")[:2] == (405, "MethodNotAllowed")


def test_deleting_a_resource_deletes_children_and_assignments(test_arm: ArmServer) -> None:
    path = box(test_arm.group())
    put(test_arm, path)
    assignment = (
        f"{path}/providers/Microsoft.Authorization/roleAssignments/7e3fa3e4-1d0f-4c1b-9df6-9f1e0a9e7c11"
    )
    role = "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
    properties = {"principalId": TENANT, "principalType": "Group", "roleDefinitionId": role}
    test_arm.ok("PUT", assignment, {"properties": properties})
    test_arm.ok("DELETE", path)
    put(test_arm, path)
    assert [item["name"] for item in test_arm.ok("GET", f"{path}/parts")["value"]] == ["made-with-it"]
    assert test_arm.refused("GET", assignment)[:2] == (404, "RoleAssignmentNotFound")


def test_a_resource_may_refuse_its_deletion_and_its_groups(test_arm: ArmServer) -> None:
    group = test_arm.group()
    put(test_arm, box(group), keep=True)
    put(test_arm, box(group, "other"))
    assert test_arm.refused("DELETE", box(group))[:2] == (409, "Kept")
    assert test_arm.refused("DELETE", group)[:2] == (409, "Kept")
    assert test_arm.request("GET", box(group, "other")).is_success


def test_a_group_goes_with_all_that_is_in_it_while_nothing_new_comes_in() -> None:
    with running(types=TYPES, lro_scale=1) as arm:
        group = arm.group()
        put(arm, box(group))
        started = arm.request("DELETE", group)
        assert started.status_code == 202
        body = {"location": "westeurope"}
        assert arm.refused("PUT", box(group, "new"), body)[:2] == (409, "ResourceGroupBeingDeleted")
        assert arm.ok("GET", group)["properties"]["provisioningState"] == "Deleting"
        arm.app.clock.advance(61)
        assert arm.request(
            "GET", started.headers["location"].removeprefix(arm.base_url), version=""
        ).is_success
        assert arm.refused("GET", box(group))[:2] == (404, "ResourceGroupNotFound")
        arm.group()
        assert arm.request("GET", box(group)).status_code == 404


def test_a_system_assigned_identity_lives_with_its_resource(test_arm: ArmServer) -> None:
    path = box(test_arm.group())
    body: dict[str, Any] = {"location": "westeurope", "identity": {"type": "SystemAssigned"}}
    first = test_arm.ok("PUT", path, body)["identity"]
    assert first["tenantId"] == TENANT
    assert test_arm.ok("PUT", path, body)["identity"]["principalId"] == first["principalId"]
    test_arm.ok("PATCH", path, {"identity": {"type": "None"}})
    assert test_arm.ok("PUT", path, body)["identity"]["principalId"] != first["principalId"]


def test_concurrent_puts_of_one_resource_make_one(test_arm: ArmServer) -> None:
    path = box(test_arm.group())
    body = {"location": "westeurope"}
    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(lambda _: test_arm.request("PUT", path, body).status_code, range(24)))
    assert sorted(codes) == [200] * 23 + [201]
    assert test_arm.ok("GET", path)["properties"]["writes"] == 24


def test_the_real_resource_client(arm: ArmServer) -> None:
    client = ResourceManagementClient(subscription_id=SUBSCRIPTION, **arm.client_options())
    groups = client.resource_groups
    made = groups.create_or_update("rg", {"location": "westeurope", "tags": {"env": "dev"}})
    assert made.properties is not None
    assert (made.location, made.tags, made.properties.provisioning_state) == (
        "westeurope",
        {"env": "dev"},
        "Succeeded",
    )
    assert groups.check_existence("rg")
    assert not groups.check_existence("other")
    arm.identity(str(made.id))
    found = list(
        client.resources.list(filter="resourceType eq 'Microsoft.ManagedIdentity/userAssignedIdentities'")
    )
    assert [item.name for item in found] == ["id-one"]
    assert list(client.resources.list_by_resource_group("rg", filter="tagName eq 'env'")) == []
    with pytest.raises(HttpResponseError, match="InvalidFilterInQueryString"):
        list(client.resources.list(filter="size gt 3"))
    assert client.providers.get("Microsoft.ManagedIdentity").registration_state == "Registered"
    assert {item.namespace for item in client.providers.list()} >= {"Microsoft.Storage", "Microsoft.KeyVault"}
    groups.begin_delete("rg").result()
    with pytest.raises(ResourceNotFoundError) as gone:
        groups.get("rg")
    assert gone.value.error is not None
    assert gone.value.error.code == "ResourceGroupNotFound"


def test_the_real_identity_client(arm: ArmServer) -> None:
    arm.group()
    client = ManagedServiceIdentityClient(subscription_id=SUBSCRIPTION, **arm.client_options())
    identities, credentials = client.user_assigned_identities, client.federated_identity_credentials
    made = identities.create_or_update("rg", "id-one", Identity(location="westeurope"))
    same = identities.get("rg", "id-one")
    assert (same.principal_id, same.client_id, same.tenant_id) == (made.principal_id, made.client_id, TENANT)
    assert made.principal_id != made.client_id

    def credential(name: str, subject: str, issuer: str = "https://token.example") -> Any:
        parameters = FederatedIdentityCredential(issuer=issuer, subject=subject, audiences=["api://x"])
        return credentials.create_or_update("rg", "id-one", name, parameters)

    assert credential("main", "repo:a").subject == "repo:a"
    with pytest.raises(HttpResponseError, match="already exists"):
        credential("again", "repo:a")
    with pytest.raises(HttpResponseError, match="https URL"):
        credential("plain", "repo:b", "http://token.example")
    assert [item.name for item in credentials.list("rg", "id-one")] == ["main"]
    identities.delete("rg", "id-one")
    with pytest.raises(ResourceNotFoundError):
        identities.get("rg", "id-one")
    assert list(identities.list_by_subscription()) == []

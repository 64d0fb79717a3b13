"""Container registries and their tiers, as azure-mgmt-containerregistry sees them."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError

from tests.support.arm_requests import LOCATION, ArmRequests, unique

JsonObject = dict[str, Any]


def create(client: Any, group: str, name: str, sku: str, **properties: Any) -> Any:
    """A registry of a tier with these properties."""
    body = {"location": LOCATION, "sku": {"name": sku}, "properties": properties}
    return client.registries.begin_create(group, name, body).result()


def code(error: HttpResponseError) -> str:
    """ARM's code of an error."""
    assert error.error is not None
    return str(error.error.code)


def test_azure_fills_in_what_the_request_leaves_out(registries: Any, group: str) -> None:
    name = unique("cr")
    create(registries, group, name, "Premium")
    found = registries.registries.get(group, name)
    assert (found.sku.name, found.sku.tier) == ("Premium", "Premium")
    assert found.login_server == f"{name}.azurecr.io"
    assert (found.admin_user_enabled, found.anonymous_pull_enabled) == (False, False)
    assert (found.public_network_access, found.zone_redundancy) == ("Enabled", "Disabled")
    assert found.network_rule_set.default_action == "Allow"
    assert (found.policies.retention_policy.days, found.policies.retention_policy.status) == (7, "disabled")
    assert found.policies.export_policy.status == "enabled"
    assert found.policies.azure_ad_authentication_as_arm_policy.status == "enabled"
    assert found.data_endpoint_host_names == []
    assert found.provisioning_state == "Succeeded"


@pytest.mark.parametrize(
    ("sku", "properties", "expected"),
    [
        ("Basic", {"publicNetworkAccess": "Disabled"}, "DisablingPublicNetworkAccessNotSupported"),
        ("Standard", {"publicNetworkAccess": "Disabled"}, "DisablingPublicNetworkAccessNotSupported"),
        ("Standard", {"networkRuleSet": {"defaultAction": "Deny", "ipRules": []}}, "NetworkRuleNotSupported"),
        ("Standard", {"zoneRedundancy": "Enabled"}, "ZoneRedundancyNotSupported"),
        ("Standard", {"dataEndpointEnabled": True}, "DataEndpointNotSupported"),
        ("Basic", {"policies": {"quarantinePolicy": {"status": "enabled"}}}, "SkuNotSupported"),
        ("Basic", {"policies": {"retentionPolicy": {"status": "enabled", "days": 7}}}, "SkuNotSupported"),
        ("Basic", {"anonymousPullEnabled": True}, "BadRequest"),
        ("Premium", {"policies": {"exportPolicy": {"status": "disabled"}}}, "BadRequest"),
        ("Premium", {"policies": {"retentionPolicy": {"status": "enabled", "days": 366}}}, "BadRequest"),
    ],
)
def test_what_the_tier_does_not_have_is_refused(
    registries: Any, group: str, sku: str, properties: JsonObject, expected: str
) -> None:
    with pytest.raises(HttpResponseError) as caught:
        create(registries, group, unique("cr"), sku, **properties)
    assert (caught.value.status_code, code(caught.value)) == (400, expected)


def test_a_policy_is_refused_in_azures_words(registries: Any, group: str) -> None:
    policies = {"quarantinePolicy": {"status": "enabled"}}
    with pytest.raises(HttpResponseError) as caught:
        create(registries, group, unique("cr"), "Basic", policies=policies)
    assert caught.value.error is not None
    assert caught.value.error.message == "The SKU Basic is not supported."


def test_premium_can_be_closed(registries: Any, group: str) -> None:
    policies = {"exportPolicy": {"status": "disabled"}, "retentionPolicy": {"status": "enabled", "days": 30}}
    found = create(
        registries, group, unique("cr"), "Premium", publicNetworkAccess="Disabled", policies=policies
    )
    assert found.public_network_access == "Disabled"
    assert found.policies.export_policy.status == "disabled"
    assert (found.policies.retention_policy.days, found.policies.quarantine_policy.status) == (30, "disabled")


def test_a_tier_goes_up_and_what_it_needs_stays(registries: Any, group: str) -> None:
    name = unique("cr")
    create(registries, group, name, "Standard", anonymousPullEnabled=True)
    found = registries.registries.begin_update(group, name, {"sku": {"name": "Premium"}}).result()
    assert (found.sku.tier, found.anonymous_pull_enabled) == ("Premium", True)


@pytest.mark.parametrize("name", ["four", "with-hyphen", "a" * 51])
def test_a_wrong_name_is_refused(registries: Any, arm: ArmRequests, group: str, name: str) -> None:
    path = f"resourceGroups/{group}/providers/Microsoft.ContainerRegistry/registries/{name}"
    answer = arm.send("PUT", path, "2023-07-01", {"location": LOCATION, "sku": {"name": "Basic"}})
    assert answer.status_code == 400
    assert "Registry names may contain only alpha numeric characters" in answer.text


def test_a_name_is_taken_everywhere(registries: Any, arm: ArmRequests, group: str) -> None:
    name, other = unique("cr"), unique("rg")
    create(registries, group, name, "Basic")
    arm.done("PUT", f"resourceGroups/{other}", "2024-03-01", {"location": LOCATION})
    with pytest.raises(ResourceExistsError) as caught:
        create(registries, other, name, "Basic")
    assert f"The registry DNS name {name}.azurecr.io is already in use." in str(caught.value)
    arm.done("DELETE", f"resourceGroups/{other}", "2024-03-01")


def test_credentials_need_the_admin_user(registries: Any, group: str) -> None:
    name = unique("cr")
    create(registries, group, name, "Basic")
    with pytest.raises(HttpResponseError) as caught:
        registries.registries.list_credentials(group, name)
    assert (caught.value.status_code, code(caught.value)) == (400, "UnAuthorizedForCredentialOperations")
    registries.registries.begin_update(group, name, {"properties": {"adminUserEnabled": True}}).result()
    found = registries.registries.list_credentials(group, name)
    assert found.username == name
    assert [password.name for password in found.passwords] == ["password", "password2"]


def test_name_availability(registries: Any, group: str) -> None:
    def check(name: str) -> Any:
        body = {"name": name, "type": "Microsoft.ContainerRegistry/registries"}
        return registries.registries.check_name_availability(body)

    name = unique("cr")
    assert check(name).name_available is True
    create(registries, group, name, "Basic")
    assert (check(name).name_available, check(name).reason) == (False, "AlreadyExists")
    assert check("no").reason == "Invalid"


def test_usages_follow_the_tier(registries: Any, group: str) -> None:
    name = unique("cr")
    create(registries, group, name, "Basic")
    usages = {usage.name: usage.limit for usage in registries.registries.list_usages(group, name).value}
    assert usages["Size"] == 10 * 1024**3

"""Storage accounts and what is in them, as azure-mgmt-storage sees them."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError
from azure.identity import EnvironmentCredential
from azure.mgmt.storage import StorageManagementClient

from tests.support.arm_requests import LOCATION, ArmRequests, error_of, unique
from tests.support.sandbox import RunningSandbox

JsonObject = dict[str, Any]

V2: JsonObject = {"location": LOCATION, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}


def create(storage: Any, group: str, name: str, **changes: Any) -> Any:
    """An account of the second general kind, with changes to the request."""
    body = {**V2, **{key: value for key, value in changes.items() if key != "properties"}}
    body["properties"] = changes.get("properties", {})
    return storage.storage_accounts.begin_create(group, name, body).result()


@pytest.fixture
def account(storage: Any, group: str) -> str:
    """Name of a fresh account with nothing set."""
    name = unique("st")
    create(storage, group, name)
    return name


def refused(call: Any) -> HttpResponseError:
    """The error with which a call ends."""
    with pytest.raises(HttpResponseError) as caught:
        finished(call)
    return caught.value


def finished(call: Any) -> Any:
    """The result of a call, after the long-running operation that it may have begun."""
    result = call()
    return result.result() if hasattr(result, "result") else result


def code(error: HttpResponseError) -> str:
    """ARM's code of an error."""
    assert error.error is not None
    return str(error.error.code)


def test_azure_fills_in_what_the_request_leaves_out(storage: Any, group: str, account: str) -> None:
    found = storage.storage_accounts.get_properties(group, account)
    assert found.type == "Microsoft.Storage/storageAccounts"
    assert (found.kind, found.sku.name, found.sku.tier) == ("StorageV2", "Standard_LRS", "Standard")
    assert found.access_tier == "Hot"
    assert found.enable_https_traffic_only is True
    assert found.allow_blob_public_access is False
    assert found.minimum_tls_version == "TLS1_0"
    assert found.network_rule_set.default_action == "Allow"
    assert found.network_rule_set.bypass == "AzureServices"
    assert found.encryption.key_source == "Microsoft.Storage"
    assert found.encryption.services.blob.enabled
    assert found.encryption.services.file.enabled
    assert found.primary_endpoints.blob == f"https://{account}.blob.core.windows.net/"
    assert found.primary_endpoints.dfs == f"https://{account}.dfs.core.windows.net/"
    assert (found.primary_location, found.status_of_primary) == (LOCATION, "available")
    assert found.provisioning_state == "Succeeded"
    assert found.creation_time == found.key_creation_time.key1
    assert found.secondary_location is None


def test_a_create_is_accepted_with_a_location_and_no_body(arm: ArmRequests, group: str) -> None:
    path = f"resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{unique('st')}"
    answer = arm.send("PUT", path, "2024-01-01", V2)
    assert answer.status_code == 202
    assert answer.content == b""
    assert "Location" in answer.headers
    arm.wait(answer)
    assert arm.send("PUT", path, "2024-01-01", V2).status_code == 200


def test_a_readable_secondary_shows_where_it_is(storage: Any, group: str) -> None:
    name = unique("st")
    found = create(storage, group, name, sku={"name": "Standard_RAGRS"})
    assert (found.secondary_location, found.status_of_secondary) == ("northeurope", "available")
    assert found.secondary_endpoints.blob == f"https://{name}-secondary.blob.core.windows.net/"
    assert found.secondary_endpoints.file is None


def test_a_put_keeps_what_it_leaves_out(storage: Any, group: str) -> None:
    name = unique("st")
    create(storage, group, name, properties={"minimumTlsVersion": "TLS1_2", "allowSharedKeyAccess": False})
    before = storage.storage_accounts.get_properties(group, name)
    after = create(storage, group, name, properties={"accessTier": "Cool"})
    assert (after.minimum_tls_version, after.allow_shared_key_access) == ("TLS1_2", False)
    assert after.access_tier == "Cool"
    assert after.creation_time == before.creation_time


def test_an_update_changes_only_what_it_names(storage: Any, group: str, account: str) -> None:
    body = {"properties": {"networkAcls": {"defaultAction": "Deny", "ipRules": [{"value": "203.0.113.7"}]}}}
    found = storage.storage_accounts.update(group, account, body)
    assert found.network_rule_set.default_action == "Deny"
    assert found.network_rule_set.ip_rules[0].ip_address_or_range == "203.0.113.7"
    assert found.enable_https_traffic_only is True


@pytest.mark.parametrize(
    ("properties", "name"),
    [
        ({"isHnsEnabled": True}, "isHnsEnabled"),
        ({"encryption": {"requireInfrastructureEncryption": True}}, "requireInfrastructureEncryption"),
    ],
)
def test_what_is_set_at_creation_cannot_be_updated(
    storage: Any, group: str, account: str, properties: JsonObject, name: str
) -> None:
    error = refused(lambda: create(storage, group, account, properties=properties))
    assert (error.status_code, code(error)) == (400, "AccountPropertyCannotBeUpdated")
    assert f"The property '{name}' was specified in the input, but it cannot be updated" in str(error)


def test_the_kind_changes_upwards_only(storage: Any, group: str) -> None:
    name = unique("st")
    create(storage, group, name, kind="Storage")
    assert create(storage, group, name).kind == "StorageV2"
    error = refused(lambda: create(storage, group, name, kind="Storage"))
    assert code(error) == "AccountPropertyCannotBeUpdated"


def test_an_update_adds_copies_but_no_zones(storage: Any, group: str, account: str) -> None:
    assert create(storage, group, account, sku={"name": "Standard_GRS"}).sku.name == "Standard_GRS"
    error = refused(lambda: create(storage, group, account, sku={"name": "Standard_ZRS"}))
    assert (error.status_code, code(error)) == (400, "StorageAccountTypeConversionNotAllowed")


@pytest.mark.parametrize("name", ["ab", "UPPER", "with-hyphen", "a" * 25])
def test_a_wrong_name_is_refused(storage: Any, group: str, name: str) -> None:
    error = refused(lambda: storage.storage_accounts.begin_create(group, name, V2))
    assert code(error) == "AccountNameInvalid"
    assert f"{name} is not a valid storage account name." in str(error)


def test_a_name_is_taken_everywhere(storage: Any, arm: ArmRequests, group: str, account: str) -> None:
    other = unique("rg")
    arm.done("PUT", f"resourceGroups/{other}", "2024-03-01", {"location": LOCATION})
    with pytest.raises(ResourceExistsError) as caught:
        storage.storage_accounts.begin_create(other, account, V2).result()
    assert code(caught.value) == "StorageAccountAlreadyExists"
    arm.done("DELETE", f"resourceGroups/{other}", "2024-03-01")


@pytest.mark.parametrize(
    ("kind", "sku"),
    [("StorageV2", "Premium_ZRS"), ("BlockBlobStorage", "Standard_LRS")],
)
def test_a_sku_of_another_kind_is_refused(storage: Any, group: str, kind: str, sku: str) -> None:
    error = refused(lambda: create(storage, group, unique("st"), kind=kind, sku={"name": sku}))
    assert f"The AccountType {sku} is invalid." in str(error)


@pytest.mark.parametrize("address", ["10.0.0.1", "203.0.113.0/31", "192.168.0.0/24", "not-an-address"])
def test_an_address_that_the_firewall_does_not_take_is_refused(
    storage: Any, group: str, address: str
) -> None:
    rules = {"defaultAction": "Deny", "ipRules": [{"value": address, "action": "Allow"}]}
    error = refused(lambda: create(storage, group, unique("st"), properties={"networkAcls": rules}))
    assert code(error) == "InvalidValuesForRequestParameters"


def test_keys_are_listed_and_made_anew(storage: Any, group: str, account: str) -> None:
    before = storage.storage_accounts.list_keys(group, account).keys_property
    assert [key.key_name for key in before] == ["key1", "key2"]
    after = storage.storage_accounts.regenerate_key(group, account, {"keyName": "key1"}).keys_property
    assert after[0].value != before[0].value
    assert after[1].value == before[1].value


def test_keys_need_their_permission(sandbox: RunningSandbox, group: str, account: str) -> None:
    with sandbox.entered("reader"):
        reader = StorageManagementClient(EnvironmentCredential(), sandbox.subscription_id, retry_total=0)
        assert reader.storage_accounts.get_properties(group, account).name == account
        error = refused(lambda: reader.storage_accounts.list_keys(group, account))
    assert (error.status_code, code(error)) == (403, "AuthorizationFailed")
    assert "Microsoft.Storage/storageAccounts/listKeys/action" in str(error)


def test_name_availability(storage: Any, account: str) -> None:
    def check(name: str) -> Any:
        return storage.storage_accounts.check_name_availability(
            {"name": name, "type": "Microsoft.Storage/storageAccounts"}
        )

    assert check(unique("st")).name_available is True
    assert (check(account).name_available, check(account).reason) == (False, "AlreadyExists")
    assert (check("No-Good").name_available, check("No-Good").reason) == (False, "AccountNameInvalid")


def test_the_services_are_there_from_the_start(storage: Any, group: str, account: str) -> None:
    blob = storage.blob_services.get_service_properties(group, account)
    assert (blob.name, blob.sku.name) == ("default", "Standard_LRS")
    assert blob.delete_retention_policy.enabled is False
    file = storage.file_services.get_service_properties(group, account)
    assert (file.share_delete_retention_policy.enabled, file.share_delete_retention_policy.days) == (True, 7)


def test_blob_service_settings_are_kept(storage: Any, group: str, account: str) -> None:
    body = {
        "properties": {"deleteRetentionPolicy": {"enabled": True, "days": 14}, "isVersioningEnabled": True}
    }
    storage.blob_services.set_service_properties(group, account, body)
    found = storage.blob_services.get_service_properties(group, account)
    assert (found.delete_retention_policy.days, found.is_versioning_enabled) == (14, True)


@pytest.mark.parametrize(
    "policy", [{"enabled": True, "days": 0}, {"enabled": True, "days": 366}, {"enabled": True}]
)
def test_retention_has_limits(storage: Any, group: str, account: str, policy: JsonObject) -> None:
    body = {"properties": {"deleteRetentionPolicy": policy}}
    error = refused(lambda: storage.blob_services.set_service_properties(group, account, body))
    assert code(error) == "InvalidValuesForRequestParameters"


def test_a_container_and_its_defaults(storage: Any, group: str, account: str) -> None:
    created = storage.blob_containers.create(group, account, "data", {})
    assert created.name == "data"
    found = storage.blob_containers.get(group, account, "data")
    assert (found.public_access, found.lease_state, found.has_legal_hold) == ("None", "Available", False)
    assert [item.name for item in storage.blob_containers.list(group, account)] == ["data"]
    storage.blob_containers.delete(group, account, "data")
    with pytest.raises(ResourceNotFoundError):
        storage.blob_containers.get(group, account, "data")


def test_anonymous_access_needs_the_accounts_consent(storage: Any, group: str, account: str) -> None:
    public = {"properties": {"publicAccess": "Blob"}}
    error = refused(lambda: storage.blob_containers.create(group, account, "open", public))
    assert (error.status_code, code(error)) == (409, "PublicAccessNotPermitted")
    storage.storage_accounts.update(group, account, {"properties": {"allowBlobPublicAccess": True}})
    assert storage.blob_containers.create(group, account, "open", public).name == "open"


@pytest.mark.parametrize("name", ["ab", "Upper", "two--hyphens", "-first"])
def test_a_wrong_container_name_is_refused(storage: Any, group: str, account: str, name: str) -> None:
    error = refused(lambda: storage.blob_containers.create(group, account, name, {}))
    assert code(error) == "InvalidResourceName"


def test_a_share_and_its_defaults(storage: Any, group: str, account: str) -> None:
    storage.file_shares.create(group, account, "files", {})
    found = storage.file_shares.get(group, account, "files")
    assert (found.share_quota, found.enabled_protocols, found.access_tier) == (
        5120,
        "SMB",
        "TransactionOptimized",
    )
    too_big = {"properties": {"shareQuota": 200000}}
    error = refused(lambda: storage.file_shares.create(group, account, "huge", too_big))
    assert code(error) == "InvalidValuesForRequestParameters"


def test_the_lifecycle_policy(storage: Any, group: str, account: str) -> None:
    with pytest.raises(ResourceNotFoundError) as caught:
        storage.management_policies.get(group, account, "default")
    assert code(caught.value) == "ManagementPolicyNotFound"
    actions = {"baseBlob": {"delete": {"daysAfterModificationGreaterThan": 90}}}
    definition = {"actions": actions, "filters": {"blobTypes": ["blockBlob"]}}
    rule = {"enabled": True, "name": "old", "type": "Lifecycle", "definition": definition}
    body = {"properties": {"policy": {"rules": [rule]}}}
    created = storage.management_policies.create_or_update(group, account, "default", body)
    assert created.policy.rules[0].name == "old"
    error = refused(
        lambda: storage.management_policies.create_or_update(
            group, account, "default", {"properties": {"policy": {"rules": []}}}
        )
    )
    assert code(error) == "InvalidValuesForRequestParameters"


def test_deleting_an_account_takes_what_is_in_it(
    storage: Any, arm: ArmRequests, group: str, account: str
) -> None:
    storage.blob_containers.create(group, account, "data", {})
    storage.storage_accounts.delete(group, account)
    with pytest.raises(ResourceNotFoundError):
        storage.storage_accounts.get_properties(group, account)
    path = f"resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts/{account}"
    status, error_code, _ = error_of(
        arm.send("GET", f"{path}/blobServices/default/containers/data", "2024-01-01")
    )
    assert (status, error_code) == (404, "ParentResourceNotFound")
    create(storage, group, account)
    assert list(storage.blob_containers.list(group, account)) == []

"""Key vaults, their soft delete, recovery and purge, as azure-mgmt-keyvault sees them."""

from __future__ import annotations

from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

from tests.support.arm_requests import LOCATION, ArmRequests, error_of, unique

JsonObject = dict[str, Any]
VERSION = "2024-11-01"


class Vaults:
    """Requests about vaults of one resource group."""

    def __init__(self, client: Any, group: str, tenant_id: str) -> None:
        self.client = client
        self.group = group
        self.tenant_id = tenant_id

    def body(self, **properties: Any) -> JsonObject:
        """A create request: RBAC, seven days, and what the test wants."""
        base: JsonObject = {
            "tenantId": self.tenant_id,
            "sku": {"family": "A", "name": "standard"},
            "enableRbacAuthorization": True,
            "softDeleteRetentionInDays": 7,
        }
        merged = {key: value for key, value in {**base, **properties}.items() if value is not None}
        return {"location": LOCATION, "properties": merged}

    def create(self, name: str, **properties: Any) -> Any:
        """Create or update, and wait."""
        return self.client.vaults.begin_create_or_update(self.group, name, self.body(**properties)).result()

    def purge(self, name: str) -> None:
        """Purge, and wait."""
        self.client.vaults.begin_purge_deleted(name, LOCATION).result()


@pytest.fixture
def vaults(key_vault: Any, group: str, tenant_id: str) -> Vaults:
    """Vaults of a fresh group."""
    return Vaults(key_vault, group, tenant_id)


def code(error: HttpResponseError) -> str:
    """ARM's code of an error."""
    assert error.error is not None
    return str(error.error.code)


def test_azure_fills_in_what_the_request_leaves_out(vaults: Vaults) -> None:
    name = unique("kv-")
    vaults.create(name, softDeleteRetentionInDays=None, enableRbacAuthorization=None)
    found = vaults.client.vaults.get(vaults.group, name)
    assert found.type == "Microsoft.KeyVault/vaults"
    assert found.properties.vault_uri == f"https://{name}.vault.azure.net/"
    assert found.properties.enable_soft_delete is True
    assert found.properties.soft_delete_retention_in_days == 90
    assert found.properties.enable_rbac_authorization is False
    assert found.properties.enable_purge_protection is None
    assert found.properties.public_network_access == "Enabled"
    assert found.properties.provisioning_state == "Succeeded"
    assert found.properties.access_policies == []


def test_a_single_address_becomes_a_range(vaults: Vaults) -> None:
    acls = {"defaultAction": "Deny", "bypass": "AzureServices", "ipRules": [{"value": "203.0.113.7"}]}
    found = vaults.create(unique("kv-"), networkAcls=acls).properties.network_acls
    assert [rule.value for rule in found.ip_rules] == ["203.0.113.7/32"]
    assert (found.default_action, found.bypass) == ("Deny", "AzureServices")


@pytest.mark.parametrize("name", ["ab", "1starts-with-digit", "two--hyphens", "ends-with-", "a" * 25])
def test_a_wrong_name_is_refused(vaults: Vaults, name: str) -> None:
    with pytest.raises(HttpResponseError) as caught:
        vaults.create(name)
    assert (caught.value.status_code, code(caught.value)) == (400, "VaultNameNotValid")


@pytest.mark.parametrize("days", [6, 91])
def test_retention_is_seven_to_ninety_days(vaults: Vaults, days: int) -> None:
    with pytest.raises(HttpResponseError) as caught:
        vaults.create(unique("kv-"), softDeleteRetentionInDays=days)
    assert "An invalid value was provided for 'softDeleteRetentionInDays'." in str(caught.value)


def test_retention_cannot_change(vaults: Vaults) -> None:
    name = unique("kv-")
    vaults.create(name)
    vaults.create(name, softDeleteRetentionInDays=None)
    with pytest.raises(HttpResponseError) as caught:
        vaults.create(name, softDeleteRetentionInDays=30)
    expected = 'The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.'
    assert (code(caught.value), expected in str(caught.value)) == ("BadRequest", True)
    assert vaults.client.vaults.get(vaults.group, name).properties.soft_delete_retention_in_days == 7


@pytest.mark.parametrize("name", ["enablePurgeProtection", "enableSoftDelete"])
def test_protection_is_never_turned_off(vaults: Vaults, name: str) -> None:
    with pytest.raises(HttpResponseError) as caught:
        vaults.create(unique("kv-"), **{name: False})
    assert f'The property "{name}" cannot be set to false.' in str(caught.value)


def test_purge_protection_stays(vaults: Vaults) -> None:
    name = unique("kv-")
    vaults.create(name, enablePurgeProtection=True)
    assert vaults.create(name).properties.enable_purge_protection is True
    with pytest.raises(HttpResponseError):
        vaults.create(name, enablePurgeProtection=False)


def test_another_tenant_is_refused(vaults: Vaults) -> None:
    with pytest.raises(HttpResponseError) as caught:
        vaults.create(unique("kv-"), tenantId="00000000-0000-0000-0000-0000000000ff")
    assert "An invalid value was provided for 'tenantId'." in str(caught.value)


def test_a_name_is_taken_everywhere(vaults: Vaults, arm: ArmRequests) -> None:
    name, other = unique("kv-"), unique("rg")
    vaults.create(name)
    arm.done("PUT", f"resourceGroups/{other}", "2024-03-01", {"location": LOCATION})
    with pytest.raises(ResourceExistsError) as caught:
        Vaults(vaults.client, other, vaults.tenant_id).create(name)
    assert code(caught.value) == "VaultAlreadyExists"
    arm.done("DELETE", f"resourceGroups/{other}", "2024-03-01")


def test_a_deleted_vault_is_listed_and_blocks_its_name(vaults: Vaults) -> None:
    name = unique("kv-")
    vaults.create(name)
    vault_id = vaults.client.vaults.get(vaults.group, name).id
    vaults.client.vaults.delete(vaults.group, name)
    with pytest.raises(ResourceNotFoundError):
        vaults.client.vaults.get(vaults.group, name)
    deleted = vaults.client.vaults.get_deleted(name, LOCATION)
    assert (deleted.properties.vault_id, deleted.properties.location) == (vault_id, LOCATION)
    kept = deleted.properties.scheduled_purge_date - deleted.properties.deletion_date
    assert kept.days == 7
    assert name in [item.name for item in vaults.client.vaults.list_deleted()]
    with pytest.raises(ResourceExistsError) as caught:
        vaults.create(name)
    assert code(caught.value) == "ConflictError"
    assert "A vault with the same name already exists in deleted state." in str(caught.value)
    vaults.purge(name)


def test_a_deleted_vault_is_recovered(vaults: Vaults) -> None:
    name = unique("kv-")
    vaults.create(name, enabledForDeployment=True)
    vaults.client.vaults.delete(vaults.group, name)
    found = vaults.create(name, createMode="recover")
    assert found.properties.vault_uri == f"https://{name}.vault.azure.net/"
    assert found.properties.create_mode is None
    with pytest.raises(ResourceNotFoundError) as caught:
        vaults.client.vaults.get_deleted(name, LOCATION)
    assert code(caught.value) == "DeletedVaultNotFound"


def test_there_must_be_something_to_recover(vaults: Vaults) -> None:
    with pytest.raises(HttpResponseError) as caught:
        vaults.create(unique("kv-"), createMode="recover")
    assert (caught.value.status_code, code(caught.value)) == (400, "SoftDeletedVaultDoesNotExist")


def test_a_purged_vault_frees_its_name(vaults: Vaults) -> None:
    name = unique("kv-")
    vaults.create(name)
    vaults.client.vaults.delete(vaults.group, name)
    vaults.purge(name)
    with pytest.raises(ResourceNotFoundError):
        vaults.client.vaults.get_deleted(name, LOCATION)
    assert vaults.create(name).name == name


def test_a_protected_vault_is_not_purged(vaults: Vaults, arm: ArmRequests) -> None:
    name = unique("kv-")
    vaults.create(name, enablePurgeProtection=True)
    vaults.client.vaults.delete(vaults.group, name)
    assert vaults.client.vaults.get_deleted(name, LOCATION).properties.purge_protection_enabled is True
    path = f"providers/Microsoft.KeyVault/locations/{LOCATION}/deletedVaults/{name}/purge"
    assert error_of(arm.send("POST", path, VERSION)) == (
        405,
        "MethodNotAllowed",
        "Operation 'DeletedVaultPurge' is not allowed.",
    )


def test_purging_what_is_not_deleted(arm: ArmRequests) -> None:
    path = f"providers/Microsoft.KeyVault/locations/{LOCATION}/deletedVaults/{unique('kv-')}/purge"
    status, error_code, _ = error_of(arm.send("POST", path, VERSION))
    assert (status, error_code) == (404, "DeletedVaultNotFound")


def test_name_availability(vaults: Vaults) -> None:
    def check(name: str) -> Any:
        return vaults.client.vaults.check_name_availability(
            {"name": name, "type": "Microsoft.KeyVault/vaults"}
        )

    name = unique("kv-")
    assert check(name).name_available is True
    vaults.create(name)
    assert (check(name).name_available, check(name).reason) == (False, "AlreadyExists")
    assert check("-").reason == "AccountNameInvalid"

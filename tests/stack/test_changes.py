"""The life of one dev stack: change, preview, replace, drift, import, tear down, and up again."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from azure.core.exceptions import ResourceNotFoundError

from tests.support.azure_clients import AzureClients
from tests.support.stack import PulumiStack, without_assets

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack-changes")]

MakeStack = Callable[[str], PulumiStack]


def kinds(changes: dict[str, str]) -> dict[str, str]:
    """Logical name → operation, for what happens to Azure's resources."""
    return {
        urn.rsplit("::", 1)[-1]: operation for urn, operation in changes.items() if "azure-native:" in urn
    }


@pytest.fixture
def stack(pulumi_stack: MakeStack) -> PulumiStack:
    """A dev stack that is up, without assets: how those change is told in test_assets."""
    stack = pulumi_stack("dev")
    stack.change_settings(without_assets)
    stack.up()
    return stack


@pytest.fixture
def clients(stack: PulumiStack) -> AzureClients:
    """Clients for use inside `stack.sandbox.entered()`."""
    return AzureClients(stack.sandbox.subscription_id)


def set_max_nodes(count: int) -> Callable[[dict[str, Any]], None]:
    def change(settings: dict[str, Any]) -> None:
        settings["compute"]["clusters"]["cpu-cluster"]["maxNodeCount"] = count

    return change


def test_another_maximum_of_nodes_is_one_update_in_place(stack: PulumiStack, clients: AzureClients) -> None:
    stack.change_settings(set_max_nodes(7))

    assert kinds(stack.preview().changes()) == {"cpu-cluster-compute": "update"}
    counts = stack.up()

    assert counts["update"] == 1
    assert counts["create"] == counts["delete"] == counts["replace"] == 0
    outputs = stack.outputs()
    with stack.sandbox.entered():
        ml = clients.machine_learning(outputs["resourceGroupName"], outputs["workspaceName"])
        assert ml.compute.get("cpu-cluster").max_instances == 7


def test_another_vm_size_replaces_the_cluster_and_nothing_else(stack: PulumiStack) -> None:
    def change(settings: dict[str, Any]) -> None:
        settings["compute"]["clusters"]["cpu-cluster"]["vmSize"] = "Standard_DS12_v2"

    stack.change_settings(change)
    preview = stack.preview()

    assert set(kinds(preview.changes())) == {"cpu-cluster-compute"}
    step = next(s for s in preview.document["steps"] if s["op"] == "replace")
    assert any("vmSize" in reason for reason in step["replaceReasons"])
    stack.up()
    assert stack.preview().changes() == {}


def test_another_region_replaces_and_the_preview_says_what(stack: PulumiStack) -> None:
    stack.change_settings(lambda settings: settings.update(location="northeurope"))
    preview = stack.preview()
    replaced = {
        step["urn"].rsplit("::", 1)[-1]: set(step.get("replaceReasons") or ())
        for step in preview.document["steps"]
        if step["op"] == "replace"
    }

    for name in ("storage-account", "key-vault-vault", "workspace-workspace", "registry-registry"):
        assert any(name == found or found.startswith(name.split("-")[0]) for found in replaced), replaced
    assert any("location" in reasons for reasons in replaced.values())
    text = stack.pulumi("preview", "--diff").stdout
    assert "replace" in text
    stack.up()
    assert stack.outputs()["location"] == "northeurope"
    assert stack.preview().changes() == {}


def test_drift_made_behind_the_program_is_shown_and_repaired(
    stack: PulumiStack, clients: AzureClients
) -> None:
    outputs = stack.outputs()
    with stack.sandbox.entered():
        clients.storage.storage_accounts.update(
            outputs["resourceGroupName"],
            outputs["storageAccountName"],
            {"properties": {"allowBlobPublicAccess": True}},
        )

    assert kinds(stack.preview("--refresh").changes()), "a preview with --refresh shows the drift"
    assert stack.refresh()["update"] == 1
    assert "update" in kinds(stack.preview().changes()).values()
    stack.up()

    with stack.sandbox.entered():
        account = clients.storage.storage_accounts.get_properties(
            outputs["resourceGroupName"], outputs["storageAccountName"]
        )
    assert account.allow_blob_public_access is False


def test_a_resource_deleted_behind_the_program_is_made_again(
    stack: PulumiStack, clients: AzureClients
) -> None:
    outputs = stack.outputs()
    with stack.sandbox.entered():
        ml = clients.machine_learning(outputs["resourceGroupName"], outputs["workspaceName"])
        ml.compute.begin_delete("cpu-cluster", action="Delete").result()

    assert stack.refresh()["delete"] == 1
    assert stack.up()["create"] == 1
    assert stack.preview().changes() == {}


def test_destroy_leaves_nothing_and_up_works_again(stack: PulumiStack, clients: AzureClients) -> None:
    outputs = stack.outputs()
    group, vault = outputs["resourceGroupName"], outputs["keyVaultName"]
    stack.destroy()

    assert stack.resources() == []
    with stack.sandbox.entered():
        assert list(clients.resources.resources.list()) == []
        with pytest.raises(ResourceNotFoundError):
            clients.resources.resource_groups.get(group)
        deleted = [found.name for found in clients.key_vault.vaults.list_deleted()]
        assert deleted == [vault]
        left = [
            assignment.id
            for assignment in clients.authorization.role_assignments.list_for_subscription()
            if group in assignment.scope
        ]
        assert left == []

    shown = stack.pulumi("preview").stdout + stack.pulumi("preview").stderr
    assert vault in shown
    assert "soft-deleted" in shown
    stack.up()
    assert stack.outputs()["keyVaultName"] == vault


def test_a_vault_that_must_not_be_purged_is_recovered(
    pulumi_stack: MakeStack,
) -> None:
    stack = pulumi_stack("staging")
    stack.change_settings(without_assets)
    stack.up()
    vault = stack.outputs()["keyVaultName"]
    stack.destroy()

    refused = stack.pulumi("up", "--yes", "--skip-preview", check=False)
    assert refused.returncode != 0
    assert vault in refused.stdout
    assert "keyVault.createMode: recover" in refused.stdout
    assert "Traceback" not in refused.stdout + refused.stderr

    def recover(settings: dict[str, Any]) -> None:
        settings.setdefault("keyVault", {})["createMode"] = "recover"
        settings["workspace"]["purgeSoftDeleted"] = True

    stack.change_settings(recover)
    stack.up()
    stack.change_settings(lambda settings: settings["keyVault"].pop("createMode"))
    assert stack.preview().changes() == {}


def test_prod_is_not_destroyed_by_a_command(pulumi_stack: MakeStack) -> None:
    stack = pulumi_stack("prod")
    stack.up()
    before = len(stack.resources())

    refused = stack.pulumi("destroy", "--yes", check=False)

    assert refused.returncode != 0
    assert "protect" in refused.stdout + refused.stderr
    assert len(stack.resources()) == before


def test_an_existing_storage_account_is_imported_as_it_is(stack: PulumiStack) -> None:
    account = next(r for r in stack.resources() if r["type"] == "azure-native:storage:StorageAccount")
    stack.pulumi("state unprotect", account["urn"], "--yes", check=False)
    stack.pulumi("state delete", account["urn"], "--force", "--yes", "--target-dependents")

    done = stack.pulumi(
        "import azure-native:storage:StorageAccount imported",
        account["id"],
        "--yes",
        "--skip-preview",
        "--generate-code=false",
        "--protect=false",
    )

    imported = next(r for r in stack.resources() if r["urn"].endswith("::imported"))
    assert imported["id"].lower() == account["id"].lower(), done.stdout
    assert imported["inputs"]["allowSharedKeyAccess"] is False
    assert json.dumps(imported["inputs"]).count("[secret]") == 0

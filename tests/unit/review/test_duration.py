"""The estimate of time: what waits for what, without the engine saying so."""

from __future__ import annotations

from typing import Any

import pytest

from review.document import Duration
from review.duration import Usual, duration, usual
from tests.support.review_events import ASSETS, ML, UNKNOWN, Events, urn

NATIVE = "azure-native:"
GROUP = {"resourceGroupName": "rg"}
WORKSPACE = {**GROUP, "workspaceName": "ws"}
TABLE = {
    key: Usual(create=create, update=create / 2, delete=create / 10, source="a test")
    for key, create in {
        "resources:ResourceGroup": 10,
        "storage:StorageAccount": 100,
        "keyvault:Vault": 200,
        "managedidentity:UserAssignedIdentity": 5,
        "authorization:RoleAssignment": 20,
        "machinelearningservices:Workspace": 1000,
        "machinelearningservices:Compute": 300,
        f"{ASSETS}Environment": 40,
        f"{ASSETS}OnlineEndpoint": 60,
        f"{ASSETS}OnlineDeployment": 500,
        f"{ASSETS}OnlineTraffic": 30,
    }.items()
}


def timed(events: Events) -> Duration:
    return duration(events.preview, TABLE)


def account_id(name: str) -> str:
    return f"/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/{name}"


def platform() -> Events:
    workspace = {**WORKSPACE, "friendlyName": "ML (dev)", "storageAccount": account_id("st")}
    return (
        Events()
        .create(f"{NATIVE}resources:ResourceGroup", "group", GROUP)
        .create(f"{NATIVE}storage:StorageAccount", "account", {**GROUP, "accountName": "st"})
        .create(f"{NATIVE}keyvault:Vault", "vault", {**GROUP, "vaultName": "kv"})
        .create(f"{ML}Workspace", "workspace", workspace)
        .create(f"{ML}Compute", "cluster", {**WORKSPACE, "computeName": "cpu"})
        .create(f"{ML}Compute", "other", {**WORKSPACE, "computeName": "gpu"})
    )


def test_the_longest_chain_counts_and_what_runs_beside_it_does_not() -> None:
    found = timed(platform())
    assert found.chain == (
        "group",
        "account",
        "workspace",
        "cluster",
    )  # the vault is for none
    assert found.seconds == 10 + 100 + 1000 + 300


def test_a_resource_waits_for_the_one_whose_known_id_it_has() -> None:
    old = {**GROUP, "accountName": "st"}
    events = Events().update(
        f"{NATIVE}storage:StorageAccount",
        "account",
        old,
        {**old, "tags": {}},
        "tags",
        its_id=account_id("st"),
    )
    events.create(f"{ML}Workspace", "workspace", {"storage": account_id("ST")})
    assert timed(events).seconds == 50 + 1000


def test_a_resource_waits_for_its_parent() -> None:
    parent = urn(f"{NATIVE}keyvault:Vault", "vault")
    events = Events().create(f"{NATIVE}keyvault:Vault", "vault", {"vaultName": "kv"})
    assert timed(events.create(f"{ML}Compute", "x", {}, parent=parent)).seconds == 500


def test_a_value_that_is_not_known_yet_may_come_from_any_earlier_step_of_another_type() -> None:
    events = Events().create(f"{NATIVE}keyvault:Vault", "vault", {"vaultName": "kv"})
    events.create(f"{NATIVE}managedidentity:UserAssignedIdentity", "identity", {"resourceName": "id"})
    for name in ("one", "two", "three"):
        events.create(f"{NATIVE}authorization:RoleAssignment", name, {"principalId": UNKNOWN})
    found = timed(events)
    assert found.seconds == 200 + 20  # assignments do not wait for each other
    assert found.chain == ("vault", "one")


def test_nothing_waits_for_a_lock() -> None:
    events = Events().create(f"{NATIVE}authorization:ManagementLockByScope", "lock", {"scope": UNKNOWN})
    events.create(f"{NATIVE}authorization:RoleAssignment", "one", {"principalId": UNKNOWN})
    lock = Usual(create=70, update=0, delete=0, source="a test")
    assert duration(events.preview, {**TABLE, "authorization:ManagementLockByScope": lock}).chain == ("lock",)


def test_what_has_nothing_to_do_with_each_other_runs_side_by_side() -> None:
    events = Events().create(f"{NATIVE}keyvault:Vault", "vault", {**GROUP, "vaultName": "x"})
    events.create(f"{NATIVE}storage:StorageAccount", "account", {**GROUP, "accountName": "x"})
    assert timed(events).seconds == 200


def test_an_asset_waits_for_the_version_that_it_refers_to() -> None:
    environment = {"spec": {"name": "sklearn"}, "version": "7"}
    deployment = {
        "spec": {"name": "blue", "endpoint_name": "churn", "environment": "azureml:sklearn:7"},
    }
    events = Events().create(f"{ASSETS}Environment", "sklearn", environment)
    events.create(f"{ASSETS}OnlineEndpoint", "churn", {"spec": {"name": "churn"}})
    events.create(f"{ASSETS}OnlineDeployment", "churn/blue", deployment)
    events.create(f"{ASSETS}OnlineTraffic", "traffic", {"spec": {"name": "churn", "traffic": {"blue": 100}}})
    found = timed(events)
    assert found.chain == ("churn", "churn/blue", "traffic")
    assert found.seconds == 60 + 500 + 30


def test_an_asset_waits_for_its_workspace() -> None:
    events = platform().create(f"{ASSETS}Environment", "env", {"spec": {"name": "e"}, "target": WORKSPACE})
    without = Events().create(f"{ASSETS}Environment", "env", {"spec": {"name": "e"}, "target": WORKSPACE})
    assert timed(without).seconds == 40
    longest = {**TABLE, f"{ASSETS}Environment": Usual(create=900, update=0, delete=0, source="a test")}
    assert duration(events.preview, longest).chain[-2:] == ("workspace", "env")


def test_deletions_come_last_and_in_turn() -> None:
    events = (
        Events()
        .delete(f"{ML}Compute", "cluster", {**WORKSPACE, "computeName": "cpu"})
        .delete(f"{ML}Workspace", "workspace", WORKSPACE)
        .delete(f"{NATIVE}resources:ResourceGroup", "group", GROUP)
    )
    found = timed(events)
    assert found.seconds == 30 + 100 + 1
    assert found.chain == ("cluster (deleted)", "workspace (deleted)", "group (deleted)")


def test_a_replacement_makes_one_and_deletes_one() -> None:
    inputs = {**GROUP, "vaultName": "kv"}
    events = Events().replace(
        f"{NATIVE}keyvault:Vault", "v", inputs, {**GROUP, "vaultName": "w"}, "vaultName"
    )
    assert timed(events).seconds == 220


def test_what_azure_keeps_takes_no_time() -> None:
    events = Events().delete(f"{ML}Compute", "cluster", WORKSPACE, retainOnDelete=True)
    assert timed(events).seconds == 0


def test_what_stays_the_same_takes_no_time() -> None:
    assert timed(Events().same(f"{ML}Workspace", "ws", WORKSPACE)).seconds == 0


def test_a_type_without_a_known_duration_is_named() -> None:
    found = timed(Events().create("azure-native:kusto:Cluster", "adx", GROUP))
    assert (found.seconds, found.unknown) == (0, ("kusto:Cluster",))


def test_every_duration_of_the_table_says_where_it_is_from() -> None:
    found = usual()
    assert found["machinelearningservices:Workspace"].create > 10
    assert all(each.source.startswith(("assumed", "documented", "an update")) for each in found.values())


@pytest.mark.parametrize("count", [2000])
def test_a_large_stack_is_read_whole(count: int) -> None:
    events = platform()
    for number in range(count):
        inputs: dict[str, Any] = {**WORKSPACE, "computeName": f"c{number}", "value": UNKNOWN}
        events.create(f"{ML}Compute", f"c{number}", inputs)
    assert timed(events).seconds == 10 + 100 + 1000 + 300

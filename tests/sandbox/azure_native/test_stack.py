"""The stand-in provider under the real engine: create, change, replace, drift, import, failures."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.azure import AzureHttp

GROUP = "azure-native:resources:ResourceGroup"
LOGS = "azure-native:operationalinsights:Workspace"
GROUPS_VERSION = "2024-03-01"
ACCOUNTS_VERSION = "2024-01-01"
LOGS_VERSION = "2023-09-01"

PLATFORM = """
    from pulumi_azure_native import authorization, managedidentity, resources, storage

    client = authorization.get_client_config_output()
    tags = {"team": "ml"}
    if s.get("secret"):
        tags["key"] = pulumi.Output.secret(s["secret"])
    group = resources.ResourceGroup(
        "group", resource_group_name=s["group"], location=s.get("location", "westeurope"), tags=tags
    )
    identity = managedidentity.UserAssignedIdentity(
        "identity",
        resource_group_name=group.name,
        resource_name_="id-1",
        location=s.get("location", "westeurope"),
    )
    account = storage.StorageAccount(
        "account",
        resource_group_name=group.name,
        account_name="st" + s["group"][-10:],
        location=s.get("location", "westeurope"),
        kind=storage.Kind.STORAGE_V2,
        sku=storage.SkuArgs(name=storage.SkuName.STANDARD_LRS),
        is_hns_enabled=s.get("hns", False),
        network_rule_set=storage.NetworkRuleSetArgs(
            default_action=storage.DefaultAction.DENY,
            ip_rules=[storage.IPRuleArgs(i_p_address_or_range="203.0.113.7")],
        ),
    )
    storage.BlobServiceProperties(
        "blobs",
        resource_group_name=group.name,
        account_name=account.name,
        blob_services_name="default",
        delete_retention_policy=storage.DeleteRetentionPolicyArgs(enabled=True, days=s.get("days", 7)),
    )
    storage.BlobContainer("data", resource_group_name=group.name, account_name=account.name)
    pulumi.export("accountId", account.id)
    pulumi.export("blob", account.primary_endpoints.blob)
    pulumi.export("principal", identity.principal_id)
    pulumi.export("tenant", client.tenant_id)
"""
JUST_A_GROUP = """
    from pulumi_azure_native import resources

    resources.ResourceGroup(
        "group", resource_group_name=s["group"], location="westeurope", tags=s.get("tags"),
        opts=pulumi.ResourceOptions(import_=s.get("import")),
    )
"""
LOG_ANALYTICS = """
    from pulumi_azure_native import operationalinsights, resources

    group = resources.ResourceGroup("group", resource_group_name=s["group"], location="westeurope")
    operationalinsights.Workspace(
        "logs", resource_group_name=group.name, workspace_name="logs", location="westeurope"
    )
"""


@pytest.fixture
def azure(sandbox: Any) -> Any:
    with AzureHttp(sandbox) as client:
        yield client


def _account_path(stack: Any) -> str:
    return f"{stack.group_path}/providers/Microsoft.Storage/storageAccounts/st{stack.group[-10:]}"


def test_life_of_a_stack(stack: Any, azure: AzureHttp) -> None:
    stack.write(PLATFORM)
    assert stack.up() == {"create": 6}
    outputs, path = stack.outputs(), _account_path(stack)
    assert outputs["accountId"] == path
    assert outputs["blob"] == f"https://st{stack.group[-10:]}.blob.core.windows.net/"
    assert outputs["tenant"] == stack.sandbox.settings.tenant_id
    assert len(outputs["principal"]) == 36
    rules = azure.arm("GET", path, ACCOUNTS_VERSION).json()["properties"]["networkAcls"]
    assert [rule["value"] for rule in rules["ipRules"]] == ["203.0.113.7"]

    assert stack.up() == {"same": 6}
    assert stack.refresh() == {"same": 6}

    stack.write(PLATFORM, days=9)
    assert stack.up() == {"same": 5, "update": 1}
    blobs = azure.arm("GET", f"{path}/blobServices/default", ACCOUNTS_VERSION).json()
    assert blobs["properties"]["deleteRetentionPolicy"]["days"] == 9
    assert azure.arm("GET", f"{path}/blobServices/default/containers/data", ACCOUNTS_VERSION).ok

    stack.destroy()
    assert azure.arm("GET", stack.group_path, GROUPS_VERSION).status_code == 404


def test_a_preview_changes_nothing_and_passes_unknowns_on(stack: Any, azure: AzureHttp) -> None:
    stack.write(PLATFORM)
    steps = stack.preview()
    assert {name: step["op"] for name, step in steps.items()} == dict.fromkeys(
        ["group", "identity", "account", "blobs", "data"], "create"
    )
    assert steps["data"]["newState"]["inputs"]["accountName"] == f"st{stack.group[-10:]}"
    text = " ".join(stack.pulumi("preview", "--diff").split())
    assert "blob : [unknown] principal: [unknown]" in text
    assert azure.arm("GET", stack.group_path, GROUPS_VERSION).status_code == 404


def test_what_azure_cannot_change_is_replaced(stack: Any, azure: AzureHttp) -> None:
    stack.write(PLATFORM)
    stack.up()
    stack.write(PLATFORM, hns=True)
    account = stack.preview()["account"]
    assert account["replaceReasons"] == ["isHnsEnabled"]
    stack.up()
    properties = azure.arm("GET", _account_path(stack), ACCOUNTS_VERSION).json()["properties"]
    assert properties["isHnsEnabled"] is True
    assert stack.up() == {"same": 6}


def test_another_region_replaces_everything_by_name(stack: Any) -> None:
    stack.write(PLATFORM)
    stack.up()
    stack.write(PLATFORM, location="northeurope")
    steps = stack.preview()
    assert {step["op"] for step in steps.values()} == {"replace"}
    # The group goes first, and with it, in the engine's plan, all that is in it.
    assert steps["group"]["replaceReasons"] == ["location"]
    assert steps["account"]["newState"]["inputs"]["location"] == "northeurope"


def test_drift_shows_in_a_refresh_and_the_next_up_repairs_it(stack: Any, azure: AzureHttp) -> None:
    stack.write(PLATFORM)
    stack.up()
    body = {"location": "westeurope", "tags": {"team": "somebody else", "added": "by hand"}}
    azure.put(stack.group_path, GROUPS_VERSION, body)
    assert stack.refresh() == {"same": 5, "update": 1}
    assert stack.resource(GROUP)["inputs"]["tags"] == {"team": "somebody else", "added": "by hand"}
    assert stack.up() == {"same": 5, "update": 1}
    assert azure.arm("GET", stack.group_path, GROUPS_VERSION).json()["tags"] == {"team": "ml"}


def test_what_is_deleted_behind_its_back_is_made_again(stack: Any, azure: AzureHttp) -> None:
    stack.write(PLATFORM)
    stack.up()
    container = f"{_account_path(stack)}/blobServices/default/containers/data"
    assert azure.arm("DELETE", container, ACCOUNTS_VERSION).ok
    assert stack.refresh()["delete"] == 1
    assert stack.up() == {"same": 5, "create": 1}


def test_import_by_id(stack: Any, azure: AzureHttp) -> None:
    body = {"location": "westeurope", "tags": {"team": "ml"}}
    azure.put(stack.group_path, GROUPS_VERSION, body)
    stack.write(JUST_A_GROUP, tags={"team": "ml"}, **{"import": stack.group_path})
    assert stack.up() == {"create": 1, "import": 1}
    assert stack.resource(GROUP)["inputs"] == {"resourceGroupName": stack.group, **body}
    stack.write(JUST_A_GROUP, tags={"team": "ml"})
    assert stack.up() == {"same": 2}


def test_import_of_something_else_is_an_update(stack: Any, azure: AzureHttp) -> None:
    azure.put(stack.group_path, GROUPS_VERSION, {"location": "westeurope", "tags": {"team": "ml"}})
    stack.write(JUST_A_GROUP, tags={"team": "other"}, **{"import": stack.group_path})
    assert stack.up() == {"create": 1, "import": 1, "update": 1}
    assert azure.arm("GET", stack.group_path, GROUPS_VERSION).json()["tags"] == {"team": "other"}


def test_import_of_another_types_id_is_refused(stack: Any) -> None:
    other = f"{stack.group_path}/providers/Microsoft.Storage/storageAccounts/x"
    stack.write(JUST_A_GROUP, **{"import": other})
    form = "it has the form /subscriptions/{subscription}/resourceGroups/{resourceGroupName}"
    assert f"is no id of Microsoft.Resources/resourceGroups; {form}" in stack.fails()


def test_existing_resources_are_not_taken_over(stack: Any, azure: AzureHttp) -> None:
    azure.put(stack.group_path, GROUPS_VERSION, {"location": "westeurope"})
    stack.write(JUST_A_GROUP)
    assert f"cannot create already existing resource '{stack.group_path}'" in stack.fails()


def test_secrets_stay_secret(stack: Any) -> None:
    secret = f"hunter2-{stack.group}"
    stack.write(PLATFORM, secret=secret)
    assert stack.up() == {"create": 6}
    assert secret not in stack.state()
    assert stack.refresh() == {"same": 6}
    assert secret not in stack.state()
    assert secret in stack.state("--show-secrets"), "it is there after all, encrypted"
    assert stack.up() == {"same": 6}


def test_every_wrong_input_is_reported(stack: Any) -> None:
    stack.write("""
        from pulumi_azure_native import storage

        storage.StorageAccount(
            "account", resource_group_name=s["group"], location=7, kind="StorageV3",
            sku={"name": "Standard_LSR"},
        )
    """)
    text = stack.fails()
    assert "must be a string, found the number 7" in text
    assert '"StorageV3" is not one of Storage, StorageV2' in text
    assert "did you mean Standard_LRS?" in text
    assert "Traceback" not in text


def test_azures_errors_are_shown_with_code_and_message(stack: Any) -> None:
    stack.principal = "nobody"
    stack.write(JUST_A_GROUP)
    text = stack.fails()
    assert 'Status=403 Code="AuthorizationFailed" Message="The client ' in text
    assert "request id" in text
    assert "Traceback" not in text


def test_unknown_types_say_what_to_do(stack: Any) -> None:
    stack.write("""
        from pulumi_azure_native import appconfiguration

        appconfiguration.ConfigurationStore(
            "store", resource_group_name=s["group"], sku={"name": "free"}, location="westeurope"
        )
    """)
    text = stack.fails()
    assert "azure-native:appconfiguration:ConfigurationStore is not part of the sandbox" in text
    assert "Traceback" not in text


@pytest.mark.parametrize("trouble", ["--status=429", "--status=503", "--drop", "--drop-after"])
def test_passing_troubles_do_not_show(stack: Any, fault: Callable[..., None], trouble: str) -> None:
    pause = ["--retry-after=0"] if trouble.startswith("--status") else []
    fault("PUT */storageAccounts/*", "--times=2", trouble, *pause)
    stack.write(PLATFORM)
    assert stack.up() == {"create": 6}


def test_a_resource_whose_operation_failed_is_kept(stack: Any, fault: Callable[..., None]) -> None:
    stack.write(LOG_ANALYTICS)
    fault("PUT */workspaces/logs", "--lro-fail=NoCapacity")
    assert 'Code="ProvisioningStateFailed"' in stack.fails()
    kept = stack.resource(LOGS)
    assert kept["id"].endswith("/workspaces/logs")
    assert "did not become ready" in kept["initErrors"][0]
    assert stack.up() == {"same": 2, "update": 1}
    assert "initErrors" not in stack.resource(LOGS)


def test_the_next_up_completes_what_an_operation_left_undone(stack: Any, fault: Callable[..., None]) -> None:
    stack.write(PLATFORM)
    fault("PUT */storageAccounts/*", "--lro-fail=NoCapacity")
    assert 'Code="NoCapacity"' in stack.fails()
    stack.up()
    assert stack.up() == {"same": 6}


def test_cancelling_leaves_a_state_from_which_the_next_up_completes(
    stack: Any, azure: AzureHttp, fault: Callable[..., None]
) -> None:
    stack.write(LOG_ANALYTICS)
    logs = f"{stack.group_path}/providers/Microsoft.OperationalInsights/workspaces/logs"
    fault("PUT */workspaces/logs", "--lro-slow=100")
    running = subprocess.Popen(
        stack.command("up", "--yes", "--skip-preview"), cwd=stack.folder, env=stack.sandbox.environment(),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 60
    while not azure.arm("GET", logs, LOGS_VERSION).ok:
        assert time.monotonic() < deadline, "it was never begun"
        time.sleep(0.1)
    running.send_signal(signal.SIGINT)
    text, _ = running.communicate(timeout=30)
    assert running.returncode != 0
    assert re.search(r"cancelled (while Azure was still working on the resource|before GET )", text), text
    assert stack.resource(LOGS)["id"] == logs
    azure.arm("DELETE", logs, LOGS_VERSION)  # ends the operation, which would run for some time yet
    stack.refresh()
    assert stack.up() == {"same": 2, "create": 1}

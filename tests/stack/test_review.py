"""Reviews of what the real engine says of a deployed stack: dangerous changes, drift, mistakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from review.build import Made, build
from review.document import Review, Verdict
from review.events import read
from review.render.markdown import markdown
from sandbox.folder import REPOSITORY
from tests.support.azure_clients import AzureClients
from tests.support.review_markdown import read_as_text
from tests.support.stack import PulumiStack, without_assets

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack-review")]

MakeStack = Callable[[str], PulumiStack]
STRANGER = "99999999-8888-4777-8666-555555555555"
OWNER = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"


@pytest.fixture
def stack(pulumi_stack: MakeStack, monkeypatch: pytest.MonkeyPatch) -> PulumiStack:
    """A prod stack that is up, without assets; its previews are streams of events."""
    stack = pulumi_stack("prod")
    stack.change_settings(without_assets)
    stack.up()
    monkeypatch.setenv("PULUMI_ENABLE_STREAMING_JSON_PREVIEW", "1")
    return stack


def review(stack: PulumiStack, *arguments: str) -> Review:
    told = stack.pulumi("preview --json --policy-pack policies", *arguments, check=False)
    return build(read(told.stdout), Made())


def first_screen(made: Review) -> str:
    return read_as_text("\n".join(markdown(made).splitlines()[:25]))


def break_program(stack: PulumiStack, **mutations: Any) -> None:
    """Registers other resources than the program does: what its settings refuse."""
    program = stack.folder / "__main__.py"
    program.unlink()
    program.symlink_to(REPOSITORY / "tests" / "support" / "mutated_program.py")
    (stack.folder / "mutations.json").write_text(
        json.dumps({"set": {}, "options": {}, "add": [], **mutations}), encoding="utf-8"
    )


def test_reviews_of_what_the_engine_says_of_a_deployed_stack(stack: PulumiStack) -> None:
    """One test, so that the stack is brought up once."""
    nothing_changes(stack)
    another_tag_is_nothing(stack)
    a_lost_persona_is_told(stack)
    a_mistake_in_the_settings_is_told(stack)
    drift_is_told(stack)
    dangerous_changes_are_on_the_first_screen(stack)
    protected_data_is_not_replaced(stack)


def nothing_changes(stack: PulumiStack) -> None:
    made = review(stack)
    assert (made.verdict, made.headline, made.changes) == (Verdict.SAFE, "Safe: nothing changes.", ())
    assert made.policies.passed > 100


def another_tag_is_nothing(stack: PulumiStack) -> None:
    stack.change_settings(lambda settings: settings["tags"].update(costCentre="4799"))
    made = review(stack)
    assert made.verdict is Verdict.SAFE, made.reasons
    assert {change.op for change in made.changes} == {"update"}
    stack.change_settings(lambda settings: settings["tags"].update(costCentre="4712"))


def a_lost_persona_is_told(stack: PulumiStack) -> None:
    kept: list[Any] = []
    stack.change_settings(lambda settings: kept.append(settings["access"].pop("dataReader")))
    made = review(stack)
    assert {reason.rule for reason in made.reasons} == {"REV-ACC-003", "REV-PRO-002"}
    assert "data-scientists" in first_screen(made)
    told = stack.pulumi("up --yes --skip-preview --json", check=False).stdout
    assert "ScopeLocked" in told, "REV-PRO-002: Azure refuses what is under a lock"
    stack.change_settings(lambda settings: settings["access"].update(dataReader=kept[0]))


def a_mistake_in_the_settings_is_told(stack: PulumiStack) -> None:
    stack.change_settings(lambda settings: settings["storage"].update(blobRetentionInDays=1))
    made = review(stack)
    assert [reason.rule for reason in made.reasons] == ["REV-RUN-001"]
    assert "storage.blobRetentionInDays · found: 1" in first_screen(made)
    stack.change_settings(lambda settings: settings["storage"].update(blobRetentionInDays=90))


def drift_is_told(stack: PulumiStack) -> None:
    outputs = stack.outputs()
    with stack.sandbox.entered():
        AzureClients(stack.sandbox.subscription_id).storage.storage_accounts.update(
            outputs["resourceGroupName"],
            outputs["storageAccountName"],
            {"properties": {"allowSharedKeyAccess": True}},
        )
    made = review(stack, "--refresh")
    assert [each.name for each in made.drift] == ["storage-account"]
    assert "storage-account was changed beside Pulumi: allowSharedKeyAccess false → true" in first_screen(
        made
    )
    assert "allowSharedKeyAccess" in markdown(made).partition("### Drift: 1")[2].partition("###")[0]


def dangerous_changes_are_on_the_first_screen(stack: PulumiStack) -> None:
    account = {"publicNetworkAccess": "Enabled", "minimumTlsVersion": "TLS1_0", "sku.name": "Standard_LRS"}
    scale = {"properties.properties.scaleSettings.maxNodeCount": 200}
    subscription = f"/subscriptions/{stack.sandbox.subscription_id}"
    group = f"{subscription}/resourceGroups/{stack.outputs()['resourceGroupName']}"
    role = f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{OWNER}"
    assignment = {"principalId": STRANGER, "principalType": "User", "roleDefinitionId": role, "scope": group}
    break_program(
        stack,
        set={"storage-account": account, "gpu-cluster-compute": scale},
        options={"key-vault-vault": {"protect": False}},
        add=[
            {
                "name": "more",
                "type": "authorization:RoleAssignment",
                "properties": {**assignment, "roleAssignmentName": "a6145eb2-e20c-54d4-beed-e9ec039cec2f"},
            }
        ],
    )
    made = review(stack)
    screen = first_screen(made)
    assert made.verdict is Verdict.STOP
    for words in (
        "storage-account opens the public network: Disabled → Enabled",
        "storage-account weakens the least version of TLS: TLS1_2 → TLS1_0",
        "Standard_GZRS → Standard_LRS",
        "key-vault-vault loses Pulumi's protect",
        f"User {STRANGER} gains Owner on foundation-group",
        "maxNodeCount rises from 4 to 200",
        "REV-POL-001",
    ):
        assert words in screen


def protected_data_is_not_replaced(stack: PulumiStack) -> None:
    break_program(stack, set={"storage-account": {"accountName": "stsomethingelse"}})
    made = review(stack)
    screen = first_screen(made)
    assert "REV-RUN-001" in screen
    assert "storage-account is replaced because of accountName, though it is protected" in screen

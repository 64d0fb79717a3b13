"""Stage 2 is stopped in the middle, politely or not: the next `up` completes, and nothing is there twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.asset_stack import azure, client, take
from tests.support.running_up import RunningUp
from tests.support.sandbox import RunningSandbox
from tests.support.stack import PulumiStack

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("stack-assets-interrupted")]

BASE = ("environments/*",)


@pytest.fixture(scope="module")
def brought_up(
    request: pytest.FixtureRequest, sandboxes: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PulumiStack]:
    """The platform with its environments; each test adds a component of its own."""
    running = RunningSandbox(sandboxes, "stack-assets-interrupted")
    running.start()
    stack = PulumiStack(running, "dev", tmp_path_factory.mktemp("stacks") / "dev")
    stack.change_settings(take(BASE))
    stack.up()
    yield stack
    if not (request.config.getoption("--keep") or request.config.getoption("--keep-failed")):
        running.supervisor.stop()


@pytest.fixture
def stack(brought_up: PulumiStack, clean_environment: None) -> Iterator[PulumiStack]:
    """The stack, which the faults of a test leave with it."""
    yield brought_up
    brought_up.sandbox.cli("faults", "clear")


def hold(stack: PulumiStack, match: str, after: int = 0) -> None:
    """Requests that match wait for seconds before anything is done; the first `after` of them do not."""
    stack.sandbox.cli(
        "faults", "add", "--match", match, "--delay", "4", "--times", "0", "--after", str(after)
    )


def pending(stack: PulumiStack) -> list[str]:
    """Operations that the state says were begun and not ended."""
    deployment = json.loads(stack.pulumi("stack export").stdout)["deployment"]
    return [operation["type"] for operation in deployment.get("pending_operations") or ()]


def codes(stack: PulumiStack) -> set[str]:
    """Ids of the code assets in the workspace; use it inside the sandbox."""
    return {each["id"] for each in azure(stack, f"{stack.outputs()['workspaceId']}/codes")["value"]}


def assert_completed_by_the_next_up(stack: PulumiStack, component: str, codes_before: set[str]) -> None:
    stack.sandbox.cli("faults", "clear")
    stack.up()
    assert stack.preview().changes() == {}
    with stack.sandbox.entered():
        assert len(list(client(stack, stack.outputs()).components.list(component))) == 1
        assert len(codes(stack) - codes_before) == 1


# What holds the update: the registration of the uploaded code, or that of the component itself.
HELD = {"prep": "PUT */codes/*", "evaluate": "PUT */components/*"}


@pytest.mark.parametrize("component", HELD)
def test_ctrl_c_lets_what_was_sent_finish_and_saves_it(stack: PulumiStack, component: str) -> None:
    with stack.sandbox.entered():
        before = codes(stack)
    stack.change_settings(take([*BASE, f"components/{component}/*"]))
    hold(stack, HELD[component])

    up = RunningUp(stack)
    up.wait_until_held()
    up.press_ctrl_c()

    assert up.end() != 0
    assert "Traceback" not in up.output
    assert pending(stack) == []
    assert_completed_by_the_next_up(stack, component, before)


def test_a_killed_plugin_is_an_error_and_leaves_nothing_double(stack: PulumiStack) -> None:
    with stack.sandbox.entered():
        before = codes(stack)
    stack.change_settings(take([*BASE, "components/register/*"]))
    hold(stack, "PUT */codes/*")

    up = RunningUp(stack)
    up.wait_until_held()
    up.kill_plugin()

    assert up.end() != 0
    assert "Traceback" not in up.output
    assert pending(stack) == []
    assert_completed_by_the_next_up(stack, "register", before)


def test_a_killed_engine_ends_its_plugins_and_leaves_nothing_double(stack: PulumiStack) -> None:
    with stack.sandbox.entered():
        before = codes(stack)
    stack.change_settings(take([*BASE, "components/score/*"]))
    hold(stack, "PUT */codes/*")

    up = RunningUp(stack)
    up.wait_until_held()
    up.kill_engine()

    assert pending(stack) == ["creating"]
    assert_completed_by_the_next_up(stack, "score", before)
    assert_note_on_the_creation_can_be_cleared(stack)


def test_a_killed_engine_can_leave_a_datastore_to_take_over(stack: PulumiStack) -> None:
    """It was made and the state does not know: the next `up` cannot tell it from another team's."""
    stack.change_settings(take([*BASE, "datastores/product-blob.yml"]))
    hold(stack, "GET */datastores/product_blob", after=1)  # what follows the PUT
    up = RunningUp(stack)
    up.wait_until_held()
    up.kill_engine()
    stack.sandbox.cli("faults", "clear")

    refused = stack.pulumi("up", "--yes", "--skip-preview", check=False)

    assert refused.returncode != 0
    said = refused.stdout + refused.stderr
    assert "product_blob in workspace" in said
    assert "exists already, and this stack did not make it" in said
    command = said.split("`pulumi ", 1)[1].split("`", 1)[0].split()
    (catalogue,) = (each["urn"] for each in stack.resources() if each["type"] == "azureml:assets:Catalog")
    stack.pulumi(" ".join(command).replace("catalog=URN", f"catalog={catalogue}"), "--yes")
    stack.up()
    assert stack.preview().changes() == {}
    assert_note_on_the_creation_can_be_cleared(stack)


def assert_note_on_the_creation_can_be_cleared(stack: PulumiStack) -> None:
    """The engine forgets what it had begun when it is told to, and not before."""
    stack.refresh("--clear-pending-creates")
    assert pending(stack) == []
    assert stack.preview().changes() == {}

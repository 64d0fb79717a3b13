"""An environment of a pull request: brought up beside dev, told about, taken down without a trace."""

from __future__ import annotations

import json
from typing import Final

import pytest

from tests.support.azure_clients import AzureClients
from tests.support.pull_requests import Team, as_expected

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

NUMBER: Final = 70
GROUP: Final = "rg-eph70-dev-weu"


def test_a_label_brings_an_environment_up_beside_dev(dev: Team) -> None:
    dev.branches(
        NUMBER, ("Pulumi.dev.yaml", "nodeIdleTimeBeforeScaleDown: PT5M", "nodeIdleTimeBeforeScaleDown: PT9M")
    )

    with dev.merge():
        up = dev.checkout.run("ephemeral.yml", "up", event="pull_request")

    assert up.failed == "", up.output
    assert "+ 97 created" in up.output["make ephemeral"]
    assert {"rg-mlplat-dev-weu", GROUP} <= _groups(dev)
    assert as_expected("70-ephemeral-up", _notice(dev))


def test_closing_the_pull_request_takes_it_down_and_leaves_nothing(dev: Team) -> None:
    dev.checkout.git("switch", "--quiet", "main")
    down = dev.checkout.run("destroy-ephemeral.yml", "destroy", event="pull_request")

    assert down.failed == "", down.output
    assert GROUP not in _groups(dev)
    assert [name for name in _resources(dev) if "eph70" in name] == []
    assert "rg-mlplat-dev-weu" in _groups(dev)
    assert _stacks(dev) == ["dev"]
    assert dev.checkout.git("status", "--porcelain") == ""
    assert as_expected("70-ephemeral-gone", _notice(dev))


def test_taking_it_down_once_more_does_no_harm(dev: Team) -> None:
    again = dev.checkout.run("destroy-ephemeral.yml", "destroy", event="pull_request")

    assert again.failed == "", again.output
    assert "comment unchanged" in again.output["make ephemeral-comment"]
    assert _stacks(dev) == ["dev"]


def test_by_hand_no_pull_request_is_told(dev: Team) -> None:
    asked = len(dev.forge.asked)

    down = dev.checkout.run(
        "destroy-ephemeral.yml", "destroy", event="workflow_dispatch", environment="ephemeral-ada"
    )

    assert down.failed == "", down.output
    assert len(dev.forge.asked) == asked


def test_at_night_those_go_that_no_open_pull_request_has_the_label_for(dev: Team) -> None:
    for name in ("71", "72", "73", "ada"):
        _make_empty(dev, f"ephemeral-{name}")
    for number, label, state in ((71, "ephemeral", "closed"), (72, "ephemeral", "open"), (73, "bug", "open")):
        entry = {"id": number, "number": number, "state": state, "labels": [{"name": label}]}
        dev.forge.issues.append({**entry, "pull_request": {}})

    night = dev.checkout.run("destroy-ephemeral.yml", "left-over", event="schedule")

    dev.forge.issues.clear()
    assert night.failed == "", night.output
    assert _stacks(dev) == ["dev", "ephemeral-72", "ephemeral-ada"]


def _make_empty(dev: Team, stack: str) -> None:
    """A stack that nothing was deployed to."""
    checkout = dev.checkout
    file = checkout.folder / f"Pulumi.{stack}.yaml"
    file.write_bytes((checkout.folder / "Pulumi.dev.yaml").read_bytes())
    checkout.sandbox.cli("pulumi", "config", f"--stack={stack}", directory=checkout.folder)
    file.unlink()


def _notice(dev: Team) -> str:
    (text,) = (each["body"] for each in dev.forge.comments)
    assert isinstance(text, str)
    return text


def _stacks(dev: Team) -> list[str]:
    told = dev.checkout.sandbox.cli("pulumi", "stack", "ls", "--json", directory=dev.checkout.folder).stdout
    return sorted(each["name"].rpartition("/")[2] for each in json.loads(told))


def _groups(dev: Team) -> set[str]:
    sandbox = dev.checkout.sandbox
    with sandbox.entered():
        resources = AzureClients(sandbox.subscription_id).resources
        return {str(group.name) for group in resources.resource_groups.list()}


def _resources(dev: Team) -> list[str]:
    sandbox = dev.checkout.sandbox
    with sandbox.entered():
        return [str(each.id) for each in AzureClients(sandbox.subscription_id).resources.resources.list()]

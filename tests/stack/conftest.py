"""Whole stacks: one sandbox per environment, brought up once and read by many tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from sandbox.folder import REPOSITORY
from tests.support.azure_clients import AzureClients
from tests.support.deployed import Deployed
from tests.support.sandbox import RunningSandbox
from tests.support.stack import SETTINGS, PulumiStack

ENVIRONMENTS = ("dev", "staging", "prod")


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=pytest.mark.xdist_group(f"stack-{name}")) for name in ENVIRONMENTS],
)
def brought_up(
    request: pytest.FixtureRequest, sandboxes: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    """The three environments, each in a sandbox of its own, as their first `up` left them."""
    environment: str = request.param
    running = RunningSandbox(sandboxes, f"stack-{environment}")
    running.start()
    stack = PulumiStack(running, environment, tmp_path_factory.mktemp("stacks") / environment)
    stack.up()
    content = yaml.safe_load((REPOSITORY / f"Pulumi.{environment}.yaml").read_text(encoding="utf-8"))
    clients = AzureClients(running.subscription_id)
    yield Deployed(environment, content["config"][SETTINGS], stack, stack.outputs(), clients)
    if not (request.config.getoption("--keep") or request.config.getoption("--keep-failed")):
        running.supervisor.stop()


@pytest.fixture
def deployed(brought_up: Deployed, clean_environment: None) -> Iterator[Deployed]:
    """The same, with this process inside the sandbox, so that Azure's clients reach it."""
    with brought_up.stack.sandbox.entered():
        yield brought_up

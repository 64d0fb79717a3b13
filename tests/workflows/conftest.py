"""Repositories with their sandboxes: a module of tests has one of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.pull_requests import ENVIRONMENTS, Team, team


@pytest.fixture(scope="module")
def dev(
    sandboxes: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Team]:
    """Dev is deployed from main, with its assets."""
    folder = tmp_path_factory.mktemp("dev")
    with team(sandboxes, _name(request), folder, assets=True, keep=_keep(request)) as dev:
        _deploy(dev, "dev")
        yield dev


@pytest.fixture(scope="module")
def platform(
    sandboxes: Path, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[Team]:
    """All three environments are deployed from main, without assets."""
    folder = tmp_path_factory.mktemp("platform")
    with team(sandboxes, _name(request), folder, assets=False, keep=_keep(request)) as platform:
        for environment in ENVIRONMENTS:
            _deploy(platform, environment)
        yield platform


def _deploy(team: Team, environment: str) -> None:
    words = ("pulumi", "up", f"--stack={environment}", "--yes", "--skip-preview")
    team.checkout.sandbox.cli(*words, directory=team.checkout.folder)


def _name(request: pytest.FixtureRequest) -> str:
    return str(request.module.__name__).rpartition(".")[2].replace("_", "-")


def _keep(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--keep") or request.config.getoption("--keep-failed"))

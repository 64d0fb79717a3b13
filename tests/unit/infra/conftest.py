"""Recorded runs of the program, one per stack and kind of run, shared by all tests here."""

from __future__ import annotations

import pytest

from tests.support.recorded_stack import RecordedStack, Settings, platform_settings, recorded

STACKS = ("dev", "staging", "prod")


@pytest.fixture
def dev() -> RecordedStack:
    return recorded("dev")


@pytest.fixture
def staging() -> RecordedStack:
    return recorded("staging")


@pytest.fixture
def prod() -> RecordedStack:
    return recorded("prod")


@pytest.fixture(params=STACKS)
def stack(request: pytest.FixtureRequest) -> RecordedStack:
    """Each of the three stacks, once it is known what Azure answers."""
    return recorded(request.param)


@pytest.fixture(params=[(name, known) for name in STACKS for known in (True, False)], ids=str)
def any_run(request: pytest.FixtureRequest) -> RecordedStack:
    """Each of the three stacks, in an update and in its first preview."""
    return recorded(*request.param)


@pytest.fixture
def dev_settings() -> Settings:
    return platform_settings("dev")


@pytest.fixture
def prod_settings() -> Settings:
    return platform_settings("prod")

"""What all tests share: a clean environment, one sandbox per run, the count of facts at the end.

The sandbox is started by the first test that asks for it and shared by all workers of a
run; tests keep out of each other's way by the names of their resource groups. Tests that
stop, break or fill a sandbox make one of their own with `make_sandbox`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.folder import SandboxFolder
from sandbox.supervisor import Supervisor
from tests.support.facts import summary
from tests.support.sandbox import RunningSandbox
from tests.support.stack import PulumiStack

RUN_VARIABLE = "AZURE_SANDBOX_TEST_RUN"  # the folder of this run's sandboxes; workers inherit it
_KEPT = ("AZURE_SANDBOX_NODE_MODULES", "AZURE_SANDBOX_ENGINE", RUN_VARIABLE)
_PREFIXES = ("AZURE_", "ARM_", "AZUREML_", "IDENTITY_", "MSI_", "PULUMI_", "OTEL_")
_NAMES = (
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow modules first: what is long and begins last is waited for by one worker alone."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("sandbox")
    group.addoption("--keep", action="store_true", help="leave the tests' sandboxes running")
    group.addoption("--keep-failed", action="store_true", help="leave them running when a test has failed")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        os.environ[RUN_VARIABLE] = tempfile.mkdtemp(prefix="sandbox-tests-")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The controller ends after all workers: it stops what they have started."""
    if hasattr(session.config, "workerinput"):
        return
    home = Path(os.environ.pop(RUN_VARIABLE))
    keep = session.config.getoption("--keep") or (
        session.config.getoption("--keep-failed") and session.testsfailed
    )
    if keep and any(home.iterdir()):
        print(f"\nsandboxes kept: AZURE_SANDBOX_HOME={home} python -m sandbox --name tests status")
        return
    for config in home.glob("*/config.json"):
        Supervisor(SandboxFolder(config.parent)).stop()
    shutil.rmtree(home, ignore_errors=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(summary())


@pytest.fixture(autouse=True)
def clean_environment(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test depends on the proxies, certificates or sign-in of whoever runs it."""
    if "setup" in request.path.parts:
        return  # set-up is the one part that goes to package registries, as its user's environment says
    for name in list(os.environ):
        if name not in _KEPT and (name.upper().startswith(_PREFIXES) or name.upper() in _NAMES):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def sandboxes() -> Path:
    """The folder of this run's sandboxes."""
    return Path(os.environ[RUN_VARIABLE])


@pytest.fixture(scope="session")
def shared_sandbox(sandboxes: Path) -> RunningSandbox:
    """The run's one sandbox; `sandbox` is what tests ask for."""
    running = RunningSandbox(sandboxes, "tests")
    running.start()
    return running


@pytest.fixture
def sandbox(shared_sandbox: RunningSandbox, clean_environment: None) -> RunningSandbox:
    """The sandbox that all tests share; started again should a test have ended it."""
    shared_sandbox.start()
    return shared_sandbox


@pytest.fixture
def make_sandbox(
    sandboxes: Path, request: pytest.FixtureRequest, clean_environment: None
) -> Iterator[Callable[[], RunningSandbox]]:
    """Makes sandboxes of a test's own, not started yet; they end with the test."""
    made: list[RunningSandbox] = []

    def make() -> RunningSandbox:
        made.append(RunningSandbox(sandboxes, f"own-{uuid.uuid4().hex[:8]}"))
        return made[-1]

    yield make
    if not request.config.getoption("--keep"):
        for running in made:
            running.supervisor.stop()
            shutil.rmtree(running.folder.path, ignore_errors=True)


@pytest.fixture
def own_sandbox(make_sandbox: Callable[[], RunningSandbox]) -> RunningSandbox:
    """A running sandbox of the test's own."""
    running = make_sandbox()
    running.start()
    return running


@pytest.fixture
def pulumi_stack(own_sandbox: RunningSandbox, tmp_path: Path) -> Callable[[str], PulumiStack]:
    """Stacks of the program in one sandbox of the test's own: `pulumi_stack("dev").up()`."""

    def make(stack: str) -> PulumiStack:
        return PulumiStack(own_sandbox, stack, tmp_path / stack)

    return make

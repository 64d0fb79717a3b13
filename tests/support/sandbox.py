"""A running sandbox as tests see it: its command line, its environment, its principals' credentials."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox import runner
from sandbox.folder import REPOSITORY, SandboxFolder
from sandbox.settings import SandboxSettings, load_settings
from sandbox.supervisor import Supervisor

COMMAND_SECONDS = 300


@dataclass(frozen=True)
class RunningSandbox:
    """One sandbox under `home`; made by the fixtures, which also stop it."""

    home: Path
    name: str

    @property
    def folder(self) -> SandboxFolder:
        return SandboxFolder(self.home / self.name)

    @property
    def supervisor(self) -> Supervisor:
        return Supervisor(self.folder)

    @property
    def settings(self) -> SandboxSettings:
        settings = load_settings(self.folder)
        assert settings is not None, f"{self.folder.config} is missing"
        return settings

    @property
    def subscription_id(self) -> str:
        return self.settings.subscription_id

    def start(self) -> None:
        """Start what is not running; by a command, so that the processes are not this one's children."""
        if any(child.state != "running" for child in self.supervisor.status()):
            self.cli("start")

    def environment(self, principal: str = "deployer") -> dict[str, str]:
        """The environment of a command inside, signed in as `principal`."""
        runner.prepare(self.settings)
        return runner.environment(self.settings, principal)

    @contextlib.contextmanager
    def entered(self, principal: str = "deployer") -> Iterator[None]:
        """This process inside the sandbox: Azure's clients made in the block reach it and nothing else."""
        before = dict(os.environ)
        os.environ.clear()
        os.environ.update(self.environment(principal))
        try:
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)

    def cli(
        self,
        *arguments: str,
        check: bool = True,
        directory: Path = REPOSITORY,
        environment: Mapping[str, str] | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """`python -m sandbox --name NAME ARGUMENTS`, without a terminal; with `check`, it has to succeed."""
        variables = dict(os.environ) | {"AZURE_SANDBOX_HOME": str(self.home), "PYTHONPATH": str(REPOSITORY)}
        done = subprocess.run(
            [sys.executable, "-m", "sandbox", "--name", self.name, *arguments],
            cwd=directory,
            env={**variables, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=COMMAND_SECONDS,
        )
        assert not check or done.returncode == 0, f"{' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done

    def status(self) -> dict[str, Any]:
        """`status --json`, whatever its exit status."""
        answer: dict[str, Any] = json.loads(self.cli("status", "--json", check=False).stdout)
        return answer

    def pid(self, process: str) -> int:
        """The process id of "emulator" or "azurite"."""
        found = {entry["name"]: entry["pid"] for entry in self.status()["processes"]}[process]
        assert isinstance(found, int), f"{process} does not run"
        return found

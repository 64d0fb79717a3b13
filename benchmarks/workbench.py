"""A throw-away sandbox with stacks of its own, and whole-process timing inside it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from typing_extensions import Self  # typing's own is newer than Python 3.10

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ("__main__.py", "infra", "ml_assets", "Pulumi.yaml", ".venv")
SETTINGS = "azureml-platform:settings"


class BenchmarkError(Exception):
    """A measured command failed, so there is no figure; carries the command's output."""


@dataclass
class Workbench:
    """One sandbox, started with `options`, removed by `close`.

    `options` are those of `python -m sandbox start`.
    """

    options: Sequence[str] = ()
    name: str = field(default_factory=lambda: f"bench-{secrets.token_hex(3)}")
    _environment: dict[str, str] = field(default_factory=dict, init=False, repr=False)

    def __enter__(self) -> Self:
        self.sandbox("start", *self.options)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the sandbox and delete its folder."""
        self.sandbox("stop")
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def folder(self) -> Path:
        """State folder of this sandbox."""
        return ROOT / ".sandbox" / self.name

    def platform(self) -> tuple[str, ...]:
        """The engine's words for stage 1 alone: dev without assets, under names of its own."""
        folder = self.folder / "platform"
        folder.mkdir()
        for name in PROGRAM:
            (folder / name).symlink_to(ROOT / name)
        content = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text(encoding="utf-8"))
        settings = content["config"][SETTINGS]
        del settings["assets"]
        settings["workload"] = "platform"
        (folder / "Pulumi.platform.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        return "--cwd", str(folder), "--stack", "platform"

    def sandbox(self, *arguments: str, environment: Mapping[str, str] | None = None) -> str:
        """Run one sandbox command to its end; its standard output. Raises BenchmarkError."""
        command = [sys.executable, "-m", "sandbox", "--name", self.name, *arguments]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise BenchmarkError(f"{' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def timed(self, *arguments: str, environment: Mapping[str, str] | None = None) -> float:
        """Wall seconds of one sandbox command."""
        started = time.perf_counter()
        self.sandbox(*arguments, environment=environment)
        return time.perf_counter() - started

    def engine(self, *arguments: str) -> float:
        """Wall seconds of one engine command inside the sandbox, without the wrapper's own time."""
        if not self._environment:
            self._environment = {**os.environ, **json.loads(self.sandbox("env", "--json"))}
        started = time.perf_counter()
        done = subprocess.run(
            ["pulumi", *arguments],
            cwd=ROOT,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = time.perf_counter() - started
        if done.returncode:
            raise BenchmarkError(f"pulumi {' '.join(arguments)} failed:\n{done.stdout}\n{done.stderr}")
        return seconds

    def emulator_pid(self) -> int:
        """Process id of the emulator, as `status --json` gives it."""
        status: dict[str, Any] = json.loads(self.sandbox("status", "--json"))
        return next(int(process["pid"]) for process in status["processes"] if process["name"] == "emulator")


def resident_megabytes(pid: int) -> float:
    """Resident memory of a running process in MB (10^6 bytes), from /proc."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    raise BenchmarkError(f"process {pid} has no VmRSS line: it has ended")

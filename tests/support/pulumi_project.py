"""A scratch Pulumi project in a folder of its own, run by the real engine."""

from __future__ import annotations

import subprocess
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.engine.locate import Engine

ROOT = Path(__file__).resolve().parents[2]
VIRTUALENV = ROOT / ".venv"


@dataclass(frozen=True)
class Outcome:
    """How a command ended: its exit code and all it printed, without colours."""

    code: int
    output: str


@dataclass(frozen=True)
class Project:
    """A folder with a Pulumi program that runs in the project's own virtual environment."""

    folder: Path
    engine: Engine
    environment: Mapping[str, str]

    def write(self, files: Mapping[str, str]) -> None:
        """Write files; their text may be indented like the test."""
        for name, text in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")

    def pulumi(self, *arguments: str, code: int | None = 0) -> Outcome:
        """Run the command line to its end; `code` None allows any exit code."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert code is None or done.returncode == code, done.stdout
        return Outcome(done.returncode, done.stdout)

    def command(self, *arguments: str) -> Sequence[str]:
        """The command line with what every call here has in common."""
        return [str(self.engine.pulumi), *arguments, "--non-interactive", "--color=never"]

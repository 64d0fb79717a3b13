"""A stack of the program, brought up by the real engine in a sandbox of its own.

The program's files are linked into a folder of the test's, the stack's file is copied,
so a test can change settings without touching the repository.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sandbox.folder import REPOSITORY
from tests.support.sandbox import RunningSandbox

SETTINGS = "azureml-platform:settings"
_LINKED = ("__main__.py", "infra", "ml_assets", "policies", "docs")


def without_assets(settings: dict[str, Any]) -> None:
    """A change of settings that leaves stage 1 alone: for tests that are not about assets, to be quick."""
    del settings["assets"]


@dataclass(frozen=True)
class Preview:
    """The steps of a preview: (operation, URN) in the engine's words, and all that it printed."""

    steps: tuple[tuple[str, str], ...]
    document: dict[str, Any]

    def changes(self) -> dict[str, str]:
        """URN → operation, of everything that would not stay the same."""
        return {urn: operation for operation, urn in self.steps if operation != "same"}

    def counts(self) -> Counter[str]:
        """How many resources each operation has."""
        return Counter(operation for operation, _ in self.steps)


class PulumiStack:
    """The engine on one stack; each method is one command and fails the test when the command fails."""

    def __init__(self, sandbox: RunningSandbox, stack: str, folder: Path) -> None:
        self.sandbox = sandbox
        self.stack = stack
        self.folder = folder
        folder.mkdir(parents=True)
        for name in _LINKED:
            if (REPOSITORY / name).exists():
                (folder / name).symlink_to(REPOSITORY / name)
        project = yaml.safe_load((REPOSITORY / "Pulumi.yaml").read_text(encoding="utf-8"))
        # The program's environment, and that of the plugins, which name it relative to their folders.
        (folder / project["runtime"]["options"]["virtualenv"]).symlink_to(sys.prefix)
        (folder / "Pulumi.yaml").write_text(yaml.safe_dump(project), encoding="utf-8")
        self._file.write_bytes((REPOSITORY / f"Pulumi.{stack}.yaml").read_bytes())

    @property
    def _file(self) -> Path:
        return self.folder / f"Pulumi.{self.stack}.yaml"

    def change_settings(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Change the stack's settings object in place."""
        content = yaml.safe_load(self._file.read_text(encoding="utf-8"))
        change(content["config"][SETTINGS])
        self._file.write_text(yaml.safe_dump(content), encoding="utf-8")

    def own_program(self, text: str) -> None:
        """Runs another program in place of the platform's."""
        program = self.folder / "__main__.py"
        program.unlink()
        program.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")

    def own_assets(self) -> Path:
        """Gives the stack a copy of the catalogue's files, to change; its folder."""
        linked, package = REPOSITORY / "ml_assets", self.folder / "ml_assets"
        package.unlink()
        package.mkdir()
        for entry in linked.iterdir():
            if entry.name not in ("assets", "__pycache__"):
                (package / entry.name).symlink_to(entry)
        return Path(shutil.copytree(linked / "assets", package / "assets"))

    def pulumi(self, command: str, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Any command of the engine on this stack."""
        words = [*command.split(), "--stack", self.stack, "--color", "never", *arguments]
        done = self.sandbox.cli("pulumi", *words, check=False, directory=self.folder)
        if check and done.returncode != 0:
            raise AssertionError(f"pulumi {' '.join(words)}:\n{_errors(done.stdout)}{done.stderr}")
        return done

    def up(self, *arguments: str) -> Counter[str]:
        """Create or update; what happened, as counts of operations ("create", "same", …)."""
        return _changes(self.pulumi("up", "--yes", "--skip-preview", "--json", *arguments).stdout)

    def preview(self, *arguments: str) -> Preview:
        """What `up` would do."""
        document = json.loads(self.pulumi("preview", "--json", *arguments).stdout)
        steps = tuple((step["op"], step["urn"]) for step in document.get("steps", ()))
        return Preview(steps, document)

    def refresh(self, *arguments: str) -> Counter[str]:
        """Read everything back from Azure into the state; counts of what differed."""
        return _changes(self.pulumi("refresh", "--yes", "--skip-preview", "--json", *arguments).stdout)

    def destroy(self, *arguments: str) -> None:
        """Delete everything."""
        self.pulumi("destroy", "--yes", "--skip-preview", *arguments)

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        outputs: dict[str, Any] = json.loads(self.pulumi("stack output", "--json").stdout)
        return outputs

    def resources(self) -> list[dict[str, Any]]:
        """The resources of the state, as `pulumi stack export` shows them."""
        deployment = json.loads(self.pulumi("stack export").stdout)["deployment"]
        resources: list[dict[str, Any]] = deployment.get("resources", [])
        return resources


def _changes(text: str) -> Counter[str]:
    """Counts of operations, from the summary event in a command's stream of events, one JSON a line."""
    for line in reversed(text.splitlines()):
        if line.startswith("{") and "summaryEvent" in (event := json.loads(line)):
            return Counter(event["summaryEvent"]["resourceChanges"])
    raise AssertionError(f"no summary event in: {text[:2000]}")


def _errors(text: str) -> str:
    """What went wrong, out of a stream of events; any other output as it is."""
    if not text.startswith("{"):
        return text
    events = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    diagnostics = [event.get("diagnosticEvent", {}) for event in events]
    return "".join(event["message"] for event in diagnostics if event.get("severity") == "error")

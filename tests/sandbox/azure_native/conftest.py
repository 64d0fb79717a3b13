"""Small programs, run by the real engine with the stand-in provider in the shared sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.azure import AzureHttp
from tests.support.sandbox import RunningSandbox

GROUPS_VERSION = "2024-03-01"
_COMMAND_SECONDS = 120


@dataclass
class NativeStack:
    """One stack of one program. `group` is the name of a resource group that no other test uses."""

    sandbox: RunningSandbox
    folder: Path
    group: str
    principal: str = "deployer"

    def __post_init__(self) -> None:
        options = f"{{toolchain: pip, virtualenv: {sys.prefix}}}"
        project = f"name: native\nruntime: {{name: python, options: {options}}}\n"
        (self.folder / "Pulumi.yaml").write_text(project, encoding="utf-8")
        self.write("import pulumi")
        self.pulumi("stack", "init", self.name)

    @property
    def name(self) -> str:
        """The stack's name."""
        return self.group.rpartition("-")[2]

    @property
    def group_path(self) -> str:
        """The id of the resource group."""
        return f"/subscriptions/{self.sandbox.subscription_id}/resourceGroups/{self.group}"

    def write(self, program: str, **settings: Any) -> None:
        """The program; it finds `settings` and the group's name in the object `s`."""
        head = f"import json, pulumi\ns = json.loads({json.dumps({'group': self.group, **settings})!r})\n"
        (self.folder / "__main__.py").write_text(head + textwrap.dedent(program), encoding="utf-8")

    def command(self, *arguments: str) -> list[str]:
        """The command line of the engine."""
        environment = self.sandbox.environment(self.principal)
        program = next(
            found
            for folder in environment["PATH"].split(os.pathsep)
            if (found := Path(folder) / "pulumi").is_file()
        )
        return [str(program), *arguments, "--non-interactive", "--color=never"]

    def pulumi(self, *arguments: str, code: int = 0) -> str:
        """Any command, which has to end with that exit code; all that it printed."""
        done = subprocess.run(
            self.command(*arguments), cwd=self.folder, env=self.sandbox.environment(self.principal),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, check=False, timeout=_COMMAND_SECONDS,
        )  # fmt: skip
        assert bool(done.returncode) == bool(code), done.stdout
        return done.stdout

    def up(self) -> dict[str, int]:
        """Create or update; how many resources, the stack included, had each operation."""
        return self._counts("up", "--yes", "--skip-preview")

    def refresh(self) -> dict[str, int]:
        """Read back; counts of what differed."""
        return self._counts("refresh", "--yes", "--skip-preview")

    def destroy(self) -> None:
        """Delete everything."""
        self.pulumi("destroy", "--yes", "--skip-preview")

    def fails(self) -> str:
        """An `up` that has to fail; what it printed, with every run of white space as one blank."""
        return " ".join(self.pulumi("up", "--yes", "--skip-preview", code=255).split())

    def preview(self) -> dict[str, dict[str, Any]]:
        """The steps of a preview by the resources' Pulumi names; the stack itself is left out."""
        text = self.pulumi("preview", "--json")
        document = json.loads(text[text.index("{") :])
        steps = {step["urn"].rpartition("::")[2]: step for step in document["steps"]}
        return {name: step for name, step in steps.items() if "pulumi:pulumi:Stack" not in step["urn"]}

    def outputs(self) -> dict[str, Any]:
        """The stack's outputs."""
        outputs: dict[str, Any] = json.loads(self.pulumi("stack", "output", "--json"))
        return outputs

    def state(self, *options: str) -> str:
        """The exported state; encrypted unless `options` say otherwise."""
        return self.pulumi("stack", "export", *options)

    def resource(self, token: str) -> dict[str, Any]:
        """The state of the one resource of that type."""
        resources = json.loads(self.state())["deployment"]["resources"]
        (found,) = (resource for resource in resources if resource["type"] == token)
        return dict(found)

    def _counts(self, *arguments: str) -> dict[str, int]:
        events = [
            json.loads(line) for line in self.pulumi(*arguments, "--json").splitlines() if line[:1] == "{"
        ]
        (summary,) = (event["summaryEvent"] for event in events if "summaryEvent" in event)
        return dict(summary["resourceChanges"])


@pytest.fixture
def stack(sandbox: RunningSandbox, tmp_path: Path) -> Iterator[NativeStack]:
    made = NativeStack(sandbox, tmp_path, f"rg-native-{uuid.uuid4().hex[:10]}")
    yield made
    with AzureHttp(sandbox) as azure:
        azure.arm("DELETE", made.group_path, GROUPS_VERSION)


@pytest.fixture
def fault(sandbox: RunningSandbox, stack: NativeStack) -> Callable[..., None]:
    """Lets requests below the stack's own group fail: `fault("PUT */computes/*", "--status", "429")`."""

    def add(match: str, *options: str) -> None:
        method, _, path = match.partition(" ")
        sandbox.cli("faults", "add", "--match", f"{method} *{stack.group}{path}", *options)

    return add

"""Runs a job of a workflow of GitHub on this machine: its steps in order, the sandbox in the place of Azure.

Commands run as they are written. Of the actions, sign-in and installation are what the sandbox brings;
artifacts go to the local forge. An expression that is not known here fails the run.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from sandbox.folder import REPOSITORY
from tests.support.forges import TOKEN, Forge
from tests.support.sandbox import RunningSandbox

_EXPRESSION: Final = re.compile(r"\$\{\{ (.+?) \}\}")
_BROUGHT_BY_THE_SANDBOX: Final = ("actions/checkout", "pulumi/actions", "azure/login")
# Prices and their age are told as on this day, so that a comment is the same on every other one.
_TODAY: Final = "1795651200"  # 2026-11-26
# What `make setup` makes in a checkout; it is the same for this one.
_MADE: Final = (".venv", "sandbox/azurite/node_modules")


@dataclass(frozen=True)
class Run:
    """How a job ended: what each of its commands printed, and which one failed; empty for none."""

    output: Mapping[str, str]
    failed: str = ""


@dataclass
class Checkout:
    """A repository of git with the files of this one, on the branch main, in one commit."""

    folder: Path
    sandbox: RunningSandbox
    forge: Forge
    printed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (REPOSITORY / name).is_file():
                (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(REPOSITORY / name, self.folder / name)
        for name in _MADE:
            for made in REPOSITORY.glob(f"{name}*"):
                (self.folder / made.relative_to(REPOSITORY)).symlink_to(made)
        with (self.folder / ".gitignore").open("a", encoding="utf-8") as ignored:
            ignored.write("/.venv\n")  # a link is no folder
        self.git("init", "--quiet", "--initial-branch=main")
        self.commit("Begin")

    def git(self, *words: str) -> str:
        """A command of git, which has to succeed; what it printed."""
        who = ["-c", "user.name=ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false"]
        done = subprocess.run(
            ["git", *who, *words], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"git {' '.join(words)}: {done.stderr}"
        return done.stdout.strip()

    def commit(self, message: str) -> None:
        """Commit all files as they are."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def replace(self, file: str, old: str, new: str) -> None:
        """Change a file; the old text has to be there once."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {file}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def run(
        self,
        workflow: str,
        job: str,
        *,
        event: str,
        environment: str = "",
        before: Mapping[str, Callable[[], None]] | None = None,
        without: Collection[str] = (),
    ) -> Run:
        """Run a job of a workflow until its end, or until a step fails.

        `before`: what somebody else does right before a command. `without`: commands that are left out.
        """
        content = yaml.safe_load((self.folder / ".github" / "workflows" / workflow).read_text("utf-8"))
        number = str(self.forge.number) if event == "pull_request" else ""
        stack = f"ephemeral-{number}" if number else environment
        context = {
            "matrix.environment": environment,
            "inputs.environment": environment,
            "github.token": TOKEN,
            "github.event.pull_request.number": number,
            "inputs.stack || format('ephemeral-{0}', github.event.pull_request.number)": stack,
        }
        found = content["jobs"][job]
        variables = _values(found.get("env", {}), context)
        output: dict[str, str] = {}
        for step in found["steps"]:
            if step.get("if", f"github.event_name == '{event}'") != f"github.event_name == '{event}'":
                continue
            if "run" not in step:
                self._action(step, context)
                continue
            if step["run"] in without:
                continue
            (before or {}).get(step["run"], _nothing)()
            done = self._command(step["run"], {**variables, **_values(step.get("env", {}), context)}, event)
            output[step["run"]] = done.stdout + done.stderr
            self.printed.append(output[step["run"]])
            if done.returncode != 0 and not step.get("continue-on-error"):
                return Run(output, failed=step["run"])
            for line in self._outputs.read_text(encoding="utf-8").splitlines():
                name, _, value = line.partition("=")
                context[f"steps.{step['id']}.outputs.{name}"] = value
        return Run(output)

    @property
    def _outputs(self) -> Path:
        return self.sandbox.folder.path / "github-output"

    def _command(
        self, script: str, variables: Mapping[str, str], event: str
    ) -> subprocess.CompletedProcess[str]:
        self._outputs.write_text("", encoding="utf-8")
        own = event == "pull_request"
        reference = {"GITHUB_BASE_REF": "main"} if own else {"GITHUB_REF": "refs/heads/main"}
        runner = {
            "AZURE_SANDBOX": self.sandbox.name,
            "AZURE_SANDBOX_HOME": str(self.sandbox.home),
            "GITHUB_OUTPUT": str(self._outputs),
            "GITHUB_STEP_SUMMARY": os.devnull,
            "SOURCE_DATE_EPOCH": _TODAY,
        }
        forge = {name: value for name, value in self.forge.github.items() if name != "GITHUB_TOKEN"}
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("MAKE", "STACK", "GITHUB_", "SYSTEM_"))
        }
        return subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env={**kept, **forge, **reference, **runner, **variables},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )

    def _action(self, step: Mapping[str, Any], context: Mapping[str, str]) -> None:
        name = step["uses"].partition("@")[0]
        if name in _BROUGHT_BY_THE_SANDBOX:
            return
        assert name == "actions/upload-artifact", f"{name} is not known here"
        given = {key: _filled(str(value), context) for key, value in step["with"].items()}
        files = [file for line in given["path"].splitlines() for file in self.folder.glob(line.strip())]
        assert files, f"{given['path']}: no files to keep"
        self.forge.artifact(given["name"], {file.name: file.read_text("utf-8") for file in files})


def _nothing() -> None:
    """Nobody does anything."""


def _values(given: Mapping[str, Any], context: Mapping[str, str]) -> dict[str, str]:
    """Variables of a job or a step, without those of the sign-in to Azure."""
    ours = {name: str(value) for name, value in given.items() if not name.startswith(("ARM_", "PULUMI_"))}
    return {name: _filled(value, context) for name, value in ours.items() if name != "AZURE"}


def _filled(text: str, context: Mapping[str, str]) -> str:
    return _EXPRESSION.sub(lambda found: context[found[1]], text)

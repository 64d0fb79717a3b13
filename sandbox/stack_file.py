"""A stack's configuration as the sandbox's engine sees it: the committed file, with its own salt.

The salt makes the passphrase's key; the engine writes it into the stack's file when it
creates the stack, and state that was encrypted with it can only be read with it. So it
is kept in the sandbox's copy, or taken from the state when the copy is lost.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sandbox.errors import SandboxError
from sandbox.folder import SandboxFolder

# Top-level lines about encryption; the sandbox's copy has its own.
_ENCRYPTION = re.compile(r"^(encryptionsalt|secretsprovider|encryptedkey):.*\n?", re.MULTILINE)
_SALT = re.compile(r"^encryptionsalt:\s*(\S+)", re.MULTILINE)
_SECURE = re.compile(r"^\s*(?:-\s*)?secure:\s", re.MULTILINE)


@dataclass(frozen=True)
class Project:
    """A Pulumi project: its folder, name, and the stacks that have a file there."""

    folder: Path
    name: str
    stacks: tuple[str, ...]


def find_project(start: Path) -> Project:
    """The project of a folder or of the nearest folder above it; raises SandboxError without one."""
    start = start.resolve()
    for folder in (start, *start.parents):
        file = folder / "Pulumi.yaml"
        if file.is_file():
            names = sorted(path.name[len("Pulumi.") : -len(".yaml")] for path in folder.glob("Pulumi.*.yaml"))
            return Project(folder, _project_name(file), tuple(names))
    raise SandboxError(f"no Pulumi.yaml in {start} or above it; change to the project's folder, or add --cwd")


def _project_name(file: Path) -> str:
    found = re.search(r"^name:\s*[\"']?([A-Za-z0-9_.-]+)", _text(file), re.MULTILINE)
    if found is None:
        raise SandboxError(f"{file} has no line `name: PROJECT`")
    return found[1]


@dataclass(frozen=True)
class StackFile:
    """One stack of a project, and the copy of its file in a sandbox's folder."""

    project: Project
    stack: str
    sandbox: SandboxFolder

    @property
    def committed(self) -> Path:
        """The file in the repository, which is only read."""
        return self.project.folder / f"Pulumi.{self.stack}.yaml"

    @property
    def copy(self) -> Path:
        """The file that the engine reads and writes."""
        return self.sandbox.stack_copy(self.stack)

    @property
    def state(self) -> Path:
        """The stack's state in the file backend."""
        return self.sandbox.pulumi_state / ".pulumi" / "stacks" / self.project.name / f"{self.stack}.json"

    @property
    def locks(self) -> Path:
        """The folder of the locks on the stack in the file backend."""
        return (
            self.sandbox.pulumi_state / ".pulumi" / "locks" / "organization" / self.project.name / self.stack
        )

    def refresh(self, engine: str, environment: Mapping[str, str]) -> str | None:
        """Make the stack where it does not exist, and the copy as the committed file is now.

        Returns a sentence when a change that a command had written into the copy is gone.
        Raises SandboxError where the engine can't make the stack, or the file holds
        secrets that are encrypted for somewhere else, or the state is damaged.
        """
        committed = _text(self.committed)
        if _SECURE.search(committed):
            raise SandboxError(
                f"{self.committed} holds encrypted values (`secure:`), which only its own secrets "
                "provider can read; "
                "the sandbox has no secrets: give that stack plain values, or a stack of its own without them"
            )
        content = _ENCRYPTION.sub("", committed)
        if not content.endswith("\n"):
            content += "\n"
        before = _text(self.copy, errors="replace") if self.copy.exists() else None
        if not (before or "").startswith(content):
            self._refuse_broken_yaml(committed)
        if not self.state.exists():
            salt: str | None = self._make_stack(engine, environment)
            before = None
        else:
            salt_of_state = self._salt_of_state()  # asked in any case: a damaged state is told
            salt = _salt_of(before or "") or salt_of_state
        if salt is None:
            raise SandboxError(
                f"the salt of stack {self.stack!r} is lost (neither {self.copy} nor {self.state} holds it); "
                "`python -m sandbox reset` starts empty"
            )
        current = f"{content}encryptionsalt: {salt}\n"
        if before != current:
            self.copy.write_text(current, encoding="utf-8")
        marker = self.copy.with_suffix(".written")
        changed = before is not None and marker.exists() and _text(marker, errors="replace") != before
        marker.write_text(current, encoding="utf-8")
        if changed:
            return f"a command had changed the sandbox's copy; it is as {self.committed} again"
        return None

    def _refuse_broken_yaml(self, committed: str) -> None:
        """The engine would name neither the file nor what it found; only a changed file is looked at."""
        import yaml

        try:
            yaml.safe_load(committed)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark
            where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
            raise SandboxError(f"{self.committed}{where} is not YAML: {error.problem}") from None
        except yaml.YAMLError as error:
            raise SandboxError(f"{self.committed} is not YAML: {' '.join(str(error).split())}") from None

    def _make_stack(self, engine: str, environment: Mapping[str, str]) -> str:
        """Let the engine create the stack elsewhere, so that it writes nothing in the project."""
        with tempfile.TemporaryDirectory(prefix="sandbox-stack-") as folder:
            (Path(folder) / "Pulumi.yaml").write_text(
                f"name: {self.project.name}\nruntime: yaml\n", encoding="utf-8"
            )
            result = subprocess.run(
                [engine, "stack", "init", self.stack, "--non-interactive", "--no-select", "--color", "never"],
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            written = Path(folder) / f"Pulumi.{self.stack}.yaml"
            salt = _salt_of(written.read_text(encoding="utf-8")) if written.exists() else None
        if result.returncode != 0 or salt is None:
            told = " ".join(result.stderr.split()) or f"exit status {result.returncode}"
            raise SandboxError(
                f"the engine can't create stack {self.stack!r}: {told.removeprefix('error: ')}"
            )
        return salt

    def _salt_of_state(self) -> str | None:
        try:
            state: dict[str, Any] = json.loads(self.state.read_bytes())
        except ValueError as error:
            raise SandboxError(
                f"{self.state} is damaged ({error}); `python -m sandbox reset` empties it, and Azure"
            ) from None
        try:
            return str(state["checkpoint"]["latest"]["secrets_providers"]["state"]["salt"])
        except (KeyError, TypeError):
            return None


def _text(file: Path, errors: str = "strict") -> str:
    try:
        return file.read_text(encoding="utf-8", errors=errors)
    except UnicodeDecodeError:
        raise SandboxError(f"{file} is not a text in UTF-8") from None


def _salt_of(text: str) -> str | None:
    found = _SALT.search(text)
    return found[1] if found else None

"""Set-up names everything that a machine lacks in one message, before it changes anything."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bootstrap.prerequisites import MINIMUM_NODE, message, missing
from sandbox.engine import locate
from sandbox.engine.build import required_go
from sandbox.engine.locate import format_version
from tests.support.pulumi_project import ROOT


class Machine:
    """A machine whose PATH holds the given fake programs and nothing else."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.environment = {
            "PATH": str(self.bin),
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(folder / "cache"),
        }

    def has(self, name: str, answer: str = "", code: int = 0) -> Path:
        """Put a program there that prints one line."""
        program = self.bin / name
        program.write_text(f"#!/bin/sh\necho '{answer}'\nexit {code}\n", encoding="utf-8")
        program.chmod(0o755)
        return program

    def lacks(self) -> str:
        """The message; empty when nothing is missing."""
        findings = missing(self.environment, new_environment=False)
        return message(findings) if findings else ""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_an_empty_machine_is_told_everything_at_once(machine: Machine) -> None:
    text = machine.lacks()

    assert text.startswith("set-up needs 3 things that this machine does not have:")
    assert "Node.js 20.6 or newer (no node on PATH)" in text
    assert "  - npm (no npm on PATH)" in text
    wanted_go = format_version(required_go())
    assert (
        f"Pulumi 3.200 or newer, or Go {wanted_go} or newer to build it (no pulumi on PATH; no go on PATH)"
        in text
    )
    assert "https://nodejs.org/en/download" in text
    assert "https://www.pulumi.com/docs/install/ or https://go.dev/doc/install" in text
    assert text.endswith("Nothing was changed. Install what is missing and run the same command again.")


def test_old_versions_are_named_with_what_was_found(machine: Machine) -> None:
    node = machine.has("node", "v18.20.4")
    machine.has("npm", "10.0.0")
    go = machine.has("go", "go1.22.5")
    pulumi = machine.has("pulumi", "v3.150.0")

    text = machine.lacks()

    assert text.startswith("set-up needs 2 things")
    assert f"found v18.20.4 at {node}" in text
    assert f"{pulumi} is 3.150.0, older than 3.200; {go} is go1.22.5" in text


@pytest.mark.parametrize("node", ["v20.6.0", "v20.20.2", "v22.0.0"])
@pytest.mark.parametrize("engine", ["go", "pulumi"])
def test_go_or_pulumi_is_enough(machine: Machine, node: str, engine: str) -> None:
    machine.has("node", node)
    machine.has("npm", "10.0.0")
    if engine == "go":
        machine.has("go", f"go{format_version(required_go())}")
    else:
        machine.has("pulumi", "v3.200.0")
        machine.has("pulumi-language-python")

    assert machine.lacks() == ""


def test_an_engine_that_was_built_before_needs_neither(machine: Machine) -> None:
    machine.has("node", "v22.1.0")
    machine.has("npm", "10.0.0")
    pulumi = locate.built_engine(machine.environment).pulumi
    pulumi.parent.mkdir(parents=True)
    pulumi.touch()

    assert machine.lacks() == ""


def test_a_program_that_does_not_answer_counts_as_missing(machine: Machine) -> None:
    machine.has("node", "v22.1.0", code=1)
    machine.has("npm", "10.0.0")
    machine.has("go", "go9.9.9", code=1)

    text = machine.lacks()

    assert "Node.js 20.6 or newer (found one that does not answer" in text
    assert "is one that does not answer" in text


def test_a_python_without_ensurepip_is_told_the_package(
    monkeypatch: pytest.MonkeyPatch, machine: Machine
) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else find(name))

    findings = missing(machine.environment)

    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"Install: apt install python{version}-venv" in message(findings)


def test_node_is_as_new_as_the_lock_file_asks() -> None:
    package = (ROOT / "sandbox" / "azurite" / "package.json").read_text(encoding="utf-8")

    assert f'"node": ">={format_version(MINIMUM_NODE)}"' in package


def test_the_entry_can_be_read_by_any_python_3() -> None:
    source = (ROOT / "bootstrap" / "__main__.py").read_text(encoding="utf-8")

    ast.parse(source, feature_version=(3, 4))


@pytest.mark.parametrize("newer", [True, False])
def test_an_old_python_hands_over_to_a_newer_one_or_says_so(tmp_path: Path, newer: bool) -> None:
    if newer:
        (tmp_path / "python3.12").write_text('#!/bin/sh\necho "python3.12 $@"\n', encoding="utf-8")
        (tmp_path / "python3.12").chmod(0o755)
    as_old = (
        "import runpy, sys; sys.version_info = (3, 8, 18); runpy.run_module('bootstrap', run_name='__main__')"
    )

    done = subprocess.run(
        [sys.executable, "-c", as_old],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    if newer:
        assert done.stdout == "python3.12 -m bootstrap\n"
        assert done.returncode == 0
    else:
        assert done.returncode == 1
        assert done.stderr.startswith("error: Python 3.10 or newer is needed, and this is 3.8")
        assert "Traceback" not in done.stderr


def test_nothing_is_half_built_when_something_is_missing(tmp_path: Path) -> None:
    """On a machine with Python alone, set-up in a copy of the repository ends without a new file."""
    clone = tmp_path / "clone"
    clone.mkdir()
    for name in ("bootstrap", "sandbox", "Makefile", "requirements.txt"):
        source = ROOT / name
        ignored = shutil.ignore_patterns("node_modules*", "__pycache__", ".install-*")
        shutil.copytree(source, clone / name, ignore=ignored) if source.is_dir() else shutil.copy(
            source, clone
        )
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("make", "sh"):
        found = shutil.which(tool)
        assert found is not None
        (tools / tool).symlink_to(found)
    (tools / "python3").symlink_to(sys.base_prefix + "/bin/python3")
    before = {path for path in clone.rglob("*") if "__pycache__" not in path.parts}

    done = subprocess.run(
        ["make", "setup"],
        cwd=clone,
        env={"PATH": str(tools), "HOME": str(tmp_path / "home"), "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode != 0
    assert "error: set-up needs 3 things that this machine does not have:" in done.stderr
    assert "Traceback" not in done.stderr
    assert {path for path in clone.rglob("*") if "__pycache__" not in path.parts} == before
    assert not (tmp_path / "home").exists()


def test_a_machine_without_python_is_told_by_make(tmp_path: Path) -> None:
    for tool in ("make", "sh"):
        found = shutil.which(tool)
        assert found is not None
        (tmp_path / tool).symlink_to(found)

    done = subprocess.run(
        ["make", "setup"], cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0
    assert "error: python3 is not on PATH: install Python 3.10 or newer" in done.stderr


def test_arguments_are_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bootstrap", "--force"],
        cwd=ROOT,
        env=os.environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (done.returncode, done.stderr) == (2, "error: set-up takes no arguments, got --force\n")

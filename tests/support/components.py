"""Runs a component of the example product here: its own command, in a folder as Azure ML lays it out."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.support.pulumi_project import ROOT

ASSETS = ROOT / "ml_assets" / "assets"
_OPTIONAL = re.compile(r"\$\[\[(.*?)\]\]")
_BINDING = re.compile(r"\$\{\{(inputs|outputs)\.(\w+)\}\}")


def environment(store: Path) -> dict[str, str]:
    """The environment of a script: MLflow logs to a folder and tells nobody else."""
    # One thread is faster than several for tables this small, and tests run side by side.
    return {
        **os.environ,
        "MLFLOW_TRACKING_URI": store.as_uri(),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "OMP_NUM_THREADS": "1",
    }


class LocalComponents:
    """Components run below one folder, all logging to the same MLflow store."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.store = folder / "mlruns"
        self._runs = 0

    def run(self, component: str, inputs: Mapping[str, object], check: bool = True) -> dict[str, Path]:
        """Runs a component to its end; gives its outputs by name. Fails the test with what it printed."""
        spec = yaml.safe_load(
            (ASSETS / "components" / component / "component.yml").read_text(encoding="utf-8")
        )
        self._runs += 1
        here = self._folder / f"{self._runs:02}-{component}"
        snapshot = _snapshot(component, spec, here / "code")
        outputs = {name: _place(here, name, each["type"]) for name, each in spec["outputs"].items()}
        program, *arguments = shlex.split(_command(spec, inputs, outputs))
        assert program == "python"
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=snapshot,
            env=environment(self.store),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert not check or done.returncode == 0, f"{component}\n{done.stdout}\n{done.stderr}"
        assert check or done.returncode != 0, f"{component} was to fail"
        self.printed = done.stdout + done.stderr
        return outputs


def _snapshot(component: str, spec: Mapping[str, Any], target: Path) -> Path:
    """The code as it is uploaded: the folder, and beside its files what the component includes."""
    folder = ASSETS / "components" / component
    shutil.copytree(folder / spec["code"], target, ignore=shutil.ignore_patterns("__pycache__"))
    for include in spec.get("additional_includes", ()):
        shutil.copy(folder / include, target)
    return target


def _place(folder: Path, name: str, kind: str) -> Path:
    """Where an output goes; Azure ML makes the folder, the script the file."""
    path = folder / name
    if kind == "uri_folder":
        path.mkdir()
    return path


def _command(spec: Mapping[str, Any], inputs: Mapping[str, object], outputs: Mapping[str, Path]) -> str:
    """The command with its inputs and outputs in place; optional parts only where their input is given."""
    declared = spec["inputs"]
    unknown = set(inputs) - set(declared)
    assert not unknown, f"not an input: {sorted(unknown)}"
    values = {name: each["default"] for name, each in declared.items() if "default" in each}
    values.update(inputs)
    needed = {name for name, each in declared.items() if not each.get("optional")}
    assert needed <= set(values), f"needed: {sorted(needed - set(values))}"

    def optional(match: re.Match[str]) -> str:
        names = {name for kind, name in _BINDING.findall(match[1]) if kind == "inputs"}
        return match[1] if names <= set(values) else ""

    def binding(match: re.Match[str]) -> str:
        kind, name = match.groups()
        if kind == "outputs":
            return shlex.quote(str(outputs[name]))
        # Text is put in as it is, as Azure ML does: words of a list become words of the command.
        return str(values[name])

    return _BINDING.sub(binding, _OPTIONAL.sub(optional, spec["command"]))

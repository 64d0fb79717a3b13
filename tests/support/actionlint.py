"""Builds actionlint from its Go module, pinned by hash, once per version and user."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from sandbox.engine.locate import cache_folder
from sandbox.engine.replace import locked, new_folder

_SOURCES: Final = Path(__file__).resolve().parents[1] / "workflows" / "actionlint"
_PACKAGE: Final = "github.com/rhysd/actionlint/cmd/actionlint"


def actionlint(*arguments: str, directory: Path) -> subprocess.CompletedProcess[str]:
    """Run it; without shellcheck and pyflakes, which a machine may lack. Skips where there is no Go."""
    program = _built()
    words = [str(program), "-shellcheck=", "-pyflakes=", "-no-color", *arguments]
    return subprocess.run(words, cwd=directory, capture_output=True, text=True, check=False)


def _built() -> Path:
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(_SOURCES.iterdir()))).hexdigest()[
        :12
    ]
    folder = cache_folder() / f"actionlint-{digest}"
    program = folder / "actionlint"
    if program.exists():
        return program
    if shutil.which("go") is None:
        pytest.skip("actionlint is built by Go, which is not on PATH")
    with locked(cache_folder() / "actionlint.lock", waiting=lambda: None):
        if not program.exists():
            with new_folder(folder) as new:
                _build(new / "actionlint")
    return program


def _build(target: Path) -> None:
    environment = {
        **os.environ,
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
    }
    words = ["go", "build", "-trimpath", "-buildvcs=false", "-o", str(target), _PACKAGE]
    done = subprocess.run(words, cwd=_SOURCES, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

"""Azurite, Microsoft's storage emulator, installed from the lock file in sandbox/azurite."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from bootstrap.commands import Commands
from bootstrap.stamps import Stamp, digest
from sandbox.engine.replace import new_folder

_STEP: Final = "azurite"
_MANIFESTS: Final = ("package.json", "package-lock.json")
_TEMPORARY: Final = ".install-"


class Azurite:
    """The Azurite of a checkout."""

    def __init__(self, root: Path) -> None:
        self._folder = root / "sandbox" / "azurite"
        self._modules = self._folder / "node_modules"

    def is_current(self) -> bool:
        """Whether node_modules was installed from this lock file."""
        entry = self._modules / "azurite" / "package.json"
        return entry.exists() and Stamp(self._modules / ".complete").says(self._key())

    def bring_up_to_date(self, commands: Commands) -> None:
        """Install it in a folder of its own, then put that in place.

        Raises:
            SetupError: npm failed; what was there before is still there.
        """
        for leftover in self._folder.glob(f"{_TEMPORARY}*"):  # of a run that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        commands.say(_STEP, "installing Azurite from sandbox/azurite/package-lock.json")
        # npm takes no target folder, so it runs in a copy; beside node_modules, so that the last step is a
        # rename.
        with tempfile.TemporaryDirectory(dir=self._folder, prefix=_TEMPORARY) as temporary:
            folder = Path(temporary)
            for name in _MANIFESTS:
                shutil.copyfile(self._folder / name, folder / name)
            commands.run(
                _STEP,
                [
                    "npm",
                    "ci",
                    "--no-audit",
                    "--no-fund",
                    "--omit=dev",
                    "--ignore-scripts",
                    "--loglevel=error",
                ],
                directory=folder,
                environment=os.environ,
                doing="npm ci",
            )
            Stamp(folder / "node_modules" / ".complete").write(self._key())
            with new_folder(self._modules) as modules:
                modules.rmdir()
                (folder / "node_modules").rename(modules)

    def _key(self) -> str:
        return digest([self._folder / name for name in _MANIFESTS], "azurite 1")

"""The compiled catalogue of Azure types that the sandbox checks requests against."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from bootstrap.commands import Commands
from bootstrap.python_environment import PythonEnvironment
from bootstrap.stamps import Stamp, digest

_STEP: Final = "schemas"


class Schemas:
    """The catalogue of a checkout: compiled by `python -m sandbox.schemas` from the installed packages."""

    def __init__(self, root: Path, python: PythonEnvironment) -> None:
        self._root = root
        self._python = python
        self._stamp = Stamp(python.folder / ".schemas")

    def is_current(self) -> bool:
        """Whether it was compiled from these packages by this compiler."""
        return self._stamp.says(self._key())

    def bring_up_to_date(self, commands: Commands) -> None:
        """Compile it.

        Raises:
            SetupError: the compiler failed.
        """
        commands.say(_STEP, "compiling the types of Azure's resources")
        commands.run(
            _STEP,
            [str(self._python.python), "-m", "sandbox.schemas"],
            directory=self._root,
            environment=os.environ,
            doing="sandbox.schemas",
        )
        self._stamp.write(self._key())

    def _key(self) -> str:
        sources = self._root / "sandbox"
        compiler = sorted(
            [*(sources / "schemas").rglob("*.py"), *(sources / "arm" / "namespaces").rglob("*.py")]
        )
        return digest([*compiler, self._root / "requirements.txt"], "schemas 1")

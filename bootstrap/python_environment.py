"""The virtual environment .venv: made by `python -m venv`, filled by uv from requirements.txt.

uv itself comes from requirements.txt too (its pinned version, checked by hash), installed by the pip that a
new environment has.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from bootstrap.commands import Commands, SetupError
from bootstrap.stamps import Stamp, digest

_STEP: Final = "python"
_DISTRIBUTIONS: Final = ".distributions"


class PythonEnvironment:
    """The virtual environment of a checkout."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self._requirements = root / "requirements.txt"
        self._stamp = Stamp(self.folder / ".complete")

    def is_current(self) -> bool:
        """Whether it holds what requirements.txt says.

        The interpreter must be there (a removed one leaves a dangling link) and no installed distribution may
        have vanished; what a person added is left alone.
        """
        return (
            self.python.exists() and self._stamp.says(self._key()) and self._recorded() <= self._installed()
        )

    def is_usable(self) -> bool:
        """Whether its Python starts, so that it can be brought up to date instead of made anew."""
        if not self.python.exists():
            return False
        try:
            answer = subprocess.run(
                [str(self.python), "-c", "import pip, sys; sys.exit(sys.prefix == sys.base_prefix)"],
                capture_output=True,
                timeout=60,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return answer.returncode == 0

    def bring_up_to_date(self, commands: Commands) -> None:
        """Make or update it.

        Raises:
            SetupError: a command failed; the environment has no stamp then, and the next run repairs it.
        """
        usable = self.is_usable()
        if not usable and (self.folder.is_symlink() or self.folder.is_file()):
            raise SetupError(f"{self.folder} is no folder of this project: move it away and try again")
        self._stamp.remove()
        environment = _quiet(os.environ)
        if not usable:
            shutil.rmtree(self.folder, ignore_errors=True)
            commands.say(_STEP, f"making .venv with Python {sys.version.split()[0]}")
            self._run(commands, [sys.executable, "-m", "venv", str(self.folder)], environment, "venv")
        self._install_uv(commands, environment)
        count = len(re.findall(r"^[A-Za-z0-9]", self._requirements.read_text(encoding="utf-8"), re.MULTILINE))
        commands.say(_STEP, f"installing requirements.txt ({count} packages, checked by hash)")
        self._run(
            commands,
            [
                str(self.folder / "bin" / "uv"),
                *("pip", "sync", "--quiet", "--require-hashes", "--compile-bytecode"),
                *("--python", str(self.python)),
                str(self._requirements),
            ],
            uv_settings(environment, self._pip_settings(environment)),
            "uv pip sync",
        )
        (self.folder / _DISTRIBUTIONS).write_text("\n".join(sorted(self._installed())), encoding="utf-8")
        self._stamp.write(self._key())

    def _install_uv(self, commands: Commands, environment: Mapping[str, str]) -> None:
        pinned = pinned_block(self._requirements.read_text(encoding="utf-8"), "uv")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "uv.txt"
            file.write_text(pinned, encoding="utf-8")
            self._run(
                commands,
                [
                    str(self.python),
                    *("-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r"),
                    str(file),
                ],
                environment,
                "installing uv",
            )

    def _run(
        self, commands: Commands, arguments: list[str], environment: Mapping[str, str], doing: str
    ) -> None:
        commands.run(_STEP, arguments, directory=self._root, environment=environment, doing=doing)

    def _pip_settings(self, environment: Mapping[str, str]) -> str:
        answer = subprocess.run(
            [str(self.python), "-m", "pip", "config", "list"],
            capture_output=True,
            text=True,
            env=dict(environment),
            check=False,
        )
        return answer.stdout

    def _key(self) -> str:
        return digest([self._requirements], "python environment 1")

    def _recorded(self) -> set[str]:
        try:
            return set((self.folder / _DISTRIBUTIONS).read_text(encoding="utf-8").split("\n"))
        except OSError:
            return {"a record, which is missing"}

    def _installed(self) -> set[str]:
        return {
            distribution.name for distribution in self.folder.glob("lib/python*/site-packages/*.dist-info")
        }


def pinned_block(requirements: str, name: str) -> str:
    """The lines of one package in a compiled requirements file: its pin and its hashes."""
    block = re.search(rf"^{re.escape(name)}==(?:.*\\\n)*.*\n", requirements, re.MULTILINE)
    if block is None:
        raise SetupError(f"requirements.txt does not pin {name}: compile it again with `make lock`")
    return block.group()


def uv_settings(environment: Mapping[str, str], pip_settings: str) -> dict[str, str]:
    """The environment for uv, which does not read pip's settings: a company's index and certificates count
    here too.
    """
    merged = dict(environment)
    settings = dict(re.findall(r"^(?:global|install|:env:)\.([a-z-]+)='(.*)'$", pip_settings, re.MULTILINE))
    for ours, theirs in (
        ("index-url", "UV_DEFAULT_INDEX"),
        ("extra-index-url", "UV_INDEX"),
        ("find-links", "UV_FIND_LINKS"),
        ("cert", "SSL_CERT_FILE"),
    ):
        if ours in settings and theirs not in merged:
            merged[theirs] = settings[ours]
    return merged


def _quiet(environment: Mapping[str, str]) -> dict[str, str]:
    """The user's environment without what would bend the commands of set-up.

    PYTHONDONTWRITEBYTECODE and PYTHONPATH are for the user's programs; compiled modules are half of the
    start-up time of ours.
    """
    kept = dict(environment)
    for name in (
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONPATH",
        "PYTHONHOME",
        "VIRTUAL_ENV",
        "PIP_REQUIRE_VIRTUALENV",
    ):
        kept.pop(name, None)
    kept["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    return kept

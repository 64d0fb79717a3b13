"""Finds the Pulumi engine that commands run with.

An installed `pulumi` is preferred when it is at least MINIMUM_INSTALLED and has its Python language host.
Otherwise the engine is the one that `sandbox.engine.build` put into the per-user cache, in a folder named by
its version and by the hash of all that it is built from: another version or another line of the language host
is another folder.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.engine.replace import write_atomically

Version = tuple[int, ...]

MINIMUM_INSTALLED: Final[Version] = (3, 200)
CLI_SOURCES: Final = Path(__file__).parent / "cli"
LANGUAGE_HOST_SOURCES: Final = Path(__file__).parent / "language_host"
_MODULE: Final = "github.com/pulumi/pulumi/pkg/v3"


class EngineError(Exception):
    """No engine can be used; the message says which one was looked for and what to do."""


@dataclass(frozen=True)
class Engine:
    """A usable engine: the folder to put first on PATH, its version, and whether the user installed it."""

    bin: Path
    version: str
    installed: bool

    @property
    def pulumi(self) -> Path:
        """The command line."""
        return self.bin / "pulumi"


@dataclass(frozen=True)
class Rejected:
    """An installed `pulumi` that is not used, and why, as the rest of a sentence about it."""

    path: Path
    reason: str


def locate(environment: Mapping[str, str] = os.environ) -> Engine:
    """The engine to use.

    Raises:
        EngineError: neither an installed nor a built engine is there.
    """
    installed = find_installed(environment)
    if isinstance(installed, Engine):
        return installed
    built = built_engine(environment)
    if (built.bin / "pulumi").exists():
        return built
    found = f" ({installed.path} {installed.reason})" if installed else ""
    raise EngineError(f"no Pulumi engine is here{found}: run `make setup`, which builds one")


def find_installed(environment: Mapping[str, str]) -> Engine | Rejected | None:
    """The `pulumi` on PATH: usable, rejected with a reason, or None where there is none."""
    path = _search_path(environment)
    found = shutil.which("pulumi", path=path)
    if found is None:
        return None
    pulumi = Path(found)
    version = _installed_version(pulumi, environment)
    if version is None:
        return Rejected(pulumi, "does not answer `pulumi version`")
    if parse_version(version) < MINIMUM_INSTALLED:
        return Rejected(pulumi, f"is {version}, older than {format_version(MINIMUM_INSTALLED)}")
    beside = pulumi.resolve().parent / "pulumi-language-python"
    if not beside.exists() and shutil.which("pulumi-language-python", path=path) is None:
        return Rejected(pulumi, "has no pulumi-language-python beside it")
    return Engine(bin=pulumi.parent, version=version, installed=True)


def built_engine(environment: Mapping[str, str] = os.environ) -> Engine:
    """Where the engine of this checkout is, or will be, in the per-user cache."""
    version = cli_version()
    folder = cache_folder(environment) / f"engine-{version}-{build_key()}"
    return Engine(bin=folder / "bin", version=version, installed=False)


def cache_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """The per-user cache of this product."""
    return Path(environment.get("XDG_CACHE_HOME") or home_folder(environment) / ".cache") / "azureml-platform"


def home_folder(environment: Mapping[str, str] = os.environ) -> Path:
    """The user's home, also in an environment without HOME.

    Raises:
        EngineError: the user has none.
    """
    named = environment.get("HOME")
    if named:
        return Path(named)
    try:
        return Path(pwd.getpwuid(os.getuid()).pw_dir)
    except KeyError:
        raise EngineError("neither HOME nor XDG_CACHE_HOME says where the cache is: set HOME") from None


def cli_version() -> str:
    """The version of Pulumi that is built, as pinned in go.mod."""
    pinned = re.search(rf"{re.escape(_MODULE)} v(\S+)", (CLI_SOURCES / "go.mod").read_text(encoding="utf-8"))
    if pinned is None:
        raise EngineError(f"{CLI_SOURCES / 'go.mod'} does not require {_MODULE}")
    return pinned.group(1)


def build_key() -> str:
    """Hash of everything that decides what is built: sources, pins, how they are built, and the platform."""
    return _digest(
        [*_sources(CLI_SOURCES), *_sources(LANGUAGE_HOST_SOURCES), Path(__file__).parent / "build.py"],
        platform.system(),
        platform.machine(),
    )


def cli_key() -> str:
    """Hash of what the command line alone is built from; engines with the same key share it."""
    return _digest(_sources(CLI_SOURCES), platform.system(), platform.machine())


def _sources(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if path.suffix in {".go", ".mod", ".sum"})


def _digest(files: list[Path], *words: str) -> str:
    digest = hashlib.sha256("\0".join(words).encode())
    for file in files:
        digest.update(f"\0{file.name}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def _search_path(environment: Mapping[str, str]) -> str:
    """PATH without engines that we built: inside a sandbox command ours is on PATH, but not installed."""
    ours = str(cache_folder(environment))
    folders = environment.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if not folder.startswith(ours))


def _installed_version(pulumi: Path, environment: Mapping[str, str]) -> str | None:
    """The version of an installed command line, asked once per file: asking takes a quarter of a second."""
    status = pulumi.stat()
    mark = f"{pulumi.resolve()}:{status.st_mtime_ns}:{status.st_size}"
    memory = cache_folder(environment) / "installed-pulumi.json"
    try:
        known = json.loads(memory.read_text(encoding="utf-8"))
        if known["mark"] == mark:
            return str(known["version"])
    except (OSError, ValueError, KeyError, TypeError):
        known = None
    try:
        answer = subprocess.run(
            [str(pulumi), "version"],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            env={**environment, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    version = answer.stdout.strip().removeprefix("v")
    if answer.returncode != 0 or not re.match(r"\d+\.\d+", version):
        return None
    write_atomically(memory, json.dumps({"mark": mark, "version": version}))
    return version


def parse_version(text: str) -> Version:
    """The numbers at the start of a version: "go1.26.8" and "v1.26.8-rc1" are (1, 26, 8)."""
    match = re.search(r"\d+(?:\.\d+)*", text)
    return tuple(int(number) for number in match.group().split(".")) if match else ()


def format_version(version: Version) -> str:
    """A version as people write it."""
    return ".".join(map(str, version))


if __name__ == "__main__":
    try:
        print(locate().bin)
    except EngineError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)

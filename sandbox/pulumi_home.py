"""PULUMI_HOME of a sandbox: the stand-in azure-native provider where the engine looks for plugins."""

from __future__ import annotations

import importlib.metadata
import os
import shlex
import sys
from pathlib import Path

from sandbox.errors import SandboxError
from sandbox.folder import REPOSITORY, SandboxFolder

_DISTRIBUTION = "pulumi-azure-native"


def prepare_pulumi_home(folder: SandboxFolder) -> None:
    """Write the launcher of the stand-in provider, at the version that programs will ask for.

    The folder holds this plugin alone: the official one, where it is installed, lives in the
    user's own PULUMI_HOME and is never touched.
    """
    try:
        version = importlib.metadata.version(_DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        raise SandboxError(
            f"{_DISTRIBUTION} is not installed for {sys.executable}; run `make setup`"
        ) from None
    plugin = (
        folder.pulumi_home / "plugins" / f"resource-azure-native-v{version}" / "pulumi-resource-azure-native"
    )
    _write_program(plugin, _launcher())
    # The backend's folder has to exist before the engine writes to it.
    folder.pulumi_state.mkdir(parents=True, exist_ok=True)


def _launcher() -> str:
    path, python = shlex.quote(str(REPOSITORY)), shlex.quote(sys.executable)
    return (
        "#!/bin/sh\n"
        "# Written by the sandbox: its stand-in for the azure-native provider.\n"
        f'PYTHONPATH={path} exec {python} -m sandbox.azure_native "$@"\n'
    )


def _write_program(path: Path, content: str) -> None:
    if path.exists() and path.read_text(encoding="utf-8") == content and os.access(path, os.X_OK):
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(content, encoding="utf-8")
    temporary.chmod(0o755)
    os.replace(temporary, path)

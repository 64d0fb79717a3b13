"""Which Pulumi engine a wrapped command finds first on its PATH."""

from __future__ import annotations

import os
from pathlib import Path

from sandbox.engine.locate import EngineError, locate
from sandbox.errors import SandboxError


def engine_folder() -> Path | None:
    """The folder of the engine's programs; None where there is no engine yet.

    `AZURE_SANDBOX_ENGINE` names one; else it is the installed or built one that set-up settled on.
    """
    named = os.environ.get("AZURE_SANDBOX_ENGINE")
    if named:
        return Path(named)
    try:
        return locate().bin
    except EngineError:
        return None


def engine() -> Path:
    """The `pulumi` program itself; raises SandboxError where set-up has not brought one."""
    named = os.environ.get("AZURE_SANDBOX_ENGINE")
    if named:
        program = Path(named) / "pulumi"
        if not program.is_file():
            raise SandboxError(
                f"AZURE_SANDBOX_ENGINE names {named}, which holds no `pulumi`; unset it or correct it"
            )
        return program
    try:
        return locate().pulumi
    except EngineError as error:
        raise SandboxError(str(error)) from None

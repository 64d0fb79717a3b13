"""Questions about files on this machine that no name can make fail."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Final

_REMOTE: Final = ("azureml:", "git+", "runs:", "mlflow-artifacts:", "ref:", "${{")
_LOOKED_AT: Final = 2000  # files of a folder; a folder of code has fewer


def is_local(value: object) -> bool:
    """Whether a value of a path key means files on this machine."""
    return (
        isinstance(value, str)
        and bool(value.strip())
        and "\0" not in value
        and "://" not in value
        and not value.startswith(_REMOTE)
    )


def is_file(path: Path) -> bool:
    """Whether there is such a file; False for names that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def is_dir(path: Path) -> bool:
    """Whether there is such a folder; False for names that no folder can have."""
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def names_in(folder: Path) -> list[str]:
    """Names of what is directly in a folder; none where it cannot be read."""
    try:
        return sorted(each.name for each in folder.iterdir())
    except (OSError, ValueError):
        return []


def files_below(folder: Path, pattern: str = "*") -> list[Path]:
    """Some of the files anywhere in a folder, sorted."""
    try:
        return sorted(islice((each for each in folder.rglob(pattern) if each.is_file()), _LOOKED_AT))
    except (OSError, ValueError):
        return []

"""Stamps: a file that says from which inputs a result was made, written when it is whole.

A result whose stamp is absent or names other inputs is made again. Stamps hold hashes of contents, not times,
so that a fresh checkout or a touched file causes no work.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from sandbox.engine.replace import write_atomically


def digest(files: Iterable[Path], *words: str) -> str:
    """Hash of the files' names and contents and of the words."""
    result = hashlib.sha256("\0".join(words).encode())
    for file in files:
        result.update(f"\0{file.name}\0".encode())
        result.update(file.read_bytes())
    return result.hexdigest()


class Stamp:
    """One stamp file."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def says(self, key: str) -> bool:
        """Whether the result was made from the inputs with this key."""
        try:
            return self._path.read_text(encoding="utf-8").strip() == key
        except OSError:
            return False

    def remove(self) -> None:
        """Take the stamp off before the result is changed."""
        self._path.unlink(missing_ok=True)

    def write(self, key: str) -> None:
        """Say that the result is whole."""
        write_atomically(self._path, f"{key}\n")

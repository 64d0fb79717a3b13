"""Pulumi.STACK.yaml as stage 2 reads it: where a setting stands, and which files every stack takes.

The values themselves come from the engine. The files only serve messages: lines of the settings,
and the question which files no environment uses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml_assets.documents import Document, DocumentError, DocumentPath, Mistake, read
from ml_assets.mistakes import dotted

SECTION = "assets"


@dataclass(frozen=True)
class StackFile:
    """The file of one stack. `settings_key` is the configuration key that holds all settings."""

    file: str
    settings_key: str
    document: Document | None

    def given(self, path: DocumentPath) -> Any:
        """The value in the section `assets` as the file has it; a secret is a map with the key `secure`."""
        here: Any = self.document.data if self.document is not None else None
        for part in ("config", self.settings_key, SECTION, *path):
            here = here.get(part) if isinstance(here, dict) else None
        return here

    def mistake(self, path: DocumentPath, text: str) -> Mistake:
        """A mistake in the section `assets`; `path` is relative to it."""
        line = 1
        if self.document is not None:
            line = self.document.line(("config", self.settings_key, SECTION, *path))
        return Mistake(self.file, line, dotted((SECTION, *path)), text)


def stack_file(root: Path, stack: str, settings_key: str) -> StackFile:
    """The file of a stack; without lines where there is none, as for a stack configured elsewhere."""
    path = root / f"Pulumi.{stack}.yaml"
    return StackFile(path.name, settings_key, _document(path, root))


@dataclass(frozen=True)
class Taken:
    """The patterns of a stack."""

    include: Sequence[str]
    exclude: Sequence[str]


def taken_by_all(root: Path, settings_key: str) -> list[Taken] | None:
    """The patterns of every stack that has a file; None if one of them cannot be read."""
    found = []
    for path in sorted(root.glob("Pulumi.*.yaml")):
        document = _document(path, root)
        if document is None:
            return None
        section = _map(_map(_map(document.data.get("config")).get(settings_key)).get(SECTION))
        found.append(Taken(_texts(section.get("include")), _texts(section.get("exclude"))))
    return found


def _document(path: Path, root: Path) -> Document | None:
    try:
        return read(path, root)
    except DocumentError:
        return None


def _map(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []

"""A file of the catalogue that a stack takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ml_assets.documents import Document, DocumentPath, Mistake
from ml_assets.schemas import VERSIONED, Kind
from ml_assets.stack_files import StackFile


@dataclass(frozen=True)
class Entry:
    """A file of the catalogue with a stack's changes.

    Attributes:
        path: The file, relative to ml_assets/assets: what settings call it.
        document: The file as it is written.
        data: Its content with the stack's changes and the values that are known in advance.
        kind: What it describes.
        registered: Whether it belongs to the registry instead of the workspace.
        stack: The file of the stack, for mistakes in its changes.
        changed: Paths in `data` whose value stands in the stack's file.
    """

    path: str
    document: Document
    data: dict[str, Any]
    kind: Kind
    registered: bool
    stack: StackFile
    changed: frozenset[DocumentPath] = frozenset()

    @property
    def file(self) -> str:
        """The file, relative to the project's root."""
        return self.document.file

    @property
    def name(self) -> str:
        """The asset's name; empty where the file has none, or something else than text."""
        name = self.data.get("name")
        return name if isinstance(name, str) else ""

    @property
    def endpoint(self) -> str:
        """The endpoint of a deployment; empty for everything else."""
        if self.kind not in (Kind.ONLINE_DEPLOYMENT, Kind.BATCH_DEPLOYMENT):
            return ""
        name = self.data.get("endpoint_name")
        return name.removeprefix("azureml:") if isinstance(name, str) else ""

    @property
    def version(self) -> str | None:
        """The version in the file, 'auto' if it follows from the content; None without versions."""
        version = self.data.get("version") if self.kind in VERSIONED else None
        return None if version is None else str(version)

    def where(self, key: str = "name") -> str:
        """File and line of a key, for messages about something else."""
        return f"{self.file}:{self.document.line((key,))}"

    def mistake(self, path: DocumentPath, text: str) -> Mistake:
        """A mistake at a path of the data: in the file, or in the stack's change of it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.changed:
                return self.stack.mistake(("overrides", self.path, *path), text)
        return self.document.mistake(path, text)

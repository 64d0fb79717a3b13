"""What is checked: the document, the values that count, and the mistakes that were found so far."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from azureml_assets.checks.local_files import is_local
from ml_assets.documents import Document, DocumentPath, Mistake
from ml_assets.mistakes import wording
from ml_assets.schemas import Kind, schema_name
from resource_provider.values import UNKNOWN, reveal, secret_paths

UNKNOWN_KEY: Final = "an unknown key"
MISSING: Final = "nothing, and "  # how the finding of every missing key begins


@dataclass
class Subject:
    """One document under examination.

    Attributes:
        document: The file as read; gives the lines.
        spec: The values that count: references replaced, overrides merged in; may hold UNKNOWN.
        kind: What the document describes.
        root: The project's root.
        mistakes: Found so far, by path.
        secrets: Values that no message may show, by their paths.
        misspelt: Keys that are there under a wrong spelling, so that they are not also missing.
    """

    document: Document
    spec: dict[str, Any]
    kind: Kind
    root: Path
    mistakes: dict[DocumentPath, list[Mistake]] = field(default_factory=dict)
    misspelt: set[DocumentPath] = field(default_factory=set)
    secrets: dict[DocumentPath, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, document: Document, spec: dict[str, Any], kind: Kind, root: Path) -> Subject:
        """A subject with nothing found yet; `$schema` and Secrets are taken off the values."""
        values = {key: value for key, value in reveal(spec).items() if key != "$schema"}
        subject = cls(document, values, kind, root)
        for found in secret_paths(spec):
            path = tuple(part for part in found if isinstance(part, (str, int)))
            subject.secrets[path] = value_at(values, path)
        return subject

    @property
    def folder(self) -> Path:
        """Where the document is; its paths are relative to it."""
        return self.document.path.parent

    @property
    def schema(self) -> str | None:
        """NAME of the document's `$schema`."""
        return schema_name(self.document.data)

    def get(self, *path: str | int) -> Any:
        """The value at a path; None where there is none."""
        return value_at(self.spec, path)

    def wrong(
        self,
        path: DocumentPath,
        *,
        found: str,
        allowed: str,
        suggestion: str | None = None,
        example: str | None = None,
    ) -> None:
        """Records a mistake, once."""
        if found == UNKNOWN_KEY and suggestion is not None:
            self.misspelt.add((*path[:-1], suggestion))
        if any(value and path[: len(at)] == at for at, value in self.secrets.items()):
            found = "a secret value"
        text = wording(found=found, allowed=allowed, suggestion=suggestion, example=example)
        for _, secret in texts(list(self.secrets.values())):
            text = text.replace(secret, "[secret]") if secret else text
        mistake = self.document.mistake(path, text)
        if mistake not in self.mistakes.setdefault(path, []):
            self.mistakes[path].append(mistake)

    def has_mistake_at(self, path: DocumentPath) -> bool:
        """Whether a mistake is known at a path or below it."""
        return any(known[: len(path)] == path for known in self.mistakes)

    def local(self, value: object) -> Path | None:
        """The place in the project that a value names; None for what is elsewhere, or no path at all."""
        if not isinstance(value, str) or not is_local(value):
            return None
        path = Path(os.path.normpath(self.folder / value.removeprefix("file:")))
        return path if path.is_relative_to(self.root) else None

    def shown_path(self, path: Path) -> str:
        """A path for a message, relative to the project's root."""
        return Path(os.path.relpath(path, self.root)).as_posix()

    def sorted_mistakes(self) -> list[Mistake]:
        """All mistakes in the order of the lines."""
        every = [
            mistake
            for path, at_path in self.mistakes.items()
            for mistake in at_path
            if not (path in self.misspelt and mistake.text.startswith(f"found: {MISSING}"))
        ]
        return sorted(every, key=lambda mistake: (mistake.line, mistake.key))


def value_at(value: Any, path: DocumentPath | tuple[str | int, ...]) -> Any:
    """The value at a path below another one; None where there is none."""
    for part in path:
        in_map = isinstance(value, dict) and part in value
        in_list = isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value)
        if not in_map and not in_list:
            return None
        value = value[part]
    return value


def as_map(value: Any) -> dict[str, Any]:
    """The value where it is a map, else an empty one."""
    return value if isinstance(value, dict) else {}


def maps_at(value: Any, *path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Name and value of each entry that is a map, in the map at a path."""
    found = value_at(value, path)
    if isinstance(found, dict):
        for key, item in found.items():
            if isinstance(item, dict):
                yield key, item


def texts(value: Any, at: DocumentPath = ()) -> Iterator[tuple[DocumentPath, str]]:
    """Every text in a value with its path."""
    if isinstance(value, str):
        yield at, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, (*at, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, (*at, index))


def unknown_paths(value: Any, at: DocumentPath = ()) -> Iterator[DocumentPath]:
    """Where UNKNOWN stands."""
    if value is UNKNOWN:
        yield at
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from unknown_paths(item, (*at, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from unknown_paths(item, (*at, index))


def known(value: Any, placeholder: Any) -> Any:
    """A copy with something in the place of each UNKNOWN."""
    if value is UNKNOWN:
        return placeholder
    if isinstance(value, dict):
        return {key: known(item, placeholder) for key, item in value.items()}
    if isinstance(value, list):
        return [known(item, placeholder) for item in value]
    return value

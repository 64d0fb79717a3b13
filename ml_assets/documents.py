"""YAML files of the catalogue as data with line numbers.

Values are what azure-ai-ml reads: YAML 1.1 by PyYAML's rules, UTF-8 with or without a byte order
mark. Refused beyond that is what a reader gets wrong or the engine cannot carry: a key that is
given twice, keys that are no text, dates without quotes, numbers that have no exact form in JSON,
tags, several documents in a file, and files that grow without bound by their aliases.

What a document means is not decided here; see `ml_assets.schemas` for its kind.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from ml_assets.mistakes import DocumentError, Mistake, dotted, shown, wording
from ml_assets.yaml_nodes import Marked, Scalar, parsed

__all__ = ["Document", "DocumentError", "DocumentPath", "Mistake", "read"]

DocumentPath = tuple[str | int, ...]

LARGEST_FILE: Final = 1_048_576  # bytes; the longest file of Microsoft's own examples has 20 kB
LARGEST_INT: Final = 2**53  # beyond it a double, which is what the engine carries, skips whole numbers
_MERGE: Final = "tag:yaml.org,2002:merge"


@dataclass(frozen=True)
class Document:
    """A file that was read.

    Attributes:
        file: The file, relative to the project's root, with forward slashes.
        path: Where it is on this machine.
        data: Its content; only str, bool, int, float, None, dict and list, keys are str.
        lines: Line (from 1) of each key and list item by its path.
    """

    file: str
    path: Path
    data: dict[str, Any]
    lines: Mapping[DocumentPath, int] = field(repr=False)

    def line(self, path: DocumentPath) -> int:
        """The line of a key, or of the nearest parent that has one."""
        for length in range(len(path), 0, -1):
            if (line := self.lines.get(tuple(path[:length]))) is not None:
                return line
        return 1

    def mistake(self, path: DocumentPath, text: str) -> Mistake:
        """A mistake at a path of this document."""
        return Mistake(self.file, self.line(path), dotted(path), text)


def read(path: Path, root: Path) -> Document:
    """The document in a file. `root` is the project's root, to which names in messages are relative.

    Raises DocumentError with every mistake that can be told without knowing the document's kind.
    """
    file = Path(os.path.relpath(path, root)).as_posix()
    node = parsed(_text(path, file), file)
    reader = _Reader(file)
    data = reader.value(node, ()) if node is not None else None
    if reader.mistakes:
        raise DocumentError(sorted(reader.mistakes, key=lambda mistake: mistake.line))
    if not isinstance(data, dict):
        text = wording(found=shown(data), allowed="a map of keys and values", example="name: churn-train")
        raise DocumentError([Mistake(file, 1, "", text)])
    return Document(file, path, data, reader.lines)


def _text(path: Path, file: str) -> str:
    try:
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = "no such file" if not path.exists() else (getattr(error, "strerror", None) or str(error))
        text = wording(found=reason, allowed="a YAML file that can be read")
        raise DocumentError([Mistake(file, 1, "", text)]) from None
    if len(content) > LARGEST_FILE:
        text = wording(found=f"{len(content)} bytes", allowed=f"a YAML file of at most {LARGEST_FILE} bytes")
        raise DocumentError([Mistake(file, 1, "", text)])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        found = f"the byte 0x{content[error.start]:02x}, which is not UTF-8"
        text = wording(found=found, allowed="text in UTF-8", example="save the file with the encoding UTF-8")
        raise DocumentError([Mistake(file, line, "", text)]) from None


class _Reader:
    """Plain values out of the parsed tree; collects lines and mistakes on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.lines: dict[DocumentPath, int] = {}
        self.mistakes: list[Mistake] = []

    def value(self, node: Marked, path: DocumentPath) -> Any:
        if isinstance(node.value, Scalar):
            return self._scalar(node, node.value, path)
        if isinstance(node.value, list):
            items = []
            for index, item in enumerate(node.value):
                place = (*path, index)
                self.lines[place] = item.line
                items.append(self.value(item, place))
            return items
        return self._mapping(node.value, path)

    def _mapping(self, pairs: tuple[tuple[Marked, Marked], ...], path: DocumentPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key, value in pairs:  # what is merged in comes first, so that the map's own keys win
            if isinstance(key.value, Scalar) and key.value.tag == _MERGE:
                data = {**self._merged(value, path), **data}
        seen: dict[str, int] = {}
        for key, value in pairs:
            if isinstance(key.value, Scalar) and key.value.tag == _MERGE:
                continue
            name = self._key(key, path)
            if name is None:
                continue
            if name in seen:
                found = f"the key a second time; the first is in line {seen[name]}"
                self._wrong(key.line, (*path, name), found, "each key once")
                continue
            seen[name] = key.line
            place = (*path, name)
            self.lines[place] = key.line
            data[name] = self.value(value, place)
        return data

    def _merged(self, node: Marked, path: DocumentPath) -> dict[str, Any]:
        sources = node.value if isinstance(node.value, list) else [node]
        data: dict[str, Any] = {}
        for source in reversed(sources):  # the first of several maps wins
            if isinstance(source.value, tuple):
                data |= self._mapping(source.value, path)
            else:
                self._wrong(source.line, (*path, "<<"), "a value that is no map", "an alias of a map, *NAME")
        return data

    def _key(self, key: Marked, path: DocumentPath) -> str | None:
        if not isinstance(key.value, Scalar):
            self._wrong(key.line, path, "a key that is a map or a list", "keys that are text")
            return None
        if key.value.tag != "tag:yaml.org,2002:str":
            found = f"the key {key.value.text}, which YAML does not read as text"
            allowed = "keys that are text"
            self._wrong(key.line, path, found, allowed, example=f'"{key.value.text}"')
            return None
        return key.value.text

    def _scalar(self, node: Marked, scalar: Scalar, path: DocumentPath) -> Any:
        try:
            value = scalar.constructed()
        except (ValueError, TypeError, OverflowError, yaml.YAMLError):
            value = ...
        quoted = f'"{scalar.text}"'
        if value is None or isinstance(value, (str, bool)):
            return value
        if isinstance(value, int):
            if abs(value) <= LARGEST_INT:
                return value
            found = f"the number {shown(scalar.text).strip(chr(39))}, which loses digits on its way"
            self._wrong(node.line, path, found, f"numbers up to {LARGEST_INT}, or text in quotes", quoted)
        elif isinstance(value, float):
            if math.isfinite(value):
                return value
            self._wrong(
                node.line, path, f"the number {scalar.text}", "finite numbers, or text in quotes", quoted
            )
        elif scalar.tag == "tag:yaml.org,2002:timestamp":
            found = f"the date {scalar.text} without quotes"
            self._wrong(node.line, path, found, "dates as text, in quotes", quoted)
        else:
            found = f"{shown(scalar.text)} as {scalar.tag.replace('tag:yaml.org,2002:', '!!')}"
            self._wrong(node.line, path, found, "text, numbers, true, false, lists and maps", quoted)
        return None

    def _wrong(
        self, line: int, path: DocumentPath, found: str, allowed: str, example: str | None = None
    ) -> None:
        text = wording(found=found, allowed=allowed, example=example)
        self.mistakes.append(Mistake(self.file, line, dotted(path), text))

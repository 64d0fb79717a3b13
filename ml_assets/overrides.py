"""An environment's changes to a file: merged key by key, each key one that the file has.

As in JSON Merge Patch (RFC 7386) maps are merged, any other value is replaced, and `null` removes
a key. A key that the file lacks is refused, since nobody would notice a misspelt one; keys that
users name themselves, such as tags, may be new.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ml_assets.documents import Document, DocumentPath, Mistake
from ml_assets.mistakes import nearest, one_of, wording
from ml_assets.stack_files import StackFile

_NAMED_BY_USERS: Final = frozenset(
    {
        "conf",
        "environment_variables",
        "inputs",
        "jobs",
        "metadata",
        "mirror_traffic",
        "outputs",
        "properties",
        "search_space",
        "tags",
        "traffic",
    }
)
# A schedule runs unless it is paused, and Azure ML's own YAML has no word for that.
_PAUSED: Final[DocumentPath] = ("is_enabled",)


@dataclass(frozen=True)
class Merged:
    """A document's data with a stack's changes. `changed`: paths whose value the stack's file gives."""

    data: dict[str, Any]
    changed: frozenset[DocumentPath] = frozenset()
    mistakes: list[Mistake] = field(default_factory=list)


def merge(document: Document, name: str, changes: Mapping[str, Any], stack: StackFile) -> Merged:
    """The document with `changes`, which stand in the stack's file under `assets.overrides` and `name`."""
    merging = _Merging(document, name, stack)
    if "$schema" in changes:
        text = wording(found="a change of $schema", allowed="any other key; $schema decides what the file is")
        merging.mistakes.append(stack.mistake(("overrides", name, "$schema"), text))
        changes = {key: value for key, value in changes.items() if key != "$schema"}
    data = merging.merged(document.data, changes, ())
    return Merged(data, frozenset(merging.changed), merging.mistakes)


class _Merging:
    def __init__(self, document: Document, name: str, stack: StackFile) -> None:
        self.document = document
        self.name = name
        self.stack = stack
        self.changed: set[DocumentPath] = set()
        self.mistakes: list[Mistake] = []

    def merged(
        self, data: Mapping[str, Any], changes: Mapping[str, Any], path: DocumentPath
    ) -> dict[str, Any]:
        result = copy.deepcopy(dict(data))
        named_by_users = bool(path) and path[-1] in _NAMED_BY_USERS
        for key, value in changes.items():
            place = (*path, key)
            may_be_new = named_by_users or (place == _PAUSED and "trigger" in data)
            if key not in data and (value is None or not may_be_new):
                self.mistakes.append(self._unknown(place, data))
            elif value is None:
                del result[key]
            elif isinstance(value, dict) and isinstance(data.get(key), dict):
                result[key] = self.merged(data[key], value, place)
            else:
                result[key] = copy.deepcopy(value)
                self.changed.add(place)
        return result

    def _unknown(self, place: DocumentPath, data: Mapping[str, Any]) -> Mistake:
        known = [key for key in data if key != "$schema"]
        where = f"{self.document.file}:{self.document.line(place[:-1])}"
        text = wording(
            found="a key that the file does not have",
            allowed=f"{one_of(known) or 'no key'} in {where}; write a new key there first",
            suggestion=nearest(str(place[-1]), known),
        )
        return self.stack.mistake(("overrides", self.name, *place), text)

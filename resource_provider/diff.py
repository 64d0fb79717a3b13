"""The detailed difference of two sets of inputs, with the property paths that Pulumi prints."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from resource_provider.values import UNKNOWN, PropertyPath, Secret


class Kind(Enum):
    """What happened to a property."""

    ADD = "add"
    DELETE = "delete"
    UPDATE = "update"


@dataclass(frozen=True)
class PropertyChange:
    """One changed property: its path, what happened, and whether that needs a new resource."""

    path: PropertyPath
    kind: Kind
    replaces: bool = False

    @property
    def dotted(self) -> str:
        """The path as Pulumi writes it: `a.b[0].c`, `tags["x.y"]`."""
        return path_text(self.path)


def detailed_diff(
    old: Mapping[str, Any],
    new: Mapping[str, Any],
    replaces: Callable[[PropertyPath], bool] | None = None,
) -> list[PropertyChange]:
    """Every changed leaf, in the order of the new value, removed ones last.

    A value that is not known yet counts as changed: it may be. Whether a property is a
    secret makes no difference. `replaces` is asked with each changed path.
    """
    changes: list[PropertyChange] = []
    _compare(old, new, (), changes)
    if replaces is None:
        return changes
    return [PropertyChange(change.path, change.kind, replaces(change.path)) for change in changes]


def path_text(path: PropertyPath) -> str:
    """A property path as Pulumi writes and reads it."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif str(part).replace("_", "").replace("-", "").isalnum():
            text += f".{part}" if text else str(part)
        else:
            text += f"[{json.dumps(part)}]"
    return text


def _compare(old: Any, new: Any, path: PropertyPath, changes: list[PropertyChange]) -> None:
    old, new = _bare(old), _bare(new)
    if new is UNKNOWN:
        changes.append(PropertyChange(path, Kind.UPDATE))
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in [*new, *(key for key in old if key not in new)]:
            _member(old.get(key), new.get(key), (*path, key), changes)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            _member(
                old[index] if index < len(old) else None,
                new[index] if index < len(new) else None,
                (*path, index),
                changes,
            )
    elif old != new or isinstance(old, bool) != isinstance(new, bool):
        changes.append(PropertyChange(path, Kind.UPDATE))


def _member(old: Any, new: Any, path: PropertyPath, changes: list[PropertyChange]) -> None:
    """One key or index of both sides; None stands for absent."""
    old, new = _bare(old), _bare(new)
    if old is None and new is None:
        return
    if old is None:
        changes.append(PropertyChange(path, Kind.ADD))
    elif new is None:
        changes.append(PropertyChange(path, Kind.DELETE))
    else:
        _compare(old, new, path, changes)


def _bare(value: Any) -> Any:
    return value.value if isinstance(value, Secret) else value

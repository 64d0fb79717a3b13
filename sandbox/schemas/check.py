"""Compares a value with a schema and reports everything that is wrong with it.

Strictness, and what Azure does:

* an unknown property, a wrong type, an unknown enum value, a missing required property
  or discriminator is a problem; property names and enum values must match in case;
* a property that Azure marks read-only is accepted in a request with any value and not
  looked into, because Azure ignores it there (SDKs send back what they read);
* null stands for "absent", as it does for Azure.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sandbox.schemas.nodes import ObjectType, Schema, TypeNode, Types

_MAX_LISTED = 12
_KINDS = {"string": "a string", "integer": "a whole number", "number": "a number", "boolean": "true or false"}


@dataclass(frozen=True)
class Problem:
    """One mistake: where (dotted path, "" for the value itself) and what."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


def check(
    value: object, schema: Schema, *, unknown: object = None, partial: bool = False, path: str = ""
) -> list[Problem]:
    """All problems of `value`, in the order of the value's own properties.

    `unknown`: a sentinel that is accepted in any place (a value not known yet in a preview).
    `partial`: required properties may be missing, at every level (a PATCH without its own model).
    """
    checker = _Checker(schema.types, unknown, partial=partial)
    checker.value(path, value, schema.node)
    return checker.problems


class _Checker:
    def __init__(self, types: Types, unknown: object, *, partial: bool) -> None:
        self.types = types
        self.unknown = unknown
        self.partial = partial
        self.problems: list[Problem] = []

    def value(self, path: str, value: object, node: TypeNode) -> None:
        if value is None or node == "any" or self._is_unknown(value):
            return
        if isinstance(node, str):
            if not _is_primitive(value, node):
                self._wrong(path, _KINDS[node], value)
        elif "enum" in node:
            self._enum(path, value, node["enum"])
        elif "array" in node:
            self._array(path, value, node["array"])
        elif "map" in node:
            self._map(path, value, node["map"])
        elif "ref" in node:
            self._object(path, value, node["ref"])
        elif "variants" in node:
            self._variant(path, value, node["by"], node["variants"])
        else:
            self._any_of(path, value, node["any_of"])

    def _is_unknown(self, value: object) -> bool:
        return self.unknown is not None and value is self.unknown

    def _enum(self, path: str, value: object, allowed: list[Any]) -> None:
        if value in allowed and not isinstance(value, bool):
            return
        if not isinstance(value, (str, int, float)) or isinstance(value, bool):
            self._wrong(path, "one of " + _listed(allowed), value)
            return
        hint = _nearest(str(value), [str(item) for item in allowed])
        self.problems.append(Problem(path, f"{_shown(value)} is not one of {_listed(allowed)}{hint}"))

    def _array(self, path: str, value: object, item_node: TypeNode) -> None:
        if not isinstance(value, list):
            self._wrong(path, "a list", value)
            return
        for index, item in enumerate(value):
            if item is None:
                self._wrong(f"{path}[{index}]", "a value", item)
            self.value(f"{path}[{index}]", item, item_node)

    def _map(self, path: str, value: object, item_node: TypeNode) -> None:
        if not isinstance(value, dict):
            self._wrong(path, "an object (a map)", value)
            return
        for key, item in value.items():
            self.value(_join(path, key), item, item_node)

    def _variant(self, path: str, value: object, by: str, variants: dict[str, str]) -> None:
        if not isinstance(value, dict):
            self._wrong(path, "an object", value)
            return
        chosen = value.get(by)
        if self._is_unknown(chosen):
            return
        if chosen is None:
            if not self.partial:
                self.problems.append(
                    Problem(_join(path, by), f"is missing; it says which kind this is: {_listed(variants)}")
                )
        elif chosen not in variants:
            hint = _nearest(str(chosen), variants)
            self.problems.append(
                Problem(_join(path, by), f"{_shown(chosen)} is not one of {_listed(variants)}{hint}")
            )
        else:
            self._object(path, value, variants[chosen])

    def _any_of(self, path: str, value: object, members: list[TypeNode]) -> None:
        best: list[Problem] | None = None
        for member in members:
            attempt = _Checker(self.types, self.unknown, partial=self.partial)
            attempt.value(path, value, member)
            if not attempt.problems:
                return
            if best is None or len(attempt.problems) < len(best):
                best = attempt.problems
        self.problems.extend(best or ())

    def _object(self, path: str, value: object, name: str) -> None:
        declared = self.types[name]
        if not isinstance(value, dict):
            self._wrong(path, "an object", value)
            return
        variants = declared.get("variants")
        if variants and declared["by"] not in declared.get("constants", {}):
            self._variant(path, value, declared["by"], variants)
            return
        read_only = declared.get("read_only", ())
        for key, item in value.items():
            if key in read_only:
                continue
            if key in declared.get("constants", {}):
                self._constant(_join(path, key), item, declared["constants"][key])
            elif key in declared["properties"]:
                self.value(_join(path, key), item, declared["properties"][key])
            else:
                self._unknown_key(path, key, declared)
        if not self.partial:
            for key in declared.get("required", ()):
                if value.get(key) is None:
                    self.problems.append(Problem(_join(path, key), "is required and missing"))

    def _constant(self, path: str, value: object, expected: str) -> None:
        if value != expected and not self._is_unknown(value):
            self.problems.append(Problem(path, f"must be {_shown(expected)}, found {_shown(value)}"))

    def _unknown_key(self, path: str, key: str, declared: ObjectType) -> None:
        known = list(declared["properties"])
        hint = _nearest(key, known) or f"; known are {_listed(known)}"
        self.problems.append(Problem(_join(path, key), f"is not a property here{hint}"))

    def _wrong(self, path: str, expected: str, value: object) -> None:
        self.problems.append(Problem(path, f"must be {expected}, found {_described(value)}"))


def _is_primitive(value: object, kind: str) -> bool:
    if kind == "string":
        return isinstance(value, str)
    if kind == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind == "integer":
        return isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return isinstance(value, (int, float))


def _described(value: object) -> str:
    """The value with its type, as a user reads it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return f"the boolean {_shown(value)}"
    if isinstance(value, str):
        return f"the string {_shown(value)}"
    if isinstance(value, (int, float)):
        return f"the number {_shown(value)}"
    return f"the list {_shown(value)}" if isinstance(value, list) else f"the object {_shown(value)}"


def _shown(value: object) -> str:
    text = json.dumps(value, default=lambda _: "(unknown)")
    return text if len(text) <= 80 else text[:77] + "..."


def _listed(names: Iterable[object]) -> str:
    shown = [str(name) for name in names]
    more = f" and {len(shown) - _MAX_LISTED} more" if len(shown) > _MAX_LISTED else ""
    return ", ".join(shown[:_MAX_LISTED]) + more


def _nearest(word: str, known: Iterable[str]) -> str:
    """A hint with the nearest spelling, or "" when nothing is near."""
    by_lower = {name.lower(): name for name in known}
    close = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.7)
    return f"; did you mean {by_lower[close[0]]}?" if close else ""


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key

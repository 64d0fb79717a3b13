"""Reads classes out of big generated Python files without importing or parsing all of them.

The generated files hold up to 80,000 lines; parsing one takes seconds, finding its
classes by a regular expression milliseconds. Only the classes asked for are parsed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from pathlib import Path

_TOP_LEVEL = re.compile(r"^(?:@|class |def |[A-Za-z_])", re.MULTILINE)
_CLASS = re.compile(r"^class (\w+)", re.MULTILINE)
_DEF = re.compile(r"^def (\w+)", re.MULTILINE)


class PythonSource:
    """One source file, indexed by its top-level classes and functions."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._parsed: dict[str, ast.ClassDef] = {}

    @cached_property
    def text(self) -> str:
        """The file's text; empty for a file that the generator left out."""
        return self.path.read_text(encoding="utf-8") if self.path.is_file() else ""

    @cached_property
    def _spans(self) -> dict[str, tuple[int, int]]:
        starts = [match.start() for match in _TOP_LEVEL.finditer(self.text)] + [len(self.text)]
        follower = dict(pairwise(starts))
        spans: dict[str, tuple[int, int]] = {}
        for pattern in (_CLASS, _DEF):
            for match in pattern.finditer(self.text):
                spans[match[1]] = (match.start(), follower[match.start()])
        return spans

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """All top-level classes, in file order."""
        return tuple(match[1] for match in _CLASS.finditer(self.text))

    @cached_property
    def function_names(self) -> tuple[str, ...]:
        """All top-level functions, in file order."""
        return tuple(match[1] for match in _DEF.finditer(self.text))

    def __contains__(self, name: str) -> bool:
        return name in self._spans

    def segment(self, name: str) -> str:
        """The source text of one top-level class or function. KeyError when there is none."""
        start, end = self._spans[name]
        return self.text[start:end]

    def class_def(self, name: str) -> ast.ClassDef:
        """The parsed class. KeyError when the file has none of that name."""
        if name not in self._parsed:
            node = ast.parse(self.segment(name)).body[0]
            if not isinstance(node, ast.ClassDef):
                raise KeyError(f"{name} in {self.path} is no class")
            self._parsed[name] = node
        return self._parsed[name]


def methods(node: ast.ClassDef) -> Iterator[ast.FunctionDef]:
    """The class's own methods, overloads included, in file order."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef):
            yield item


def string_value(node: ast.AST | None) -> str | None:
    """The value of a string literal, or None."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None


def enum_values(node: ast.ClassDef) -> list[str | int | float]:
    """The values of an Enum class, in file order."""
    return [
        item.value.value
        for item in node.body
        if isinstance(item, ast.Assign)
        and isinstance(item.value, ast.Constant)
        and isinstance(item.value.value, (str, int, float))
    ]

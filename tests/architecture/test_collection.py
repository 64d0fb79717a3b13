"""A test file that pytest does not collect is a test that never fails."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import ROOT, tree

FILES = sorted((ROOT / "tests").rglob("*.py"))


def defines_tests(path: str) -> bool:
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        for node in ast.walk(tree(ROOT / path))
    )


def test_there_are_files_to_look_at() -> None:
    assert len(FILES) > 20


@pytest.mark.parametrize("path", [str(file.relative_to(ROOT)) for file in FILES])
def test_exactly_the_files_with_tests_are_named_so_that_they_are_collected(path: str) -> None:
    file = ROOT / path

    assert defines_tests(path) is file.name.startswith("test_"), "name it test_*.py, or move its tests"

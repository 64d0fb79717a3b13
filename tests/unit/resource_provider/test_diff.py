"""The detailed diff names every changed property, and no other."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resource_provider.diff import Kind, detailed_diff, path_text
from resource_provider.values import UNKNOWN, Secret

_VALUES = st.recursive(
    st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1}, {"a": 2}, [("a", Kind.UPDATE)]),
        ({}, {"a": {"b": 1}}, [("a", Kind.ADD)]),
        ({"a": 1}, {}, [("a", Kind.DELETE)]),
        ({"a": None}, {}, []),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3, "c": 2}}, [("a.b", Kind.UPDATE)]),
        ({"a": [1, 2]}, {"a": [1]}, [("a[1]", Kind.DELETE)]),
        ({"a": [1]}, {"a": [1, 2]}, [("a[1]", Kind.ADD)]),
        ({"a": [{"b": 1}]}, {"a": [{"b": 2}]}, [("a[0].b", Kind.UPDATE)]),
        ({"tags": {"x.y": "1"}}, {"tags": {"x.y": "2"}}, [('tags["x.y"]', Kind.UPDATE)]),
        ({"a": 1}, {"a": UNKNOWN}, [("a", Kind.UPDATE)]),
        ({"a": {"b": 1}}, {"a": UNKNOWN}, [("a", Kind.UPDATE)]),
        ({"a": Secret("x")}, {"a": "x"}, []),
        ({"a": "x"}, {"a": Secret("y")}, [("a", Kind.UPDATE)]),
        ({"a": 1}, {"a": True}, [("a", Kind.UPDATE)]),
        ({"a": [1]}, {"a": {"b": 1}}, [("a", Kind.UPDATE)]),
    ],
)
def test_changes(old: dict[str, Any], new: dict[str, Any], expected: list[tuple[str, Kind]]) -> None:
    assert [(change.dotted, change.kind) for change in detailed_diff(old, new)] == expected


def test_replacement_is_asked_per_path() -> None:
    old, new = {"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 2}}
    changes = detailed_diff(old, new, lambda path: path == ("a", "b"))
    assert [(change.dotted, change.replaces) for change in changes] == [("a.b", True), ("a.c", False)]


@given(st.dictionaries(st.text(), _VALUES))
def test_equal_values_do_not_differ(value: dict[str, Any]) -> None:
    assert detailed_diff(value, copy.deepcopy(value)) == []


@given(st.dictionaries(st.text(), _VALUES), st.dictionaries(st.text(), _VALUES))
def test_different_values_differ(old: dict[str, Any], new: dict[str, Any]) -> None:
    if old != new:
        assert detailed_diff(old, new)


def test_paths_are_written_as_pulumi_reads_them() -> None:
    assert path_text(("a", 0, "b-c", "d e")) == 'a[0].b-c["d e"]'

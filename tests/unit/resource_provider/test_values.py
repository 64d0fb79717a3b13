"""Property values survive the wire; unknowns and secrets are told apart from what they hold."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resource_provider.values import (
    UNKNOWN,
    Secret,
    conceal,
    contains_unknown,
    from_struct,
    reveal,
    secret_paths,
    to_struct,
)

_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer())
    | st.text()
    | st.just(UNKNOWN)
)
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3) | inner.map(Secret)
    ),
    max_leaves=12,
)
_SIGNATURE = "4dabf18193072939515e22adb298388d"
_OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"


@given(st.dictionaries(st.text(), _VALUES, max_size=4))
def test_values_survive_the_wire(values: dict[str, Any]) -> None:
    assert from_struct(to_struct(values)) == values


@given(st.dictionaries(st.text(), _VALUES, max_size=4))
def test_concealing_what_was_revealed_gives_back_the_outermost_secrets(values: dict[str, Any]) -> None:
    hidden = conceal(reveal(values), secret_paths(values))
    assert reveal(hidden) == reveal(values)
    empty = {path for path in secret_paths(values) if _at(reveal(values), path) is None}
    assert secret_paths(hidden) == secret_paths(values) - empty


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    for part in path:
        value = value[part]
    return value


def test_whole_numbers_are_ints_and_booleans_stay_booleans() -> None:
    values = from_struct(to_struct({"a": 3.0, "b": 2.5, "c": True}))
    assert [type(value) for value in values.values()] == [int, float, bool]


@pytest.mark.parametrize(
    "marker",
    [
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    ],
)
def test_every_kind_of_unknown_is_unknown(marker: str) -> None:
    assert from_struct(to_struct({"a": marker}))["a"] is UNKNOWN


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, UNKNOWN),
        ({"value": "x"}, "x"),
        ({"value": "x", "secret": True}, Secret("x")),
        ({"secret": True}, Secret(UNKNOWN)),
        ({"value": "x", "dependencies": ["urn:a"]}, "x"),
    ],
)
def test_output_values_are_understood(fields: dict[str, Any], expected: object) -> None:
    wire = to_struct({"a": {_SIGNATURE: _OUTPUT, **fields}})
    assert from_struct(wire)["a"] == expected


def test_unknowns_are_found_anywhere() -> None:
    assert contains_unknown({"a": [1, {"b": Secret([UNKNOWN])}]})
    assert not contains_unknown({"a": [1, {"b": Secret(["x"])}]})


def test_a_secret_does_not_print_its_value() -> None:
    assert "hunter2" not in repr({"a": Secret("hunter2")})


def test_what_has_no_wire_form_is_named() -> None:
    with pytest.raises(TypeError, match=r"a\.b\[0\]: object has no form on the wire"):
        to_struct({"a": {"b": [object()]}})

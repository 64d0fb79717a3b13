"""What the engine sends, and inputs and outputs of one resource as the check of a whole stack sees them."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from google.protobuf.struct_pb2 import Struct

from azureml_guard.values import ABSENT, UNKNOWN, Secret, completed, from_struct, reveal

SIGNATURE = "4dabf18193072939515e22adb298388d"
SECRET = "1b47061264138c4ac30d75fd1eb44270"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
UNKNOWN_LIST = "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2"


# What the engine sends ------------------------------------------------------------------------


def received(properties: dict[str, Any]) -> dict[str, Any]:
    struct = Struct()
    struct.update(properties)
    return from_struct(struct)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("text", "text"),
        (4, 4),
        (0.5, 0.5),
        (False, False),
        (None, None),
        ([1, {"a": ["b"]}], [1, {"a": ["b"]}]),
        (UNKNOWN_TEXT, UNKNOWN),
        ([UNKNOWN_LIST], [UNKNOWN]),
        ({SIGNATURE: SECRET, "value": "hush"}, Secret("hush")),
        ({SIGNATURE: SECRET, "value": {"a": UNKNOWN_TEXT}}, Secret({"a": UNKNOWN})),
        ({SIGNATURE: OUTPUT}, UNKNOWN),
        ({SIGNATURE: OUTPUT, "value": 3}, 3),
        ({SIGNATURE: OUTPUT, "value": "hush", "secret": True}, Secret("hush")),
        ({SIGNATURE: OUTPUT, "secret": True}, Secret(UNKNOWN)),
    ],
)
def test_a_message_keeps_what_is_secret_and_what_is_unknown(sent: Any, expected: Any) -> None:
    assert received({"x": sent}) == {"x": expected}


def test_whole_numbers_are_whole() -> None:
    assert isinstance(received({"nodes": 4})["nodes"], int)


def test_secrets_do_not_show() -> None:
    assert "hush" not in repr(Secret("hush"))
    assert reveal(Secret(Secret("hush"))) == "hush"


# Inputs and outputs ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "outputs", "expected"),
    [
        ({"a": 1}, {"a": 2}, {"a": 1}),
        ({"a": UNKNOWN}, {"a": 2}, {"a": 2}),
        ({"a": None}, {"a": 2}, {"a": 2}),
        ({}, {"a": 2}, {"a": 2}),
        ({"a": {"b": 1}}, {"a": {"b": 2, "c": 3}}, {"a": {"b": 1, "c": 3}}),
        ({"a": [UNKNOWN]}, {"a": ["x"]}, {"a": [UNKNOWN]}),
        ({}, {"id": UNKNOWN, "principalId": UNKNOWN}, {"id": UNKNOWN, "principalId": UNKNOWN}),
    ],
)
def test_outputs_complete_inputs(inputs: dict[str, Any], outputs: dict[str, Any], expected: Any) -> None:
    assert completed(inputs, outputs) == expected


def test_outputs_complete_what_the_inputs_do_not_say() -> None:
    inputs = {"sku": {"name": "Basic"}, "scope": UNKNOWN, "tags": {"owner": Secret("team")}}
    outputs = {"sku": {"name": "Standard", "tier": "Standard"}, "scope": "/subscriptions/s", "id": "/a"}

    assert completed(inputs, outputs) == {
        "sku": {"name": "Basic", "tier": "Standard"},
        "scope": "/subscriptions/s",
        "tags": {"owner": Secret("team")},
        "id": "/a",
    }


def test_an_output_that_is_not_known_yet_says_nothing_about_an_input_that_was_left_out() -> None:
    """In a preview every output of a new resource is unknown; a missing input has to stay missing."""
    assert completed({"identity": {"type": "None"}}, {"identity": UNKNOWN, "condition": UNKNOWN}) == {
        "identity": {"type": "None"}
    }
    assert completed({"a": {}}, {"a": {"b": UNKNOWN}}) == {"a": {}}
    assert completed({"scope": UNKNOWN}, {"scope": UNKNOWN, "id": UNKNOWN}) == {
        "scope": UNKNOWN,
        "id": UNKNOWN,
    }


def test_a_copy_of_unknown_is_unknown() -> None:
    copied = copy.deepcopy([UNKNOWN, ABSENT])

    assert copied[0] is UNKNOWN
    assert copied[1] is ABSENT

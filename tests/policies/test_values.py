"""Inputs and outputs of one resource, as the check of a whole stack sees them together."""

from __future__ import annotations

import copy

from azureml_guard.values import ABSENT, UNKNOWN, Secret, merged


def test_outputs_complete_what_the_inputs_do_not_say() -> None:
    inputs = {"sku": {"name": "Basic"}, "scope": UNKNOWN, "tags": {"owner": Secret("team")}}
    outputs = {"sku": {"name": "Standard", "tier": "Standard"}, "scope": "/subscriptions/s", "id": "/a"}

    assert merged(inputs, outputs) == {
        "sku": {"name": "Basic", "tier": "Standard"},
        "scope": "/subscriptions/s",
        "tags": {"owner": Secret("team")},
        "id": "/a",
    }


def test_an_output_that_is_not_known_yet_says_nothing_about_an_input_that_was_left_out() -> None:
    """In a preview every output of a new resource is unknown; a missing input has to stay missing."""
    assert merged({"identity": {"type": "None"}}, {"identity": UNKNOWN, "condition": UNKNOWN}) == {
        "identity": {"type": "None"}
    }
    assert merged({"a": {}}, {"a": {"b": UNKNOWN}}) == {"a": {}}
    assert merged({"scope": UNKNOWN}, {"scope": UNKNOWN, "id": UNKNOWN}) == {"scope": UNKNOWN}


def test_a_copy_of_unknown_is_unknown() -> None:
    copied = copy.deepcopy([UNKNOWN, ABSENT])

    assert copied[0] is UNKNOWN
    assert copied[1] is ABSENT

"""ISO 8601 durations as Azure writes them."""

from __future__ import annotations

import re

import pytest

from azureml_guard.durations import PATTERN, seconds_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT15M", 900),
        ("PT1H30M", 5_400),
        ("PT120S", 120),
        ("PT0.5S", 0.5),
        ("P1D", 86_400),
        ("P1DT2H", 93_600),
        ("P2W", 1_209_600),
        ("pt5m", 300),
    ],
)
def test_a_duration_has_its_length(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "P", "PT", "P1DT", "15M", "PT15", "P1M", "P1Y", "-PT5M", "PT5M later", "900"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no duration"):
        seconds_of(text)
    assert re.search(PATTERN, text) is None


@pytest.mark.parametrize("text", ["PT15M", "PT1H30M", "PT90S", "P1D", "P1DT12H", "P2W"])
def test_settings_take_durations(text: str) -> None:
    assert re.search(PATTERN, text)
    assert seconds_of(text)

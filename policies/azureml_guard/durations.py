"""Durations as Azure writes them, ISO 8601: PT15M, PT1H30M, P1D."""

from __future__ import annotations

import re
from typing import Final

_DURATION: Final = re.compile(
    r"P(?=.)(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?",
    re.IGNORECASE,
)
_SECONDS: Final = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}

# For settings: in the regular expressions of Go, which Pulumi's engine checks them with.
_TIME: Final = r"T(\d+H(\d+M)?(\d+S)?|\d+M(\d+S)?|\d+S)"
PATTERN: Final = rf"^P(\d+W|\d+D({_TIME})?|{_TIME})$"


def seconds_of(text: str) -> float:
    """The length in seconds. ValueError for anything else; years and months have no fixed length."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise ValueError("no duration of weeks, days, hours, minutes and seconds")
    return sum(float(value) * _SECONDS[unit] for unit, value in match.groupdict().items() if value)

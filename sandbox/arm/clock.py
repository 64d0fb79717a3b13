"""The emulator's time: the machine's, plus what a test has moved it by."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone


class Clock:
    """Time in UTC. Moving it forward ends operations, retention periods and propagation delays."""

    def __init__(self) -> None:
        self._offset = timedelta(0)

    def now(self) -> datetime:
        """The present moment, with time zone."""
        return datetime.now(timezone.utc) + self._offset

    def advance(self, seconds: float) -> None:
        """Move time forward. ValueError for a negative number: nothing here can run backwards."""
        if seconds < 0:
            raise ValueError(f"time only moves forward, not by {seconds} s")
        self._offset += timedelta(seconds=seconds)


def timestamp(moment: datetime) -> str:
    """A moment as Azure writes it: UTC, seven decimals, `Z`."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%f") + "0Z"


def parse(text: str) -> datetime:
    """The moment in a text that `timestamp` wrote."""
    return datetime.strptime(text[:26] + "+0000", "%Y-%m-%dT%H:%M:%S.%f%z")

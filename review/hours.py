"""Hours a month that a machine runs, from the times at which it is started and stopped.

Times are cron expressions of five fields, as compute instances of Azure ML take them. A month is 730 hours,
so a week is 168 of them; what repeats in another way than weekly has no answer here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from review.prices import HOURS_A_MONTH

_WEEK: Final = 7 * 24 * 60  # minutes
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_ANY: Final = ("*", "?")


def monthly_hours(starts: Iterable[str], stops: Iterable[str]) -> float | None:
    """Hours a month from each start to the next stop; None for times that are not weekly, or one-sided."""
    on = [minute for text in starts for minute in _minutes(text)]
    off = [minute for text in stops for minute in _minutes(text)]
    if not on or not off or -1 in on or -1 in off:
        return None
    events = sorted([(minute, False) for minute in off] + [(minute, True) for minute in on])
    running = events[-1][1]  # as the week before ended
    since, total = 0, 0
    for minute, starts_now in events:
        total += minute - since if running else 0
        since, running = minute, starts_now
    total += _WEEK - since if running else 0
    return total / _WEEK * HOURS_A_MONTH


def _minutes(expression: str) -> Iterator[int]:
    """Minutes since the beginning of the week; -1 for an expression that is not weekly."""
    fields = expression.lower().split()
    if len(fields) != 5 or fields[2] not in _ANY or fields[3] not in _ANY:
        yield -1
        return
    minutes, hours = _values(fields[0], 59), _values(fields[1], 23)
    days = _values(_numbered(fields[4]), 7)
    if minutes is None or hours is None or days is None:
        yield -1
        return
    for day in {each % 7 for each in days}:
        yield from (day * 24 * 60 + hour * 60 + minute for hour in hours for minute in minutes)


def _numbered(days: str) -> str:
    for number, name in enumerate(_DAYS):
        days = days.replace(name, str(number))
    return days


def _values(field: str, most: int) -> list[int] | None:
    """The values of one field; None for one that is not understood. 7 is Sunday too."""
    if field in _ANY:
        return list(range(min(most, 6) + 1 if most == 7 else most + 1))
    found: list[int] = []
    for part in field.split(","):
        low, _, high = part.partition("-")
        if not low.isdecimal() or not (high or low).isdecimal():
            return None
        first, last = int(low), int(high or low)
        if first > last or last > most:
            return None
        found += range(first, last + 1)
    return found

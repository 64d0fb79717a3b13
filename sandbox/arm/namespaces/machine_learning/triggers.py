"""Triggers of schedules: recurrences, cron expressions, and the time in which they hold.

Cron expressions have five fields; the service reads days and months and takes them as `*`
("Schedule machine learning pipeline jobs"), so their values are checked and have no effect.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone

from sandbox.arm.errors import ArmError
from sandbox.arm.facts import documented
from sandbox.arm.namespaces.machine_learning.errors import user_error
from sandbox.arm.namespaces.values import JsonObject, object_at

RULES = documented("CLI (v2) schedule YAML schema; Schedule machine learning pipeline jobs")

_DAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_MONTH_NAMES, start=1)}
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minutes", 0, 59, {}),
    ("hours", 0, 23, {}),
    ("days", 1, 31, {}),
    ("months", 1, 12, _MONTHS),
    ("days of week", 0, 6, _DAYS),
)


def check(trigger: JsonObject) -> None:
    """UserError for a trigger that can never be, or that says two things at once."""
    if trigger.get("triggerType") == "Cron":
        _check_cron(str(trigger.get("expression")))
    else:
        _check_recurrence(trigger)
    _check_times(trigger)


def _wrong(text: str) -> ArmError:
    return user_error(f"The trigger of the schedule is invalid: {text}")


def _check_cron(expression: str) -> None:
    fields = expression.split()
    if len(fields) != len(_FIELDS):
        raise _wrong(
            f"cron expression '{expression}' has {len(fields)} fields; it needs five: MINUTES HOURS DAYS "
            "MONTHS DAYS-OF-WEEK."
        )
    for text, (label, lowest, highest, names) in zip(fields, _FIELDS, strict=True):
        for part in text.split(","):
            if not _part_fits(part, lowest, highest, names):
                raise _wrong(
                    f"'{part}' in cron expression '{expression}' is no value of {label}, {lowest} to "
                    f"{highest}."
                )


def _part_fits(part: str, lowest: int, highest: int, names: dict[str, int]) -> bool:
    base, slash, step = part.partition("/")
    if slash and not (step.isdigit() and 0 < int(step) <= highest):
        return False
    if base == "*":
        return True
    first, dash, last = base.partition("-")
    ends = [_number(text, names) for text in ((first, last) if dash else (first,))]
    if any(end is None or not lowest <= end <= highest for end in ends):
        return False
    numbers = [end for end in ends if end is not None]
    return numbers == sorted(numbers)


def _number(text: str, names: dict[str, int]) -> int | None:
    return int(text) if text.isdigit() else names.get(text.lower())


def _check_recurrence(trigger: JsonObject) -> None:
    interval = trigger.get("interval")
    if not isinstance(interval, int) or interval < 1:
        raise _wrong(f"interval is {interval}; it must be at least 1.")
    schedule = object_at(trigger, "schedule")
    for name, lowest, highest in (("hours", 0, 23), ("minutes", 0, 59), ("monthDays", 1, 31)):
        for value in schedule.get(name) or ():
            if not lowest <= value <= highest:
                raise _wrong(f"{value} in schedule.{name} is not from {lowest} to {highest}.")
    frequency = trigger.get("frequency")
    for name, needed in (("weekDays", "Week"), ("monthDays", "Month")):
        if schedule.get(name) and frequency != needed:
            raise _wrong(f"schedule.{name} goes with frequency {needed}, not with {frequency}.")


def _check_times(trigger: JsonObject) -> None:
    moments = {name: trigger.get(name) for name in ("startTime", "endTime")}
    read = {name: _moment(name, str(text)) for name, text in moments.items() if text}
    if len(read) > 1 and read["endTime"] <= read["startTime"]:
        raise _wrong(f"endTime {moments['endTime']} is not after startTime {moments['startTime']}.")


def _moment(name: str, text: str) -> datetime:
    """A time as the service reads it: ISO 8601; without an offset it is meant in the trigger's zone."""
    plain = re.sub(r"Z$", "+00:00", text.strip().replace(" ", "T", 1))
    plain = re.sub(r"\.(\d{1,6})\d*", lambda found: f".{found[1]:0<6}", plain)
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        raise _wrong(f"{name} '{text}' is not an ISO 8601 time, such as 2024-03-10T10:15:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)

"""When a schedule runs. Source: "CLI (v2) job schedule YAML schema"; its cron has five fields, NCronTab's."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, Final

from azureml_assets.checks.subject import Subject
from ml_assets.documents import DocumentPath
from ml_assets.mistakes import shown
from ml_assets.schemas import Kind

_CRON: Final = (
    ("minutes", 0, 59, ()),
    ("hours", 0, 23, ()),
    ("days", 1, 31, ()),
    ("months", 1, 12, ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")),
    ("days of the week", 0, 6, ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")),
)  # fmt: skip
_ITEM: Final = re.compile(r"(\*|\w+)(?:-(\w+))?(?:/(\d+))?", re.ASCII)
_EXAMPLE: Final = '"15 10 * * 1"'


def check(subject: Subject) -> None:
    """Records triggers that never fire, or not as they are written."""
    if subject.kind is not Kind.SCHEDULE:
        return
    actions = [key for key in ("create_job", "import_data", "create_monitor") if subject.get(key) is not None]
    if len(actions) != 1 and not any(key in subject.spec for key in actions[1:]):
        subject.wrong(
            ("create_job",),
            found="nothing, and it is required",
            allowed="create_job, import_data or create_monitor",
            example="create_job: ref:../jobs/pipeline.yml",
        )
    elif len(actions) > 1:
        subject.wrong((actions[1],), found=" and ".join(actions), allowed="one of them")
    trigger = subject.get("trigger")
    if "trigger" not in subject.spec:
        subject.wrong(
            ("trigger",),
            found="nothing, and it is required",
            allowed="a map with type cron or recurrence",
            example="{type: cron, expression: " + _EXAMPLE + "}",
        )
    if isinstance(trigger, dict):
        _trigger(subject, trigger)


def _trigger(subject: Subject, trigger: dict[str, Any]) -> None:
    expression = trigger.get("expression")
    if trigger.get("type") == "cron" and isinstance(expression, str):
        _cron(subject, expression)
    interval = trigger.get("interval")
    if isinstance(interval, int) and interval < 1:
        subject.wrong(("trigger", "interval"), found=shown(interval), allowed="a whole number of at least 1")
    pattern = trigger.get("schedule")
    if isinstance(pattern, dict):
        for key, low, high in (("hours", 0, 23), ("minutes", 0, 59), ("month_days", 1, 31)):
            _within(subject, ("trigger", "schedule", key), pattern.get(key), low, high)
        frequency = str(trigger.get("frequency")).lower()
        for key, needed in (("week_days", "week"), ("month_days", "month")):
            if (
                pattern.get(key) is not None
                and frequency in ("minute", "hour", "day", "week", "month")
                and frequency != needed
            ):
                subject.wrong(
                    ("trigger", "schedule", key),
                    found=f"{key}, with the frequency {frequency}",
                    allowed=f"{key} with the frequency {needed} only",
                    example=f"frequency: {needed}",
                )
    start, end = (_time(subject, key, trigger.get(key)) for key in ("start_time", "end_time"))
    if (
        start is not None
        and end is not None
        and (start.tzinfo is None) == (end.tzinfo is None)
        and end <= start
    ):
        subject.wrong(
            ("trigger", "end_time"), found=shown(trigger["end_time"]), allowed="a time after start_time"
        )


def _time(subject: Subject, key: str, value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        subject.wrong(
            ("trigger", key),
            found=shown(value),
            allowed="a date and time in ISO 8601",
            example='"2026-01-31T08:00:00"',
        )
        return None


def _within(subject: Subject, path: DocumentPath, value: Any, low: int, high: int) -> None:
    for index, item in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(item, int) and not isinstance(item, bool) and not low <= item <= high:
            place = (*path, index) if isinstance(value, list) else path
            subject.wrong(
                place, found=shown(item), allowed=f"a whole number from {low} to {high}", example=str(low)
            )


def _cron(subject: Subject, expression: str) -> None:
    path: DocumentPath = ("trigger", "expression")
    fields = expression.split()
    if len(fields) != len(_CRON):
        names = ", ".join(name for name, *_ in _CRON)
        subject.wrong(
            path, found=f"{shown(expression)}, which has {len(fields)} fields", allowed=f"5 fields: {names}",
            example=_EXAMPLE,
        )  # fmt: skip
        return
    for text, (name, low, high, words) in zip(fields, _CRON, strict=True):
        if not all(_is_item(item, low, high, words) for item in text.split(",")):
            allowed = f"{low} to {high}" + (f", {words[0]} to {words[-1]}" if words else "")
            subject.wrong(
                path,
                found=f"{shown(text)} for the {name}",
                allowed=f"*, {allowed}, ranges A-B, steps */N and lists A,B",
                example=_EXAMPLE,
            )


def _is_item(item: str, low: int, high: int, words: tuple[str, ...]) -> bool:
    match = _ITEM.fullmatch(item)
    if match is None:
        return False
    first, last, step = match.groups()
    if first == "*":
        return last is None and (step is None or 1 <= int(step) <= high)
    ends = [_cron_number(each, low, words) for each in (first, last) if each is not None]
    if any(each is None or not low <= each <= high for each in ends) or (step is not None and int(step) < 1):
        return False
    numbers = [each for each in ends if each is not None]
    return numbers == sorted(numbers)


def _cron_number(text: str, low: int, words: tuple[str, ...]) -> int | None:
    if text.isdecimal() and len(text) <= 2:
        return int(text)
    return words.index(text.upper()) + low if text.upper() in words else None

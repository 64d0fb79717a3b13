"""Exemptions: one control, some resources, a reason, an owner and a last day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Final

from azureml_guard.facts import Verdict

LONGEST: Final = dt.timedelta(days=90)
_VERDICTS: Final = (Verdict.FAIL, Verdict.NOT_EVALUATED)

SCHEMA: Final[Mapping[str, Any]] = {
    "type": "array",
    "default": [],
    "description": "Resources that the control does not stop, each for a reason and until a day.",
    "items": {
        "type": "object",
        "required": ["resource", "reason", "owner", "expires"],
        "additionalProperties": False,
        "properties": {
            "resource": {
                "type": "string",
                "minLength": 1,
                "description": "Logical name or URN, for the whole stack PROJECT-STACK; * and ? match any.",
            },
            "reason": {"type": "string", "minLength": 10, "description": "Why; it is printed."},
            "owner": {"type": "string", "minLength": 1, "description": "Who answers for it."},
            "expires": {
                "type": "string",
                "pattern": r"^\d{4}-\d{2}-\d{2}$",
                "description": f"The last day, at most {LONGEST.days} days ahead.",
            },
            "verdict": {
                "type": "string",
                "enum": [verdict.value for verdict in _VERDICTS],
                "default": Verdict.FAIL.value,
                "description": (
                    "fail: what fails is let through. not evaluated: what cannot be judged yet is let "
                    "through, and judged when its value is known."
                ),
            },
        },
    },
}


@dataclass(frozen=True)
class Exemption:
    """One entry of `exemptions`."""

    resource: str
    reason: str
    owner: str
    expires: dt.date
    verdict: Verdict

    def covers(self, urn: str, verdict: Verdict, today: dt.date) -> bool:
        """Whether it waives this verdict on this resource today."""
        names = (urn, urn.rsplit("::", 1)[-1])
        return (
            verdict is self.verdict
            and today <= self.expires
            and any(fnmatchcase(name, self.resource) for name in names)
        )


def exemption_of(entry: Mapping[str, Any], today: dt.date) -> Exemption:
    """An entry that SCHEMA accepts. ValueError for a day that no calendar has, or that is too far ahead."""
    try:
        expires = dt.date.fromisoformat(entry["expires"])
    except ValueError as error:
        raise ValueError("allowed: a day of the calendar") from error
    if expires > today + LONGEST:
        raise ValueError(f"allowed: at most {LONGEST.days} days ahead, that is {today + LONGEST}")
    verdict = Verdict(entry.get("verdict", Verdict.FAIL.value))
    return Exemption(entry["resource"], entry["reason"], entry["owner"], expires, verdict)

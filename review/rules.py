"""The rules of risk, as one table: what each looks for, and what a reviewer has to do when it fires.

The verdict of a review is that of the highest rule that fired, never a sum. docs/review.md is made from
this table. A rule reads the finished sections of the review, not the preview.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from review import access_rules, cost_rules, loss_rules, policy_rules, wording
from review.document import Reason, Review, Verdict
from review.events import FAILED
from review.rule import Rule

_MANY: Final = 25  # resources that change
_ERROR: Final = "error: "  # how a diagnostic of that severity begins
_LONGEST_ERROR: Final = 300  # characters
_URN: Final = re.compile(r'urn:pulumi:[^\s"]*::([^\s":]+)')


def reasons(review: Review) -> tuple[Reason, ...]:
    """The rules that fire, the gravest first, in the table's order among equals."""
    found = [
        Reason(rule=rule.id, verdict=rule.verdict, text=text, urn=urn)
        for rule in RULES
        for urn, text in rule.finds(review)
    ]
    return tuple(sorted(found, key=lambda reason: -reason.verdict.rank))


def _incomplete(review: Review) -> Iterator[tuple[str, str]]:
    if review.complete:
        return
    errors = [text for text in review.diagnostics if text.startswith(_ERROR)]
    errors = [text for text in errors if text != f"{_ERROR}{FAILED}"] or errors
    told = _URN.sub(r"\1", " ".join(errors[0].removeprefix(_ERROR).split())) if errors else "it was cut off"
    told = told if len(told) <= _LONGEST_ERROR else f"{told[:_LONGEST_ERROR]}…"
    more = f" (and {len(errors) - 1} more errors)" if len(errors) > 1 else ""
    yield "", f"the preview did not run to its end: {told}{more}"


def _many(review: Review) -> Iterator[tuple[str, str]]:
    count = len(review.changes)
    if count > _MANY and set(review.counts) <= {"create", "read"}:
        yield "", f"nothing of this stack is there yet: {count} resources are made"
    elif count > _MANY:
        yield "", f"{count} resources change"


def _other_versions(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.versions:
        on = f", for {wording.first_of(each.resources)}"
        yield "", f"{each.what}: {each.before} → {each.after}{on}"


def _drifted(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.drift:
        if each.op == "delete":
            yield each.urn, f"{each.name} was deleted in the cloud beside Pulumi"
            continue
        told = [f"{change.path} {change.before} → {change.after}" for change in each.properties]
        more = [f"and {len(told) - wording.MOST_PATHS} more"] if len(told) > wording.MOST_PATHS else []
        yield (
            each.urn,
            f"{each.name} was changed beside Pulumi: {', '.join([*told[: wording.MOST_PATHS], *more])}",
        )


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "REV-RUN-001",
        Verdict.STOP,
        "The preview did not run to its end",
        "What it had not reached yet may be anything.",
        _incomplete,
    ),
    Rule(
        "REV-RUN-002",
        Verdict.LOOK,
        "More than 25 resources change",
        "Nobody reads that many in a minute; is there one among them that is not like the others?",
        _many,
    ),
    Rule(
        "REV-VER-001",
        Verdict.LOOK,
        "A provider, what it is given, or the version of Azure's API changes for resources that are there",
        "The program says the same, and Azure is asked for something else: other defaults, other refusals.",
        _other_versions,
    ),
    Rule(
        "REV-DRF-001",
        Verdict.LOOK,
        "Somebody changed the cloud beside Pulumi",
        "The update takes it back where the program says otherwise; was it a repair?",
        _drifted,
    ),
    *policy_rules.RULES,
    *loss_rules.RULES,
    *access_rules.RULES,
    *cost_rules.RULES,
)

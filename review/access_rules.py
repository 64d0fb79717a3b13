"""The rules about who may do what, what is open, and as what a resource runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from review import wording
from review.document import AccessChange, ExposureChange, Review, Verdict
from review.rule import Rule

# What a resource runs as, and what its data is encrypted with: azure-native, and azureml-assets.
_TRUST: Final = re.compile(
    r"(properties\.|spec\.)?(identity|primaryUserAssignedIdentity|primary_user_assigned_identity"
    r"|encryption|customerManagedKey)(?![^.\[])"
)


def _gains_much(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.access:
        if each.change == "gains" and _is_much(each):
            yield each.urn, wording.gained(each)


def _opens_production(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.exposure:
        if _is_opened_production(review, each):
            yield each.urn, f"{each.name} {each.text} ({each.path})"


def _gains(review: Review) -> Iterator[tuple[str, str]]:
    gained = [each for each in review.access if each.change == "gains" and not _is_much(each)]
    for each in wording.by_holder(gained):
        yield each[0].urn, wording.gained(*each)


def _loses(review: Review) -> Iterator[tuple[str, str]]:
    gained = [each for each in review.access if each.change == "gains"]
    lost = [each for each in review.access if each.change == "loses"]
    for each in wording.by_holder(
        [each for each in lost if not any(wording.is_kept(each, other) for other in gained)]
    ):
        yield each[0].urn, wording.lost(*each)


def _opens_elsewhere(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.exposure:
        if each.change != "closes" and not _is_opened_production(review, each):
            yield each.urn, f"{each.name} {each.text} ({each.path})"


def _closes(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.exposure:
        if each.change == "closes":
            yield each.urn, f"{each.name} {each.text} ({each.path})"


def _other_trust(review: Review) -> Iterator[tuple[str, str]]:
    for change in review.changes:
        told = [
            f"{each.path} ({_last(each.before)} → {_last(each.after)})"
            for each in change.properties
            if _TRUST.match(each.path)
        ]
        if told and change.op == "update":
            yield change.urn, f"{change.name} changes {wording.first_of(told)}"


def _last(value: str) -> str:
    """The name at the end of an id."""
    return value.rsplit("/", 1)[-1] if value.startswith("/") else value


def _is_opened_production(review: Review, each: ExposureChange) -> bool:
    production = review.stack.rsplit("/", 1)[-1].lower().startswith("prod")
    return production and each.change == "opens" and each.grave


def _is_much(each: AccessChange) -> bool:
    """A scope that is made in the same update is new to everybody: what changes there is no loss."""
    return each.wide or (each.privileged and not (each.later and each.bounded))


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "REV-ACC-001",
        Verdict.STOP,
        "Somebody gains a role that can grant roles or change everything, or one on a whole subscription; "
        "on a scope that is made in the same update only one that grants roles without a condition",
        "Whoever has it can undo everything else that is reviewed here.",
        _gains_much,
    ),
    Rule(
        "REV-NET-001",
        Verdict.STOP,
        "A way to data or machines of production is opened (the stack's name begins with `prod`)",
        "What is reachable is attacked, whatever it asks for at the door.",
        _opens_production,
    ),
    Rule(
        "REV-ACC-002",
        Verdict.LOOK,
        "Somebody gains a role",
        "Is it who should have it, and no more than is needed?",
        _gains,
    ),
    Rule(
        "REV-ACC-003",
        Verdict.LOOK,
        "Somebody loses a role",
        "What runs with it fails from then on.",
        _loses,
    ),
    Rule(
        "REV-NET-002",
        Verdict.LOOK,
        "Anything else is opened: outside of production, a way out, logs, or nobody knows yet",
        "Test data is data, and what gets out is out.",
        _opens_elsewhere,
    ),
    Rule(
        "REV-NET-003",
        Verdict.LOOK,
        "A way in or out is closed",
        "Whoever came this way is shut out.",
        _closes,
    ),
    Rule(
        "REV-IDN-001",
        Verdict.LOOK,
        "What a resource runs as, or how its data is encrypted, changes",
        "Roles belong to the identity, and data is read with the key that it was written with.",
        _other_trust,
    ),
)

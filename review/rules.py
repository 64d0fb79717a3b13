"""The rules of risk, as one table: what each looks for, and what a reviewer has to do when it fires.

The verdict of a review is that of the highest rule that fired, never a sum. docs/review.md is made from
this table. A rule reads the finished sections of the review, not the preview.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from review import cost_rules
from review.document import AccessChange, Destructive, Reason, Review, Verdict
from review.rule import Rule


def reasons(review: Review) -> tuple[Reason, ...]:
    """The rules that fire, the gravest first, in the table's order among equals."""
    found = [
        Reason(rule=rule.id, verdict=rule.verdict, text=text, urn=urn)
        for rule in RULES
        for urn, text in rule.finds(review)
    ]
    return tuple(sorted(found, key=lambda reason: -reason.verdict.rank))


def _incomplete(review: Review) -> Iterator[tuple[str, str]]:
    if not review.complete:
        yield "", "the preview failed or was cut off: nobody knows what the rest would do"


def _blocked(review: Review) -> Iterator[tuple[str, str]]:
    for finding in review.policies.findings:
        if finding.level == "mandatory" and finding.verdict == "fail":
            yield finding.urn, f"{finding.policy}: {_named(finding.urn)}fails: {finding.title}"


def _not_evaluated(review: Review) -> Iterator[tuple[str, str]]:
    for finding in review.policies.findings:
        if finding.verdict == "not evaluated":
            yield finding.urn, f"{finding.policy}: {_named(finding.urn)}cannot be judged yet: {finding.title}"


def _without_policies(review: Review) -> Iterator[tuple[str, str]]:
    if not review.policies.known:
        yield "", "the preview ran without policies"


def _loses_data(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.destructive:
        if each.loses and each.certain and not each.retained:
            yield each.urn, f"{each.name} is {_done(each)}{_because(each)}: {each.loses}"


def _may_lose_data(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.destructive:
        if each.loses and not each.certain:
            yield each.urn, f"{each.name} may be {_done(each)}{_because(each)}: {each.loses}"


def _leaves_behind(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.destructive:
        if each.retained:
            yield each.urn, f"{each.name} leaves the stack and stays in Azure, managed by nobody"


def _other_loss(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.destructive:
        if not each.loses and not each.retained:
            yield each.urn, f"{each.name} is {_done(each)}{_because(each)}"


def _gains_much(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.access:
        if each.change == "gains" and (each.privileged or each.wide):
            yield each.urn, f"{_who(each)} gains {each.role} on {_where(each)}: can {each.can}"


def _gains(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.access:
        if each.change == "gains" and not (each.privileged or each.wide):
            yield each.urn, f"{_who(each)} gains {each.role} on {_where(each)}"


def _loses(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.access:
        if each.change == "loses":
            yield each.urn, f"{_who(each)} loses {each.role} on {_where(each)}"


def _opens_production(review: Review) -> Iterator[tuple[str, str]]:
    return _opens(review) if _is_production(review) else iter(())


def _opens_elsewhere(review: Review) -> Iterator[tuple[str, str]]:
    return iter(()) if _is_production(review) else _opens(review)


def _opens(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.exposure:
        if each.change != "closes":
            yield each.urn, f"{each.name} {each.text} ({each.path})"


def _weakens(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.protection:
        yield each.urn, f"{each.name} {each.text}"


def _is_production(review: Review) -> bool:
    return review.stack.rsplit("/", 1)[-1].lower().startswith("prod")


def _who(each: AccessChange) -> str:
    return f"{each.principal_type} {each.principal}".strip()


def _where(each: AccessChange) -> str:
    return each.scope or "everything that it reaches"


def _done(each: Destructive) -> str:
    if each.op == "delete":
        return "deleted"
    return "replaced, the old one first" if each.deletes_first else "replaced"


def _because(each: Destructive) -> str:
    return f" by {', '.join(each.forced_by)}" if each.forced_by else ""


def _named(urn: str) -> str:
    return f"{urn.rsplit('::', 1)[-1]} " if urn else ""


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "REV-RUN-001",
        Verdict.STOP,
        "The preview did not run to its end",
        "What it had not reached yet may be anything.",
        _incomplete,
    ),
    Rule(
        "REV-POL-001",
        Verdict.STOP,
        "A mandatory policy fails",
        "The update would be refused, or half of it applied.",
        _blocked,
    ),
    Rule(
        "REV-DEL-001",
        Verdict.STOP,
        "Something that holds data is deleted or replaced",
        "Pulumi cannot bring data back; soft delete may, for some days.",
        _loses_data,
    ),
    Rule(
        "REV-ACC-001",
        Verdict.STOP,
        "Somebody gains a role that can grant roles or change everything, or one on a whole subscription",
        "Whoever has it can undo everything else that is reviewed here.",
        _gains_much,
    ),
    Rule(
        "REV-NET-001",
        Verdict.STOP,
        "Production is opened to a network",
        "What is reachable is attacked, whatever it asks for at the door.",
        _opens_production,
    ),
    Rule(
        "REV-PRO-001",
        Verdict.STOP,
        "A protection becomes weaker",
        "It was there for the mistake that nobody sees coming.",
        _weakens,
    ),
    Rule(
        "REV-NET-002",
        Verdict.LOOK,
        "Something outside of production is opened to a network",
        "Test data is data, and a test's identity may reach further.",
        _opens_elsewhere,
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
        "REV-DEL-002",
        Verdict.LOOK,
        "Something that holds data may be replaced, depending on a value that is not known yet",
        "Whether it happens shows only in the update.",
        _may_lose_data,
    ),
    Rule(
        "REV-DEL-003",
        Verdict.LOOK,
        "Something leaves the stack and stays in Azure",
        "It goes on to cost money, and nobody changes it any more.",
        _leaves_behind,
    ),
    Rule(
        "REV-DEL-004",
        Verdict.LOOK,
        "Something else is deleted or replaced",
        "What depends on it may fail in between.",
        _other_loss,
    ),
    Rule(
        "REV-POL-002",
        Verdict.LOOK,
        "A policy could not be judged",
        "A value that is known only after the update can hide anything.",
        _not_evaluated,
    ),
    Rule(
        "REV-POL-003",
        Verdict.LOOK,
        "The preview ran without policies",
        "Nothing was checked.",
        _without_policies,
    ),
    *cost_rules.RULES,
)

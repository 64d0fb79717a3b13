"""The rules of risk, as one table: what each looks for, and what a reviewer has to do when it fires.

The verdict of a review is that of the highest rule that fired, never a sum. docs/review.md is made from
this table. A rule reads the finished sections of the review, not the preview.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from review import cost_rules
from review.access import LATER
from review.document import (
    AccessChange,
    Destructive,
    ExposureChange,
    PolicyFinding,
    Reason,
    Review,
    Verdict,
)
from review.rule import Rule

_ERROR: Final = "error: "  # how a diagnostic of that severity begins
_LONGEST_ERROR: Final = 300  # characters
_URN: Final = re.compile(r'urn:pulumi:[^\s"]*::([^\s":]+)')
_MOST_PATHS: Final = 4  # properties that are told


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
    told = _URN.sub(r"\1", " ".join(errors[0].removeprefix(_ERROR).split())) if errors else "it was cut off"
    told = told if len(told) <= _LONGEST_ERROR else f"{told[:_LONGEST_ERROR]}…"
    more = f" (and {len(errors) - 1} more errors)" if len(errors) > 1 else ""
    yield "", f"the preview did not run to its end: {told}{more}"


def _blocked(review: Review) -> Iterator[tuple[str, str]]:
    for finding in review.policies.findings:
        if finding.level == "mandatory" and finding.verdict == "fail":
            yield finding.urn, f"{finding.policy}: {_named(finding.urn)}fails: {_detailed(finding)}"


def _not_evaluated(review: Review) -> Iterator[tuple[str, str]]:
    for finding in review.policies.findings:
        if finding.level == "mandatory" and finding.verdict == "not evaluated":
            yield (
                finding.urn,
                f"{finding.policy}: {_named(finding.urn)}cannot be judged yet: {_detailed(finding)}",
            )


def _without_policies(review: Review) -> Iterator[tuple[str, str]]:
    if not review.policies.known and review.changes:
        yield "", "the preview ran without policies"


def _drifted(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.drift:
        if each.op == "delete":
            yield each.urn, f"{each.name} was deleted in the cloud beside Pulumi"
            continue
        told = [f"{change.path} {change.before} → {change.after}" for change in each.properties]
        more = [f"and {len(told) - _MOST_PATHS} more"] if len(told) > _MOST_PATHS else []
        yield each.urn, f"{each.name} was changed beside Pulumi: {', '.join([*told[:_MOST_PATHS], *more])}"


def _loses_data(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.destructive:
        if each.data and each.certain and not each.retained:
            yield each.urn, f"{each.name} is {_done(each)}; lost: {each.loses}"
        elif each.data and each.certain and each.op == "replace":
            yield each.urn, f"{each.name} is {_done(each)}: the new one is empty, the old one stays in Azure"


def _may_lose_data(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.destructive:
        if each.data and not each.certain:
            then = "the old one stays in Azure" if each.retained else f"lost then: {each.loses}"
            yield each.urn, f"{each.name} may be {_done(each)}; {then}"


def _leaves_behind(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.destructive:
        if each.retained and each.op == "delete":
            yield each.urn, f"{each.name} leaves the stack and stays in Azure, managed by nobody"


def _other_loss(review: Review) -> Iterator[tuple[str, str]]:
    told = {each.urn for each in review.access} | {each.urn for each in review.exposure}
    told |= {each.urn for each in review.protection} | {each.urn for each in review.assets if each.facts}
    told |= {each.urn for each in review.destructive if each.data or cost_rules.is_budget(each.type)}
    for each in review.destructive:
        if each.urn not in told and not (each.retained and each.op == "delete"):
            may = "is" if each.certain else "may be"
            stops = f": {each.loses}" if each.loses else ""
            yield each.urn, f"{each.name} {may} {_done(each)}{stops}"


def _gains_much(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.access:
        if each.change == "gains" and _is_much(each):
            yield each.urn, _gained(each)


def _gains(review: Review) -> Iterator[tuple[str, str]]:
    for each in sorted(review.access, key=lambda each: not each.privileged):
        if each.change == "gains" and not _is_much(each):
            yield each.urn, _gained(each)


def _loses(review: Review) -> Iterator[tuple[str, str]]:
    gained = [each for each in review.access if each.change == "gains"]
    for each in review.access:
        if each.change == "loses" and not any(_is_kept(each, other) for other in gained):
            yield each.urn, f"{_who(each)} loses {_what(each)}: could {each.can}"


def _opens_production(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.exposure:
        if _is_opened_production(review, each):
            yield each.urn, f"{each.name} {each.text} ({each.path})"


def _opens_elsewhere(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.exposure:
        if each.change != "closes" and not _is_opened_production(review, each):
            yield each.urn, f"{each.name} {each.text} ({each.path})"


def _closes(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.exposure:
        if each.change == "closes":
            yield each.urn, f"{each.name} {each.text} ({each.path})"


def _weakens(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.protection:
        yield each.urn, f"{each.name} {each.text}"


def _locked(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.destructive:
        if each.locked_by:
            may = "is" if each.certain else "may be"
            done = "deleted" if each.op == "delete" else "replaced"
            yield (
                each.urn,
                f"{each.name} {may} {done} under {each.locked_by}, a lock: Azure refuses to delete it",
            )


def _is_opened_production(review: Review, each: ExposureChange) -> bool:
    production = review.stack.rsplit("/", 1)[-1].lower().startswith("prod")
    return production and each.change == "opens" and each.grave


def _is_much(each: AccessChange) -> bool:
    """A scope that is made in the same update is new to everybody: what changes there is no loss."""
    return each.wide or (each.privileged and not (each.later and each.bounded))


def _is_kept(lost: AccessChange, gained: AccessChange) -> bool:
    """Whether an assignment only moves, with its identity or what it is on."""
    same = (gained.urn, gained.role, gained.said) == (lost.urn, lost.role, lost.said)
    return same and gained.principal in (lost.principal, LATER)


def _who(each: AccessChange) -> str:
    said = f" (“{each.said}”)" if each.said else ""
    return f"{each.principal_type} {each.principal}{said}".strip()


def _what(each: AccessChange) -> str:
    if not each.scope:
        return each.role
    return f"{each.role} on {'a scope ' if each.later else ''}{each.scope}"


def _gained(each: AccessChange) -> str:
    return f"{_who(each)} gains {_what(each)}: can {each.can}"


def _done(each: Destructive) -> str:
    """`deleted`, or `replaced because of location, the old one first`."""
    if each.op == "delete":
        return "deleted, though it is protected" if each.protected else "deleted"
    paths = list(each.forced_by[:_MOST_PATHS])
    more = len(each.forced_by) - len(paths)
    forced = ", ".join([*paths, *([f"and {more} more"] if more > 0 else [])])
    because = f" because of {forced}" if forced else ""
    first = ", the old one first" if each.deletes_first else ""
    return f"replaced{because}{first}{', though it is protected' if each.protected else ''}"


def _named(urn: str) -> str:
    return f"{urn.rsplit('::', 1)[-1]} " if urn else ""


def _detailed(finding: PolicyFinding) -> str:
    """What has to hold, and what of the resource does not: the pack's second line, without its verdict."""
    detail = finding.details[0].partition(" · ")[2] if finding.details else ""
    return f"{finding.title}; {detail}" if detail else finding.title


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
        "Something that holds data, or an address that others call, is deleted or replaced",
        "Pulumi cannot bring data back; soft delete may, for some days.",
        _loses_data,
    ),
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
        "REV-PRO-001",
        Verdict.STOP,
        "A protection becomes weaker",
        "It was there for the mistake that nobody sees coming.",
        _weakens,
    ),
    Rule(
        "REV-PRO-002",
        Verdict.STOP,
        "Something under a lock is deleted or replaced",
        "The update fails there; what comes before it is done.",
        _locked,
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
        "A mandatory policy could not be judged",
        "A value that is known only after the update can hide anything.",
        _not_evaluated,
    ),
    Rule(
        "REV-POL-003",
        Verdict.LOOK,
        "Something changes, and the preview ran without policies",
        "Nothing was checked.",
        _without_policies,
    ),
    Rule(
        "REV-DRF-001",
        Verdict.LOOK,
        "Somebody changed the cloud beside Pulumi",
        "The update takes it back where the program says otherwise; was it a repair?",
        _drifted,
    ),
    *cost_rules.RULES,
)

"""The rules of risk, as one table: what each looks for, and what a reviewer has to do when it fires.

The verdict of a review is that of the highest rule that fired, never a sum. docs/review.md is made from
this table. A rule reads the finished sections of the review, not the preview.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from review.document import Destructive, PropertyChange, Reason, Review, Verdict

_OLD_PRICES: Final = 90  # days
_NUMBER: Final = re.compile(r"\d{1,15}(\.\d{1,15})?")
# How many machines may run: clusters and deployments of azure-native, deployments of azureml-assets.
_COUNTS: Final = re.compile(
    r"properties\.properties\.scaleSettings\.(min|max)NodeCount"
    r"|properties\.scaleSettings\.(min|max)Instances|sku\.capacity"
    r"|spec\.(instance_count|resources\.instance_count|scale_settings\.(min|max)_instances)"
)
_QUOTA: Final = re.compile(r":(Group)?Quota(Limit)?\w*$")
Finds = Callable[[Review], Iterator[tuple[str, str]]]  # (URN or "", text)


@dataclass(frozen=True)
class Rule:
    """One rule. `title` is what it is about, `why` what a reviewer should think of."""

    id: str
    verdict: Verdict
    title: str
    why: str
    finds: Finds


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


def _costs_more(review: Review) -> Iterator[tuple[str, str]]:
    cost = review.cost
    more = cost.after_max - cost.before_max
    if cost.limit is not None and more > cost.limit:
        text = (
            f"up to {more:,.0f} {cost.currency} a month more: at most {cost.before_max:,.0f} before, "
            f"{cost.after_max:,.0f} after; the limit is {cost.limit:,.0f}"
        )
        yield "", text


def _unpriced(review: Review) -> Iterator[tuple[str, str]]:
    gone = {change.urn for change in review.changes if change.op in ("delete", "forget")}
    for line in review.cost.lines:
        if line.unpriced and line.changes and line.urn not in gone:
            yield line.urn, f"{line.name} ({line.what}) is not priced: {line.unpriced}"


def _old_prices(review: Review) -> Iterator[tuple[str, str]]:
    cost = review.cost
    changes = any(line.changes and not line.unpriced for line in cost.lines)
    if changes and cost.age_days is not None and cost.age_days > _OLD_PRICES:
        yield "", f"what changes is priced as of {cost.priced_at}, {cost.age_days} days ago"


def _budget_raised(review: Review) -> Iterator[tuple[str, str]]:
    for change in review.changes:
        for each in change.properties if change.type.endswith(":Budget") else ():
            if each.path == "amount" and _rises(each):
                yield change.urn, f"the budget {change.name} rises from {each.before} to {each.after}"


def _more_machines(review: Review) -> Iterator[tuple[str, str]]:
    for change in review.changes:
        for each in change.properties:
            is_count = _COUNTS.fullmatch(each.path) or (
                _QUOTA.search(change.type) and each.path.startswith("properties.limit")
            )
            if is_count and _rises(each):
                yield change.urn, f"{change.name}: {each.path} rises from {each.before} to {each.after}"


def _rises(change: PropertyChange) -> bool:
    """Whether a number becomes a larger one, or one that is not known yet."""
    before = _NUMBER.fullmatch(change.before)
    after = _NUMBER.fullmatch(change.after)
    return bool(before) and (change.unknown or bool(after and float(after[0]) > float(change.before)))


def _facts(*kinds: str) -> Finds:
    """The facts of some kinds that the assets have."""

    def finds(review: Review) -> Iterator[tuple[str, str]]:
        for asset in review.assets:
            yield from ((asset.urn, fact.text) for fact in asset.facts if fact.kind in kinds)

    return finds


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
    Rule(
        "REV-COST-001",
        Verdict.LOOK,
        "The cost a month may rise by more than the limit",
        "The most that can run counts, whether it will or not.",
        _costs_more,
    ),
    Rule(
        "REV-COST-002",
        Verdict.LOOK,
        "Something that changes has no price in the table",
        "It costs money all the same; the sum is without it.",
        _unpriced,
    ),
    Rule(
        "REV-COST-003",
        Verdict.LOOK,
        "The cost of what changes rests on prices of more than 90 days ago",
        "Prices change, and sizes are retired; refresh the table.",
        _old_prices,
    ),
    Rule(
        "REV-COST-004",
        Verdict.LOOK,
        "A budget is raised",
        "Its warnings come later than before.",
        _budget_raised,
    ),
    Rule(
        "REV-COST-005",
        Verdict.LOOK,
        "More machines may run",
        "Quota of the region, and money.",
        _more_machines,
    ),
    Rule(
        "REV-AST-001",
        Verdict.STOP,
        "Azure refuses the traffic of an endpoint",
        "The update fails there; what comes before it is done.",
        _facts("refused"),
    ),
    Rule(
        "REV-AST-002",
        Verdict.LOOK,
        "Requests go to a deployment that is made in the same update",
        "Nobody has tried it; make it first, mirror requests to it, then move the traffic.",
        _facts("untried"),
    ),
    Rule(
        "REV-AST-003",
        Verdict.LOOK,
        "A deployment that answers requests gets another model, environment or code",
        "There is no way back but another update; a second deployment beside it would be one.",
        _facts("serves"),
    ),
    Rule(
        "REV-AST-004",
        Verdict.LOOK,
        "A schedule starts, runs again, or runs at other times",
        "It runs jobs on its own, with their cost and what they write.",
        _facts("runs", "retimed"),
    ),
    Rule(
        "REV-AST-005",
        Verdict.LOOK,
        "A schedule is paused or ends",
        "What it kept fresh grows old without a word.",
        _facts("stops"),
    ),
    Rule(
        "REV-AST-006",
        Verdict.LOOK,
        "A version of an asset is archived",
        "Whoever looks for it by name or label does not find it any more.",
        _facts("archived"),
    ),
)

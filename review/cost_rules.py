"""The rules of cost, of how many machines run, and of what becomes of assets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from review import wording
from review.document import PropertyChange, Review, Verdict
from review.prices import OLD_DAYS
from review.rule import Finds, Rule

_NUMBER: Final = re.compile(r"\d{1,15}(\.\d{1,15})?")
# How many machines may run: clusters and deployments of azure-native, deployments of azureml-assets.
_COUNTS: Final = re.compile(
    r"properties\.properties\.scaleSettings\.(min|max)NodeCount"
    r"|properties\.scaleSettings\.(min|max)Instances|sku\.capacity"
    r"|spec\.(instance_count|resources\.instance_count|scale_settings\.(min|max)_instances)"
)
_QUOTA: Final = re.compile(r":(Group)?Quota(Limit)?\w*$")


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
    lines = [each for each in review.cost.lines if each.unpriced and each.changes and each.urn not in gone]
    if len(lines) == 1:
        yield lines[0].urn, f"{lines[0].name} ({lines[0].what}) is not priced: {lines[0].unpriced}"
    elif lines:
        told = wording.first_of([f"{each.name} ({each.what})" for each in lines])
        yield "", f"{len(lines)} of what changes are not priced: {told}"


def _old_prices(review: Review) -> Iterator[tuple[str, str]]:
    cost = review.cost
    changes = any(line.changes and not line.unpriced for line in cost.lines)
    if changes and cost.age_days is not None and cost.age_days > OLD_DAYS:
        yield "", f"what changes is priced as of {cost.priced_at}, {cost.age_days} days ago"


def is_budget(token: str) -> bool:
    """Whether a type is that of a budget."""
    return token.endswith(":Budget")


def _budget_raised(review: Review) -> Iterator[tuple[str, str]]:
    for change in review.changes:
        if not is_budget(change.type):
            continue
        if change.op in ("delete", "forget"):
            yield change.urn, f"the budget {change.name} goes: nobody is warned any more"
        for each in change.properties:
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


RULES: Final[tuple[Rule, ...]] = (
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
        "A budget is raised, or goes",
        "Its warnings come later than before, or never.",
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
        "Azure refuses the traffic of an endpoint, or to delete a deployment that has some",
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

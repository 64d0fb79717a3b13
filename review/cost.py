"""Cost a month, before and after, from a dated table of prices.

All resources of the stack count, also those that stay the same. A price is that of the resource's region: its
own, or else that of its workspace or resource group. Discounts, reservations and taxes are not in it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from review.charges import Charge, Charged, charged
from review.document import Cost, PricedLine
from review.preview import Op, Preview, State, Step, native_type
from review.prices import OLD_DAYS, Price, Prices, load
from review.values import is_unknown

_LIMIT: Final = 500.0
_OUTBOUND_RULE: Final = "machinelearningservices:ManagedNetworkSettingsRule"


@dataclass(frozen=True, kw_only=True)
class Pricing:
    """How a review prices.

    Attributes:
        currency: Three letters, as the table has them.
        limit: The increase a month, in that currency, from which on a person looks.
        today: What the age of prices is counted to; None leaves the age out.
    """

    currency: str = "USD"
    limit: float = _LIMIT
    today: dt.date | None = None
    table: Prices = field(default_factory=load)


@dataclass(frozen=True)
class _Side:
    """A resource before or after: its range in the currency, and how that came about."""

    charged: Charged
    least: float | None = None
    most: float | None = None
    unpriced: str = ""
    prices: tuple[Price, ...] = ()


def cost(preview: Preview, pricing: Pricing | None = None) -> Cost:
    """What the stack costs before and after the update."""
    pricing = pricing or Pricing()
    before, after = _Places.before(preview), _Places.after(preview)
    lines: list[PricedLine] = []
    by_use: list[str] = []
    taken: list[Price] = []
    for step in preview.steps:
        if step.op is Op.READ:  # somebody else's, and paid for there
            continue
        was = _side(step, step.old, before, pricing) if step.old and step.op is not Op.CREATE else None
        now = _side(step, _after(step), after, pricing)
        if (use := (now or was)) and use.charged.by_use:
            by_use.append(f"{step.name}: {use.charged.by_use}")
        if line := _line(step, was, now):
            lines.append(line)
            taken += [price for side in (was, now) if side for price in side.prices]
    lines.sort(key=lambda line: line.urn)  # the engine's order is another one in every run
    by_use.sort()
    oldest = min((price.retrieved_at for price in taken), default=None)
    return Cost(
        currency=pricing.currency,
        priced_at=oldest.isoformat() if oldest else "",
        age_days=(pricing.today - oldest).days if oldest and pricing.today else None,
        limit=pricing.limit,
        before_min=_total(line.before_min for line in lines),
        before_max=_total(line.before_max for line in lines),
        after_min=_total(line.after_min for line in lines),
        after_max=_total(line.after_max for line in lines),
        lines=tuple(lines),
        unpriced=tuple(f"{line.name} ({line.what}): {line.unpriced}" for line in lines if line.unpriced),
        by_use=tuple(by_use),
    )


def remarks(cost_: Cost) -> Iterator[str]:
    """What a reader has to know of the prices."""
    if cost_.age_days is not None and cost_.age_days > OLD_DAYS:
        yield (
            f"the oldest price that was taken is of {cost_.priced_at}, {cost_.age_days} days ago; "
            "`python -m review.prices --refresh` takes today's"
        )


def _after(step: Step) -> State | None:
    """The state that costs after the update; what only leaves the stack goes on to cost."""
    if step.op is Op.DELETE and not (step.old and step.old.retain_on_delete):
        return None
    return step.new or step.old


def _side(step: Step, state: State | None, places: _Places, pricing: Pricing) -> _Side | None:
    """A resource at one time; None where it is not there, or costs nothing of its own."""
    if state is None:
        return None
    found = charged(step.type, state, places.rules(step.type, state))
    if found.unpriced:
        return _Side(found, unpriced=found.unpriced)
    if not found.charges:
        return _Side(found) if found.by_use else None
    region = places.region(state)
    if not region:
        return _Side(found, unpriced="its region is not known")
    least = most = 0.0
    prices: list[Price] = []
    missing: list[str] = []
    for charge in found.charges:
        price = pricing.table.of(charge.meter, region, pricing.currency)
        if price is None and charge.most:
            missing.append(_missing(charge, region, pricing.currency))
        elif price:
            least, most = least + charge.least * price.a_month, most + charge.most * price.a_month
            prices.append(price)
    if missing:  # a part of a price is a wrong price
        return _Side(found, unpriced="; ".join(missing))
    return _Side(found, least, most, prices=tuple(prices))


def _missing(charge: Charge, region: str, currency: str) -> str:
    words = filter(None, (charge.meter.name, charge.meter.os, charge.meter.priority))
    return f"the table has no price of {', '.join(words)} in {region} in {currency}"


def _line(step: Step, was: _Side | None, now: _Side | None) -> PricedLine | None:
    sides = [side for side in (now, was) if side and (side.charged.charges or side.unpriced)]
    if not sides:
        return None
    whats = [charge.what for charge in sides[0].charged.charges]
    unpriced = "; ".join(dict.fromkeys(side.unpriced for side in sides if side.unpriced))
    priced = None if unpriced else was, None if unpriced else now  # one half of a change would be a wrong one
    return PricedLine(
        urn=step.urn,
        name=step.name,
        what="; ".join(whats) or native_type(step.type) or step.type,
        before_min=priced[0].least if priced[0] else None,
        before_max=priced[0].most if priced[0] else None,
        after_min=priced[1].least if priced[1] else None,
        after_max=priced[1].most if priced[1] else None,
        source="; ".join(dict.fromkeys(f"{price.source} ({price.confidence})" for price in sides[0].prices)),
        unpriced=unpriced,
        changes=(was.charged if was else None) != (now.charged if now else None),
    )


def _total(values: Iterator[float | None]) -> float:
    return round(sum(value for value in values if value is not None), 2)


@dataclass(frozen=True)
class _Places:
    """Where workspaces and resource groups are, and what a managed network's rules are, at one time."""

    workspaces: Mapping[tuple[str, str], str]
    groups: Mapping[str, str]
    outbound: Mapping[tuple[str, str], tuple[Mapping[str, Any], ...]]

    @classmethod
    def before(cls, preview: Preview) -> _Places:
        """Before the update."""
        return cls._of([(step, step.old) for step in preview.steps if step.op is not Op.CREATE])

    @classmethod
    def after(cls, preview: Preview) -> _Places:
        """After it."""
        return cls._of([(step, _after(step)) for step in preview.steps])

    @classmethod
    def _of(cls, states: list[tuple[Step, State | None]]) -> _Places:
        workspaces: dict[tuple[str, str], str] = {}
        groups: dict[str, str] = {}
        outbound: dict[tuple[str, str], tuple[Mapping[str, Any], ...]] = {}
        for step, state in states:
            kind = native_type(step.type)
            if state is None or not kind:
                continue
            if kind == "resources:ResourceGroup":
                groups[_name(state, "resourceGroupName")] = _region(state)
            elif kind == "machinelearningservices:Workspace":
                workspaces[_workspace(state)] = _region(state)
            elif kind == _OUTBOUND_RULE and isinstance(rule := state.at("properties"), Mapping):
                outbound[_workspace(state)] = (*outbound.get(_workspace(state), ()), rule)
        return cls(workspaces, groups, outbound)

    def region(self, state: State) -> str:
        """The region of a resource by its Azure name; empty where nothing tells it."""
        target = state.at("target")
        group = _name(
            state, "target.resourceGroupName" if isinstance(target, Mapping) else "resourceGroupName"
        )
        return (
            _region(state, "properties.computeLocation")
            or _region(state)
            or self.workspaces.get(_workspace(state), "")
            or self.groups.get(group, "")
        )

    def rules(self, token: str, state: State) -> tuple[Mapping[str, Any], ...]:
        """Outbound rules of a workspace that are resources of their own."""
        is_workspace = native_type(token) == "machinelearningservices:Workspace"
        return self.outbound.get(_workspace(state), ()) if is_workspace else ()


def _workspace(state: State) -> tuple[str, str]:
    """Resource group and name of the workspace that a resource is, or is in."""
    inner = "target." if isinstance(state.at("target"), Mapping) else ""
    return _name(state, f"{inner}resourceGroupName"), _name(state, f"{inner}workspaceName")


def _name(state: State, path: str) -> str:
    """A name in lower case, as Azure compares them; empty where it is not known yet."""
    value = state.at(path)
    return value.lower() if isinstance(value, str) and not is_unknown(value) else ""


def _region(state: State, path: str = "location") -> str:
    return _name(state, path).replace(" ", "")

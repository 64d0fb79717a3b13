"""The rules of cost and of assets: each fires on what it is about, and on nothing beside it."""

from __future__ import annotations

import datetime as dt
import html
from typing import Any

import pytest

from review.build import Made, build
from review.cost import Pricing
from review.document import Verdict
from review.render.markdown import markdown
from tests.support.review_events import ASSETS, ML, UNKNOWN, Events
from tests.support.review_parts import (
    ENDPOINT,
    TABLE,
    TODAY,
    cluster,
    deployment,
    existing,
    in_workspace,
    schedule,
    traffic,
    version,
)

BUDGET = "azure-native:consumption:Budget"
SCALE = "properties.properties.scaleSettings.maxNodeCount"
COMPUTE = f"{ML}Compute"


def fired(events: Events, **pricing: Any) -> dict[str, str]:
    """Rule -> text, of the rules of this file."""
    found = build(events.preview, Made(), None, Pricing(**{"table": TABLE, "today": TODAY, **pricing}))
    return {each.rule: each.text for each in found.reasons if each.rule.startswith(("REV-COST", "REV-AST"))}


def grown(before: Any = 1, after: Any = 2, **more: Any) -> Events:
    return in_workspace().update(COMPUTE, "cpu", cluster(before, **more), cluster(after, **more), SCALE)


def test_a_rise_beyond_the_limit_fires_and_one_up_to_it_does_not() -> None:
    assert fired(grown(), limit=729)["REV-COST-001"] == (
        "up to 730 USD a month more: at most 730 before, 1,460 after; the limit is 729"
    )
    assert "REV-COST-001" not in fired(grown(), limit=730)


def test_less_cost_needs_no_look() -> None:
    assert fired(grown(4, 1), limit=0) == {}


def test_a_size_without_a_price_fires_where_it_changes() -> None:
    assert "Standard_NC6" in fired(grown(size="Standard_NC6"))["REV-COST-002"]
    same = in_workspace().same(COMPUTE, "gpu", cluster(size="Standard_NC6"))
    gone = in_workspace().delete(COMPUTE, "gpu", cluster(size="Standard_NC6"))
    tagged = in_workspace().update(
        COMPUTE, "gpu", cluster(size="x"), {**cluster(size="x"), "tags": {"a": "b"}}, "tags"
    )
    assert fired(same) == fired(gone) == fired(tagged) == {}


def test_old_prices_fire_where_they_price_a_change() -> None:
    later = TODAY + dt.timedelta(days=91)
    assert "91 days ago" in fired(grown(), today=later)["REV-COST-003"]
    assert "REV-COST-003" not in fired(grown())
    assert fired(in_workspace().same(COMPUTE, "cpu", cluster()), today=later) == {}


@pytest.mark.parametrize(
    ("before", "after", "fires"), [(100, 250, True), (250, 100, False), (100, UNKNOWN, True)]
)
def test_a_budget_that_is_raised_fires(before: object, after: object, fires: bool) -> None:
    events = Events().update(BUDGET, "budget", {"amount": before}, {"amount": after}, "amount")
    assert ("REV-COST-004" in fired(events)) is fires


def test_another_number_of_a_budget_is_not_its_amount() -> None:
    events = Events().update(BUDGET, "budget", {"other": 1}, {"other": 9}, "other")
    assert fired(events) == {}


@pytest.mark.parametrize(
    ("token", "before", "after", "path"),
    [
        (COMPUTE, cluster(2), cluster(6), SCALE),
        (COMPUTE, cluster(9, 0), cluster(9, 1), "properties.properties.scaleSettings.minNodeCount"),
        (
            f"{ASSETS}OnlineDeployment",
            deployment(instance_count=1),
            deployment(instance_count=3),
            "spec.instance_count",
        ),
        (f"{ML}OnlineDeployment", {"sku": {"capacity": 1}}, {"sku": {"capacity": 2}}, "sku.capacity"),
        (
            "azure-native:quota:Quota",
            {"properties": {"limit": {"value": 10}}},
            {"properties": {"limit": {"value": 20}}},
            "properties.limit.value",
        ),
    ],
)
def test_more_machines_fire_and_fewer_do_not(token: str, before: Any, after: Any, path: str) -> None:
    assert "rises from" in fired(Events().update(token, "x", before, after, path))["REV-COST-005"]
    assert "REV-COST-005" not in fired(Events().update(token, "x", after, before, path))


def served(before: dict[str, Any], after: dict[str, Any]) -> Events:
    events = existing().update(f"{ASSETS}OnlineDeployment", "blue", before, after, "spec.model")
    return events.same(f"{ASSETS}OnlineTraffic", ENDPOINT, traffic(blue=100))


def moved(green: str) -> Events:
    events = existing()
    getattr(events, green)(f"{ASSETS}OnlineDeployment", "green", deployment("green"))
    after = traffic(blue=50, green=50)
    return events.update(f"{ASSETS}OnlineTraffic", ENDPOINT, traffic(blue=100), after, "spec.traffic.blue")


def routed(**shares: int) -> Events:
    return Events().update(f"{ASSETS}OnlineTraffic", ENDPOINT, traffic(blue=100), traffic(**shares), "spec")


def timed(before: dict[str, Any], after: dict[str, Any]) -> Events:
    return Events().update(f"{ASSETS}Schedule", "retrain", before, after, "spec")


def replaced(policy: str) -> Events:
    return Events().replace(
        f"{ASSETS}Model", "m", {**version("1"), "whenReplaced": policy}, version("2"), "version"
    )


@pytest.mark.parametrize(
    ("rule", "fires", "is_quiet"),
    [
        ("REV-AST-001", routed(blue=90), routed(blue=90, green=10)),
        ("REV-AST-002", moved("create"), moved("same")),
        (
            "REV-AST-003",
            served(deployment(model="m:1"), deployment(model="m:2")),
            served(deployment(), deployment()),
        ),
        ("REV-AST-004", timed(schedule(is_enabled=False), schedule()), timed(schedule(), schedule(tags="x"))),
        ("REV-AST-005", timed(schedule(), schedule(is_enabled=False)), timed(schedule(), schedule(tags="x"))),
        ("REV-AST-006", replaced("archive"), replaced("keep")),
    ],
)
def test_each_rule_of_assets_fires_and_stays_quiet(rule: str, fires: Events, is_quiet: Events) -> None:
    assert rule in fired(fires)
    assert fired(is_quiet) == {}


def test_traffic_that_azure_refuses_is_a_stop() -> None:
    (reason,) = [
        each for each in build(routed(blue=90).preview, Made()).reasons if each.rule == "REV-AST-001"
    ]
    assert reason.verdict is Verdict.STOP


def test_the_comment_says_the_cost_and_never_0_for_what_is_not_priced() -> None:
    def comment(events: Events) -> str:
        review = build(events.preview, Made(), None, Pricing(table=TABLE, today=TODAY))
        return html.unescape(markdown(review))

    assert "Cost a month: not known, 1 not priced" in comment(grown(size="Standard_NC6"))
    assert "Cost a month: 0 to 730 → 0 to 1,460 USD, prices of 2026-11-26" in comment(grown())

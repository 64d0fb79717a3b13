"""What is different from the last review: each difference once, and none left out."""

from __future__ import annotations

from review.build import Made, build
from review.cost import Pricing
from review.document import Since
from tests.support.review_events import ML, Events
from tests.support.review_parts import TABLE, TODAY, cluster, in_workspace

COMPUTE = f"{ML}Compute"
MOST = "properties.properties.scaleSettings.maxNodeCount"
SIZE = "properties.properties.vmSize"


def since(before: Events, now: Events) -> Since:
    pricing = Pricing(table=TABLE, today=TODAY)
    found = build(now.preview, Made(), build(before.preview, Made(), None, pricing), pricing).since
    assert found is not None
    return found


def grown(name: str, most: int, size: str = "Standard_D4s_v3") -> Events:
    paths = [MOST] if size == "Standard_D4s_v3" else [MOST, SIZE]
    return in_workspace().update(COMPUTE, name, cluster(1), cluster(most, size=size), *paths)


def test_more_of_the_same_is_said_once_by_the_change() -> None:
    told = since(grown("cpu", 5), grown("cpu", 6))

    assert told.added == ("up to 3,650 USD a month more: at most 730 before, 4,380 after; the limit is 500",)
    assert told.removed == ()
    assert told.changed == (f"update of cpu: {MOST} becomes 6, not 5",)


def test_a_reason_that_comes_with_another_change_of_a_resource_is_new() -> None:
    told = since(grown("cpu", 5), grown("cpu", 5, "Standard_NC6"))

    assert any("Standard_NC6" in each for each in told.added)
    assert len(told.changed) == 1


def test_the_same_reason_of_another_resource_is_new_and_that_of_the_first_is_gone() -> None:
    told = since(grown("cpu", 5), grown("gpu", 5))

    assert {each for each in told.added if MOST in each} == {f"gpu: {MOST} rises from 1 to 5"}
    assert {each for each in told.removed if MOST in each} == {f"cpu: {MOST} rises from 1 to 5"}
    assert "update of gpu" in told.added
    assert told.changed == ()


def test_what_is_the_same_is_not_told() -> None:
    told = since(grown("cpu", 5), grown("cpu", 5))

    assert (told.added, told.removed, told.changed) == ((), (), ())

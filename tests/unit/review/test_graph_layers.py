"""Where boxes of the graph stand: apart from each other, and right of what they take from."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from review.render.layers import arranged

size = st.tuples(st.integers(1, 600), st.integers(1, 900))
boxes = st.lists(size, max_size=25)


@st.composite
def linked(draw: st.DrawFn) -> tuple[list[tuple[int, int]], set[tuple[int, int]]]:
    sizes = draw(st.lists(size, min_size=2, max_size=25))
    ends = st.integers(0, len(sizes) - 1)
    return sizes, draw(st.sets(st.tuples(ends, ends).filter(lambda pair: pair[0] != pair[1]), max_size=40))


@settings(deadline=None)  # a busy machine makes no box stand on another one
@given(linked())
def test_no_box_stands_on_another_one(case: tuple[list[tuple[int, int]], set[tuple[int, int]]]) -> None:
    sizes, pairs = case
    places = arranged(sizes, pairs)

    for (x, y), (w, h), (x2, y2), (w2, h2) in (
        (*one, *other) for one, other in combinations(zip(places, sizes, strict=True), 2)
    ):
        assert x + w <= x2 or x2 + w2 <= x or y + h <= y2 or y2 + h2 <= y


@given(linked())
def test_without_circles_what_gives_is_left_of_what_takes(
    case: tuple[list[tuple[int, int]], set[tuple[int, int]]],
) -> None:
    sizes, any_pairs = case
    pairs = {(min(pair), max(pair)) for pair in any_pairs}
    places = arranged(sizes, pairs)

    assert all(places[source][0] + sizes[source][0] <= places[target][0] for source, target in pairs)


@given(boxes)
def test_boxes_that_take_nothing_from_each_other_are_arranged_too(sizes: list[tuple[int, int]]) -> None:
    places = arranged(sizes, set())

    assert len(set(places)) == len(sizes)


def test_a_chain_of_thousands_needs_no_recursion() -> None:
    count = 5_000
    places = arranged([(10, 10)] * count, {(index, index + 1) for index in range(count - 1)})

    assert [x for x, _ in places] == sorted(x for x, _ in places)

"""Where boxes stand that give to each other: pure geometry, the same for the same input every time.

Boxes that hang together are arranged by themselves, in layers from left to right: what gives is left of what
takes, as far as there are no circles. These arrangements then stand in rows. Lengths are pixels.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

Size = tuple[int, int]  # width, height
Place = tuple[int, int]  # x, y of the upper left corner
Pairs = Collection[tuple[int, int]]  # (gives, takes), by position in the sequence of sizes

BETWEEN_LAYERS: Final = 76
BETWEEN_BOXES: Final = 20
_LOWEST: Final = 420  # height from which on a layer goes on in another column
_NARROWEST: Final = 900  # width that a row of arrangements may always have


def arranged(sizes: Sequence[Size], pairs: Pairs) -> list[Place]:
    """A place for each box, from (0, 0) on."""
    places: list[Place] = [(0, 0)] * len(sizes)
    sets = _connected(len(sizes), pairs)
    of = {index: number for number, members in enumerate(sets) for index in members}
    pairs_of: list[list[tuple[int, int]]] = [[] for _ in sets]
    for pair in sorted(pairs):
        pairs_of[of[pair[0]]].append(pair)
    parts = [_in_layers(members, sizes, own) for members, own in zip(sets, pairs_of, strict=True)]
    frames = [_frame(part, sizes) for part in parts]
    for part, (left, top) in zip(parts, _in_rows(frames), strict=True):
        for index, (x, y) in part.items():
            places[index] = (left + x, top + y)
    return places


def _connected(count: int, pairs: Pairs) -> list[list[int]]:
    """Boxes by what they hang together with, by their first members; last those that hang on nothing."""
    head = list(range(count))

    def top(index: int) -> int:
        while head[index] != index:
            head[index] = head[head[index]]
            index = head[index]
        return index

    for one, other in pairs:
        low, high = sorted((top(one), top(other)))
        head[high] = low
    sets: dict[int, list[int]] = {}
    for index in range(count):
        sets.setdefault(top(index), []).append(index)
    alone = [index for members in sets.values() if len(members) == 1 for index in members]
    return [*(members for members in sets.values() if len(members) > 1), *([alone] if alone else ())]


def _in_layers(members: Sequence[int], sizes: Sequence[Size], pairs: Pairs) -> dict[int, Place]:
    layers = _layers(members, pairs)
    area = sum((sizes[i][0] + BETWEEN_LAYERS) * (sizes[i][1] + BETWEEN_BOXES) for i in members)
    lowest = max(_LOWEST, math.isqrt(area // 2), *(sizes[i][1] for i in members))
    places: dict[int, Place] = {}
    x = 0
    for layer in range(max(layers.values()) + 1):
        y = width = 0
        for index in _ordered([i for i in members if layers[i] == layer], sizes, pairs, places):
            if y and y + sizes[index][1] > lowest:
                x, y, width = x + width + BETWEEN_BOXES, 0, 0
            places[index] = (x, y)
            y += sizes[index][1] + BETWEEN_BOXES
            width = max(width, sizes[index][0])
        x += width + BETWEEN_LAYERS
    return places


def _layers(members: Sequence[int], pairs: Pairs) -> dict[int, int]:
    """How far right each box stands. In a circle, the first of the boxes goes first."""
    before: dict[int, list[int]] = {index: [] for index in members}
    after: dict[int, list[int]] = {index: [] for index in members}
    for source, target in pairs:
        before[target].append(source)
        after[source].append(target)
    waits = {index: len(sources) for index, sources in before.items()}
    ready = [index for index in members if not waits[index]]
    others = iter(members)
    layers: dict[int, int] = {}
    while len(layers) < len(members):
        index = heapq.heappop(ready) if ready else next(other for other in others if other not in layers)
        if index in layers:
            continue
        layers[index] = max((layers[each] + 1 for each in before[index] if each in layers), default=0)
        for each in after[index]:
            waits[each] -= 1
            if waits[each] == 0:
                heapq.heappush(ready, each)
    return layers


def _ordered(
    layer: Sequence[int], sizes: Sequence[Size], pairs: Pairs, places: Mapping[int, Place]
) -> list[int]:
    """The boxes of a layer from top to bottom: each near those that it takes from."""
    heights: dict[int, list[int]] = {index: [] for index in layer}
    for source, target in pairs:
        if target in heights and source in places:
            heights[target].append(places[source][1] + sizes[source][1] // 2)
    return sorted(layer, key=lambda i: (sum(heights[i]) / len(heights[i]) if heights[i] else math.inf, i))


def _frame(part: Mapping[int, Place], sizes: Sequence[Size]) -> Size:
    return (
        max(x + sizes[index][0] for index, (x, _) in part.items()),
        max(y + sizes[index][1] for index, (_, y) in part.items()),
    )


def _in_rows(frames: Sequence[Size]) -> Iterable[Place]:
    """One beside the other, in rows about twice as wide as all of them are high."""
    area = sum((width + BETWEEN_BOXES) * (height + BETWEEN_BOXES) for width, height in frames)
    widest = max(_NARROWEST, math.isqrt(area * 2), max((width for width, _ in frames), default=0))
    x = y = height = 0
    for frame in frames:
        if x and x + frame[0] > widest:
            x, y, height = 0, y + height + BETWEEN_BOXES, 0
        yield x, y
        x += frame[0] + BETWEEN_BOXES
        height = max(height, frame[1])

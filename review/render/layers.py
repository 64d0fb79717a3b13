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
_LOWEST: Final = 560  # height from which on a layer goes on in another column
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
    before: dict[int, list[int]] = {index: [] for index in members}
    for source, target in pairs:
        before[target].append(source)
    area = sum((sizes[i][0] + BETWEEN_LAYERS) * (sizes[i][1] + BETWEEN_BOXES) for i in members)
    lowest = max(_LOWEST, math.isqrt(area // 2), *(sizes[i][1] for i in members))
    middles: dict[int, float] = {}  # how far down those that stand already are
    places: dict[int, Place] = {}
    x = 0
    for layer in _layers(before):
        y = width = 0
        for index in sorted(layer, key=lambda each: (_height(before[each], middles), each)):
            if y and y + sizes[index][1] > lowest:
                x, y, width = x + width + BETWEEN_BOXES, 0, 0
            places[index] = (x, y)
            y += sizes[index][1] + BETWEEN_BOXES
            width = max(width, sizes[index][0])
        middles.update({index: places[index][1] + sizes[index][1] / 2 for index in layer})
        x += width + BETWEEN_LAYERS
    return places


def _height(sources: Sequence[int], middles: Mapping[int, float]) -> float:
    """Where a box would be nearest to those that it takes from; below all others if there are none."""
    known = [middles[source] for source in sources if source in middles]
    return sum(known) / len(known) if known else math.inf


def _layers(before: Mapping[int, Sequence[int]]) -> list[list[int]]:
    """The boxes from left to right. In a circle, the first of the boxes goes first."""
    after: dict[int, list[int]] = {index: [] for index in before}
    for target, sources in before.items():
        for source in sources:
            after[source].append(target)
    waits = {index: len(sources) for index, sources in before.items()}
    ready = [index for index, count in waits.items() if not count]
    others = iter(before)
    depths: dict[int, int] = {}
    while len(depths) < len(before):
        index = heapq.heappop(ready) if ready else next(other for other in others if other not in depths)
        if index in depths:
            continue
        depths[index] = max((depths[each] + 1 for each in before[index] if each in depths), default=0)
        for each in after[index]:
            waits[each] -= 1
            if waits[each] == 0:
                heapq.heappush(ready, each)
    layers: list[list[int]] = [[] for _ in range(max(depths.values()) + 1)]
    for index, depth in depths.items():
        layers[depth].append(index)
    return layers


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

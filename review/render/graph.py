"""The picture of a review's graph: where each resource stands, the same for the same preview every time.

Resources stand in the box of the component that they belong to; what gives a value is left of what takes it,
as far as there are no circles. Lengths are pixels at full size.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from review.document import Edge, Node
from review.render.layers import arranged

UNCHANGED: Final = frozenset({"same", "read", "refresh"})
ROW_WIDTH: Final = 236
ROW_HEIGHT: Final = 36
_ROW_GAP: Final = 4
_HEADER: Final = 34
_PADDING: Final = 8
_LETTERS: Final = 28  # of a name, in a row or a title
_NEIGHBOURS: Final = 6  # unchanged rows of a box that are shown beside changed ones


@dataclass(frozen=True)
class Home:
    """The component that resources stand in. `above` are the names of the components around it."""

    urn: str
    name: str = ""
    above: tuple[str, ...] = ()
    op: str = "same"


@dataclass(frozen=True)
class Row:
    """A resource in the picture. `number` is its place among the document's nodes."""

    number: int
    node: Node
    label: str
    x: int
    y: int


@dataclass(frozen=True)
class Box:
    """A component in the picture. `more` counts unchanged resources that are left out."""

    home: Home
    label: str
    x: int
    y: int
    width: int
    height: int
    rows: tuple[Row, ...]
    more: int
    more_x: int
    more_y: int


@dataclass(frozen=True)
class Line:
    """A value that the resource `target` takes from the resource `source`, as an SVG path."""

    source: int
    target: int
    path: str


@dataclass(frozen=True)
class Picture:
    """Boxes with rows, and lines between rows. `left_out` counts resources that are not in it."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    left_out: int


def homes(nodes: Sequence[Node]) -> dict[str, Home]:
    """The component of each resource and of each component itself, by URN; parents in a circle end it."""
    by_urn = {node.urn: node for node in nodes}
    found: dict[str, Home] = {}
    return {node.urn: _home(node, by_urn, found) for node in nodes}


def _home(node: Node, by_urn: Mapping[str, Node], found: dict[str, Home]) -> Home:
    passed: set[str] = set()
    at: Node | None = node
    while at and not at.component and at.urn not in passed:
        passed.add(at.urn)
        at = by_urn.get(at.parent)
    if at is None or not at.component:
        return found.setdefault("", Home(""))
    if at.urn not in found:
        found[at.urn] = Home(at.urn, at.name, _above(at, by_urn), at.op)
    return found[at.urn]


def _above(component: Node, by_urn: Mapping[str, Node]) -> tuple[str, ...]:
    names: list[str] = []
    passed = {component.urn}
    at = by_urn.get(component.parent)
    while (
        at and at.parent and at.urn not in passed
    ):  # the stack itself, without a parent, goes without saying
        passed.add(at.urn)
        names.insert(0, at.name)
        at = by_urn.get(at.parent)
    return tuple(names)


def neighbourhood(nodes: Sequence[Node], edges: Iterable[Edge]) -> frozenset[str]:
    """URNs of what changes, and of what is one edge away from it."""
    changed = {node.urn for node in nodes if node.op not in UNCHANGED}
    pairs = [(edge.source, edge.target) for edge in edges]
    touched = {urn for pair in pairs if changed.intersection(pair) for urn in pair}
    return frozenset(changed | touched)


def picture(nodes: Sequence[Node], edges: Sequence[Edge], only: Collection[str] | None = None) -> Picture:
    """The picture of all resources, or only of some and of what changes beside them."""
    at_home = homes(nodes)
    members: dict[str, list[tuple[int, Node]]] = {}
    kinds = {home.urn: home for home in at_home.values()}
    for number, node in enumerate(nodes):
        if only is not None and node.urn not in only:
            continue
        rows = members.setdefault(at_home[node.urn].urn, [])
        if not node.component:
            rows.append((number, node))
    drafts = [
        _Draft(kinds[urn], *_few(rows, folds=only is not None))
        for urn, rows in members.items()
        if rows or kinds[urn].op not in UNCHANGED
    ]
    numbers = {node.urn: number for draft in drafts for number, node in draft.rows}
    links = sorted(
        {
            (numbers[edge.source], numbers[edge.target])
            for edge in edges
            if edge.source in numbers and edge.target in numbers
        }
    )
    boxes = _placed(drafts, links)
    places = {row.number: row for box in boxes for row in box.rows}
    resources = sum(not node.component for node in nodes)
    return Picture(
        width=max((box.x + box.width for box in boxes), default=0) + _PADDING,
        height=max((box.y + box.height for box in boxes), default=0) + _PADDING,
        boxes=boxes,
        lines=tuple(Line(a, b, _curve(places[a], places[b])) for a, b in links),
        left_out=resources - len(places),
    )


@dataclass(frozen=True)
class _Draft:
    """A box without its place."""

    home: Home
    rows: Sequence[tuple[int, Node]]
    more: int

    @property
    def tall(self) -> int:
        """Rows in one of its columns: boxes of many resources are about as wide as they are high."""
        count = len(self.rows) + bool(self.more)
        return max(8, math.ceil(math.sqrt(count * ROW_WIDTH / (ROW_HEIGHT + _ROW_GAP) / 2)))

    @property
    def columns(self) -> int:
        """Columns of rows, at least one."""
        return max(1, math.ceil((len(self.rows) + bool(self.more)) / self.tall))

    @property
    def width(self) -> int:
        """Pixels."""
        return self.columns * (ROW_WIDTH + _ROW_GAP) - _ROW_GAP + 2 * _PADDING

    @property
    def height(self) -> int:
        """Pixels."""
        rows = min(self.tall, len(self.rows) + bool(self.more))
        return _HEADER + rows * (ROW_HEIGHT + _ROW_GAP) + (_PADDING - _ROW_GAP if rows else 0)

    def at(self, x: int, y: int) -> Box:
        """The box in its place."""
        places = [
            (
                x + _PADDING + index // self.tall * (ROW_WIDTH + _ROW_GAP),
                y + _HEADER + index % self.tall * (ROW_HEIGHT + _ROW_GAP),
            )
            for index in range(len(self.rows) + 1)
        ]
        rows = tuple(
            Row(number, node, shortened(node.name, _LETTERS), *place)
            for (number, node), place in zip(self.rows, places, strict=False)
        )
        label = shortened(" / ".join((*self.home.above, self.home.name)), _LETTERS)
        return Box(self.home, label, x, y, self.width, self.height, rows, self.more, *places[-1])


def _few(rows: Sequence[tuple[int, Node]], *, folds: bool) -> tuple[Sequence[tuple[int, Node]], int]:
    """The rows of a box, and how many unchanged ones are left out."""
    unchanged = [number for number, node in rows if node.op in UNCHANGED]
    if not folds or len(unchanged) <= _NEIGHBOURS + 1:  # no row that says "1 more"
        return rows, 0
    left_out = frozenset(unchanged[_NEIGHBOURS:])
    return [row for row in rows if row[0] not in left_out], len(left_out)


def _placed(drafts: Sequence[_Draft], links: Iterable[tuple[int, int]]) -> tuple[Box, ...]:
    of = {number: index for index, draft in enumerate(drafts) for number, _ in draft.rows}
    pairs = {(of[source], of[target]) for source, target in links if of[source] != of[target]}
    places = arranged([(draft.width, draft.height) for draft in drafts], pairs)
    return tuple(draft.at(x + _PADDING, y + _PADDING) for draft, (x, y) in zip(drafts, places, strict=True))


def _curve(source: Row, target: Row) -> str:
    """From the right side of one row to the left side of another that is further right; else around them."""
    y1, y2 = source.y + ROW_HEIGHT // 2, target.y + ROW_HEIGHT // 2
    x1, x2 = source.x + ROW_WIDTH, target.x
    if x2 > x1:
        bend = min(140, (x2 - x1) // 2)
        return f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
    if target.x == source.x:
        bend = min(60, 14 + abs(y2 - y1) // 12)
        return f"M{x1} {y1}C{x1 + bend} {y1} {x1 + bend} {y2} {x1} {y2}"
    x1, x2 = source.x, target.x + ROW_WIDTH
    bend = min(140, max(20, (x1 - x2) // 2))
    return f"M{x1} {y1}C{x1 - bend} {y1} {x2 + bend} {y2} {x2} {y2}"


def shortened(name: str, letters: int) -> str:
    """A name of so many letters at most; beginnings and ends tell more than middles."""
    if len(name) <= letters:
        return name
    end = letters // 2
    return f"{name[: letters - end - 1]}…{name[-end:]}"

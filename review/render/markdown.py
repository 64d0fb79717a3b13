"""A review as the comment of a pull request: the verdict and its reasons first, everything else folded.

A comment has a largest size; what costs a reader least is cut first, and the comment says what was cut.
Whatever comes from the preview is written as text: no markup, no mention, no link of it takes effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from review.document import Review
from review.render.first_screen import head
from review.render.sections import Section, sections
from review.render.text import INVISIBLE

LARGEST: Final = 60_000  # bytes; GitHub takes 65,536 characters and Azure DevOps 150,000
_LONGEST_PLACE: Final = 300  # characters of project and stack, which are far shorter


def marker(review: Review) -> str:
    """The hidden line by which the comment of a stack is found again."""
    place = INVISIBLE.sub(" ", f"{review.project}/{review.stack}".replace("--", "-").replace(">", ""))
    return f"<!-- stack-review:v1 {place[:_LONGEST_PLACE]} -->"


def markdown(review: Review, largest: int = LARGEST) -> str:
    """The comment, of `largest` bytes at most."""
    first = f"{marker(review)}\n{head(review)}"
    parts = sections(review)
    limits: dict[int, int] = {}
    text = _assembled(first, parts, limits)
    for index in sorted(range(len(parts)), key=lambda each: parts[each].worth):
        while len(text.encode()) > largest and limits.get(index, len(parts[index].lines)) > 0:
            limits[index] = limits.get(index, len(parts[index].lines)) // 2
            text = _assembled(first, parts, limits)
    return text


def _assembled(first: str, parts: Sequence[Section], limits: dict[int, int]) -> str:
    return "\n".join([first, *(part.text(limits.get(index)) for index, part in enumerate(parts))])

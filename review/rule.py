"""What a rule of risk is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from review.document import Review, Verdict

Finds = Callable[[Review], Iterator[tuple[str, str]]]  # (URN or "", text)


@dataclass(frozen=True)
class Rule:
    """One rule. `title` is what it is about, `why` what a reviewer should think of."""

    id: str
    verdict: Verdict
    title: str
    why: str
    finds: Finds

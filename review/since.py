"""What is different from the previous review of the same pull request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from review.document import ResourceChange, Review, Since

_MOST: Final = 4  # properties of a resource that are told


def since(review: Review, previous: Review) -> Since:
    """Reasons and changes that came, went, or became others, in one line each."""
    reasons = {reason.text for reason in review.reasons}
    before = {reason.text for reason in previous.reasons}
    now, was = _by_urn(review), _by_urn(previous)
    return Since(
        commit=previous.commit,
        verdict=previous.verdict,
        added=(
            *sorted(reasons - before),
            *(now[urn] for urn in now if urn not in was),
        ),
        removed=(
            *sorted(before - reasons),
            *(was[urn] for urn in was if urn not in now),
        ),
        changed=tuple(_others(review, previous)),
    )


def _by_urn(review: Review) -> Mapping[str, str]:
    return {change.urn: f"{change.op} of {change.name}" for change in review.changes}


def _others(review: Review, previous: Review) -> Iterator[str]:
    before = {change.urn: change for change in previous.changes}
    for change in review.changes:
        was = before.get(change.urn)
        if was is not None and was != change:
            yield f"{change.op} of {change.name}: {_difference(was, change)}"


def _difference(was: ResourceChange, now: ResourceChange) -> str:
    """What of a change is different, in some words."""
    told = [f"{was.op} → {now.op}"] if was.op != now.op else []
    old = {each.path: each for each in was.properties}
    new = {each.path: each for each in now.properties}
    for path in dict.fromkeys((*new, *old)):
        if path not in new:
            told.append(f"{path} does not change any more")
        elif old.get(path) != new[path]:
            instead = f", not {old[path].after}" if path in old else ""
            told.append(f"{path} becomes {new[path].after}{instead}")
    more = len(told) - _MOST
    return "; ".join([*told[:_MOST], *([f"and {more} more"] if more > 0 else [])]) or "why it is replaced"

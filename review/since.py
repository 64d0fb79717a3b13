"""What is different from the previous review of the same pull request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from review.document import ResourceChange, Review, Since

_MOST: Final = 4  # properties of a resource that are told


def since(review: Review, previous: Review) -> Since:
    """Reasons and changes that came, went, or became others, in one line each."""
    changed = dict(_others(review, previous))
    added, removed = _came(review, previous), _came(previous, review)
    other = {key for key, texts in added.items() if len(texts) == len(removed.get(key, ()))}
    now, was = _by_urn(review), _by_urn(previous)
    return Since(
        commit=previous.commit,
        verdict=previous.verdict,
        added=(
            *sorted(
                text
                for key, texts in added.items()
                if not (key in other and key[1] in changed)
                for text in texts
            ),
            *sorted(now[urn] for urn in now if urn not in was),
        ),
        removed=(
            *sorted(text for key, texts in removed.items() if key not in other for text in texts),
            *sorted(was[urn] for urn in was if urn not in now),
        ),
        changed=tuple(changed.values()),
    )


def _came(review: Review, other: Review) -> Mapping[tuple[str, str], set[str]]:
    """The texts of reasons that only `review` has, by rule and resource.

    Where as many of a rule came as went for a resource, they are others of the same: the change of the
    resource says how they differ.
    """
    known = {reason.text for reason in other.reasons}
    came: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for reason in review.reasons:
        if reason.text not in known:
            came[reason.rule, reason.urn].add(reason.text)
    return came


def _by_urn(review: Review) -> Mapping[str, str]:
    return {change.urn: f"{change.op} of {change.name}" for change in review.changes}


def _others(review: Review, previous: Review) -> Iterator[tuple[str, str]]:
    """Resources that change in both reviews, each in another way: urn, and how."""
    before = {change.urn: change for change in previous.changes}
    for change in review.changes:
        was = before.get(change.urn)
        if was is not None and was != change:
            yield change.urn, f"{change.op} of {change.name}: {_difference(was, change)}"


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

"""What is different from the previous review of the same pull request."""

from __future__ import annotations

from collections.abc import Mapping

from review.document import Review, Since


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
            *(f"{now[urn]} is new in this preview" for urn in now if urn not in was),
        ),
        removed=(
            *sorted(before - reasons),
            *(f"{was[urn]} does not change any more" for urn in was if urn not in now),
        ),
        changed=tuple(f"{now[urn]} changes in another way" for urn in _others(review, previous)),
    )


def _by_urn(review: Review) -> Mapping[str, str]:
    return {change.urn: f"{change.op} of {change.name}" for change in review.changes}


def _others(review: Review, previous: Review) -> list[str]:
    before = {change.urn: change for change in previous.changes}
    return [each.urn for each in review.changes if each.urn in before and before[each.urn] != each]

"""How long the update takes, from known durations of Azure's operations along the longest chain."""

from __future__ import annotations

from review.document import Duration
from review.preview import Preview


def duration(preview: Preview) -> Duration:
    """The estimate."""
    return Duration()

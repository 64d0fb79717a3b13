"""Cost a month, before and after, from a dated table of prices."""

from __future__ import annotations

from review.document import Cost
from review.preview import Preview


def cost(preview: Preview) -> Cost:
    """What the stack costs before and after the update."""
    return Cost()

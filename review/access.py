"""Who gains or loses what, in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from review.document import AccessChange
from review.preview import Preview


def access_changes(preview: Preview) -> Iterator[AccessChange]:
    """All of them, in the order of the preview."""
    yield from ()

"""What opens or closes a way in or out."""

from __future__ import annotations

from collections.abc import Iterator

from review.document import ExposureChange
from review.preview import Preview


def exposure_changes(preview: Preview) -> Iterator[ExposureChange]:
    """All of them, in the order of the preview."""
    yield from ()

"""New versions, changed content and moved traffic of Azure ML's assets."""

from __future__ import annotations

from collections.abc import Iterator

from review.document import AssetChange
from review.preview import Preview


def asset_changes(preview: Preview) -> Iterator[AssetChange]:
    """All of them, in the order of the preview."""
    yield from ()

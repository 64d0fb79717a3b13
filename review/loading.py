"""Reads a review that this program wrote."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from review.document import Review
from review.errors import ReviewError


def load(path: Path) -> Review:
    """The review in a file.

    Raises:
        ReviewError: the file is not a review; OSError: it can't be read.
    """
    try:
        return Review.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ReviewError(
            f"{path}: {where}: {first['msg']}; allowed: what --json of this program wrote"
        ) from error

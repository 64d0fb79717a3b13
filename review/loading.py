"""Reads what the command lines are given: what the engine printed, and reviews that this program wrote."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from review.document import Review
from review.errors import ReviewError

_LARGEST: Final = 512 * 1024 * 1024  # bytes; a preview of some thousand resources has some megabytes


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


def text_of(path: Path) -> str:
    """The text of a file, or of standard input for `-`.

    Raises:
        ReviewError: it is too long; OSError: it can't be read.
    """
    data = sys.stdin.buffer.read(_LARGEST + 1) if str(path) == "-" else path.read_bytes()
    if len(data) > _LARGEST:
        raise ReviewError(f"{path}: more than {_LARGEST} bytes")
    return data.decode("utf-8", errors="replace")

"""What goes wrong with what a person gave: told in one line each, never by a traceback."""

from __future__ import annotations

from typing import Final

BAD_INPUT: Final = 2  # exit status of every command whose input says nothing


class ReviewError(Exception):
    """Input that no review can be made of: where, what was found, what is allowed."""

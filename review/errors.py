"""What goes wrong with what a person gave: told in one line each, never by a traceback."""

from __future__ import annotations


class ReviewError(Exception):
    """Input that no review can be made of: where, what was found, what is allowed."""

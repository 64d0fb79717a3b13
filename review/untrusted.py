"""Reads of JSON that may have anything in any place: what is of another kind is empty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def as_mapping(value: object) -> Mapping[str, Any]:
    """An object."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> Sequence[Any]:
    """A list."""
    return value if isinstance(value, list) else ()


def as_text(value: object) -> str:
    """A text."""
    return value if isinstance(value, str) else ""

"""Patterns of paths: `*` and `?` stand for part of a name, `[ab]` for a letter, `**` for any folders."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_WILDCARDS: Final = frozenset("*?[")
_PIECE: Final = re.compile(r"\*+|\?|\[!?\]?[^\]/]*\]|.", re.DOTALL)


def has_wildcards(pattern: str) -> bool:
    """Whether a pattern is more than the path of one file."""
    return not _WILDCARDS.isdisjoint(pattern)


def matches(path: str, pattern: str) -> bool:
    """Whether a pattern meets a path; both have forward slashes, and capital letters count."""
    return _compiled(pattern).fullmatch(path) is not None


@lru_cache(maxsize=512)
def _compiled(pattern: str) -> re.Pattern[str]:
    *folders, last = pattern.split("/")
    parts = ["(?:[^/]+/)*" if folder == "**" else f"{_name(folder)}/" for folder in folders]
    parts.append(".+" if last == "**" else _name(last))
    return re.compile("".join(parts), re.DOTALL)


def _name(pattern: str) -> str:
    """The expression for one part of a path, none of whose wildcards reaches over a slash."""
    return "".join(_piece(piece) for piece in _PIECE.findall(pattern))


def _piece(piece: str) -> str:
    if piece.startswith("*"):
        return "[^/]*"
    if piece == "?":
        return "[^/]"
    if len(piece) > 2 and piece.startswith("["):
        negated = piece.startswith("[!")
        letters = piece[2 if negated else 1 : -1].replace("\\", r"\\").replace("^", r"\^").replace("[", r"\[")
        return f"[{'^/' if negated else ''}{letters}]"
    return re.escape(piece)

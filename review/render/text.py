"""Text of a preview in Markdown: nothing in it is markup, a mention or a link."""

from __future__ import annotations

import re
from typing import Final

_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]()!|~$])")
_MARKUP: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# What a forge makes a link or a mention of, wherever it stands in a text.
_LINKED: Final = re.compile(r"(@|#|//|www\.|GH-|!(?=\d)|mailto:|xmpp:)", re.IGNORECASE)
_BREAK: Final = "<!-- -->"
INVISIBLE: Final = re.compile(r"[\u0000-\u001f\u007f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


def plain(text: str) -> str:
    """A text in which nothing is markup, a mention or a link."""
    one_line = INVISIBLE.sub(" ", text).strip()  # four spaces in front are a block of code
    escaped = _SPECIAL.sub(r"\\\1", re.sub("[&<>]", lambda found: _MARKUP[found[0]], one_line))
    broken = _LINKED.sub(lambda found: f"{found[0][0]}{_BREAK}{found[0][1:]}", escaped)
    return re.sub(r"^([-+=]|\d+\.)", r"\\\1", broken)


def code(text: str) -> str:
    """A text in code font, whatever backticks are in it."""
    one_line = INVISIBLE.sub(" ", text) or " "
    longest = max((len(run) for run in re.findall(r"`+", one_line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if one_line.startswith("`") or one_line.endswith("`") else ""
    return f"{fence}{pad}{one_line}{pad}{fence}"


def brief(text: str, longest: int = 500) -> str:
    """A text as `plain` writes it, of so many of its characters at most: a name has no largest size."""
    return plain(text if len(text) <= longest else f"{text[:longest]}…")

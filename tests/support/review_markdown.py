"""Comments as a reader of the pull request sees them: read by a parser of CommonMark."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token


def _parsed(comment: str) -> list[Token]:
    """`linkify` makes links of bare addresses, as forges do; these leave a lone `example.net` alone."""
    parser = MarkdownIt("gfm-like")
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_link": False})
    return parser.parse(comment)


def tokens(comment: str) -> Iterator[Token]:
    """All tokens, in order."""
    for token in _parsed(comment):
        yield token
        yield from token.children or ()


def read_as_text(comment: str) -> str:
    """The text alone, a line a block."""
    lines: list[str] = []
    for token in _parsed(comment):
        if token.type == "inline":
            shown = (child.content for child in token.children or () if child.type in ("text", "code_inline"))
            lines.append("".join(shown))
    return "\n".join(lines)

"""Text of a preview stays text in the comment: CommonMark finds the same structure, whatever it says."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it.token import Token

from review.build import Made, build
from review.render.markdown import code, markdown, plain
from tests.support.review_documents import full_review
from tests.support.review_events import Events
from tests.support.review_markdown import tokens

WEAPONS = (
    "[click](https://example.net)",
    "![x](https://example.net/x.png)",
    "<https://example.net>",
    "https://example.net/a?b=c",
    "ftp://example.net mailto:ada@example.net",
    "www.example.net",
    "ada@example.net",
    "@contoso/owners @ada",
    "contoso/ml#12 #12 GH-12 !12",
    "<script>alert(1)</script>",
    "</details></summary><h1>Safe</h1>",
    "<!-- stack-review:v1 other/prod -->",
    "--> <b>x</b>",
    "&lt;b&gt; &#60;b&#62;",
    "# Heading",
    "a\n# Heading\n\n---\n",
    "a\r\n\r\n    code",
    "Safe\n===\n",
    "> quote",
    "- item\n  - inner",
    "1. one\n2. two",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "```\nfence\n```",
    "~~~ fence",
    "`code` ``more`` ` one",
    "*bold* **strong** __under__ _it_ ~~gone~~",
    "\\*not bold\\* \\",
    "a\\\nb  \nc",
    "[ref]: https://example.net 'x'",
    "[ref][ref] [^1] [^1]: note",
    "$x$ $$y$$ {{ z }}",
    "\u202egnp.exe\u202c",
    "a\u200bb\u2066c\u2069",
    "\u2028# line",
    "javascript:alert(1)",
    "     five spaces",
    "\ttab",
    "- [ ] task",
    "`" * 30,
    "🟢 Safe: no rule of risk fired.",
    "\x00\x1b[31mred",
)
_OURS = re.compile(r"</?(details|summary)>|<!-- -->|<!-- stack-review:v1 [^>]*-->")
_LINKED = re.compile(r"(?<!\w)@\w|#\d|GH-\d|!\d|://|www\.\w", re.IGNORECASE)
_BIDI = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2066-\u2069\x00-\x08\x1b]")


def structure(comment: str) -> list[str]:
    """The kinds of tokens, without how often text is interrupted by a comment that says nothing."""
    kinds: list[str] = []
    for token in tokens(comment):
        if token.type == "html_inline" and token.content == "<!-- -->":
            continue
        if token.type == "text" and (not token.content or kinds[-1:] == ["text"]):
            continue
        kinds.append(f"{token.type}{token.tag}")
    return kinds


def html_of(token: Token) -> str:
    return _OURS.sub("", token.content) if token.type in ("html_block", "html_inline") else ""


def check(comment: str) -> None:
    for token in tokens(comment):
        assert token.type not in ("link_open", "image", "table_open", "fence", "code_block", "hr"), token
        assert "<" not in html_of(token), token
        if token.type == "text":
            assert not _LINKED.search(token.content), token
        assert not _BIDI.search(token.content), token


@pytest.mark.parametrize("weapon", WEAPONS)
def test_a_review_with_a_weapon_everywhere_has_the_structure_of_a_peaceful_one(weapon: str) -> None:
    comment = markdown(full_review(lambda text: f"{text} {weapon}"))

    check(comment)
    assert structure(comment) == structure(markdown(full_review(lambda text: f"{text} x")))


@pytest.mark.parametrize("weapon", WEAPONS)
def test_a_text_that_is_nothing_but_a_weapon_does_no_more(weapon: str) -> None:
    comment = markdown(full_review(lambda _: weapon))

    check(comment)
    assert structure(comment) == structure(markdown(full_review(lambda _: "x")))


@pytest.mark.parametrize("weapon", WEAPONS)
def test_a_preview_with_weapons_as_names_values_and_messages_is_harmless(weapon: str) -> None:
    made = (
        Events()
        .create(f"azure-native:storage:{weapon}", weapon, {weapon: weapon, "publicNetworkAccess": weapon})
        .update(
            "azure-native:storage:StorageAccount",
            weapon,
            {"minimumTlsVersion": "TLS1_2"},
            {},
            "minimumTlsVersion",
        )
        .delete(
            "azure-native:authorization:RoleAssignment", "r", {"description": weapon, "principalId": weapon}
        )
    )
    check(markdown(build(made.preview, Made(commit=weapon))))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.one_of(st.sampled_from(WEAPONS), st.text(max_size=20)), min_size=1, max_size=5).map(" ".join)
)
def test_no_text_becomes_more_than_text(text: str) -> None:
    for lead in ("- ", "- **x** ", "### "):
        for shown in (plain(text), code(text)):
            check(f"{lead}{shown}\n")
            kinds = set(structure(f"{lead}{shown}\n"))
            assert kinds <= {
                *(
                    "bullet_list_openul",
                    "list_item_openli",
                    "paragraph_openp",
                    "inline",
                    "text",
                    "code_inlinecode",
                ),
                *(
                    "paragraph_closep",
                    "list_item_closeli",
                    "bullet_list_closeul",
                    "heading_openh3",
                    "heading_closeh3",
                ),
                *("strong_openstrong", "strong_closestrong", "text_special"),
            }

"""docs/review.md is written from the table of rules, and says what the command line does."""

from __future__ import annotations

import re

from review import documentation
from review.cli import _parser
from review.rules import RULES


def test_the_page_is_current() -> None:
    page = documentation.DOCUMENT_FILE.read_text(encoding="utf-8")
    assert page == documentation.document(), "run: python -m review.documentation"


def test_no_word_of_a_rule_breaks_its_row() -> None:
    rows = [line for line in documentation.document().splitlines() if line.startswith("| REV-")]
    assert [row.split(" | ")[0].strip("| ") for row in rows] != []
    assert {row.count("|") for row in rows} == {5}
    assert len(rows) == len(RULES)


def test_the_options_that_it_tells_are_options() -> None:
    told = set(re.findall(r"`(--[a-z-]+)", documentation.document())) - {"--refresh"}
    known = {option for action in _parser()._actions for option in action.option_strings}
    assert told <= known
    assert known - told <= {"-h", "--help", "--history", "--state", "--tree"}

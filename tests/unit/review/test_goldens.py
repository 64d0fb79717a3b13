"""Comments of some dozens of kinds of change, as they were read and found right.

Where a change of wording is meant, rewrite them by `python -m tests.support.review_goldens` and read the
difference as a reviewer of a pull request would.
"""

from __future__ import annotations

import pytest

from review.render.markdown import markdown
from tests.support.review_goldens import FOLDER, GOLDENS, kept, reviewed
from tests.support.review_markdown import read_as_text

_SCREEN = 25  # lines


@pytest.mark.parametrize("name", GOLDENS)
def test_the_comment_is_the_one_that_was_read(name: str) -> None:
    assert markdown(reviewed(name)) == kept(name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", GOLDENS)
def test_the_first_screen_names_every_rule_that_fired(name: str) -> None:
    review = reviewed(name)
    screen = read_as_text("\n".join(markdown(review).splitlines()[:_SCREEN]))

    assert review.headline in screen
    assert {reason.rule for reason in review.reasons} <= {word.strip("();") for word in screen.split()}


def test_there_are_no_comments_of_other_cases() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(GOLDENS)

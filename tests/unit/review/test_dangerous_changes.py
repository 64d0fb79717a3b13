"""Every dangerous change of a real stack stands in the first screen of the comment."""

from __future__ import annotations

import pytest

from review.build import Made, build
from review.document import Review
from review.render.markdown import markdown
from review.rules import RULES
from tests.support.review_changes import DANGEROUS, Dangerous
from tests.support.review_markdown import read_as_text
from tests.support.review_mutations import Mutated

_SCREEN = 25  # lines


def first_screen(review: Review) -> str:
    return read_as_text("\n".join(markdown(review).splitlines()[:_SCREEN]))


@pytest.mark.parametrize("change", DANGEROUS.values(), ids=DANGEROUS)
def test_a_dangerous_change_is_on_the_first_screen(change: Dangerous) -> None:
    review = build(change.make().preview, Made())

    verdict = next(rule.verdict for rule in RULES if rule.id == change.rule)
    assert review.verdict.rank >= verdict.rank
    screen = first_screen(review)
    assert change.rule in screen
    for words in change.says:
        assert words in screen


def test_the_unchanged_stack_says_nothing_of_the_kind() -> None:
    for name in ("dev-unchanged", "prod-unchanged"):
        review = build(Mutated(name).preview, Made())
        assert review.reasons == ()
        assert review.headline == "Safe: nothing changes."


@pytest.mark.parametrize("name", sorted({change.rule for change in DANGEROUS.values()}))
def test_rules_that_dangerous_changes_name_are_rules(name: str) -> None:
    assert name in {rule.id for rule in RULES}

"""The rules about what policies say, and about what becomes of the policies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from review import wording
from review.document import Review, Verdict
from review.rule import Rule


def _blocked(review: Review) -> Iterator[tuple[str, str]]:
    for finding in review.policies.findings:
        if finding.level == "mandatory" and finding.verdict == "fail":
            yield finding.urn, wording.judged(finding, "fails")


def _not_evaluated(review: Review) -> Iterator[tuple[str, str]]:
    for finding in review.policies.findings:
        if finding.level == "mandatory" and finding.verdict == "not evaluated":
            yield finding.urn, wording.judged(finding, "cannot be judged yet")


def _without_policies(review: Review) -> Iterator[tuple[str, str]]:
    if not review.policies.known and review.changes:
        yield "", "the preview ran without policies"


def _weaker_policies(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.policies.changed:
        if each.weaker:
            policy = f"{each.policy} in {each.file}: " if each.policy else ""
            yield "", f"{policy}{each.text}"


def _waived(review: Review) -> Iterator[tuple[str, str]]:
    for finding in review.policies.findings:
        if finding.verdict == "waived" and finding.changes:
            until = f"; {finding.details[1]}" if len(finding.details) > 1 else ""
            yield finding.urn, f"{wording.judged(finding, 'is let through')}{until}"


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "REV-POL-001",
        Verdict.STOP,
        "A mandatory policy fails",
        "The update would be refused, or half of it applied.",
        _blocked,
    ),
    Rule(
        "REV-POL-002",
        Verdict.LOOK,
        "A mandatory policy could not be judged",
        "A value that is known only after the update can hide anything.",
        _not_evaluated,
    ),
    Rule(
        "REV-POL-003",
        Verdict.LOOK,
        "Something changes, and the preview ran without policies",
        "Nothing was checked.",
        _without_policies,
    ),
    Rule(
        "REV-POL-004",
        Verdict.LOOK,
        "The policies of the pull request let more through than those of its base, or may",
        "What they no longer say here may be what they were made for.",
        _weaker_policies,
    ),
    Rule(
        "REV-POL-005",
        Verdict.LOOK,
        "Something changes that a policy would refuse, but for an exemption",
        "Does the reason of the exemption hold for this change too?",
        _waived,
    ),
)

"""Policy results by verdict: what blocks, what advises, what is let through, what could not be judged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from review.document import Policies, PolicyChange, PolicyFinding
from review.preview import PolicyResult, Preview

Outcome = Literal["fail", "not evaluated", "waived"]
# The words that the pack in policies/ begins a requirement with; any other pack's result is a failure,
# unless the SDK of Pulumi says in its own words that the policy could not run.
_OUTCOMES: Final[tuple[Outcome, ...]] = ("fail", "not evaluated", "waived")
_SDK_UNKNOWN: Final = "can't run policy"
_SEPARATOR: Final = " · "


def policies(preview: Preview, changed: tuple[PolicyChange, ...] = ()) -> Policies:
    """All results of the preview's policies; `changed`: how they differ from the base of the pull request."""
    return Policies(
        known=preview.has_policy_results,
        passed=preview.passed,
        findings=tuple(sorted(_findings(preview), key=_order)),
        changed=changed,
    )


def _findings(preview: Preview) -> Iterator[PolicyFinding]:
    changing = {step.urn for step in preview.changing()}
    for result in preview.policies:
        title, *details = result.message.splitlines() or [""]
        verdict = _outcome(result, details)
        yield PolicyFinding(
            policy=result.policy,
            verdict=verdict,
            level=result.level,
            severity=result.severity,
            urn=result.urn,
            title=title,
            details=tuple(each.removeprefix(f"{verdict}{_SEPARATOR}") for each in details),
            changes=result.urn in changing,
        )


def _outcome(result: PolicyResult, details: list[str]) -> Outcome:
    if _SDK_UNKNOWN in result.message:
        return "not evaluated"
    first = details[0] if details else ""
    return next((each for each in _OUTCOMES if first.startswith(each + _SEPARATOR)), "fail")


def _order(finding: PolicyFinding) -> tuple[bool, bool, int, int, str, str]:
    """What blocks first, then what is about this change and not about what was there before."""
    severities = ("critical", "high", "medium", "low", "")
    rank = severities.index(finding.severity) if finding.severity in severities else len(severities)
    return (
        finding.level != "mandatory",
        not finding.changes,
        _OUTCOMES.index(finding.verdict),
        rank,
        finding.policy,
        finding.urn,
    )

"""Exemptions: whom they cover, until when, and what becomes of those that nothing needs."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from pulumi_policy import EnforcementLevel as Level

from azureml_guard.exemptions import Exemption, exemption_of
from azureml_guard.facts import Resource, Stack, Verdict
from azureml_guard.judge import Judge, Judgement
from azureml_guard.pack_controls import EXPIRED, UNUSED
from tests.support.policy_controls import ALL, FREE, OPEN, OWNED, TODAY, exemption, judge_of, said


@pytest.mark.parametrize(
    ("resource", "covered"),
    [
        ("free", True),
        ("*", True),
        ("fr?e", True),
        (FREE.urn, True),
        ("*StorageAccount::free", True),
        ("Free", False),
        ("fre", False),
        ("", False),
    ],
)
def test_an_exemption_names_a_resource_by_its_name_or_urn(resource: str, covered: bool) -> None:
    assert exemption(resource).covers(FREE.urn, Verdict.FAIL, TODAY) is covered


@pytest.mark.parametrize(
    ("resource", "verdict", "waived"),
    [(FREE, Verdict.FAIL, True), (FREE, Verdict.NOT_EVALUATED, False), (OPEN, Verdict.NOT_EVALUATED, True),
     (OPEN, Verdict.FAIL, False)],
)  # fmt: skip
def test_an_exemption_waives_one_verdict(resource: Resource, verdict: Verdict, waived: bool) -> None:
    (found,) = judge_of(exemptions=[exemption(verdict=verdict)]).resource(resource)

    assert (found.verdict is Verdict.WAIVED) is waived
    assert found.level is (Level.ADVISORY if waived else Level.MANDATORY)


def test_an_exemption_holds_on_its_last_day_and_not_after() -> None:
    yesterday = TODAY - dt.timedelta(days=1)

    assert exemption().covers(FREE.urn, Verdict.FAIL, TODAY)
    assert not exemption(expires=yesterday).covers(FREE.urn, Verdict.FAIL, TODAY)


def about_exemptions(judge: Judge, *resources: Resource) -> list[Judgement]:
    for each in resources:
        list(judge.resource(each))
    return list(judge.stack(Stack(resources)))


def test_an_expired_exemption_is_a_failure_of_its_own_and_waives_nothing() -> None:
    expired = exemption(expires=TODAY - dt.timedelta(days=1))

    (found,) = about_exemptions(judge_of(exemptions=[expired]), FREE)
    assert (found.control, found.verdict, found.level) == (EXPIRED, Verdict.FAIL, Level.MANDATORY)
    assert found.findings[0].path == "AML-TAG-001.exemptions"
    assert found.findings[0].expectation == "must go: *, until 2026-10-31, team"


def test_an_exemption_that_nothing_needs_is_told_and_one_that_is_needed_is_not() -> None:
    unused = exemption("no-such-account")

    (found,) = about_exemptions(judge_of(exemptions=[unused, exemption("free")]), FREE, OWNED)
    assert found.control is UNUSED
    assert found.findings[0].expectation.startswith("must go: no-such-account")


@pytest.mark.parametrize(
    "exemptions", [[exemption("no-such-account")], [exemption(expires=TODAY - dt.timedelta(days=1))]]
)
def test_the_pack_says_whether_exemptions_are_looked_at(exemptions: list[Exemption]) -> None:
    assert about_exemptions(judge_of(exemptions=exemptions, pack=Level.DISABLED), FREE) == []
    (found,) = about_exemptions(judge_of(exemptions=exemptions, pack=Level.ADVISORY), FREE)
    assert found.level is Level.ADVISORY


def test_an_exemption_of_a_control_of_the_stack_is_used_there() -> None:
    controls = judge_of(exemptions=[exemption("free")], controls=(ALL,))

    assert ("free", Verdict.WAIVED, Level.ADVISORY) in said(about_exemptions(controls, FREE))


def test_an_entry_has_a_verdict_only_if_it_says_so() -> None:
    entry: dict[str, Any] = {"resource": "a", "reason": "agreed so", "owner": "team", "expires": "2026-12-01"}

    assert exemption_of(entry, TODAY).verdict is Verdict.FAIL
    assert exemption_of({**entry, "verdict": "not evaluated"}, TODAY).verdict is Verdict.NOT_EVALUATED

"""Each control by its cases: what passes, what fails and how, what can't be told yet, what is exempted."""

from __future__ import annotations

import datetime as dt

import pytest
from pulumi_policy import EnforcementLevel as Level

from azureml_guard.catalogue import CATALOGUE
from azureml_guard.control import Concern, Control
from azureml_guard.exemptions import Exemption
from azureml_guard.facts import Verdict
from azureml_guard.messages import message_of
from tests.support.policy_cases import VERDICTS, Case, cases

CONTROLS = {control.id: control for control in CATALOGUE if control.concern is not Concern.PACK}
CASES = list(cases())
OF_OPTIONS = ("AML-PRO-001", "AML-PRO-003")  # options of resources are always known
STOPPED = [case for case in CASES if case.kind in ("fails", "unknown")]


def control_of(case: Case) -> Control:
    assert case.control_id in CONTROLS, f"{case}: the catalogue has no such control"
    return CONTROLS[case.control_id]


@pytest.mark.parametrize("control_id", CONTROLS)
@pytest.mark.parametrize("kind", VERDICTS)
def test_every_control_has_cases_of_every_kind(control_id: str, kind: str) -> None:
    if kind == "unknown" and control_id in OF_OPTIONS:
        return
    assert any((case.control_id, case.kind) == (control_id, kind) for case in CASES)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_control_says_what_its_case_expects(case: Case) -> None:
    found = case.judgements(control_of(case))
    of_all = case.kind == "ignores" and "about" not in case.data
    judgements = [each for each in found if of_all or each.urn == case.about]

    verdicts = {each.verdict for each in judgements}
    assert verdicts == ({case.verdict} if case.verdict else set())
    if case.kind == "passes":
        assert Verdict.FAIL not in {each.verdict for each in found}, "it cries at another resource"
    if case.kind == "fails":
        said = {line.removeprefix("fail · ") for line in message_of(judgements[0]).splitlines()[1:-2]}
        assert said == set(case.data["says"])
        assert judgements[0].level is Level.MANDATORY


@pytest.mark.parametrize("case", STOPPED, ids=str)
def test_an_exemption_waives_what_it_names_until_its_day(case: Case) -> None:
    control = control_of(case)
    verdict = case.verdict
    assert verdict is not None
    other = Verdict.NOT_EVALUATED if verdict is Verdict.FAIL else Verdict.FAIL

    def said(resource: str, expires: dt.date, waived: Verdict) -> Verdict:
        exemption = Exemption(resource, "agreed with the security board", "ml-platform-team", expires, waived)
        found = [each for each in case.judgements(control, exemption) if each.control is control]
        return next(
            each.verdict for each in found if each.urn == case.about and each.verdict is not Verdict.PASS
        )

    last = dt.date(2026, 11, 1)
    assert said("*", last, verdict) is Verdict.WAIVED
    assert said("*", last - dt.timedelta(days=1), verdict) is verdict
    assert said("*", last, other) is verdict
    assert said("another-resource", last, verdict) is verdict


def test_ids_are_unique_and_texts_are_whole_sentences() -> None:
    assert len({control.id for control in CATALOGUE}) == len(CATALOGUE)
    for control in CATALOGUE:
        assert not control.title.endswith("."), control.id
        assert control.why.endswith("."), control.id
        assert control.mend.endswith("."), control.id

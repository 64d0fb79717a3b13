"""What a reader sees: the catalogue's words, paths, and never what a resource holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pulumi_policy import EnforcementLevel as Level

from azureml_guard.catalogue import CATALOGUE
from azureml_guard.configuration import configured
from azureml_guard.exemptions import Exemption
from azureml_guard.facts import Finding, Resource, Stack, Verdict
from azureml_guard.judge import Judge, Judgement
from azureml_guard.messages import message_of
from azureml_guard.values import UNKNOWN, Secret
from tests.support.policy_cases import Case, cases
from tests.support.policy_controls import control
from tests.support.policy_setups import setups

TODAY = dt.date(2026, 11, 1)
CANARY = "canary-7f3a-hush"
CONFIGURED = configured(CATALOGUE, {}, TODAY)
FINDING = Finding(Verdict.FAIL, "tags.owner", "must be there", "urn:a::data")
STACKS = [case.resources for case in cases()] + [each.deployed(with_outputs=True) for each in setups()]


def judgement(verdict: Verdict, *findings: Finding, exemption: Exemption | None = None) -> Judgement:
    found = tuple(replace(each, verdict=verdict) for each in findings)
    return Judgement(control(1), verdict, "urn:a::data", found, Level.MANDATORY, exemption)


def test_a_failure_says_what_where_why_and_how_to_mend_it() -> None:
    other = Finding(Verdict.FAIL, "", "must be one of several", "urn:a::data")

    assert message_of(judgement(Verdict.FAIL, FINDING, other, FINDING)).splitlines() == [
        "An account has an owner",
        "fail · tags.owner must be there",
        "fail · must be one of several",
        "Mend: Set tags.owner to a team.",
        "Why: Nobody answers for it otherwise.",
    ]


def test_advice_is_short() -> None:
    lines = message_of(replace(judgement(Verdict.NOT_EVALUATED, FINDING), level=Level.ADVISORY)).splitlines()

    assert lines[1:] == ["not evaluated · tags.owner must be there", "Mend: Set tags.owner to a team."]


def test_what_cannot_be_told_and_stops_says_how_to_go_on() -> None:
    lines = message_of(judgement(Verdict.NOT_EVALUATED, FINDING)).splitlines()

    assert "judged again before the resource is changed" in lines[2]
    assert "It stops the update by AML-PCK-001: Make the value known in the preview, or exempt" in lines[2]


def test_what_a_setting_leaves_open_does_not_promise_another_judgement() -> None:
    whole = replace(judgement(Verdict.NOT_EVALUATED, FINDING), urn="")

    assert "judged again" not in message_of(whole)
    assert "a setting that is not given" in message_of(whole)


def test_a_control_that_failed_itself_says_whose_mistake_it_is() -> None:
    broken = Finding(Verdict.NOT_EVALUATED, "", "", "urn:a::data", error="KeyError")

    _, what, mend = message_of(judgement(Verdict.NOT_EVALUATED, broken)).splitlines()
    assert what == "not evaluated · the control itself failed: KeyError"
    assert mend.startswith("Mend: This is a mistake of the policy pack: report it")


def test_what_is_waived_says_by_whom_until_when_and_why() -> None:
    exemption = Exemption("*", "change 4711", "team", dt.date(2026, 12, 1), Verdict.FAIL)

    assert message_of(judgement(Verdict.WAIVED, FINDING, exemption=exemption)).splitlines() == [
        "An account has an owner",
        "waived · tags.owner must be there",
        "Exempted until 2026-12-01 by team: change 4711",
    ]


# Secrets --------------------------------------------------------------------------------------


def texts(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The place of every text, also of one that is secret, and of every key of a map."""
    if isinstance(value, Secret):
        yield from texts(value.value, path)
    elif isinstance(value, str):
        yield path
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, (*path, index))


def planted(value: Any, path: tuple[Any, ...], make: Any) -> Any:
    if isinstance(value, Secret):
        return Secret(planted(value.value, path, make))
    if not path:
        return make(value)
    here, *rest = path
    if isinstance(value, Mapping):
        return {key: planted(item, tuple(rest), make) if key == here else item for key, item in value.items()}
    return [planted(item, tuple(rest), make) if i == here else item for i, item in enumerate(value)]


PLACES = [
    (number, index, path)
    for number, resources in enumerate(STACKS)
    for index, resource in enumerate(resources)
    for path in texts(resource.properties)
]
MAKERS = (
    lambda value: CANARY,
    lambda value: Secret(CANARY),
    lambda value: f"{value}{CANARY}",
    lambda value: f"{CANARY}/{value}",
    lambda value: {CANARY: value},
    lambda value: [CANARY],
    # Nor does any control fall over what no provider takes.
    lambda value: Secret([value]),
    lambda value: UNKNOWN,
    lambda value: None,
    lambda value: True,
    lambda value: 3,
)


@settings(deadline=None)  # what is judged is not how long it takes
@given(place=st.sampled_from(PLACES), make=st.sampled_from(MAKERS))
def test_no_message_shows_a_value_from_any_place(place: tuple[int, int, tuple[Any, ...]], make: Any) -> None:
    number, index, path = place
    resources = list(STACKS[number])
    resources[index] = replace(resources[index], properties=planted(resources[index].properties, path, make))

    assert not [each for each in messages(resources) if CANARY in each]


@pytest.mark.parametrize("case", [case for case in cases() if case.kind == "fails"], ids=str)
def test_no_message_shows_a_value_of_a_case(case: Case) -> None:
    """All texts at once, each in its own place, so that none is left out by chance."""
    resources = list(case.resources)
    for index, resource in enumerate(resources):
        for path in texts(resource.properties):
            mutated = [*resources]
            mutated[index] = replace(
                resource, properties=planted(resource.properties, path, lambda value: f"{value}{CANARY}")
            )
            assert not [each for each in messages(mutated) if CANARY in each], path


def messages(resources: list[Resource]) -> list[str]:
    judge = Judge(CATALOGUE, CONFIGURED, "prod", TODAY)
    judgements = [each for resource in resources for each in judge.resource(resource)]
    judgements += judge.stack(Stack(tuple(resources)))
    return [message_of(each) for each in judgements]

"""From findings to judgements: levels, what cannot be told yet, remedies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from pulumi_policy import EnforcementLevel as Level

from azureml_guard.control import Context
from azureml_guard.facts import Resource, Stack, Verdict
from tests.support.policy_controls import (
    ALL,
    FREE,
    ONE,
    OPEN,
    OWNED,
    TWO,
    broken_control,
    broken_stack_control,
    exemption,
    judge_of,
    said,
)

# Levels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "fails_at"),
    [
        (Level.ADVISORY, Level.ADVISORY),
        (Level.MANDATORY, Level.MANDATORY),
        (Level.REMEDIATE, Level.MANDATORY),  # what is left after mending
    ],
)
def test_the_level_of_a_control_says_whether_what_fails_stops(level: Level, fails_at: Level) -> None:
    controls = (TWO,)

    assert said(judge_of(level, controls=controls).resource(FREE)) == [("free", Verdict.FAIL, fails_at)]
    assert said(judge_of(level, controls=controls).resource(OWNED)) == [
        ("owned", Verdict.PASS, Level.ADVISORY)
    ]


def test_a_disabled_control_says_nothing_and_mends_nothing() -> None:
    disabled = judge_of(Level.DISABLED, controls=(TWO, ALL))

    assert list(disabled.resource(FREE)) == []
    assert list(disabled.stack(Stack((FREE,)))) == []
    assert list(disabled.remedies(FREE)) == []


@pytest.mark.parametrize(
    ("level", "pack", "expected"),
    [
        (Level.MANDATORY, Level.MANDATORY, Level.MANDATORY),
        (Level.MANDATORY, Level.ADVISORY, Level.ADVISORY),
        (Level.MANDATORY, Level.DISABLED, Level.ADVISORY),
        (Level.ADVISORY, Level.MANDATORY, Level.ADVISORY),
    ],
)
def test_what_cannot_be_told_stops_where_the_control_and_the_pack_say_so(
    level: Level, pack: Level, expected: Level
) -> None:
    assert said(judge_of(level, pack=pack).resource(OPEN)) == [("open", Verdict.NOT_EVALUATED, expected)]


def test_a_control_judges_the_types_it_names_and_a_star_every_azure_resource() -> None:
    everything = replace(ONE, number=9, types=("*",))
    controls = judge_of(controls=(ONE, everything))
    vault = Resource("keyvault:Vault", "urn:a::vault", {})

    assert [each.control.id for each in controls.resource(FREE)] == ["AML-TAG-001", "AML-TAG-009"]
    assert [each.control.id for each in controls.resource(vault)] == ["AML-TAG-009"]
    assert list(controls.resource(Resource("pulumi:pulumi:Stack", "urn:a::s", {}, is_azure=False))) == []


def test_a_control_of_a_stack_judges_each_resource_and_the_stack_by_itself() -> None:
    found = said(judge_of(controls=(ALL,)).stack(Stack((OWNED, FREE, OPEN))))

    assert found == [
        ("", Verdict.PASS, Level.ADVISORY),
        ("owned", Verdict.PASS, Level.ADVISORY),
        ("free", Verdict.FAIL, Level.MANDATORY),
        ("open", Verdict.NOT_EVALUATED, Level.MANDATORY),
    ]
    assert said(judge_of(controls=(ALL,)).stack(Stack(()))) == [("", Verdict.FAIL, Level.MANDATORY)]


# Controls that fail themselves ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("level", "pack", "expected"),
    [
        (Level.MANDATORY, Level.MANDATORY, Level.MANDATORY),
        (Level.MANDATORY, Level.ADVISORY, Level.ADVISORY),
        (Level.ADVISORY, Level.MANDATORY, Level.ADVISORY),
    ],
)
def test_a_control_that_raises_has_not_evaluated_and_never_passes(
    level: Level, pack: Level, expected: Level
) -> None:
    controls = (broken_control(1), TWO)

    assert said(judge_of(level, pack=pack, controls=controls).resource(OWNED)) == [
        ("owned", Verdict.NOT_EVALUATED, expected),
        ("owned", Verdict.PASS, Level.ADVISORY),  # of the other control
    ]


def test_what_a_control_found_before_it_raised_is_kept() -> None:
    judge = judge_of(controls=(broken_stack_control(3),))

    assert said(judge.stack(Stack((FREE, OWNED)))) == [
        ("free", Verdict.FAIL, Level.MANDATORY),
        ("owned", Verdict.PASS, Level.ADVISORY),
        ("", Verdict.NOT_EVALUATED, Level.MANDATORY),
    ]


def test_a_control_that_raises_can_be_exempted_until_it_is_mended() -> None:
    excused = judge_of(controls=(broken_control(1),), exemptions=[exemption(verdict=Verdict.NOT_EVALUATED)])

    assert said(excused.resource(OWNED)) == [("owned", Verdict.WAIVED, Level.ADVISORY)]


def test_a_control_or_a_remedy_that_raises_mends_nothing() -> None:
    def refuse(resource: Resource, context: Context) -> Mapping[str, object]:
        raise ValueError(resource.properties)

    mending = judge_of(Level.REMEDIATE, controls=(replace(broken_control(1), remedy=refuse), TWO))
    assert [control.id for control, _ in mending.remedies(FREE)] == ["AML-TAG-002"]
    assert list(mending.remedies(OWNED)) == []


# Remedies -------------------------------------------------------------------------------------


def test_only_what_fails_under_remediate_is_mended() -> None:
    mending = judge_of(Level.REMEDIATE, controls=(ONE, TWO))

    assert [(each.id, dict(values)) for each, values in mending.remedies(FREE)] == [
        ("AML-TAG-002", {"tags.owner": "team"})
    ]
    assert list(mending.remedies(OWNED)) == []
    assert list(mending.remedies(OPEN)) == []
    assert list(judge_of(Level.MANDATORY, controls=(TWO,)).remedies(FREE)) == []


def test_what_is_exempted_is_not_mended() -> None:
    assert list(judge_of(Level.REMEDIATE, exemptions=[exemption()], controls=(TWO,)).remedies(FREE)) == []

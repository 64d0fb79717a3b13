"""Set-ups that others have published, under the controls of prod: what is found is what a reviewer expects.

The files of setups/ are rebuilt from facts, not written to fit a control. A preview of the first deployment
knows no output; after the update all are known, and what was found before is still found.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from azureml_guard import configuration
from azureml_guard.catalogue import CATALOGUE
from azureml_guard.control import Concern
from azureml_guard.documentation import CONFIG
from azureml_guard.facts import Resource, Stack, Verdict
from azureml_guard.judge import Judge
from tests.support.policy_setups import STACK, Setup, setups

TODAY = dt.date(2026, 11, 1)
SETUPS = list(setups())
# What no set-up does wrong, and why; broken stacks (mutations.yml) show that these controls fail too.
NEVER = {
    "AML-CST-002": "their clusters scale down after minutes, as by Azure's default",
    "AML-CST-004": "prod allows the families of their sizes",
    "AML-CST-005": "none of their sizes is retired",
    "AML-CST-006": "off in prod",
    "AML-CST-007": "open while there are no prices in the settings",
    "AML-CST-008": "open while there are no quotas in the settings",
    "AML-CST-009": "their deployments are small, and without GPU",
    "AML-CST-011": "off in prod",
    "AML-CST-013": "they have no schedules, and no nodes of low priority",
    "AML-DAT-005": "none has a tag that says which data need a key of the customer's",
    "AML-DAT-010": "none has a second region",
    "AML-IDN-012": "their pipelines sign in elsewhere",
    "AML-MLA-005": "whoever rebuilt them gave versions",
    "AML-MLA-007": "their models are of the workspace",
    "AML-MLA-009": "none archives anything",
    "AML-MLA-010": "the age of an image is known after a refresh only",
    "AML-MLA-011": "open while the setting does not say what staging has",
    "AML-MLA-013": "none divides traffic",
    "AML-MLA-016": "none writes a version twice",
    "AML-NAM-001": "conventions are a setting, empty by default, and the names are such as Azure takes",
    "AML-NAM-002": "their names say prod, or no environment",
    "AML-NET-003": "which hosts are refused is a team's setting, and none is open to all",
    "AML-NET-014": "their inbound rules name service tags, or deny",
    "AML-PRO-003": "what they ignore are tags",
    "AML-RBAC-002": "none assigns a role on a subscription",
    "AML-RBAC-005": "none defines a role",
    "AML-RBAC-007": "none is of two environments, or hands out roles to who reads data",
}

Found = dict[str, set[str]]


def found(declared: tuple[Resource, ...], known: tuple[Resource, ...]) -> dict[Verdict, Found]:
    """By verdict and control the names: controls of a resource see inputs, those of the stack all."""
    configured = configuration.configured(CATALOGUE, configuration.read(Path(CONFIG) / "prod.json"), TODAY)
    judge = Judge(CATALOGUE, configured, "prod", TODAY)
    judgements = [each for resource in declared for each in judge.resource(resource)]
    judgements += judge.stack(Stack(known))
    by_verdict: dict[Verdict, Found] = {verdict: {} for verdict in Verdict}
    for each in judgements:
        name = each.urn.rsplit("::", 1)[-1] or STACK
        by_verdict[each.verdict].setdefault(each.control.id, set()).add(name)
    return by_verdict


def previewed(setup: Setup) -> dict[Verdict, Found]:
    return found(setup.previewed(with_outputs=False), setup.previewed(with_outputs=True))


def deployed(setup: Setup) -> dict[Verdict, Found]:
    return found(setup.deployed(with_outputs=False), setup.deployed(with_outputs=True))


def pairs(findings: Found) -> set[tuple[str, str]]:
    return {(control, name) for control, names in findings.items() for name in names}


def test_there_are_as_many_as_promised() -> None:
    assert len(SETUPS) >= 10
    assert all(setup.data["about"] for setup in SETUPS)


@pytest.mark.parametrize("setup", SETUPS, ids=str)
def test_a_setup_has_the_findings_that_a_reviewer_expects(setup: Setup) -> None:
    findings = previewed(setup)

    assert findings[Verdict.FAIL] == setup.expected("finds")
    assert findings[Verdict.NOT_EVALUATED] == setup.expected("open")


@pytest.mark.parametrize("setup", SETUPS, ids=str)
def test_an_update_decides_what_the_preview_left_open_and_nothing_else(setup: Setup) -> None:
    before, after = previewed(setup), deployed(setup)

    open_before = pairs(before[Verdict.NOT_EVALUATED])
    assert pairs(after[Verdict.NOT_EVALUATED]) <= open_before
    assert pairs(before[Verdict.FAIL]) <= pairs(after[Verdict.FAIL])
    assert pairs(after[Verdict.FAIL]) - pairs(before[Verdict.FAIL]) <= open_before


def test_every_control_is_broken_by_a_setup_or_listed_with_a_reason() -> None:
    broken = {control for setup in SETUPS for control in setup.expected("finds")}
    controls = {control.id for control in CATALOGUE if control.concern is not Concern.PACK}

    assert controls - broken == set(NEVER)

"""The three stacks at their own levels, whole and with one thing broken: no control misses, none cries wolf.

`stacks.yml` has what the pack says of the stacks as they are, reviewed by hand; `mutations.yml` breaks each
control once in a whole stack and names who has to catch it:

    AML-CST-010:
      - stack: prod            # the default
        beside: [...]          # resources that a team has beside the stack, as in cases/
        settings: {...}        # what a team has set, by control
        set: {budget: {notifications.mail.enabled: false}}    # by resource and path; null removes
        options: {...}         # options of resources; `without`: resources left out; `add`: new ones
        caught: [""]           # by logical name; "" is the stack
        also: {...}            # other controls that are right to fail too, and the reason as a comment
        in_engine: false       # not in tests/stack/test_policies.py, and the reason as a comment

The stacks are what the program registers; what the engine makes of the pack is tests/stack/test_policies.py.
"""

from __future__ import annotations

from typing import Any

import pytest
from pulumi_policy import EnforcementLevel as Level

from azureml_guard.catalogue import CATALOGUE
from azureml_guard.control import Concern
from tests.support.policed_stack import Mutation, findings, judgements, resources
from tests.support.policy_cases import load, resource_of
from tests.support.recorded_stack import ROOT

FOLDER = ROOT / "tests" / "policies"
REVIEWED: dict[str, dict[str, dict[str, list[str]]]] = load(FOLDER / "stacks.yml")
MUTATIONS: dict[str, list[dict[str, Any]]] = load(FOLDER / "mutations.yml")
KEYS = {"stack", "beside", "settings", "set", "options", "without", "add", "caught", "also", "in_engine"}
BROKEN = [
    pytest.param(control, entry, id=f"{control}-{number}")
    for control, entries in MUTATIONS.items()
    for number, entry in enumerate(entries)
]


@pytest.mark.parametrize("known", [False, True], ids=["first preview", "deployed"])
@pytest.mark.parametrize("stack", REVIEWED)
def test_a_stack_passes_its_own_level(stack: str, known: bool) -> None:
    judged = judgements(stack, resources(stack, known=known))

    stopping = [each for each in judged if each.level is Level.MANDATORY]
    assert findings(stopping) == set()
    expected = {
        (control, verdict, name)
        for verdict, by_control in REVIEWED[stack].items()
        for control, names in by_control.items()
        for name in names
    }
    assert findings(judged) == expected


@pytest.mark.parametrize("control", [each.id for each in CATALOGUE if each.concern is not Concern.PACK])
def test_every_control_is_broken_once(control: str) -> None:
    assert control in MUTATIONS


@pytest.mark.parametrize("known", [False, True], ids=["first preview", "deployed"])
@pytest.mark.parametrize(("control", "entry"), BROKEN)
def test_a_broken_stack_is_caught_by_the_control_meant(
    control: str, entry: dict[str, Any], known: bool
) -> None:
    assert set(entry) <= KEYS, f"{control} has {set(entry) - KEYS}; allowed: {sorted(KEYS)}"
    stack, settings = entry.get("stack", "prod"), entry.get("settings", {})
    beside = tuple(resource_of(each) for each in entry.get("beside", ()))
    mutation = Mutation(
        values=entry.get("set", {}),
        options=entry.get("options", {}),
        without=frozenset(entry.get("without", ())),
        more=(*beside, *(resource_of(each) for each in entry.get("add", ()))),
    )

    whole = resources(stack, known=known, mutation=Mutation(more=beside))
    broken = resources(stack, known=known, mutation=mutation)
    before = findings(judgements(stack, whole, settings))
    after = findings(judgements(stack, broken, settings))

    caught = {(control, "fail", name) for name in entry["caught"]}
    also = {(other, "fail", name) for other, names in entry.get("also", {}).items() for name in names}
    assert caught
    assert after - before == caught | also

"""What fails is never let through by not being known yet: it stays failed, or is not evaluated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any

import pytest

from azureml_guard.catalogue import CATALOGUE
from azureml_guard.facts import Verdict
from azureml_guard.values import UNKNOWN, Secret
from tests.support.policy_cases import Case, cases

CONTROLS = {control.id: control for control in CATALOGUE}
# By control: the properties that may be unknown, and why nothing is let through.
HARMLESS: dict[str, tuple[str, ...]] = {
    # What is not known yet comes from another resource; it is no literal, and is looked at in the update.
    "AML-DAT-009": ("*",),
    # An unknown component or trial is taken for a reference, which AML-MLA-015 does not evaluate.
    "AML-MLA-001": ("spec.create_job.jobs.train.trial",),
    "AML-MLA-002": ("properties.trial",),
    "AML-MLA-006": ("spec.create_job.jobs.train.component",),
    # The inputs do not have it: Azure tells the image's age, below what they do have.
    "AML-MLA-010": ("properties",),
    # The outputs of the case, which then count, are those of an identity without a type.
    "AML-RBAC-008": ("identity",),
    # Until the kind of a compute is known its name has to be such as all kinds have.
    "AML-NAM-001": ("properties", "properties.computeType"),
    # The name of the group is judged where the group is declared.
    "AML-NAM-002": ("resourceGroupName",),
}
FAILING = [case for case in cases() if case.kind == "fails"]

Path = tuple[Any, ...]


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every value below one, whole objects and lists included."""
    items: Any = ()
    if isinstance(value, Mapping):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        yield (*path, key)
        yield from places(item, (*path, key))


def hidden(value: Any, path: Path) -> Any:
    """A copy in which the value at the path is unknown."""
    if not path:
        return Secret(UNKNOWN) if isinstance(value, Secret) else UNKNOWN
    here, *rest = path
    if isinstance(value, Mapping):
        return {key: hidden(item, tuple(rest)) if key == here else item for key, item in value.items()}
    return [hidden(item, tuple(rest)) if index == here else item for index, item in enumerate(value)]


def mutants(case: Case) -> Iterator[tuple[str, Case]]:
    """The case with one value of the judged resource hidden at a time."""
    whole = "stack" in case.data
    for number, entry in enumerate(case.entries):
        if whole and entry.get("name") != case.data.get("about"):
            continue
        for path in places(entry.get("properties") or {}):
            properties = hidden(entry["properties"], path)
            name = ".".join(map(str, path))
            if not whole:
                yield name, replace(case, data={**case.data, "properties": properties})
                continue
            stack = [*case.data["stack"]]
            stack[number] = {**entry, "properties": properties}
            yield name, replace(case, data={**case.data, "stack": stack})


@pytest.mark.parametrize("case", FAILING, ids=str)
def test_a_value_that_is_not_known_hides_no_failure(case: Case) -> None:
    """It may be told of another resource: of an account, say, that nothing is known to belong to any more."""
    hiding = []
    for path, mutant in mutants(case):
        verdicts = {each.verdict for each in mutant.judgements(CONTROLS[case.control_id])}
        if not verdicts & {Verdict.FAIL, Verdict.NOT_EVALUATED}:
            hiding.append(path)
    harmless = HARMLESS.get(case.control_id, ())
    assert [path for path in hiding if not any(fnmatchcase(path, each) for each in harmless)] == []

"""A remedy mends what its control fails, and nothing else."""

from __future__ import annotations

import pytest
from google.protobuf.struct_pb2 import Struct

from azureml_guard.control import Context, ResourceControl
from azureml_guard.facts import Resource, Verdict
from azureml_guard.remedies import remedied
from azureml_guard.values import from_struct
from tests.policies.test_controls import CASES, CONTROLS
from tests.support.policy_cases import TODAY, Case

FAILING = [
    (control, case)
    for case in CASES
    if case.kind == "fails"
    and isinstance(control := CONTROLS.get(case.control_id), ResourceControl)
    and control.remedy is not None
]


@pytest.mark.parametrize(
    ("control", "case"), FAILING, ids=lambda each: str(each) if isinstance(each, Case) else ""
)
def test_what_a_remedy_sets_passes(control: ResourceControl, case: Case) -> None:
    assert control.remedy is not None
    settings = {name: setting.schema.get("default") for name, setting in control.settings.items()}
    context = Context(environment="dev", today=TODAY, settings={**settings, **case.data.get("settings", {})})
    failing = case.resources[0]
    before = Struct()
    before.update(failing.properties)

    values = control.remedy(failing, context)
    after = from_struct(remedied(before, values))

    mended = Resource(failing.type, failing.urn, after, failing.is_azure, failing.options)
    wrong = {finding.path for finding in control.check(mended, context) if finding.verdict is Verdict.FAIL}
    assert not wrong & set(values)  # what is left to people still fails

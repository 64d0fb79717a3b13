"""The pack's own list of built-in roles, held against the other two lists that the project has."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest

from azureml_guard.access_definitions import CONTROLS
from azureml_guard.conditions import limits_roles
from azureml_guard.control import Context, ResourceControl
from azureml_guard.facts import Resource, Verdict
from azureml_guard.roles import NAMES, ROLES, rights_of
from infra.roles import CONDITIONS, ROLE_IDS
from sandbox.arm.builtin_roles import BY_ID

PERMISSIONS = {
    "actions": "actions",
    "not_actions": "notActions",
    "data_actions": "dataActions",
    "not_data_actions": "notDataActions",
}


def test_the_program_and_the_pack_mean_the_same_roles_by_the_same_ids() -> None:
    pack = {name: NAMES[name].id if name in NAMES else "missing" for name in ROLE_IDS}

    difference = {name: (pack[name], program) for name, program in ROLE_IDS.items() if pack[name] != program}
    assert not difference, f"name: (the pack's id, the program's): {difference}"


@pytest.mark.parametrize("role_id", BY_ID)
def test_a_role_has_the_rights_that_its_permissions_give(role_id: str) -> None:
    role = BY_ID[role_id]
    values = dataclasses.asdict(role)
    permissions = {key: list(values[name]) for name, key in PERMISSIONS.items()}

    assert ROLES[role_id].name == role.name
    assert ROLES[role_id].rights == rights_of([permissions])


def test_the_condition_that_the_program_gives_an_owner_keeps_the_privileged_roles_out() -> None:
    assert limits_roles(CONDITIONS["Owner"])
    assert not limits_roles(CONDITIONS["Owner"].replace(NAMES["User Access Administrator"].id, ""))


def test_an_excluded_action_that_is_no_text_takes_nothing_out() -> None:
    definition = Resource(
        "authorization:RoleDefinition",
        "urn:a::role",
        {"permissions": [{"actions": ["Microsoft.Authorization/*"], "notActions": [{"action": "*"}]}]},
    )

    control = CONTROLS[0]
    assert isinstance(control, ResourceControl)
    found = list(control.check(definition, Context(environment="prod", today=dt.date(2026, 11, 1))))

    assert [each.verdict for each in found] == [Verdict.PASS, Verdict.FAIL]

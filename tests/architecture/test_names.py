"""Every physical name and every set of tags comes from `Names`."""

from __future__ import annotations

from typing import Any

import pytest

from infra.naming import Names
from infra.settings.check import check
from tests.support.recorded_stack import UNKNOWN, RecordedStack, physical_name, recorded, stack_settings

STACKS = ("dev", "staging", "prod")
SINGLETONS = {"azure-native:storage:BlobServiceProperties", "azure-native:storage:FileServiceProperties"}
UNTAGGED = SINGLETONS | {
    "azure-native:authorization:RoleAssignment",
    "azure-native:authorization:ManagementLockByScope",
}


def names(stack: str) -> Names:
    return Names(check(stack_settings(stack), stack))


def given_names(made: Names, run: RecordedStack) -> set[str]:
    compute = made.settings.compute
    return {
        made.resource_group(),
        made.log_analytics(),
        made.storage_account(),
        made.key_vault(),
        made.application_insights(),
        made.container_registry(),
        made.workspace(),
        made.delete_lock(),
        *(made.identity(purpose) for purpose in ("workspace", "compute", "image-build")),
        *(made.compute_cluster(key) for key in compute.clusters),
        *(made.compute_instance(key) for key in compute.instances),
        *(
            _role_assignment(made, each.inputs)
            for each in run.of("azure-native:authorization:RoleAssignment")
        ),
    }


def _role_assignment(made: Names, inputs: dict[str, Any]) -> str:
    role = inputs["roleDefinitionId"].rpartition("/")[2]
    return made.role_assignment(inputs["scope"], inputs["principalId"], role)


@pytest.mark.parametrize("stack", STACKS)
def test_every_physical_name_comes_from_names(stack: str) -> None:
    run = recorded(stack)
    allowed = given_names(names(stack), run)
    others = {
        each.name: physical_name(each.type, each.inputs)
        for each in run.custom()
        if each.type not in SINGLETONS and physical_name(each.type, each.inputs) not in allowed
    }

    assert others == {}


@pytest.mark.parametrize("stack", STACKS)
def test_names_are_known_before_anything_exists(stack: str) -> None:
    """A name that a preview cannot show cannot be reviewed."""
    unknown = [
        each.type
        for each in recorded(stack, known=False).custom()
        if physical_name(each.type, each.inputs) is UNKNOWN
    ]

    assert set(unknown) <= {"azure-native:authorization:RoleAssignment"}


@pytest.mark.parametrize("stack", STACKS)
def test_every_resource_that_can_have_tags_has_those_of_names(stack: str) -> None:
    run, tags = recorded(stack), names(stack).tags()
    for each in run.custom():
        if each.type in UNTAGGED:
            assert "tags" not in each.inputs
        else:
            assert each.inputs["tags"] == tags, each.name


@pytest.mark.parametrize("stack", STACKS)
def test_the_environment_tag_is_the_stacks(stack: str) -> None:
    assert names(stack).tags()["environment"] == stack

"""Controls of custom roles, and of how role assignments are written down."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pulumi_policy import Severity

from azureml_guard.control import Concern, Context, Control, References, ResourceControl, StackControl
from azureml_guard.facts import Fact, Finding, Resource, Stack, Truth
from azureml_guard.grants import ROLE_ASSIGNMENT, ROLE_DEFINITION
from azureml_guard.references import sources_of
from azureml_guard.roles import permits

_MADE_OF_VALUES: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[35][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_LEARN: Final = "https://learn.microsoft.com/azure/role-based-access-control"
# Of the many actions that change who may do what ("Azure permissions for Management and governance").
_AUTHORIZATION: Final = tuple(
    f"Microsoft.Authorization/{each}"
    for each in (
        "roleAssignments/write",
        "roleAssignments/delete",
        "roleDefinitions/write",
        "roleDefinitions/delete",
        "roleAssignmentScheduleRequests/write",
        "roleEligibilityScheduleRequests/write",
        "roleManagementPolicies/write",
        "policyAssignments/write",
        "policyAssignments/delete",
        "policyDefinitions/write",
        "policyExemptions/write",
        "locks/write",
        "locks/delete",
        "elevateAccess/action",
    )
)


def _custom_role(definition: Resource, context: Context) -> Iterator[Finding]:
    permissions = definition.at("permissions")
    if permissions.is_unknown:
        yield permissions.must(None, "must be known")
    for each in permissions.each():
        if each.is_unknown:
            yield each.must(None, "must be known")
        actions, data = each.at("actions"), each.at("dataActions")
        for listed in (actions, data):
            if listed.is_unknown:
                yield listed.must(None, "must be known")
            for action in listed.each():
                yield action.must(action.test(_is_no_wildcard), "must not permit everything")
        for action in actions.each():
            yield action.must(
                _keeps_off_authorization(action, each.at("notActions")),
                "must not change role assignments, policies or locks (Microsoft.Authorization)",
            )


def _is_no_wildcard(action: str) -> bool:
    # `*/read` only reads; `*`, `*/write`, `*/action`, `*/delete` reach into every service.
    return not action.startswith("*") or action.lower() == "*/read"


def _keeps_off_authorization(action: Fact, excluded: Fact) -> Truth:
    if action.is_unknown or not isinstance(action.value, str):
        return None if action.is_unknown else False
    if not any(permits([action.value], (), each) for each in _AUTHORIZATION):
        own = action.value.lower()
        return not own.startswith("microsoft.authorization/") or own.endswith("/read")
    if excluded.is_unknown or any(each.is_unknown for each in excluded.each()):
        return None
    taken_out = [each.value for each in excluded.each() if isinstance(each.value, str)]
    return not any(permits([action.value], taken_out, each) for each in _AUTHORIZATION)


def _named(stack: Stack, context: Context) -> Iterator[Finding]:
    chance = {each.urn for each in stack.resources if each.type.startswith("random:")}
    for assignment in stack.of(ROLE_ASSIGNMENT):
        name = assignment.at("roleAssignmentName")
        sources = set(sources_of(name, assignment))
        # Without a name azure-native takes a random GUID, which is one of version 4; uuid5, and ARM's guid(),
        # make one of version 5 from other values.
        made: Truth = True if name.is_unknown and sources else name.matches(_MADE_OF_VALUES)
        truth = False if sources & chance else made
        yield name.must(truth, "must be a UUID that follows from scope, principal and role, not from chance")
        description = assignment.at("description")
        yield description.must(description.present(), "must say why the principal has the role")


CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.RBAC,
        number=5,
        title="Custom roles permit neither everything nor changes of access",
        why="A role with * grows with Azure itself; one that changes access can give itself the rest.",
        mend=(
            "List the actions that the work takes (Microsoft.MachineLearningServices/workspaces/jobs/*), "
            "without *, */write, */action, */delete and Microsoft.Authorization/*/write."
        ),
        severity=Severity.HIGH,
        types=(ROLE_DEFINITION,),
        check=_custom_role,
        references=References(
            azure_policy=("Audit usage of custom RBAC roles",),
            benchmark=("PA-7",),
            cis=("1.23",),
            others=("CKV_AZURE_39", "AZU-0030", "AZU-0052"),
            url=f"{_LEARN}/custom-roles",
        ),
    ),
    StackControl(
        concern=Concern.RBAC,
        number=6,
        title="Role assignments have a name that follows from what they grant, and a description",
        why=(
            "After a lost state, a name by chance makes the same assignment again, which Azure refuses. "
            "Without a description nobody dares to remove one."
        ),
        mend=(
            "Set roleAssignmentName to a UUID (version 5) of scope, principal and role, and description to "
            "the reason."
        ),
        severity=Severity.LOW,
        types=(ROLE_ASSIGNMENT,),
        check=_named,
        references=References(url=f"{_LEARN}/role-assignments"),
    ),
)

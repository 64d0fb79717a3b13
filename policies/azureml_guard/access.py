"""Controls of role assignments: which role, for whom, at which scope."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pulumi_policy import Severity

from azureml_guard.conditions import limits_roles
from azureml_guard.control import (
    Concern,
    Context,
    Control,
    References,
    ResourceControl,
    Setting,
    StackControl,
)
from azureml_guard.facts import Fact, Finding, Resource, Stack, Truth, either, negated
from azureml_guard.grants import ROLE_ASSIGNMENT, Grant, Grants, Persona
from azureml_guard.references import sources_of
from azureml_guard.roles import Right, Role
from azureml_guard.values import UNKNOWN

_LEARN: Final = "https://learn.microsoft.com/azure/role-based-access-control"


def _privileged(stack: Stack, context: Context) -> Iterator[Finding]:
    for grant in Grants(stack).all:
        # Of built-in roles only these hand out any role; a foreign custom role can't be looked into.
        hands_out: Truth = False if grant.is_foreign else grant.has(Right.ASSIGN_ROLES)
        limited = grant.at("condition").test(limits_roles)
        yield grant.at("roleDefinitionId").must(
            either(negated(hands_out), limited),
            "must not be a role that hands out roles, unless condition limits which",
        )


def _scope(stack: Stack, context: Context) -> Iterator[Finding]:
    azure = {each.urn: each for each in stack.resources if each.is_azure}
    for assignment in stack.of(ROLE_ASSIGNMENT):
        scope = assignment.at("scope")
        origins = [azure[urn] for urn in sources_of(scope, assignment) if urn in azure]
        yield scope.must(_is_below_subscription(scope, origins), "must be a resource group or a resource")


def _is_below_subscription(scope: Fact, origins: list[Resource]) -> Truth:
    if isinstance(scope.value, str):
        parts = [part for part in scope.value.lower().split("/") if part]
        return len(parts) > 2 and parts[0] == "subscriptions"
    if not scope.is_unknown:
        return False
    # Not known yet, but made of a resource of this stack: that is in a subscription, unless it holds some.
    above = {each.type.startswith(("management:", "subscription:")) for each in origins}
    return None if len(above) != 1 else not above.pop()


def _principal_type(assignment: Resource, context: Context) -> Iterator[Finding]:
    kind = assignment.at("principalType")
    allowed = ["Group", "ServicePrincipal"]
    if context.environment in context.settings["userEnvironments"]:
        allowed.append("User")
    # Left out, Azure looks the principal up, and fails if it is too new (PrincipalNotFound).
    yield kind.must(kind.equals(*allowed), f"must be {' or '.join(allowed)}")


def _personas(stack: Stack, context: Context) -> Iterator[Finding]:
    grants = Grants(stack)
    for grant in grants.all:
        persona = grants.persona(grant)
        role = grant.at("roleDefinitionId")
        if persona not in (Persona.PEOPLE, Persona.WORKSPACE):
            narrow = True if grant.is_foreign else negated(grant.has(Right.MANAGE_ALL))
            told = narrow if narrow or persona is not UNKNOWN else None
            yield role.must(told, "must not permit everything (Contributor, Owner) to what runs by itself")
        for name, allowed in context.settings["roles"].items():
            if persona in (name, UNKNOWN):
                listed = None if persona is UNKNOWN else _is_listed(grant, allowed)
                yield role.must(listed, f"must be one of the roles that are set for {name}")


def _is_listed(grant: Grant, allowed: list[str]) -> Truth:
    names = {each.lower() for each in allowed}
    if isinstance(grant.role, Role) and grant.role.id:
        return bool({grant.role.id, grant.role.name.lower()} & names)
    return grant.at("roleDefinitionId").test(lambda text: text.rsplit("/", 1)[-1].lower() in names)


_NAMES: Final = {"type": "array", "items": {"type": "string", "minLength": 1}}

CONTROLS: Final[tuple[Control, ...]] = (
    StackControl(
        concern=Concern.RBAC,
        number=1,
        title="Nobody gets a role that hands out any role",
        why="Whoever is Owner, or may assign roles, can give themselves and others everything else.",
        mend=(
            "Assign a role for the work itself. Where roles must be handed out, add a condition that lists "
            "which, or that leaves out Owner, User Access Administrator and Role Based Access Control "
            "Administrator."
        ),
        severity=Severity.CRITICAL,
        types=(ROLE_ASSIGNMENT,),
        check=_privileged,
        references=References(
            azure_policy=("A maximum of 3 owners should be designated for your subscription",),
            benchmark=("PA-1", "PA-7"),
            others=("Azure.RBAC.LimitOwner",),
            url=f"{_LEARN}/delegate-role-assignments-examples",
        ),
    ),
    StackControl(
        concern=Concern.RBAC,
        number=2,
        title="Roles are assigned at resource groups and resources",
        why="An assignment at a subscription or above also holds for all that is built there later.",
        mend="Set scope to the id of the resource group or the resource that the work is about.",
        severity=Severity.CRITICAL,
        types=(ROLE_ASSIGNMENT,),
        check=_scope,
        references=References(
            benchmark=("PA-7",),
            others=("Azure.RBAC.LimitMGDelegation",),
            url=f"{_LEARN}/scope-overview",
        ),
    ),
    ResourceControl(
        concern=Concern.RBAC,
        number=3,
        title="Roles go to groups and identities, and say which it is",
        why=(
            "A person's own assignment outlasts the job, and no review of groups shows it. Without "
            "principalType Azure fails for a principal that is new."
        ),
        mend="Assign the role to a group of Entra ID or an identity, and set principalType.",
        severity=Severity.HIGH,
        types=(ROLE_ASSIGNMENT,),
        check=_principal_type,
        settings={
            "userEnvironments": Setting(
                schema={**_NAMES, "default": ["dev"]},
                description="Environments in which a role may go to a person.",
            )
        },
        references=References(
            benchmark=("PA-7",), others=("Azure.RBAC.UseGroups",), url=f"{_LEARN}/best-practices"
        ),
    ),
    StackControl(
        concern=Concern.RBAC,
        number=4,
        title="Compute and pipelines get roles for their work only",
        why="Code of a job or a repository acts with its identity's rights, also code that nobody read.",
        mend=(
            "Replace Contributor by the roles that the work takes, such as Storage Blob Data Contributor, "
            "AcrPull or AzureML Data Scientist, each on its resource."
        ),
        severity=Severity.HIGH,
        types=(ROLE_ASSIGNMENT,),
        check=_personas,
        settings={
            "roles": Setting(
                schema={
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {persona.value: _NAMES for persona in Persona},
                    "default": {},
                },
                description="Names or GUIDs of the only roles for people, compute, workspace or pipeline.",
            )
        },
        references=References(
            benchmark=("PA-7",), url="https://learn.microsoft.com/azure/machine-learning/how-to-assign-roles"
        ),
    ),
)

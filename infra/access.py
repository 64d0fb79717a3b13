"""Role assignments: who may do what at which scope.

Every assignment is named by scope, principal and role (`Names.role_assignment`), carries its
principal's type (or Azure looks a new principal up before it has been replicated, and fails
with PrincipalNotFound) and says in its description why it is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization

from infra.naming import Names
from infra.options import child_options
from infra.roles import CONDITION_VERSION, CONDITIONS, PERSONAS, ROLE_IDS, Grant, Scope
from infra.settings.sections import AccessSettings


@dataclass(frozen=True, kw_only=True)
class Grantee:
    """One principal and what it is granted.

    `label` is unique within the component and stays the same when others come and go: it is
    part of the assignments' logical names.
    """

    label: str
    principal_id: pulumi.Input[str]
    principal_type: str
    reason: str
    grants: Sequence[Grant]


@dataclass(frozen=True, kw_only=True)
class Granted:
    """A role assignment, whose it is (the grantee's label), and what it grants."""

    label: str
    grant: Grant
    assignment: authorization.RoleAssignment


@dataclass(frozen=True, kw_only=True)
class AccessArgs:
    """`scopes` holds the ARM id of every kind of scope that the grants name."""

    names: Names
    subscription_id: pulumi.Input[str]
    scopes: Mapping[Scope, pulumi.Input[str]]
    grantees: Sequence[Grantee]


class Access(pulumi.ComponentResource):
    """A set of role assignments."""

    granted: Sequence[Granted]

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("azureml:infra:Access", name, None, opts)
        self.granted = tuple(
            Granted(label=grantee.label, grant=grant, assignment=self._assignment(name, args, grantee, grant))
            for grantee in args.grantees
            for grant in grantee.grants
        )
        self.register_outputs({"assignmentIds": [assignment.id for assignment in self.assignments]})

    @property
    def assignments(self) -> Sequence[authorization.RoleAssignment]:
        """All of them."""
        return tuple(each.assignment for each in self.granted)

    def _assignment(
        self, name: str, args: AccessArgs, grantee: Grantee, grant: Grant
    ) -> authorization.RoleAssignment:
        role_id = ROLE_IDS[grant.role]
        scope = args.scopes[grant.scope]
        condition = CONDITIONS.get(grant.role)
        return authorization.RoleAssignment(
            f"{name}-{grantee.label}-{grant.role.lower().replace(' ', '-')}-{grant.scope}",
            role_assignment_name=pulumi.Output.all(scope, grantee.principal_id).apply(
                lambda known: args.names.role_assignment(str(known[0]), str(known[1]), role_id)
            ),
            scope=scope,
            # With the subscription in front, as Azure gives it back; without, every refresh is a change.
            role_definition_id=pulumi.Output.concat(
                "/subscriptions/",
                args.subscription_id,
                "/providers/Microsoft.Authorization/roleDefinitions/",
                role_id,
            ),
            principal_id=grantee.principal_id,
            principal_type=grantee.principal_type,
            description=f"{grant.role} for {grantee.reason}",
            condition=condition,
            condition_version=CONDITION_VERSION if condition else None,
            opts=child_options(self),
        )


def persona_grantees(access: AccessSettings) -> Iterator[Grantee]:
    """The principals of the settings with the grants of their personas."""
    for persona, principals in access.by_persona().items():
        for principal in principals:
            yield Grantee(
                label=f"{persona}-{principal.object_id}",
                principal_id=principal.object_id,
                principal_type=principal.principal_type,
                reason=f"{principal.display_name} (persona {persona})",
                grants=PERSONAS[persona],
            )

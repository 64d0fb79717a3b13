"""Role assignments of a stack with what they mean: which role, for whom, where.

A preview does not know principals and scopes of resources that it is about to create; what the values come
from tells them. Roles are the built-in ones of `roles.py` and the custom ones that the stack defines. Any
other role is foreign: what it permits can't be told from one stack. Neither can what principals are given
elsewhere, or as members of a group.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from azureml_guard.facts import Fact, Resource, Stack, Truth, both, either, negated
from azureml_guard.references import (
    USER_ASSIGNED_IDENTITY,
    Meant,
    assigned_identities,
    physical_name,
    sources_of,
)
from azureml_guard.roles import ROLES, Right, Role, rights_of
from azureml_guard.values import UNKNOWN, Unknown

_ACTION_KEYS: Final = ("actions", "notActions", "dataActions", "notDataActions")
ROLE_ASSIGNMENT: Final = "authorization:RoleAssignment"
ROLE_DEFINITION: Final = "authorization:RoleDefinition"
CREDENTIAL: Final = "managedidentity:FederatedIdentityCredential"
WORKSPACE: Final = "machinelearningservices:Workspace"
# What runs somebody's code with an identity.
RUNNERS: Final = (
    "machinelearningservices:Compute",
    "machinelearningservices:OnlineEndpoint",
    "machinelearningservices:BatchEndpoint",
    "azureml-assets:OnlineEndpoint",
)
_RESOURCE_GROUP: Final = "resources:ResourceGroup"


class Persona(str, Enum):
    """Who a principal is, as far as a stack shows it."""

    PEOPLE = "people"
    COMPUTE = "compute"
    WORKSPACE = "workspace"
    PIPELINE = "pipeline"


@dataclass(frozen=True)
class Grant:
    """One role assignment.

    Attributes:
        role: UNKNOWN if it can't be told yet, None if it is foreign.
        principal: The URN of the stack's resource that it is, else its id; UNKNOWN if it can't be told yet.
    """

    assignment: Resource
    role: Role | Unknown | None
    principal: str | Unknown

    def at(self, path: str) -> Fact:
        """A property of the assignment."""
        return self.assignment.at(path)

    def has(self, right: Right) -> Truth:
        """Whether the role gives this right; None if that can't be told."""
        return bool(self.role.rights & right) if isinstance(self.role, Role) else None

    @property
    def is_foreign(self) -> bool:
        """Whether the role is known, but not what it permits."""
        return self.role is None

    @property
    def reads_only(self) -> Truth:
        """Whether the role changes nothing. A foreign one may change anything."""
        return False if self.is_foreign else negated(self.has(Right.CHANGE))


class Grants:
    """The role assignments of a stack, and the principals that the stack shows."""

    def __init__(self, stack: Stack) -> None:
        identities = stack.of(USER_ASSIGNED_IDENTITY)
        definitions = stack.of(ROLE_DEFINITION)
        holders = [each for each in stack.resources if not each.at("identity.type").is_absent]
        self._identities = Meant(identities, "id")
        self._names = Meant(identities, "name", "resourceName")
        self._principals = Meant((*identities, *holders), "principalId", "identity.principalId")
        self._definitions = Meant(definitions, "id")
        self._guids = Meant(definitions, "roleDefinitionId", "name")
        self._groups = Meant(stack.of(_RESOURCE_GROUP), "id")
        self._personas = dict(self._by_persona(stack))
        self.all = tuple(
            Grant(each, self._role(each), self._principal(each)) for each in stack.of(ROLE_ASSIGNMENT)
        )

    def persona(self, grant: Grant) -> Persona | Unknown:
        """Who gets it. A service principal that the stack itself does not use is taken for a pipeline's."""
        kind = grant.at("principalType")
        if isinstance(grant.principal, str) and grant.principal in self._personas:
            return self._personas[grant.principal]
        if kind.is_unknown or isinstance(grant.principal, Unknown):
            return Persona.PEOPLE if kind.equals("User", "Group") else UNKNOWN
        return Persona.PIPELINE if kind.equals("ServicePrincipal") else Persona.PEOPLE

    def identities_of(self, resource: Resource) -> tuple[frozenset[str], bool]:
        """The principals that a resource acts with, its own identity included, and whether these are all."""
        found, complete = assigned_identities(resource, self._identities)
        own = resource.at("identity.type").matches(".*SystemAssigned.*")
        return found | {resource.urn} if own else found, complete and own is not None

    def identity_of(self, credential: Resource) -> Resource | Unknown | None:
        """The identity of the stack that a federated credential belongs to."""
        return self._names.of(credential.at("resourceName"), credential)

    def gives(self, principals: Iterable[str], right: Right, target: Resource, targets: Meant) -> Truth:
        """Whether one of the principals is given a right on `target`, which is one of `targets`."""
        wanted = set(principals)
        return either(
            *(
                both(
                    None if isinstance(grant.principal, Unknown) else True,
                    grant.has(right),
                    self._covers(grant, target, targets),
                )
                for grant in self.all
                if isinstance(grant.principal, Unknown) or grant.principal in wanted
            )
        )

    def _covers(self, grant: Grant, target: Resource, targets: Meant) -> Truth:
        """Whether the scope is `target`, or its resource group, subscription or management group."""
        scope = grant.at("scope")
        meant = targets.of(scope, grant.assignment)
        if isinstance(meant, Resource):
            return meant.urn == target.urn
        group = self._groups.of(scope, grant.assignment)
        if isinstance(group, Resource):
            its_group = target.at("resourceGroupName")
            if isinstance(its_group.value, str) and (name := physical_name(group)):
                return its_group.value.lower() == name
            return group.urn in sources_of(its_group, target) or None
        if isinstance(scope.value, str):
            return _is_above(scope.value, target)
        return None if meant is UNKNOWN else False

    def _role(self, assignment: Resource) -> Role | Unknown | None:
        fact = assignment.at("roleDefinitionId")
        if isinstance(fact.value, str):
            guid = fact.value.rstrip("/").rsplit("/", 1)[-1].lower()
            if guid in ROLES:
                return ROLES[guid]
            found = self._guids.of(Fact(guid, fact.path, fact.urn), assignment)
            return _custom(found) if isinstance(found, Resource) else None
        found = self._definitions.of(fact, assignment)
        return _custom(found) if isinstance(found, Resource) else UNKNOWN

    def _principal(self, assignment: Resource) -> str | Unknown:
        fact = assignment.at("principalId")
        meant = self._principals.of(fact, assignment)
        if isinstance(meant, Resource):
            return meant.urn
        if isinstance(fact.value, str):
            return fact.value.lower()
        # Of one resource of another kind (a group of Entra ID): the same resource is the same principal.
        sources = set(sources_of(fact, assignment))
        return sources.pop() if len(sources) == 1 and meant is None else UNKNOWN

    def _by_persona(self, stack: Stack) -> Iterator[tuple[str, Persona]]:
        """The last one of a principal wins: what runs code is judged by that, a repository above all."""
        for workspace in stack.of(WORKSPACE):
            yield from ((urn, Persona.WORKSPACE) for urn in self.identities_of(workspace)[0])
        for runner in stack.of(*RUNNERS):
            yield from ((urn, Persona.COMPUTE) for urn in self.identities_of(runner)[0])
        for credential in stack.of(CREDENTIAL):
            identity = self.identity_of(credential)
            if isinstance(identity, Resource):
                yield identity.urn, Persona.PIPELINE


def _custom(definition: Resource) -> Role | Unknown:
    """A role of the stack; UNKNOWN while one of its actions is, or is no text."""
    whole = definition.at("permissions")
    lists = [{key: each.at(key) for key in _ACTION_KEYS} for each in whole.each()]
    permissions = [{key: [each.value for each in of.each()] for key, of in each.items()} for each in lists]
    actions = [action for each in permissions for of in each.values() for action in of]
    is_open = whole.is_unknown or any(of.is_unknown for each in lists for of in each.values())
    if is_open or not all(isinstance(action, str) for action in actions):
        return UNKNOWN
    return Role("", definition.name, rights_of(permissions))


def _is_above(scope: str, target: Resource) -> Truth:
    its_id, group = target.at("id").value, target.at("resourceGroupName").value
    plain = scope.rstrip("/").lower()
    if plain.startswith("/providers/microsoft.management/"):
        return True
    if isinstance(its_id, str):
        return f"{its_id.lower()}/".startswith(f"{plain}/")
    if isinstance(group, str) and "/resourcegroups/" in plain:
        return plain.endswith(f"/resourcegroups/{group.lower()}")
    return None

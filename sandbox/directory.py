"""The tenant's directory: which applications and managed identities there are.

Applications come from the sandbox's configuration. Managed identities are created
through Resource Manager, so they are looked up there, every time: an identity
that was deleted a moment ago gets no token.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.settings import FederatedCredential, SandboxSettings
from sandbox.tokens import Identity


@dataclass(frozen=True)
class UserAssignedIdentity:
    """A managed identity as Resource Manager knows it."""

    id: str
    client_id: str
    principal_id: str
    federated: tuple[FederatedCredential, ...] = ()


@dataclass(frozen=True)
class Application:
    """What may ask for tokens with an application (client) id."""

    identity: Identity
    secret: str  # empty: no secret is accepted, as for managed identities
    federated: tuple[FederatedCredential, ...]


ManagedIdentities = Callable[[], Iterable[UserAssignedIdentity]]


class Directory:
    """Look-ups by client id, object id or ARM id; all comparisons ignore case, as GUIDs do."""

    def __init__(self, settings: SandboxSettings, managed_identities: ManagedIdentities) -> None:
        self.tenant_id = settings.tenant_id
        self._principals = settings.principals
        self._managed_identities = managed_identities

    def application(self, client_id: str) -> Application | None:
        """The application, or the managed identity behind a federated credential, with this client id."""
        for principal in self._principals:
            if _same(principal.application_id, client_id):
                identity = Identity(principal.object_id, principal.application_id)
                return Application(identity, principal.secret, principal.federated)
        managed = self.managed_identity(client_id=client_id)
        if managed is None:
            return None
        return Application(_identity(managed), "", managed.federated)

    def managed_identity(
        self, *, client_id: str = "", principal_id: str = "", resource_id: str = ""
    ) -> UserAssignedIdentity | None:
        """The user-assigned identity selected by one of its three ids."""
        for managed in self._managed_identities():
            if (
                (client_id and _same(managed.client_id, client_id))
                or (principal_id and _same(managed.principal_id, principal_id))
                or (resource_id and _same(managed.id, resource_id))
            ):
                return managed
        return None


def managed_identity_token_identity(managed: UserAssignedIdentity) -> Identity:
    """Who a managed identity's tokens speak for."""
    return _identity(managed)


def identities_from_resources(
    resources: Iterable[Mapping[str, Any]], credentials: Iterable[Mapping[str, Any]]
) -> list[UserAssignedIdentity]:
    """Managed identities from the bodies of Microsoft.ManagedIdentity resources.

    `resources` are userAssignedIdentities, `credentials` the federatedIdentityCredentials under them.
    """
    federated: dict[str, list[FederatedCredential]] = {}
    for credential in credentials:
        parent = credential["id"].rsplit("/", 2)[0].lower()
        properties = credential["properties"]
        for audience in properties["audiences"]:
            federated.setdefault(parent, []).append(
                FederatedCredential(properties["issuer"], properties["subject"], audience)
            )
    return [
        UserAssignedIdentity(
            id=resource["id"],
            client_id=resource["properties"]["clientId"],
            principal_id=resource["properties"]["principalId"],
            federated=tuple(federated.get(resource["id"].lower(), ())),
        )
        for resource in resources
    ]


def is_guid(text: str) -> bool:
    """Whether the text is a GUID with hyphens."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _identity(managed: UserAssignedIdentity) -> Identity:
    return Identity(managed.principal_id, managed.client_id, managed.id)


def _same(one: str, other: str) -> bool:
    return one.lower() == other.lower()

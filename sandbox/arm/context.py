"""What a declaration's functions see of the request that they take part in.

All changes made through a context belong to one transaction: they stand together or
not at all. Changes in the blob backend do not; they are idempotent instead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from sandbox.arm.caller import Caller, PrincipalType

if TYPE_CHECKING:
    from sandbox.arm.builtin_roles import Role
    from sandbox.arm.registry import Registry
    from sandbox.arm.store import Transaction

JsonObject = dict[str, Any]


class BlobBackend(Protocol):
    """The blob service behind storage accounts; every call is idempotent and returns quickly.

    Implementations may do the work later (a queue) as long as the order of calls is kept.
    """

    def ensure_account(self, name: str, key: str) -> None:
        """Make the account answer, with this base 64 key."""

    def delete_account(self, name: str) -> None:
        """Remove the account with its containers."""

    def ensure_container(self, account: str, container: str) -> None:
        """Create the container unless it is there."""

    def delete_container(self, account: str, container: str) -> None:
        """Remove the container with its blobs."""

    def delegation_key(self, signer: tuple[str, str], start: str, expiry: str, version: str, /) -> str:
        """The base 64 key with which (object id, tenant) signs in that time ("Get User Delegation Key")."""


class NoBlobs:
    """A blob backend that keeps nothing, for an emulator without a blob service."""

    def ensure_account(self, name: str, key: str) -> None:
        """Nothing to do."""

    def delete_account(self, name: str) -> None:
        """Nothing to do."""

    def ensure_container(self, account: str, container: str) -> None:
        """Nothing to do."""

    def delete_container(self, account: str, container: str) -> None:
        """Nothing to do."""

    def delegation_key(self, _signer: tuple[str, str], _start: str, _expiry: str, _version: str, /) -> str:
        """No signature is ever checked: an empty key."""
        return ""


@dataclass(kw_only=True)
class RequestContext:
    """One request about one resource (or one scope).

    `id` is canonical, `type` the declared spelling of its type, `query` has lower-case
    keys. `existing` is the stored resource before this request, None when there is none.
    `secrets` are private values kept with the resource and never shown; what is put in
    there is stored together with the resource.
    """

    transaction: Transaction = field(repr=False)
    caller: Caller
    tenant_id: str
    subscription_id: str
    resource_group: str  # "" at subscription scope
    id: str
    name: str
    type: str
    api_version: str
    now: datetime
    location: str  # normalised: "westeurope"; "" while nothing says it
    query: Mapping[str, str]
    blob: BlobBackend = field(repr=False)
    registry: Registry = field(repr=False)
    roles_at: Callable[[str], list[Role]] = field(repr=False)  # the caller's roles in effect at a scope
    subscriptions: tuple[str, ...] = ()  # all of the tenant
    existing: JsonObject | None = None
    secrets: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def parent_id(self) -> str:
        """The id without its last type and name."""
        return self.id.rsplit("/", 2)[0]

    def find(self, resource_id: str) -> JsonObject | None:
        """The stored body of any resource (not of soft-deleted ones), whatever the case of the id."""
        return self.transaction.body(resource_id)

    def children(self, parent_id: str, type_name: str) -> list[JsonObject]:
        """Bodies of the resources of that type right below an id, by name."""
        return self.transaction.children(parent_id, type_name)

    def all(self, type_name: str) -> list[JsonObject]:
        """Bodies of all resources of a type, in every subscription, by id."""
        return self.transaction.of_type(type_name)

    def write(self, resource_id: str, body: JsonObject, secrets: Mapping[str, str] | None = None) -> None:
        """Store another resource as it stands: no rule of its declaration is applied.

        Missing `id`, `name` and `type` are filled in; secrets of an existing one stay unless given.
        """
        self.transaction.write(resource_id, body, secrets=secrets, now=self.now)

    def remove(self, resource_id: str) -> bool:
        """Remove another resource and what lies below it; False when it was not there."""
        return self.transaction.remove(resource_id)

    def secrets_of(self, resource_id: str) -> dict[str, str]:
        """Private values of another resource; empty when it is not there."""
        return self.transaction.secrets(resource_id)

    def add_principal(
        self, object_id: str, principal_type: PrincipalType, display_name: str, application_id: str = ""
    ) -> None:
        """Make a principal known to the directory (a managed identity)."""
        self.transaction.add_principal(object_id, principal_type, display_name, application_id)

    def remove_principal(self, object_id: str) -> None:
        """Take a principal out of the directory; its role assignments stay, as in Azure."""
        self.transaction.remove_principal(object_id)

    def principal_type(self, object_id: str) -> str | None:
        """The directory's type of a principal; None when the directory does not know it."""
        return self.transaction.principal_type(object_id)

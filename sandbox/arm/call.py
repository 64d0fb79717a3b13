"""One request on its way through the emulator: what was asked, by whom, and what answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.arm.caller import Caller
from sandbox.arm.clock import Clock
from sandbox.arm.context import BlobBackend, RequestContext
from sandbox.arm.faults import Fault
from sandbox.arm.ids import group_of, key_of, subscription_of
from sandbox.arm.rbac import Authorizer
from sandbox.arm.regions import normalised
from sandbox.arm.registry import Registry
from sandbox.arm.resource_type import ResourceType
from sandbox.arm.store import Store, Transaction
from sandbox.arm.targets import Target
from sandbox.schemas.catalogue import Catalogue

JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """An answer before it becomes bytes; `body` None is an empty one."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Core:
    """The parts that all requests share."""

    store: Store
    clock: Clock
    registry: Registry
    authorizer: Authorizer
    schemas: Catalogue
    blob: BlobBackend
    tenant_id: str
    subscriptions: tuple[str, ...]
    lro_scale: float
    page_size: int


@dataclass(kw_only=True)
class Call:
    """One request after its path was resolved. `body` is read lazily by the writing verbs."""

    core: Core
    transaction: Transaction
    method: str
    target: Target
    api_version: str
    query: Mapping[str, str]  # keys in lower case
    url: str  # as the client sent it, with scheme and host
    base_url: str
    caller: Caller
    now: datetime
    read_body: Callable[[], JsonObject]
    faults: tuple[Fault, ...] = ()

    def context(
        self, resource_id: str, declared: ResourceType | None, existing: JsonObject | None
    ) -> RequestContext:
        """The context in which a declaration's functions see this request and that resource."""
        key = key_of(resource_id)
        location = normalised(str((existing or {}).get("location") or self.query.get("location") or ""))
        return RequestContext(
            transaction=self.transaction,
            caller=self.caller,
            tenant_id=self.core.tenant_id,
            subscription_id=subscription_of(key),
            resource_group=self._group_name(key),
            id=resource_id,
            name=resource_id.rsplit("/", 1)[-1],
            type=declared.type if declared else "",
            api_version=self.api_version,
            now=self.now,
            location=location,
            query=self.query,
            blob=self.core.blob,
            registry=self.core.registry,
            roles_at=self._roles_at,
            subscriptions=self.core.subscriptions,
            existing=existing,
            secrets=self.transaction.secrets(resource_id) if existing else {},
        )

    def allowed(self, action: str, scope: str) -> bool:
        """Whether the caller may do an action at a scope."""
        return self.core.authorizer.caller_allowed(self.transaction, self.caller, action, scope)

    def fault(self, kind: str) -> Fault | None:
        """The injected fault of a kind, if one acts on this request."""
        return next((fault for fault in self.faults if fault.kind == kind), None)

    def _roles_at(self, scope: str) -> list[Any]:
        principals = (self.caller.object_id, *self.caller.groups)
        return list(self.core.authorizer.roles(self.transaction, principals, scope))

    def _group_name(self, key: str) -> str:
        name = group_of(key)
        if not name:
            return ""
        stored = self.transaction.body(f"/subscriptions/{subscription_of(key)}/resourcegroups/{name}")
        return str(stored["name"]) if stored else name

"""The emulator of Azure Resource Manager as an ASGI application.

What happens to a request, in order: it gets its ids; injected faults and latency act; its
token is judged; operations whose time is over end; then `sandbox.arm.pipeline.STEPS` and the
verb run in one transaction of the store; errors take ARM's envelope; the answer gets ARM's headers.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from starlette.types import Receive, Scope, Send

from sandbox.arm import answers, errors, pipeline
from sandbox.arm.builtin_roles import BY_NAME
from sandbox.arm.call import Core, Reply
from sandbox.arm.caller import Caller, PrincipalType, TokenRejected, VerifyToken
from sandbox.arm.clock import Clock
from sandbox.arm.context import BlobBackend, NoBlobs
from sandbox.arm.endings import settle
from sandbox.arm.errors import ArmError
from sandbox.arm.faults import Fault, Faults
from sandbox.arm.namespaces import ALL_RESOURCE_TYPES
from sandbox.arm.rbac import ASSIGNMENTS, DEFINITIONS, Authorizer
from sandbox.arm.registry import Registry
from sandbox.arm.resource_type import ResourceType
from sandbox.arm.soft_delete import collection_operations
from sandbox.arm.store import Store
from sandbox.arm.throttle import Quotas
from sandbox.schemas.catalogue import Catalogue

JsonObject = dict[str, Any]
_LOG = logging.getLogger("sandbox.arm")
MAX_BODY = 4 * 1024 * 1024  # "Common API details": request size


@dataclass(frozen=True)
class RoleSeed:
    """A built-in role (by name) that a principal of the directory holds at a scope from the beginning."""

    principal: str
    role: str
    scope: str
    principal_type: PrincipalType = "ServicePrincipal"


@dataclass(frozen=True, kw_only=True)
class ArmSettings:
    """What one emulated Resource Manager is like; times in seconds.

    `lro_scale` multiplies the declared durations of operations: 0 ends them at once.
    `throttle` refuses requests beyond ARM's quotas; they are counted in any case.
    """

    database: Path | str
    tenant_id: str
    subscription_ids: tuple[str, ...]
    verify_token: VerifyToken
    lro_scale: float = 0.0
    latency: float = 0.0
    rbac_delay: float = 0.0
    throttle: bool = False
    page_size: int = 500
    seeds: tuple[RoleSeed, ...] = ()
    principals: Mapping[str, PrincipalType] = field(default_factory=dict)  # known to the directory
    blob: BlobBackend = field(default_factory=NoBlobs)
    types: tuple[ResourceType, ...] = ALL_RESOURCE_TYPES


class ArmApp:
    """The application; its `store`, `authorizer`, `faults` and `clock` are for the sandbox's shell."""

    def __init__(self, settings: ArmSettings) -> None:
        self._settings = settings
        self.clock = Clock()
        self.faults = Faults()
        self.store = Store(settings.database)
        self.authorizer = Authorizer(self.store, self.clock, settings.rbac_delay)
        self._quotas = Quotas(enforced=settings.throttle)
        schemas = Catalogue()
        self._core = Core(
            store=self.store,
            clock=self.clock,
            registry=Registry(settings.types, schemas, collection_operations),
            authorizer=self.authorizer,
            schemas=schemas,
            blob=settings.blob,
            tenant_id=settings.tenant_id,
            subscriptions=tuple(item.lower() for item in settings.subscription_ids),
            lro_scale=settings.lro_scale,
            page_size=settings.page_size,
        )
        self._seed()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = answers.request_of(scope)
        acting = self.faults.take(request.method, request.path)
        for fault in acting:
            if fault.kind in ("drop", "crash"):
                return await _vanish(fault, scope, receive, send)
        await asyncio.sleep(self._settings.latency + sum(f.seconds for f in acting if f.kind == "delay"))
        body = await answers.read_body(receive, MAX_BODY)
        reply, quota = self._reply(request, body, acting)
        for fault in acting:
            if fault.kind in ("drop_after", "crash_after"):
                return await _vanish(fault, scope, receive, send)
        await answers.send(reply, request, quota, self.clock.now(), send)
        return None

    def _reply(
        self, request: answers.Request, body: bytes | None, acting: tuple[Fault, ...]
    ) -> tuple[Reply, Mapping[str, str]]:
        quota: Mapping[str, str] = {}
        try:
            _refuse_if_told(acting)
            caller = self._authenticate(request.headers.get("authorization"))
            quota = self._quotas.take(request.method, request.subscription, caller, self.clock.now())
            return self._carry_out(request, body, caller, acting), quota
        except ArmError as error:
            return Reply(error.status, error.body(), error.headers), quota
        except Exception:  # noqa: BLE001 - a mistake of the emulator: shown as ARM shows its own, and logged in full
            _LOG.exception("%s %s", request.method, request.path)
            message = f"The sandbox failed on this request; its log tells more (request {request.id})."
            return Reply(500, ArmError(500, "InternalServerError", message).body()), quota

    def _carry_out(
        self, request: answers.Request, body: bytes | None, caller: Caller, acting: tuple[Fault, ...]
    ) -> Reply:
        if body is None:
            raise errors.request_too_large(MAX_BODY)
        now = self.clock.now()
        with self.store.transaction() as transaction:
            # By itself and first: what has ended has ended, even if this request is refused.
            settle(transaction, self._core.registry, now)
            transaction.purge_expired(now)
        with self.store.transaction() as transaction:
            return pipeline.carry_out(
                pipeline.Incoming(
                    core=self._core,
                    transaction=transaction,
                    caller=caller,
                    method=request.method,
                    path=request.path,
                    query=request.query,
                    url=request.url,
                    base_url=request.base_url,
                    read_body=lambda: answers.json_object(body, request.headers.get("content-type", "")),
                    now=now,
                    faults=acting,
                )
            )

    def _authenticate(self, header: str | None) -> Caller:
        tenant = self._settings.tenant_id
        try:
            if not header:
                raise errors.authorization_header_missing()
            scheme, _, token = header.partition(" ")
            if scheme.lower() != "bearer" or not token.strip():
                raise errors.authorization_header_invalid()
            return self._settings.verify_token(token.strip())
        except TokenRejected as rejected:
            error = errors.token_rejected(rejected.code, rejected.message)
            error.headers = answers.challenge(tenant, rejected.message)
            raise error from None
        except ArmError as error:
            error.headers = answers.challenge(tenant, error.message)
            raise

    def _seed(self) -> None:
        """Make known the configuration's principals, and give their roles once: they can be taken away."""
        now = self.clock.now()
        with self.store.transaction() as transaction:
            for principal, kind in self._settings.principals.items():
                transaction.add_principal(principal, kind, principal)
            for seed in self._settings.seeds:
                transaction.add_principal(seed.principal, seed.principal_type, seed.principal)
                role = BY_NAME[seed.role]
                name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{seed.scope}|{seed.principal}|{role.id}".lower()))
                if transaction.setting(f"seed:{name}") is not None:
                    continue
                transaction.set_setting(f"seed:{name}", "done")
                body = {"properties": _seeded(seed, role.id)}
                transaction.write(f"{seed.scope}/providers/{ASSIGNMENTS}/{name}", body, now=now)


def _seeded(seed: RoleSeed, role_id: str) -> JsonObject:
    moment = "2000-01-01T00:00:00.0000000Z"  # long ago: in effect at once, whatever the propagation delay
    empty = ("condition", "conditionVersion", "delegatedManagedIdentityResourceId", "description")
    return {
        "roleDefinitionId": f"{seed.scope}/providers/{DEFINITIONS}/{role_id}",
        "principalId": seed.principal,
        "principalType": seed.principal_type,
        "scope": seed.scope,
        "createdOn": moment,
        "updatedOn": moment,
        "createdBy": "",
        "updatedBy": "",
        **dict.fromkeys(empty),
    }


def create_app(settings: ArmSettings) -> ArmApp:
    """The application. Raises StoreError when the state file can't be used."""
    return ArmApp(settings)


def _refuse_if_told(acting: tuple[Fault, ...]) -> None:
    for fault in acting:
        if fault.kind == "status":
            headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
            raise ArmError(fault.status, fault.code, fault.message, headers=headers)


async def _vanish(fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    """End the connection, or the whole process, without an answer."""
    _LOG.info("injected fault: %s %s %s", fault.kind, scope["method"], scope["path"])
    if fault.kind in ("crash", "crash_after"):
        os.kill(os.getpid(), signal.SIGKILL)
    # The sandbox's server can cut the client's tunnel; without it, the answer ends before it is complete.
    disconnect = (scope.get("extensions") or {}).get("sandbox.disconnect")
    if disconnect is None or not disconnect():
        await answers.cut_off(send)
        return
    while (await receive())["type"] != "http.disconnect":
        continue

"""The steps that every request to Resource Manager goes through, in ARM's order.

`STEPS` is the order; each step is a function below with the reason why it stands there.
A step refuses by raising an ArmError, which undoes the request's transaction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sandbox.arm import deletes, errors, reads, resource_errors, writes
from sandbox.arm.call import Call, Core, Reply
from sandbox.arm.caller import Caller
from sandbox.arm.faults import Fault
from sandbox.arm.ids import is_guid, type_of
from sandbox.arm.namespaces.resources import registered
from sandbox.arm.regions import NAMES
from sandbox.arm.resource_type import ResourceType
from sandbox.arm.store import Transaction
from sandbox.arm.targets import GROUPS, Address, Target, address_of, target_of

_API_VERSION = re.compile(r"\d{4}-\d\d-\d\d(-[a-z0-9.]+)?")


@dataclass(kw_only=True)
class Incoming:
    """A request whose sender is known; the steps fill in what the path means."""

    core: Core
    transaction: Transaction
    caller: Caller
    method: str
    path: str
    query: Mapping[str, str]  # keys in lower case
    url: str
    base_url: str
    read_body: Callable[[], dict[str, Any]]
    now: datetime
    faults: tuple[Fault, ...] = ()
    address: Address = field(init=False)
    target: Target = field(init=False)
    resource_id: str = ""  # of the resource or action, in its own spelling

    @property
    def api_version(self) -> str:
        """The version asked for; empty when none is."""
        return self.query.get("api-version", "").strip()


def carry_out(incoming: Incoming) -> Reply:
    """Run all steps, then the verb."""
    for step in STEPS:
        step(incoming)
    return _verb(incoming)


def read_path(incoming: Incoming) -> None:
    """First, because everything else is about what the path names."""
    incoming.address = address_of(incoming.path)


def require_api_version(incoming: Incoming) -> None:
    """Before any look-up: what exists depends on the version."""
    if not incoming.api_version:
        raise errors.api_version_missing()


def find_type(incoming: Incoming) -> None:
    """Namespace, type, action: unknown ones are refused before anybody asks about rights."""
    incoming.target = target_of(
        incoming.address, incoming.method, incoming.core.registry, incoming.api_version
    )


def check_api_version(incoming: Incoming) -> None:
    """The version must be one that the type has; which error says so depends on the type."""
    target, version, registry = incoming.target, incoming.api_version, incoming.core.registry
    if target.kind == "status":
        known: tuple[str, ...] = (version,)
    elif target.operation is not None:
        known = registry.operation_versions(target.operation.operation)
    else:
        known = registry.api_versions(target.type)
    if _API_VERSION.fullmatch(version) and (version in known or not known):
        return
    declared = target.declared
    if declared is None or declared.type == GROUPS or not _API_VERSION.fullmatch(version):
        raise errors.api_version_invalid(version, known)
    short = "/".join(declared.segments)
    if not declared.tracked:
        raise errors.resource_type_not_found(declared.namespace, short, version, known)
    raise errors.no_registered_provider(_group_location(incoming), version, short, known, NAMES)


def _group_location(incoming: Incoming) -> str:
    address = incoming.address
    group = incoming.transaction.body(f"/subscriptions/{address.subscription}/resourceGroups/{address.group}")
    return str(group["location"]) if group and address.group else "global"


def find_subscription(incoming: Incoming) -> None:
    """A subscription that is not the tenant's has no rights to look at."""
    subscription = incoming.address.subscription
    if not subscription:
        return
    if not is_guid(subscription):
        raise resource_errors.subscription_id_malformed(subscription)
    if subscription.lower() not in incoming.core.subscriptions:
        raise resource_errors.subscription_not_found(subscription)


def authorize(incoming: Incoming) -> None:
    """Before existence is looked at: who may not read must not learn what is there."""
    target, caller = incoming.target, incoming.caller
    if not target.permission:
        return
    authorizer = incoming.core.authorizer
    scope = target.permission_scope or "/"
    if target.permission_scope and not authorizer.caller_allowed(
        incoming.transaction, caller, target.permission, target.permission_scope
    ):
        raise resource_errors.authorization_failed(caller.client, caller.object_id, target.permission, scope)


def check_registration(incoming: Incoming) -> None:
    """A namespace must be registered before anything of it is made or changed."""
    declared = incoming.target.declared
    if declared is None or incoming.method not in ("PUT", "PATCH", "POST"):
        return
    call = _call(incoming)
    if not registered(call.context(incoming.target.parent, None, None), declared.namespace):
        raise errors.namespace_not_registered(declared.namespace)


def check_verb(incoming: Incoming) -> None:
    """Before existence: a verb that a type does not have is wrong whether or not the resource is there."""
    target, method = incoming.target, incoming.method
    if target.kind == "collection" and (method != "GET" or "LIST" not in target.type.verbs):
        raise errors.method_not_supported(method)
    if target.kind == "resource":
        verb = "GET" if method == "HEAD" else method
        if verb not in target.type.verbs:
            raise errors.resource_method_not_allowed(method, target.type.type)


def find_parents(incoming: Incoming) -> None:
    """Resource group, then parent or scope: a resource can't be below something that is not there."""
    target, address = incoming.target, incoming.address
    if target.kind == "status":
        return
    group = f"/subscriptions/{address.subscription}/resourceGroups/{address.group}"
    own_group = target.declared is not None and target.declared.type == GROUPS
    if address.group and not own_group and not incoming.transaction.exists(group):
        raise resource_errors.resource_group_not_found(address.group)
    if target.declared is None:
        return
    parent = _canonical_parent(incoming, target.declared, target.parent)
    incoming.target = Target(**{**target.__dict__, "parent": parent})
    if target.kind != "collection":
        incoming.resource_id = _own_id(incoming, target.declared, parent, target.name)


def _canonical_parent(incoming: Incoming, declared: ResourceType, parent: str) -> str:
    stored = incoming.transaction.body(parent)
    if stored is not None:
        return str(stored["id"])
    if parent.count("/") <= 2:
        return parent.lower() and f"/subscriptions/{incoming.address.subscription.lower()}"
    name = parent.rsplit("/", 1)[-1]
    holder = incoming.core.registry.find(declared.parent_type) if declared.parent_optional else None
    if holder is not None:
        above = _canonical_parent(incoming, holder, parent.rsplit("/", 2)[0])
        return f"{above}/{holder.segments[-1]}/{name}"
    if declared.parent_type:
        raise resource_errors.parent_not_found(name)
    raise resource_errors.resource_not_found(type_of(parent), name, incoming.address.group)


def _own_id(incoming: Incoming, declared: ResourceType, parent: str, name: str) -> str:
    if declared.type == GROUPS:
        own = f"{parent}/resourceGroups/{name}"
    elif declared.parent_type:
        own = f"{parent}/{declared.segments[-1]}/{name}"
    else:
        own = f"{parent}/providers/{declared.type}/{name}"
    stored = incoming.transaction.body(own)
    return str(stored["id"]) if stored else own


STEPS: tuple[Callable[[Incoming], None], ...] = (
    read_path,
    require_api_version,
    find_type,
    check_api_version,
    find_subscription,
    authorize,
    check_registration,
    check_verb,
    find_parents,
)


def _call(incoming: Incoming) -> Call:
    return Call(
        core=incoming.core,
        transaction=incoming.transaction,
        method=incoming.method,
        target=incoming.target,
        api_version=incoming.api_version,
        query=incoming.query,
        url=incoming.url,
        base_url=incoming.base_url,
        caller=incoming.caller,
        now=incoming.now,
        read_body=incoming.read_body,
        faults=incoming.faults,
    )


def _verb(incoming: Incoming) -> Reply:
    call, kind = _call(incoming), incoming.target.kind
    if kind == "status":
        return reads.status(call)
    if kind == "operation":
        return reads.operation(call)
    if kind == "collection":
        return reads.list_(call)
    if kind == "action":
        return reads.action(call, incoming.resource_id)
    if incoming.method in ("PUT", "PATCH"):
        missing = incoming.method == "PATCH" and not incoming.transaction.exists(incoming.resource_id)
        if missing:
            raise reads.not_found(call, incoming.resource_id, call.target.type)
        return writes.write(call, incoming.resource_id)
    if incoming.method == "DELETE":
        return deletes.delete(call, incoming.resource_id)
    return (
        reads.head(call, incoming.resource_id)
        if incoming.method == "HEAD"
        else reads.get(call, incoming.resource_id)
    )

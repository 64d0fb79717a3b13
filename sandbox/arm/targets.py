"""What a request's path is about: a resource, a collection, an action, an operation.

Paths are read without regard to case; the spelling that ARM answers with comes from the
declarations and from what is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sandbox.arm import errors
from sandbox.arm.ids import segments_of
from sandbox.arm.registry import MatchedOperation, Registry
from sandbox.arm.resource_type import ResourceType

GROUPS = "Microsoft.Resources/resourceGroups"
_STATUS_NAMES = ("operationstatuses", "operationresults")


@dataclass(frozen=True)
class Address:
    """The parts of a path. `scope` is what precedes the last /providers/; `tail` follows the namespace."""

    path: str
    subscription: str
    group: str
    has_group: bool  # the path says /resourceGroups, with or without a name
    rest: tuple[str, ...]  # after the subscription, or after the group where one is named
    scope: str
    namespace: str
    tail: tuple[str, ...]


@dataclass(frozen=True)
class Target:
    """The thing itself. For a collection and a new resource `parent` is where it belongs.

    `permission` is the RBAC action and `permission_scope` where it is needed; empty: none.
    """

    kind: Literal["resource", "collection", "action", "operation", "status"]
    parent: str = ""
    name: str = ""
    action: str = ""
    declared: ResourceType | None = None
    operation: MatchedOperation | None = None
    permission: str = ""
    permission_scope: str = ""

    @property
    def type(self) -> ResourceType:
        """The declared type; only for targets that have one."""
        if self.declared is None:
            raise LookupError(f"a target of kind {self.kind} has no resource type")
        return self.declared


def address_of(path: str) -> Address:
    """Takes a path apart. ArmError NotFound when it can be no request to Resource Manager."""
    steps = segments_of(path)
    lowered = [step.lower() for step in steps]
    if not steps or lowered[0] not in ("subscriptions", "providers", "tenants"):
        raise errors.path_invalid(path)
    subscription, group, has_group, rest = "", "", False, steps
    if lowered[0] == "subscriptions" and len(steps) > 1:
        subscription, rest = steps[1], steps[2:]
        if rest and rest[0].lower() == "resourcegroups":
            has_group = True
            group, rest = (rest[1], rest[2:]) if len(rest) > 1 else ("", rest[1:])
    scope, namespace = path.rstrip("/"), ""
    tail: tuple[str, ...] = ()
    if "providers" in lowered:
        last = len(lowered) - 1 - lowered[::-1].index("providers")
        scope = "".join(f"/{step}" for step in steps[:last])
        namespace = steps[last + 1] if last + 1 < len(steps) else ""
        tail = tuple(steps[last + 2 :])
    return Address(path, subscription, group, has_group, tuple(rest), scope, namespace, tail)


def target_of(address: Address, method: str, registry: Registry, api_version: str) -> Target:
    """What the address names. Raises ARM's errors for an unknown namespace, type or path."""
    base = f"/subscriptions/{address.subscription}" if address.subscription else ""
    if address.group:
        base += f"/resourceGroups/{address.group}"
    scope_kind = "resourceGroup" if address.group else "subscription" if address.subscription else "tenant"
    if not address.has_group or address.group:
        matched = registry.operation(method, scope_kind, list(address.rest))
        if matched is not None:
            return _operation(matched, method, base)
    if len(address.rest) >= 2 and address.rest[-2].lower() in _STATUS_NAMES and method == "GET":
        return Target("status", name=address.rest[-1], action=address.rest[-2].lower())
    if address.has_group and not address.rest:
        return _group(address, method, registry, base)
    if not address.namespace:
        raise errors.path_invalid(address.path)
    return _provider_target(address, method, registry, api_version)


def _operation(matched: MatchedOperation, method: str, base: str) -> Target:
    operation = matched.operation
    permission = operation.permission
    if "{" in permission:
        permission = permission.format(**matched.values)
    if not permission and operation.scope != "tenant":
        steps = [step for step in segments_of(operation.path)[1:] if not step.startswith("{")]
        verb = "read" if method == "GET" or steps[-1].lower().startswith("check") else "action"
        permission = "/".join([*steps, verb])
    below = operation.permission_below.format(**matched.values)
    scope = f"{base}/{below}" if below else base
    return Target("operation", parent=base, operation=matched, permission=permission, permission_scope=scope)


def _group(address: Address, method: str, registry: Registry, base: str) -> Target:
    declared = registry.find(GROUPS)
    if declared is None:
        raise errors.path_invalid(address.path)
    subscription = f"/subscriptions/{address.subscription}"
    permission = f"Microsoft.Resources/subscriptions/resourceGroups/{_VERBS.get(method, 'action')}"
    if not address.group:
        return Target("collection", parent=subscription, declared=declared)  # a list shows what may be seen
    return Target(
        "resource",
        parent=subscription,
        name=address.group,
        declared=declared,
        permission=permission,
        permission_scope=base,
    )


_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "PATCH": "write", "DELETE": "delete"}


def _provider_target(address: Address, method: str, registry: Registry, api_version: str) -> Target:
    namespace = registry.namespace(address.namespace)
    if namespace is None:
        raise errors.namespace_invalid(address.namespace)
    tail = address.tail
    if not tail:
        raise errors.path_invalid(address.path)
    if len(tail) % 2 and len(tail) > 1:
        owner = registry.find("/".join([namespace, *tail[:-1:2]]))
        name = _action(owner, method, tail[-1]) if owner else None
        if owner is not None and name is not None:
            return _action_target(address, owner, name, method)
    declared = registry.find("/".join([namespace, *tail[::2]]))
    if declared is None or not _placed(declared, address, collection=bool(len(tail) % 2)):
        raise errors.resource_type_not_found(namespace, "/".join(tail[::2]), api_version)
    parent = _below(address.scope, declared, tail)
    if len(tail) % 2:
        return Target(
            "collection",
            parent=parent,
            declared=declared,
            permission=f"{declared.permissions_of or declared.type}/read",
            permission_scope=parent or "/",
        )
    permission = f"{declared.permissions_of or declared.type}/{_VERBS.get(method, 'action')}"
    own = f"{parent}/{declared.segments[-1]}/{tail[-1]}"
    if len(tail) == 2:
        own = f"{address.scope}/providers/{declared.type}/{tail[-1]}"
    return Target(
        "resource",
        parent=parent,
        name=tail[-1],
        declared=declared,
        permission=permission,
        permission_scope=address.scope if declared.scope == "extension" else own,
    )


def _action(owner: ResourceType | None, method: str, name: str) -> str | None:
    if owner is None:
        return None
    for declared_name in owner.actions:
        verb, _, short = declared_name.rpartition(" ")
        if (verb or "POST") == method and short.lower() == name.lower():
            return declared_name
    return None


def _action_target(address: Address, owner: ResourceType, name: str, method: str) -> Target:
    tail = address.tail[:-1]
    parent = _below(address.scope, owner, tail)
    own = f"{parent}/{owner.segments[-1]}/{tail[-1]}"
    if len(tail) == 2:
        own = f"{address.scope}/providers/{owner.type}/{tail[-1]}"
    short = name.rpartition(" ")[2]
    verb = "read" if method == "GET" else "action"
    permission = f"{owner.permissions_of}/write" if owner.permissions_of else f"{owner.type}/{short}/{verb}"
    return Target(
        "action",
        parent=parent,
        name=tail[-1],
        action=name,
        declared=owner,
        permission=permission,
        permission_scope=own,
    )


def _placed(declared: ResourceType, address: Address, *, collection: bool) -> bool:
    """Whether a type can stand at that scope: an extension anywhere, others in a group."""
    if declared.scope == "extension":
        return True
    if "/providers/" in address.scope.lower():
        return False
    if declared.scope == "resourceGroup" and not address.group:
        return collection and len(address.tail) == 1 and bool(address.subscription)
    return True


def _below(scope: str, declared: ResourceType, tail: tuple[str, ...]) -> str:
    """The id of what holds the target: the scope for a top-level type, else the parent resource."""
    if len(tail) <= 2:
        return scope
    steps = [
        f"{kind}/{name}" for kind, name in zip(declared.segments, tail[1 : len(tail) - 1 : 2], strict=False)
    ]
    depth = (len(tail) - 1) // 2
    return f"{scope}/providers/{declared.namespace}/" + "/".join(steps[:depth])

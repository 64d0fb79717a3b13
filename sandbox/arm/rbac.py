"""Who may do what where: Azure's role-based access control.

An action is allowed when one role that the caller (or one of its groups) is assigned at
the scope or above it permits it: matched by `actions` and by none of `notActions`
("Understand Azure role definitions"). Conditions (ABAC) are stored and not evaluated,
which a fact says. Deny assignments do not exist here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sandbox.arm.builtin_roles import BUILT_IN_ROLES, BY_ID, Role
from sandbox.arm.caller import Caller
from sandbox.arm.clock import Clock, parse
from sandbox.arm.facts import Fact, assumed, documented
from sandbox.arm.ids import key_of, scopes_of
from sandbox.arm.store import Store, Transaction

JsonObject = dict[str, Any]
ASSIGNMENTS = "Microsoft.Authorization/roleAssignments"
DEFINITIONS = "Microsoft.Authorization/roleDefinitions"

FACTS: tuple[Fact, ...] = (
    Fact(
        "An action is allowed when a role at the scope or above has it in actions and not in notActions.",
        documented("Understand Azure role definitions"),
    ),
    Fact(
        "A wildcard matches any part of an action, slashes included.",
        documented("Understand Azure role definitions"),
    ),
    Fact(
        "The wildcard of 'a/*/b' also matches 'a/b'.",
        assumed(
            "userAssignedIdentities/*/assign/action of Managed Identity Operator permits the action without *"
        ),
    ),
    Fact(
        "A role assignment takes effect some time after it was made.",
        documented("Troubleshoot Azure RBAC: role assignment changes are not being detected"),
    ),
    Fact(
        "A role assignment that is removed loses its effect at once.",
        assumed("Azure may take minutes here too"),
    ),
    Fact(
        "Conditions of role assignments are kept but not evaluated.",
        assumed("the sandbox does not implement ABAC; Azure evaluates them"),
    ),
    *(Fact(f"Permissions of the built-in role {role.name}.", role.source) for role in BUILT_IN_ROLES),
)


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    """`*` is any text, and `/*/` also a bare slash: Managed Identity Operator could not assign otherwise."""
    parts = [".*".join(re.escape(piece) for piece in part.split("*")) for part in pattern.split("/*/")]
    return re.compile("/(?:.*/)?".join(parts), re.IGNORECASE)


def _matches(patterns: Iterable[str], action: str) -> bool:
    return any(pattern == "*" or _pattern(pattern).fullmatch(action) for pattern in patterns)


def permits(role: Role, action: str, *, data: bool) -> bool:
    """Whether the role permits an action (or data action), whatever the case of its letters."""
    allowed, denied = (role.data_actions, role.not_data_actions) if data else (role.actions, role.not_actions)
    return _matches(allowed, action) and not _matches(denied, action)


def role_of(definition: JsonObject) -> Role:
    """A stored (custom) role definition as a Role; its permission sets are joined."""
    properties = definition["properties"]
    permissions = properties.get("permissions") or []

    def joined(name: str) -> tuple[str, ...]:
        return tuple(item for permission in permissions for item in permission.get(name) or ())

    return Role(
        str(definition["name"]),
        str(properties.get("roleName")),
        joined("actions"),
        joined("notActions"),
        joined("dataActions"),
        joined("notDataActions"),
    )


class Authorizer:
    """Evaluates role assignments. Assignments are cached per scope until any of them changes."""

    def __init__(self, store: Store, clock: Clock, propagation_delay: float = 0.0) -> None:
        self._store = store
        self._clock = clock
        self._delay = timedelta(seconds=propagation_delay)
        self._cache: dict[str, list[JsonObject]] = {}
        self._version = -1

    def allowed(self, object_id: str, action: str, scope: str, *, data: bool = False) -> bool:
        """Whether a principal may do a (data) action at a scope; for parts outside Resource Manager."""
        with self._store.transaction() as transaction:
            return self.permitted(transaction, (object_id.lower(),), action, scope, data=data)

    def caller_allowed(self, transaction: Transaction, caller: Caller, action: str, scope: str) -> bool:
        """Whether the caller of a request may do a control-plane action at a scope."""
        return self.permitted(transaction, (caller.object_id, *caller.groups), action, scope, data=False)

    def permitted(
        self, transaction: Transaction, principals: tuple[str, ...], action: str, scope: str, *, data: bool
    ) -> bool:
        """Whether any of these principals (lower case) holds a role that permits the action."""
        return any(permits(role, action, data=data) for role in self.roles(transaction, principals, scope))

    def roles(self, transaction: Transaction, principals: tuple[str, ...], scope: str) -> list[Role]:
        """The roles in effect at a scope for these principals."""
        now = self._clock.now()
        found = []
        for key in scopes_of(key_of(scope)):
            for assignment in self._at(transaction, key):
                properties = assignment["properties"]
                if str(properties["principalId"]).lower() not in principals:
                    continue
                if self._delay and parse(properties["createdOn"]) + self._delay > now:
                    continue
                role = self.role(transaction, properties["roleDefinitionId"])
                if role is not None:
                    found.append(role)
        return found

    def role(self, transaction: Transaction, definition_id: str) -> Role | None:
        """The built-in or custom role behind a definition's id; None when there is none."""
        guid = definition_id.rstrip("/").rsplit("/", 1)[-1].lower()
        built_in = BY_ID.get(guid)
        if built_in is not None:
            return built_in
        stored = transaction.named(DEFINITIONS, guid)
        return role_of(stored[0]) if stored else None

    def _at(self, transaction: Transaction, key: str) -> list[JsonObject]:
        if self._version != self._store.assignments_version:
            self._cache.clear()
            self._version = self._store.assignments_version
        found = self._cache.get(key)
        if found is None:
            found = self._cache[key] = transaction.children(key, ASSIGNMENTS)
        return found

"""Who gains or loses what, in plain words: role assignments, custom roles, federated credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal

from review.document import AccessChange
from review.preview import Op, Preview, State, Step, native_type
from review.roles import role_of
from review.values import ABSENT, at, is_unknown, shown

_WIDE: Final = re.compile(
    r"/?(subscriptions/[^/]+|providers/Microsoft\.Management/managementGroups/[^/]+)?/?", re.IGNORECASE
)
_GRANTS_ROLES: Final = re.compile(
    r"\*|microsoft\.authorization/(\*|roleassignments/(\*|write)|.*\*/write)", re.IGNORECASE
)
LATER: Final = "known after the update"  # in place of a name or an id
Direction = Literal["gains", "loses"]


def access_changes(preview: Preview) -> Iterator[AccessChange]:
    """All of them, in the order of the preview."""
    names = dict(_names(preview))
    custom = {
        state.id.rsplit("/", 1)[-1].lower(): state
        for step in preview.of("authorization:RoleDefinition")
        for state in (step.new, step.old)
        if state and state.id
    }
    for step in preview.changing():
        kind = native_type(step.type)
        if kind == "authorization:RoleAssignment":
            for direction, state in _sides(step):
                yield _assignment(step, direction, state, names, custom)
        elif kind == "authorization:RoleDefinition":
            yield from _definition(step, names)
        elif kind == "managedidentity:FederatedIdentityCredential":
            for direction, state in _sides(step):
                yield _federation(step, direction, state)


def _names(preview: Preview) -> Iterator[tuple[str, str]]:
    """Logical names of resources by their id, and of identities also by their principal's."""
    for step in preview.steps:
        for state in (step.old, step.new):
            if state and state.id:
                yield state.id.lower(), step.name
            is_assignment = native_type(step.type) == "authorization:RoleAssignment"
            for path in () if is_assignment else ("principalId", "identity.principalId"):
                found = at(state.outputs, path) if state else ABSENT
                if isinstance(found, str) and found and not is_unknown(found):
                    yield found.lower(), step.name


def _sides(step: Step) -> Iterator[tuple[Direction, State]]:
    """What is lost, then what is gained. An update of a description alone is neither."""
    if step.op is Op.UPDATE and all(change.path in ("description", "condition") for change in step.changes):
        if any(change.path == "condition" for change in step.changes) and step.new:
            yield "gains", step.new
        return
    if step.op in (Op.DELETE, Op.REPLACE, Op.UPDATE) and step.old:
        yield "loses", step.old
    if step.op in (Op.CREATE, Op.REPLACE, Op.UPDATE, Op.IMPORT) and step.new:
        yield "gains", step.new


def _assignment(
    step: Step,
    direction: Direction,
    state: State,
    names: Mapping[str, str],
    custom: Mapping[str, State],
) -> AccessChange:
    definition = _text(state, "roleDefinitionId")
    built_in = role_of(definition)
    own = custom.get(definition.rstrip("/").rsplit("/", 1)[-1].lower())
    actions = _actions(own) if own else ()
    if built_in:
        role, can, privileged = built_in.name, built_in.can, built_in.privileged
    elif own:
        role, can = _text(own, "roleName") or "a role of this stack", ", ".join(actions) or LATER
        privileged = any(_GRANTS_ROLES.fullmatch(action) for action in actions)
    else:
        role, can, privileged = _shown(definition), "do what this role allows, which is not known here", False
    condition = state.given("condition")
    bounded = isinstance(condition, str) and condition != "" and not is_unknown(condition)
    scope = _text(state, "scope")
    return AccessChange(
        urn=step.urn,
        change=direction,
        principal=_principal(state, names),
        principal_type=_text(state, "principalType") or "unknown type",
        role=role,
        can=f"{can}, within a condition" if bounded else can,
        scope=names.get(scope.lower(), _shown(scope)),
        privileged=privileged,
        wide=not is_unknown(scope) and bool(_WIDE.fullmatch(scope)) and scope != "",
        later=not scope or is_unknown(scope),
        bounded=bounded or not (built_in.grants if built_in else privileged),
        said=_said(state, role),
    )


def _definition(step: Step, names: Mapping[str, str]) -> Iterator[AccessChange]:
    before = set(_actions(step.old)) if step.old else set()
    after = set(_actions(step.new)) if step.new else set()
    for direction, actions in (("loses", before - after), ("gains", after - before)):
        if not actions:
            continue
        state = step.state
        yield AccessChange(
            urn=step.urn,
            change="gains" if direction == "gains" else "loses",
            principal="everyone who has the role",
            principal_type="",
            role=_text(state, "roleName") or step.name,
            can=", ".join(sorted(actions)),
            scope=names.get(_text(state, "scope").lower(), _shown(_text(state, "scope"))),
            privileged=any(_GRANTS_ROLES.fullmatch(action) for action in actions),
            wide=bool(_WIDE.fullmatch(_text(state, "scope"))),
        )


def _federation(step: Step, direction: Direction, state: State) -> AccessChange:
    return AccessChange(
        urn=step.urn,
        change=direction,
        principal=f"{_shown(_text(state, 'subject'))} of {_shown(_text(state, 'issuer'))}",
        principal_type="federated credential",
        role=f"identity {_shown(_text(state, 'resourceName'))}",
        can="sign in as this identity, with all its roles",
        scope="",
        privileged=_text(state, "subject").endswith(":pull_request"),
        wide=False,
    )


def _principal(state: State, names: Mapping[str, str]) -> str:
    """The identity of this stack that it is, or else its object id."""
    its_id = _text(state, "principalId")
    return names.get(its_id.lower(), _shown(its_id))


def _said(state: State, role: str) -> str:
    """The description, without the role's name in front of it."""
    description = _text(state, "description")
    if is_unknown(description):
        return ""
    shorter = description.removeprefix(f"{role} for ")
    return shown(shorter) if shorter else ""


def _actions(state: State | None) -> tuple[str, ...]:
    permissions: Any = state.at("permissions") if state else ABSENT
    found: list[str] = []
    for permission in permissions if isinstance(permissions, list) else ():
        for key in ("actions", "dataActions") if isinstance(permission, dict) else ():
            values = permission.get(key)
            found += [each for each in values if isinstance(each, str)] if isinstance(values, list) else []
    return tuple(found)


def _text(state: State, path: str) -> str:
    value = state.at(path)
    return value if isinstance(value, str) else ""


def _shown(text: str) -> str:
    return shown(text) if text else LATER

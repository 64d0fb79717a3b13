"""Conditions of role assignments (ABAC): whether one keeps the privileged roles from being handed out."""

from __future__ import annotations

import re
from typing import Final

from azureml_guard.roles import ROLES, Right

_PRIVILEGED: Final = frozenset(role.id for role in ROLES.values() if role.rights & Right.ASSIGN_ROLES)
_GUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LIMIT: Final = re.compile(
    r"(!?)\s*\(*\s*@Request\[\s*Microsoft\.Authorization/roleAssignments:RoleDefinitionId\s*\]"
    r"\s*([\w:]+)\s*(\{[^}]*\}|[\w-]+)",
    re.IGNORECASE,
)


def limits_roles(condition: str) -> bool:
    """Whether a condition keeps the privileged roles out of what may be assigned.

    The forms of "Delegate Azure role assignment management to others with conditions": a list of roles
    without privileged ones, or all but a list with all privileged ones. Every alternative has to have one;
    the OR behind the guard `!(ActionMatches{...})` is none.
    """
    limits = _LIMIT.findall(condition)
    alternatives = len(re.findall(r"\bOR\b|\|\|", condition, re.IGNORECASE))
    guards = len(re.findall(r"ActionMatches", condition, re.IGNORECASE))
    return len(limits) > max(0, alternatives - guards) and all(
        not negation and _keeps_out(operator, values) for negation, operator, values in limits
    )


def _keeps_out(operator: str, values: str) -> bool:
    ids = {each.lower() for each in _GUID.findall(values)}
    if operator.lower().endswith("guidnotequals"):
        return ids >= _PRIVILEGED
    return operator.lower().endswith("guidequals") and bool(ids) and not ids & _PRIVILEGED

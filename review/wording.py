"""Words of reasons: who, on what, and what becomes of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from review.access import LATER
from review.document import AccessChange, Destructive, PolicyFinding

MOST_PATHS: Final = 4  # properties that are told


def is_kept(lost: AccessChange, gained: AccessChange) -> bool:
    """Whether an assignment only moves, with its identity or what it is on."""
    same = (gained.urn, gained.role, gained.said) == (lost.urn, lost.role, lost.said)
    return same and gained.principal in (lost.principal, LATER)


def who(*changes: AccessChange) -> str:
    """`Group 8a4e… (“data-scientists”)`: what is known, and in quotes what is only said."""
    said = first_of(sorted({f"“{each.said}”" for each in changes if each.said}))
    return f"{changes[0].principal_type} {changes[0].principal}{f' ({said})' if said else ''}".strip()


def by_holder(changes: Sequence[AccessChange]) -> list[list[AccessChange]]:
    """What each one gains or loses: what is privileged first, then by role; the engine tells in any order."""
    found: dict[tuple[str, str], list[AccessChange]] = {}
    for each in sorted(changes, key=lambda each: (not each.privileged, each.role, each.scope or "")):
        is_known = each.principal != LATER
        found.setdefault((each.principal, "" if is_known else each.said), []).append(each)
    return list(found.values())


def what(*changes: AccessChange) -> str:
    """`Reader, AcrPull (2 times) on storage-account; Contributor on scopes known after the update`."""
    roles: dict[str, list[str]] = {}
    for each in changes:
        roles.setdefault(_place(each, several=len(changes) > 1), []).append(each.role)
    told = []
    for place, names in roles.items():
        counted = [f"{name} ({names.count(name)} times)" if names.count(name) > 1 else name for name in names]
        told.append(f"{first_of(list(dict.fromkeys(counted)))}{place}")
    return "; ".join(told)


def _place(each: AccessChange, *, several: bool) -> str:
    if each.later and each.scope:
        return f" on {'scopes' if several else 'a scope'} {each.scope}"
    return f" on {each.scope}" if each.scope else ""


def gained(*changes: AccessChange) -> str:
    """Who gains what, and what the first of it lets do."""
    return f"{who(*changes)} gains {what(*changes)}: can {_can(changes)}"


def lost(*changes: AccessChange) -> str:
    """Who loses what, and what the first of it let do."""
    return f"{who(*changes)} loses {what(*changes)}: could {_can(changes)}"


def _can(changes: Sequence[AccessChange]) -> str:
    return f"{changes[0].can}{', and more' if len({each.can for each in changes}) > 1 else ''}"


def done(each: Destructive) -> str:
    """`deleted`, or `replaced because of location, the old one first`."""
    if each.op == "delete":
        return "deleted, though it is protected" if each.protected else "deleted"
    because = f" because of {first_of(each.forced_by)}" if each.forced_by else ""
    first = ", the old one first" if each.deletes_first else ""
    return f"replaced{because}{first}{', though it is protected' if each.protected else ''}"


def named(urn: str) -> str:
    """The logical name and a space; empty for the stack."""
    return f"{urn.rsplit('::', 1)[-1]} " if urn else ""


def judged(finding: PolicyFinding, verb: str) -> str:
    """A policy, the resource, and what has to hold."""
    return f"{finding.policy}: {named(finding.urn)}{verb}: {detailed(finding)}"


def first_of(texts: Sequence[str]) -> str:
    """The first ones, and how many more there are."""
    more = len(texts) - MOST_PATHS
    return ", ".join([*texts[:MOST_PATHS], *([f"and {more} more"] if more > 0 else [])])


def detailed(finding: PolicyFinding) -> str:
    """What has to hold, and what of the resource does not."""
    return "; ".join(filter(None, (finding.title, *finding.details[:1])))

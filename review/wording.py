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


def who(each: AccessChange) -> str:
    """`Group 8a4e… (“data-scientists”)`: what is known, and in quotes what is only said."""
    said = f" (“{each.said}”)" if each.said else ""
    return f"{each.principal_type} {each.principal}{said}".strip()


def what(each: AccessChange) -> str:
    """`Reader on storage-account`."""
    if not each.scope:
        return each.role
    return f"{each.role} on {'a scope ' if each.later else ''}{each.scope}"


def gained(each: AccessChange) -> str:
    """Who gains what, and what that lets do."""
    return f"{who(each)} gains {what(each)}: can {each.can}"


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
    """What has to hold, and what of the resource does not: the pack's second line, without its verdict."""
    detail = finding.details[0].partition(" · ")[2] if finding.details else ""
    return f"{finding.title}; {detail}" if detail else finding.title

"""The rules about what is deleted or replaced, and about what protects from that."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from review import cost_rules, wording
from review.document import Review, Verdict
from review.rule import Rule


def _loses_data(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.destructive:
        if each.data and each.certain and not each.retained:
            yield each.urn, f"{each.name} is {wording.done(each)}; lost: {each.loses}"
        elif each.data and each.certain and each.op == "replace":
            yield (
                each.urn,
                f"{each.name} is {wording.done(each)}: the new one is empty, the old one stays in Azure",
            )


def _weakens(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.protection:
        if each.grave:
            yield each.urn, f"{each.name} {each.text}"


def _ignores(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.protection:
        if not each.grave:
            yield each.urn, f"{each.name} {each.text}"


def _locked(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.destructive:
        if each.locked_by:
            may = "is" if each.certain else "may be"
            done = "deleted" if each.op == "delete" else "replaced"
            yield (
                each.urn,
                f"{each.name} {may} {done} under {each.locked_by}, a lock: Azure refuses to delete it",
            )


def _may_lose_data(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.destructive:
        if each.data and not each.certain:
            then = "the old one stays in Azure" if each.retained else f"lost then: {each.loses}"
            yield each.urn, f"{each.name} may be {wording.done(each)}; {then}"


def _leaves_behind(review: Review) -> Iterator[tuple[str, str]]:
    for each in review.destructive:
        if each.retained and each.op == "delete":
            yield each.urn, f"{each.name} leaves the stack and stays in Azure, managed by nobody"


def _other_loss(review: Review) -> Iterator[tuple[str, str]]:
    told = {each.urn for each in review.access} | {each.urn for each in review.exposure}
    told |= {each.urn for each in review.protection} | {each.urn for each in review.assets if each.facts}
    told |= {each.urn for each in review.destructive if each.data or cost_rules.is_budget(each.type)}
    for each in review.destructive:
        if each.urn not in told and not (each.retained and each.op == "delete"):
            may = "is" if each.certain else "may be"
            stops = f": {each.loses}" if each.loses else ""
            kind = "" if each.loses else f" ({each.type.rsplit(':', 1)[-1]})"
            yield each.urn, f"{each.name}{kind} {may} {wording.done(each)}{stops}"


RULES: Final[tuple[Rule, ...]] = (
    Rule(
        "REV-DEL-001",
        Verdict.STOP,
        "Something that holds data, or an address that others call, is deleted or replaced",
        "Pulumi cannot bring data back; soft delete may, for some days.",
        _loses_data,
    ),
    Rule(
        "REV-PRO-001",
        Verdict.STOP,
        "A protection becomes weaker",
        "It was there for the mistake that nobody sees coming.",
        _weakens,
    ),
    Rule(
        "REV-PRO-002",
        Verdict.STOP,
        "Something under a lock is deleted or replaced",
        "The update fails there; what comes before it is done.",
        _locked,
    ),
    Rule(
        "REV-PRO-003",
        Verdict.LOOK,
        "Changes of a property are ignored from now on",
        "What the program says of it has no effect any more, and what somebody does in the cloud stays.",
        _ignores,
    ),
    Rule(
        "REV-DEL-002",
        Verdict.LOOK,
        "Something that holds data may be replaced, depending on a value that is not known yet",
        "Whether it happens shows only in the update.",
        _may_lose_data,
    ),
    Rule(
        "REV-DEL-003",
        Verdict.LOOK,
        "Something leaves the stack and stays in Azure",
        "It goes on to cost money, and nobody changes it any more.",
        _leaves_behind,
    ),
    Rule(
        "REV-DEL-004",
        Verdict.LOOK,
        "Something else is deleted or replaced",
        "What depends on it may fail in between.",
        _other_loss,
    ),
)

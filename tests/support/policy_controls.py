"""Small controls for tests of what surrounds controls: each wants a tag `owner` on every storage account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from pulumi_policy import EnforcementLevel as Level
from pulumi_policy import Severity

from azureml_guard.configuration import Configured
from azureml_guard.control import Concern, Context, Control, ResourceControl, Setting, StackControl
from azureml_guard.exemptions import Exemption
from azureml_guard.facts import Finding, Resource, Stack, Verdict
from azureml_guard.judge import Judge, Judgement
from azureml_guard.pack_controls import CONTROLS as PACK
from azureml_guard.values import UNKNOWN, reveal

ACCOUNT: Final = "storage:StorageAccount"
TODAY: Final = dt.date(2026, 11, 1)


def control(
    number: int, *, settings: Mapping[str, Setting] | None = None, remedy: Mapping[str, Any] | None = None
) -> ResourceControl:
    """One that judges a resource at a time."""
    return ResourceControl(
        concern=Concern.TAGS,
        number=number,
        title="An account has an owner",
        why="Nobody answers for it otherwise.",
        mend="Set tags.owner to a team.",
        severity=Severity.MEDIUM,
        types=(ACCOUNT,),
        check=_check,
        settings=settings or {},
        remedy=(lambda resource, context: remedy) if remedy else None,
    )


def stack_control(number: int) -> StackControl:
    """One that judges all accounts of a stack, and the stack itself for having any."""
    return StackControl(
        concern=Concern.TAGS,
        number=number,
        title="All accounts have owners",
        why="Nobody answers for them otherwise.",
        mend="Set tags.owner to a team.",
        severity=Severity.LOW,
        types=(ACCOUNT,),
        check=_check_stack,
    )


def account(name: str = "data", **properties: Any) -> Resource:
    """A storage account."""
    return Resource(ACCOUNT, f"urn:pulumi:prod::platform::azure-native:{ACCOUNT}::{name}", properties)


def broken_control(number: int) -> ResourceControl:
    """One that fails over every account that has tags, with their values in the text of its error."""
    return replace(control(number), check=_break)


def broken_stack_control(number: int) -> StackControl:
    """The same for a whole stack: it tells of the first account, then fails."""
    return replace(stack_control(number), check=_break_over_stack)


def _break(resource: Resource, context: Context) -> Iterator[Finding]:
    yield from _check(resource, context)
    if tags := resource.properties.get("tags"):
        raise ValueError(f"cannot make anything of {reveal(tags)}")


def _break_over_stack(stack: Stack, context: Context) -> Iterator[Finding]:
    for each in stack.of(ACCOUNT):
        yield from _break(each, context)


def _check(resource: Resource, context: Context) -> Iterator[Finding]:
    owner = resource.at("tags.owner")
    yield owner.must(owner.present(), "must be there")


def _check_stack(stack: Stack, context: Context) -> Iterator[Finding]:
    yield stack.must(bool(stack.of(ACCOUNT)), "accounts", "must be there")
    for each in stack.of(ACCOUNT):
        yield from _check(each, context)


OWNED: Final = account("owned", tags={"owner": "team"})
FREE: Final = account("free")
OPEN: Final = account("open", tags=UNKNOWN)
ONE: Final = control(1)
TWO: Final = control(2, remedy={"tags.owner": "team"})
ALL: Final = stack_control(3)


def exemption(resource: str = "*", verdict: Verdict = Verdict.FAIL, expires: dt.date = TODAY) -> Exemption:
    """An exemption that holds today."""
    return Exemption(resource, "change 4711, agreed", "team", expires, verdict)


def judge_of(
    level: Level = Level.MANDATORY,
    *,
    exemptions: Iterable[Exemption] = (),
    pack: Level = Level.MANDATORY,
    controls: tuple[Control, ...] = (ONE,),
) -> Judge:
    """A judge with these controls at one level, and those of the pack at another."""
    configuration = {each.id: Configured(level, {}, tuple(exemptions)) for each in controls}
    configuration |= {each.id: Configured(pack, {}) for each in PACK}
    return Judge([*controls, *PACK], configuration, "prod", TODAY)


def said(judgements: Iterable[Judgement]) -> list[tuple[str, Verdict, Level]]:
    """Name of the resource, verdict and level of each."""
    return [(each.urn.rsplit("::", 1)[-1], each.verdict, each.level) for each in judgements]

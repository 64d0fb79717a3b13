"""A control: what must hold, why, how to mend it, and the pure function that judges it.

Controls are data. They know nothing of Pulumi's policy machinery: `pack.py` hosts them, and so can
anything else that has resources to judge.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pulumi_policy import Severity

from azureml_guard.facts import Finding, Resource, Stack


class Concern(str, Enum):
    """What a control is about; the middle part of its id."""

    NETWORK = "NET"
    IDENTITY = "IDN"
    RBAC = "RBAC"
    DATA = "DAT"
    PROTECTION = "PRO"
    COST = "CST"
    TAGS = "TAG"
    NAMES = "NAM"
    ASSETS = "MLA"
    PACK = "PCK"


@dataclass(frozen=True, kw_only=True)
class References:
    """Where others ask for the same; empty where nobody does.

    Attributes:
        azure_policy: Display names of built-in Azure Policy definitions.
        benchmark: Controls of the Microsoft cloud security benchmark, such as `NS-2`.
        cis: Recommendations of the CIS Microsoft Azure Foundations Benchmark 2.0, such as `3.8`.
        others: Rules of PSRule for Azure, checkov and trivy.
        url: The page of Microsoft's documentation that explains the setting.
    """

    azure_policy: tuple[str, ...] = ()
    benchmark: tuple[str, ...] = ()
    cis: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A setting of one control.

    Attributes:
        schema: JSON Schema of the value; its `default` is the value where no file gives one.
        description: What it changes, for docs/policies.md.
    """

    schema: Mapping[str, Any]
    description: str


@dataclass(frozen=True, kw_only=True)
class Context:
    """What a check knows beside the resource.

    Attributes:
        environment: `dev`, `staging`, `prod`; for any other stack the stack's name.
        today: The day of the run, for what expires.
        settings: The control's settings, by name, each with a value.
    """

    environment: str
    today: dt.date
    settings: Mapping[str, Any] = field(default_factory=dict)


ResourceCheck = Callable[[Resource, Context], Iterable[Finding]]
StackCheck = Callable[[Stack, Context], Iterable[Finding]]
Path = tuple[str, ...] | str  # the names one by one where one of them may have a dot, or with dots between
Remedy = Callable[[Resource, Context], Mapping[Any, Any]]  # Path -> value


@dataclass(frozen=True, kw_only=True)
class Control:
    """What every control has.

    Attributes:
        number: Its number within its concern. Ids are never given again.
        severity: How bad it is where the control fails.
        title: What holds where it passes, in one short sentence.
        why: What goes wrong otherwise.
        mend: What to change.
        types: The types that it looks at.
        id: The stable id: `AML-NET-001`.
    """

    concern: Concern
    number: int
    title: str
    why: str
    mend: str
    severity: Severity
    types: tuple[str, ...]
    references: References = References()
    settings: Mapping[str, Setting] = field(default_factory=dict)
    id: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", f"AML-{self.concern.value}-{self.number:03}")


@dataclass(frozen=True, kw_only=True)
class ResourceControl(Control):
    """A control of one resource at a time.

    Attributes:
        check: Its findings on a resource of one of `types`; none where it does not apply.
        remedy: Where mending is safe: values to set, by Path. Only for what fails.
    """

    check: ResourceCheck
    remedy: Remedy | None = None


@dataclass(frozen=True, kw_only=True)
class StackControl(Control):
    """A control of a whole stack."""

    check: StackCheck

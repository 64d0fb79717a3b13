"""Controls of VM sizes: which ones, how long they still exist, and how many an endpoint takes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from pulumi_policy import Severity

from azureml_guard.control import Concern, Context, Control, References, ResourceControl, Setting
from azureml_guard.documents import ONLINE_DEPLOYMENTS
from azureml_guard.facts import Finding, Resource
from azureml_guard.machines import WITH_SIZES, is_managed, machines, scales_itself, serving, sizes
from azureml_guard.vm_sizes import retirement_of, size_of

_SIZES_PAGE: Final = "https://learn.microsoft.com/azure/virtual-machines/sizes/overview"


def is_like(name: str, pattern: str) -> bool:
    """Whether a size matches a pattern (`Standard_D*`), in any case."""
    return fnmatchcase(name.lower(), pattern.lower())


def _is_allowed(resource: Resource, context: Context) -> Iterator[Finding]:
    allowed = context.settings["allowedSizes"]
    for size in sizes(resource):
        truth = size.test(lambda name: any(is_like(name, pattern) for pattern in allowed))
        yield size.must(truth, "must be one of the setting allowedSizes")


def _is_not_retired(resource: Resource, context: Context) -> Iterator[Finding]:
    last = context.today + dt.timedelta(days=context.settings["noticeDays"])

    def stays(name: str) -> bool:
        day = retirement_of(size_of(name))
        return day is None or day > last

    for size in sizes(resource):
        yield size.must(size.test(stays), "must be a size that is not retired, nor soon will be")


def _is_bounded(deployment: Resource, context: Context) -> Iterator[Finding]:
    where, most = serving(deployment), context.settings["mostInstances"]
    instances = deployment.at(where.instances)
    within = instances.test(lambda value: value <= most, absent=True)  # Azure's default is 1
    yield instances.must(within, "must be at most the setting mostInstances")
    if scales_itself(deployment) is not False:
        ceiling = deployment.at(where.most)
        within = ceiling.test(lambda value: value <= most, absent=True)  # Azure's default is 1
        yield ceiling.must(within, "must be at most the setting mostInstances")
    if context.settings["gpuAllowed"] or is_managed(deployment) is False:
        return
    for each in machines(deployment):
        truth = each.size.test(lambda name: not size_of(name).has_gpu)
        yield each.size.must(truth, "must be a size without a GPU while the setting gpuAllowed is false")


CONTROLS: Final[tuple[Control, ...]] = (
    ResourceControl(
        concern=Concern.COST,
        number=4,
        title="Every VM size is one that the environment allows",
        why="One wrong size costs more in a day than the environment in a month.",
        mend="Choose a size of the setting allowedSizes, or have the size added to it.",
        severity=Severity.HIGH,
        types=WITH_SIZES,
        check=_is_allowed,
        settings={
            "allowedSizes": Setting(
                schema={
                    "type": "array",
                    "items": {"type": "string", "minLength": 1},
                    "default": ["Standard_D*", "Standard_E*", "Standard_F*"],
                },
                description="Sizes, with * for any part of a name; by default those without GPUs.",
            )
        },
        references=References(url=_SIZES_PAGE),
    ),
    ResourceControl(
        concern=Concern.COST,
        number=5,
        title="No VM size is retired or about to be",
        why="Machines of a retired series are stopped on its last day, and new ones can't be had.",
        mend="Move to a size of the current generation; Microsoft's list names the one that follows.",
        severity=Severity.MEDIUM,
        types=WITH_SIZES,
        check=_is_not_retired,
        settings={
            "noticeDays": Setting(
                schema={"type": "integer", "minimum": 0, "default": 180},
                description="How many days before its last one a size counts as retired.",
            )
        },
        references=References(
            url="https://learn.microsoft.com/azure/virtual-machines/sizes/retirement/retired-sizes-list"
        ),
    ),
    ResourceControl(
        concern=Concern.COST,
        number=9,
        title="An online deployment has few instances, and no GPU where none is called for",
        why="A deployment runs day and night, whether or not anybody asks it.",
        mend="Lower the number of instances, or choose an instance type without a GPU; use a batch endpoint.",
        severity=Severity.HIGH,
        types=tuple(ONLINE_DEPLOYMENTS),
        check=_is_bounded,
        settings={
            "mostInstances": Setting(
                schema={"type": "integer", "minimum": 1, "default": 10},
                description="How many instances one deployment may have.",
            ),
            "gpuAllowed": Setting(
                schema={"type": "boolean", "default": False},
                description="Whether deployments may run on GPUs.",
            ),
        },
        references=References(
            url="https://learn.microsoft.com/azure/machine-learning/how-to-manage-optimize-cost"
        ),
    ),
)

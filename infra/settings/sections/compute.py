"""Clusters and instances."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from infra.settings import azure_tables, types
from infra.settings.errors import Mistake, shown
from infra.settings.sections.base import Section, below

Processor = Literal["cpu", "gpu"]


def vm_mistakes(vm_size: str, processor: Processor) -> Iterator[Mistake]:
    """What is wrong with a size: another processor than declared, or a retired series."""
    is_gpu = vm_size.startswith("Standard_N")
    if is_gpu != (processor == "gpu"):
        yield Mistake(
            key="vmSize",
            found=shown(vm_size),
            allowed="a GPU size (Standard_NC…, _ND…, _NV…) for processor gpu"
            if processor == "gpu"
            else "a CPU size (not Standard_N…) for processor cpu",
            example="Standard_NC4as_T4_v3" if processor == "gpu" else "Standard_DS3_v2",
            involves=("processor",),
        )
    if vm_size.startswith("Standard_NP"):
        yield Mistake(
            key="vmSize",
            found=shown(vm_size),
            allowed="a size without FPGAs, which Azure Machine Learning compute does not support",
            example="Standard_NC4as_T4_v3",
        )
    for pattern, series, last_day, instead in azure_tables.RETIRED_VM_SERIES:
        if re.fullmatch(pattern, vm_size):
            yield Mistake(
                key="vmSize",
                found=shown(vm_size),
                allowed=f"a size that Azure still offers; the {series} series was retired on {last_day}",
                example=instead,
            )


class ClusterSettings(Section):
    """A compute cluster (AmlCompute). Remote login is always closed."""

    vm_size: types.VmSize = Field(description="Size of each node.")
    processor: Processor = Field(description="What the size is meant to be; guards against a wrong family.")
    vm_priority: Literal["Dedicated", "LowPriority"] = Field(
        default="Dedicated", description="LowPriority is cheaper, and Azure may take its nodes away."
    )
    min_node_count: int = Field(
        default=0, ge=0, le=1000, description="Nodes kept while idle; each costs money."
    )
    max_node_count: int = Field(ge=1, le=1000, description="Nodes at most.", examples=[4])
    node_idle_time_before_scale_down: types.ScaleDownTime = Field(
        default="PT10M", description="Idle time after which a node above the minimum is released."
    )

    def mistakes(self) -> Iterator[Mistake]:
        """See `Section.mistakes`."""
        yield from vm_mistakes(self.vm_size, self.processor)
        if self.min_node_count > self.max_node_count:
            yield Mistake(
                key="minNodeCount",
                found=str(self.min_node_count),
                allowed=f"at most maxNodeCount, which is {self.max_node_count}",
                example="0",
                involves=("maxNodeCount",),
            )
        scales = self.min_node_count != self.max_node_count
        if not scales and "node_idle_time_before_scale_down" in self.model_fields_set:
            yield Mistake(
                key="nodeIdleTimeBeforeScaleDown",
                found=shown(self.node_idle_time_before_scale_down),
                allowed="no such key while minNodeCount equals maxNodeCount, since the cluster never scales",
                example="minNodeCount: 0",
                involves=("minNodeCount", "maxNodeCount"),
            )


class PowerSchedule(Section):
    """A time at which a compute instance is started or stopped."""

    action: Literal["Start", "Stop"] = Field(description="What happens.")
    cron: types.Cron = Field(description="When, as minutes, hours, `*`, `*`, days of the week (0 is Sunday).")
    time_zone: types.TimeZone = Field(default="UTC", description="Windows time zone of the times.")


class InstanceSettings(Section):
    """A compute instance: one person's workstation. Always dedicated, SSH always closed."""

    vm_size: types.VmSize = Field(description="Size of the machine.")
    processor: Processor = Field(description="What the size is meant to be; guards against a wrong family.")
    vm_priority: Literal["Dedicated"] = Field(
        default="Dedicated", description="Azure has no low-priority instances."
    )
    assigned_user: types.Guid = Field(description="Entra object id of the only person who may use it.")
    idle_time_before_shutdown: types.ShutdownTime = Field(
        default="PT1H", description="Idle time after which it stops."
    )
    schedules: tuple[PowerSchedule, ...] = Field(
        default=(), max_length=4, description="Starts and stops by the clock, at most four."
    )

    def mistakes(self) -> Iterator[Mistake]:
        """See `Section.mistakes`."""
        yield from vm_mistakes(self.vm_size, self.processor)
        for index, schedule in enumerate(self.schedules):
            if schedule in self.schedules[:index]:
                yield Mistake(
                    key=f"schedules[{index}]",
                    found=f"{schedule.action} at '{schedule.cron}' again",
                    allowed="each action and time once",
                    example="{action: Stop, cron: 0 19 * * 1-5}",
                )


class ComputeSettings(Section):
    """Compute of the workspace, by name. Names stay within one workspace or region, so they are short."""

    clusters: dict[types.ComputeName, ClusterSettings] = Field(default={}, description="Clusters by name.")
    instances: dict[types.ComputeName, InstanceSettings] = Field(
        default={},
        description="Personal workstations by name; Azure's name gets a short suffix. Only in dev.",
    )

    def mistakes(self) -> Iterator[Mistake]:
        """See `Section.mistakes`."""
        for kind, computes in (("clusters", self.clusters), ("instances", self.instances)):
            for name, compute in computes.items():
                for mistake in compute.mistakes():
                    yield below(f"{kind}.{name}", mistake)
        folded = Counter(name.casefold() for name in (*self.clusters, *self.instances))
        for kind, computes in (("clusters", self.clusters), ("instances", self.instances)):
            for name in computes:
                if folded[name.casefold()] > 1 and kind == "instances":
                    yield Mistake(
                        key=f"instances.{name}",
                        found=f"the name '{name}' twice",
                        allowed="names that differ from each other and from those of clusters",
                        example=f"{name[:12]}-ci",
                    )

"""Counts what the emulator asserts about Azure, by where each statement comes from."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator, Mapping

import sandbox.arm
from sandbox.arm.facts import Fact, Source

# Beside Resource Manager, which states most of them.
_SERVICES = ("sandbox.service_facts",)


def count_facts() -> Counter[str]:
    """Number of sources by origin: those of `FACTS` constants and those inside declarations."""
    seen: dict[int, Source] = {}
    arm = [module.name for module in pkgutil.walk_packages(sandbox.arm.__path__, "sandbox.arm.")]
    for module in (*arm, *_SERVICES):
        for name, value in vars(importlib.import_module(module)).items():
            if name.endswith(("FACTS", "RESOURCE_TYPES")):
                seen |= {id(source): source for source in _sources(value)}
    return Counter(source.origin for source in seen.values())


def summary() -> str:
    """The line at the end of a test run."""
    counts = count_facts()
    return "emulator facts: " + ", ".join(
        f"{counts[origin]} {origin}" for origin in ("documented", "recorded", "assumed")
    )


def _sources(value: object) -> Iterator[Source]:
    if isinstance(value, Source):
        yield value
    elif isinstance(value, Fact):
        yield value.source
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _sources(getattr(value, field.name))
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _sources(item)
    elif isinstance(value, (tuple, list, frozenset)):
        for item in value:
            yield from _sources(item)

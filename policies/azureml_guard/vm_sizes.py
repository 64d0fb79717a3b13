"""Sizes of virtual machines: what a name says, how many vCPUs it has, and when it is retired.

Names follow "Azure virtual machine sizes naming conventions" (learn.microsoft.com/azure/virtual-machines/
vm-naming-conventions), where the number is that of vCPUs. Series from before that rule stand in tables.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(
    r"(?:standard_|basic_)?(?P<family>[a-z]+)(?P<number>\d+)(?:-\d+)?(?P<features>[a-z]*)"
    r"(?:_(?P<accelerator>(?!v\d+$)[a-z0-9]+))?(?:_v(?P<version>\d+))?"
)

# vCPUs by number. Sources: the pages of the A, Av2, D, DS, Dv2, DSv2, G and GS series (read 2026-11).
_D: Final[Mapping[int, int]] = {
    1: 1,
    2: 2,
    3: 4,
    4: 8,
    5: 16,
    11: 2,
    12: 4,
    13: 8,
    14: 16,
    15: 20,
}
_A: Final[Mapping[int, int]] = {0: 1, 1: 1, 2: 2, 3: 4, 4: 8, 5: 2, 6: 4, 7: 8, 8: 8, 9: 16, 10: 8, 11: 16}
_G: Final[Mapping[int, int]] = {1: 2, 2: 4, 3: 8, 4: 16, 5: 32}
_BEFORE_THE_RULE: Final[Mapping[tuple[str, int], Mapping[int, int]]] = {
    **{(family, version): _D for family in ("d", "ds") for version in (1, 2)},
    **{(family, 1): _G for family in ("g", "gs")},
    ("a", 1): _A,
}


@dataclass(frozen=True)
class VmSize:
    """What a name says. `family`: the letters before the number; `version`: 1 where none is written."""

    family: str
    number: int
    features: str
    accelerator: str
    version: int

    @property
    def vcpus(self) -> int:
        """How many vCPUs; all of the machine where a size (E4-2s_v5) uses only some of them."""
        return _BEFORE_THE_RULE.get((self.family, self.version), {}).get(self.number, self.number)

    @property
    def has_gpu(self) -> bool:
        """Whether it is of the N family. NP and NM have other accelerators."""
        return self.family.startswith("n") and self.family not in ("np", "nm")


def size_of(name: str) -> VmSize:
    """A name (`Standard_NC4as_T4_v3`, in any case) taken apart. ValueError if it is no size's name."""
    match = _NAME.fullmatch(name.strip().lower().removesuffix("_promo"))
    if match is None:
        raise ValueError("no name of a VM size")
    family, features = match["family"], match["features"]
    return VmSize(
        family, int(match["number"]), features, match["accelerator"] or "", int(match["version"] or 1)
    )


@dataclass(frozen=True)
class Retirement:
    """Series that end on a day. `number`: only the sizes with it; 0 for all."""

    families: tuple[str, ...]
    versions: tuple[int, ...]
    day: dt.date
    number: int = 0

    def covers(self, size: VmSize) -> bool:
        """Whether a size belongs to it. What names an accelerator (NC4as_T4_v3) is a series of its own."""
        return (
            size.family in self.families
            and size.version in self.versions
            and self.number in (0, size.number)
            and not size.accelerator
        )


# Sources, read 2026-11: "Retired Azure VM size series" (azure-compute-docs, retired-sizes-list.md, with the
# announcement of 2026-04-15), "Migrate your HBv2-series / HC-series virtual machines" (2026-01-06),
# "NV series retirement", and the list of Azure ML's own documentation (retiring-vms.md, 2023-06-12).
RETIREMENTS: Final = (
    Retirement(("h",), (1,), dt.date(2022, 8, 31)),
    Retirement(("nc",), (1, 2), dt.date(2023, 8, 31)),
    Retirement(("nd",), (1,), dt.date(2023, 8, 31)),
    Retirement(("nv",), (1,), dt.date(2023, 9, 6)),
    Retirement(("a",), (1,), dt.date(2024, 8, 31)),
    Retirement(("hb",), (1,), dt.date(2024, 8, 31)),
    Retirement(("nc",), (3,), dt.date(2025, 9, 30)),
    Retirement(("nv",), (3, 4), dt.date(2026, 9, 30)),
    Retirement(("m",), (2,), dt.date(2027, 3, 31), number=192),
    Retirement(("hb",), (2,), dt.date(2027, 5, 31)),
    Retirement(("hc",), (1,), dt.date(2027, 5, 31)),
    Retirement(("d", "ds"), (1, 2), dt.date(2028, 5, 1)),
    Retirement(("l",), (1,), dt.date(2028, 5, 1)),
    Retirement(("a",), (2,), dt.date(2028, 11, 15)),
    Retirement(("b",), (1,), dt.date(2028, 11, 15)),
    Retirement(("f",), (1, 2), dt.date(2028, 11, 15)),
    Retirement(("g", "gs"), (1,), dt.date(2028, 11, 15)),
    Retirement(("l",), (2,), dt.date(2028, 11, 15)),
)


def retirement_of(size: VmSize) -> dt.date | None:
    """The day on which a size stops; None where none is announced."""
    return next((each.day for each in RETIREMENTS if each.covers(size)), None)

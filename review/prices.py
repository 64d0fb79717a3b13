"""The table of retail prices; `python -m review.prices --refresh --region R --currency C` refreshes it.

review/data/prices.json holds the rows that a review needs, each with where it comes from, when, and how
sure that is. A row that is not there is unpriced, never free. The refreshing asks Azure's public list.

Source: "Azure Retail Prices overview" (Microsoft Learn), 2023-01-01-preview: no sign-in, 100 items a page
and NextPageLink to the next one, values in filters are case-sensitive, USD is the currency that Microsoft
sells in and all others are for reference.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from review.errors import ReviewError

TABLE: Final = Path(__file__).parent / "data" / "prices.json"
HOURS_A_MONTH: Final = 730  # what Azure's pricing calculator takes for a month
OLD_DAYS: Final = 90  # older than that, a price is said to be old
VIRTUAL_MACHINES: Final = "Virtual Machines"
_PER_MONTH: Final[Mapping[str, float]] = {"1 Hour": HOURS_A_MONTH, "1/Day": HOURS_A_MONTH / 24, "1/Month": 1}
DEDICATED: Final = "Dedicated"
LOW_PRIORITY: Final = "LowPriority"


@dataclass(frozen=True)
class Meter:
    """What is paid for: `name` is a size for virtual machines, and the meter's name for all else."""

    service: str
    name: str
    os: str = ""
    priority: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """Azure writes sizes in any case."""
        return (self.service, self.name.lower(), self.os, self.priority)


class Price(BaseModel):
    """A row of the table.

    Attributes:
        retailPrice: For one unit, before any discount.
        unit: As the API says it: `1 Hour`, `1/Day` or `1/Month`.
        meterId: Empty where the source has none; so is effectiveStartDate.
        retrievedAt: The day that the source held it.
        confidence: `api` from Azure's list, `golden` from another tool's recorded answers of it, `secondary`
            from sources that agree.
    """

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)

    service: str
    meter_name: str = ""
    arm_sku_name: str = ""
    os: Literal["", "Linux", "Windows"] = ""
    priority: Literal["", "Dedicated", "LowPriority"] = ""
    region: str
    currency: str = Field(pattern=r"^[A-Z]{3}$")
    retail_price: float = Field(gt=0, allow_inf_nan=False)
    unit: Literal["1 Hour", "1/Day", "1/Month"]
    meter_id: str = ""
    effective_start_date: str = ""
    retrieved_at: dt.date
    source: str
    confidence: Literal["api", "golden", "secondary"]

    @property
    def meter(self) -> Meter:
        """What it is the price of."""
        return Meter(self.service, self.arm_sku_name or self.meter_name, self.os, self.priority)

    @property
    def a_month(self) -> float:
        """For one that runs all month."""
        return self.retail_price * _PER_MONTH[self.unit]

    @property
    def key(self) -> tuple[str, ...]:
        """No two rows have the same."""
        return (*self.meter.key, self.region, self.currency)


class Prices(BaseModel):
    """The table: its rows, and the sizes of virtual machines that a refreshing asks for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sizes: tuple[str, ...] = ()
    prices: tuple[Price, ...] = ()

    def of(self, meter: Meter, region: str, currency: str) -> Price | None:
        """The price of a meter in a region; None where the table has none."""
        key = (*meter.key, region, currency)
        return next((price for price in self.prices if price.key == key), None)

    def with_rows(self, rows: Iterable[Price], sizes: Iterable[str] = ()) -> Prices:
        """A table in which these rows stand in for those with the same key."""
        by_key = {price.key: price for price in (*self.prices, *rows)}
        return Prices(
            sizes=tuple(sorted({*self.sizes, *sizes})),
            prices=tuple(by_key[key] for key in sorted(by_key)),
        )


def load(path: Path = TABLE) -> Prices:
    """The table in a file. ReviewError where it is none."""
    try:
        table = Prices.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        raise ReviewError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    keys = [price.key for price in table.prices]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise ReviewError(f"{path}: two prices of {' '.join(filter(None, twice[0]))}; allowed: one")
    return table


def save(table: Prices, path: Path = TABLE) -> None:
    """Writes the table, whole or not at all."""
    text = table.model_dump_json(by_alias=True, indent=1)
    new = path.with_suffix(".new")
    new.write_text(text + "\n", encoding="utf-8")
    os.replace(new, path)


def main(arguments: Sequence[str] | None = None, *, endpoint: str | None = None, path: Path = TABLE) -> int:
    """Refreshes the table; 0, or 1 where a row could not be refreshed, or 2 where nothing was done."""
    from review.retail import ENDPOINT, refreshed  # the only part that needs a network

    parser = argparse.ArgumentParser(
        prog="python -m review.prices", description="Refreshes the table of prices from Azure's public list."
    )
    parser.add_argument(
        "--refresh", action="store_true", required=True, help="ask Azure, and write the table"
    )
    parser.add_argument("--region", required=True, help="a region by its name, such as westeurope")
    parser.add_argument(
        "--currency", type=str.upper, default="USD", help="three letters, such as EUR; USD if left out"
    )
    parser.add_argument("--size", action="append", default=[], help="one more size of virtual machines")
    options = parser.parse_args(arguments)
    try:
        result = refreshed(
            load(path), options.region, options.currency, options.size, endpoint=endpoint or ENDPOINT
        )
        save(result.table, path)
    except (ReviewError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(f"{len(result.updated)} prices of {options.region} in {options.currency} are of today")
    for name in result.kept:
        print(f"kept as it was: {name}")
    for name in result.missing:
        print(f"no price found: {name}")
    return 1 if result.kept or result.missing else 0


if __name__ == "__main__":
    sys.exit(main())

"""Azure's public list of retail prices, asked for what the table of prices needs.

The list has more than one row for a size: reservations in hours, Windows, spot, cloud services with the same
size. Only a row of pay-as-you-go virtual machines is one; two of them that disagree are none.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import httpx
import tenacity
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel, to_pascal

from review.errors import ReviewError
from review.prices import DEDICATED, LOW_PRIORITY, VIRTUAL_MACHINES, Meter, Price, Prices

ENDPOINT: Final = "https://prices.azure.com/api/retail/prices"
_VERSION: Final = "2023-01-01-preview"
_MOST_PAGES: Final = 500
_ATTEMPTS: Final = 6
_LONGEST_WAIT: Final = 60.0  # seconds
_AT_ONCE: Final = 10  # sizes in one filter
_UNITS: Final = ("1 Hour", "1/Day", "1/Month")
_SIZE: Final = re.compile(r"[A-Za-z]+_[A-Za-z0-9-]+(_[A-Za-z0-9-]+)*")
_REGION: Final = re.compile(r"[a-z]+[a-z0-9]*")
_CURRENCY: Final = re.compile(r"[A-Z]{3}")
# Meters with a fixed price, by the service's and the meter's name in the list. Source: the queries of
# infracost/infracost, internal/providers/terraform/azure; the list's own documents name no meters.
METERS: Final = (
    Meter("Container Registry", "Basic Registry Unit"),
    Meter("Container Registry", "Standard Registry Unit"),
    Meter("Container Registry", "Premium Registry Unit"),
    Meter("Virtual Network", "Standard Private Endpoint"),
    Meter("Azure Firewall", "Basic Deployment"),
    Meter("Azure Firewall", "Standard Deployment"),
    Meter("Azure Firewall", "Premium Deployment"),
    Meter("NAT Gateway", "Standard Gateway"),
)


class _Item(BaseModel):
    """What is read of an item; the list may have more."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="ignore", frozen=True)

    currency_code: str
    retail_price: float = Field(ge=0, allow_inf_nan=False)
    tier_minimum_units: float = 0
    arm_region_name: str = ""
    effective_start_date: str = ""
    meter_id: str = ""
    meter_name: str = ""
    product_name: str = ""
    sku_name: str = ""
    service_name: str = ""
    unit_of_measure: str
    type: str
    arm_sku_name: str = ""


class _Page(BaseModel):
    """An answer. Its names are in capitals, those of its items are not."""

    model_config = ConfigDict(alias_generator=to_pascal, populate_by_name=True, extra="ignore")

    items: list[_Item]
    next_page_link: str | None = None


@dataclass(frozen=True)
class Refreshed:
    """The new table; rows that are of today, that stayed as they were, and what the list has no price of."""

    table: Prices
    updated: tuple[str, ...]
    kept: tuple[str, ...]
    missing: tuple[str, ...]


def refreshed(
    table: Prices,
    region: str,
    currency: str,
    sizes: Iterable[str] = (),
    *,
    endpoint: str = ENDPOINT,
    pause: Callable[[float], None] = time.sleep,
    today: dt.date | None = None,
) -> Refreshed:
    """The table with today's prices of a region and a currency. ReviewError where the list gives no answer.

    `sizes` are asked for beside those that the table names; `pause` waits some seconds between attempts.
    """
    for name, text, form, example in (
        ("region", region, _REGION, "westeurope"),
        ("currency", currency, _CURRENCY, "EUR"),
        *(("size", size, _SIZE, "Standard_DS3_v2") for size in sizes),
    ):
        if not form.fullmatch(text):
            raise ReviewError(f"{name} · found: {text!r} · allowed: a name such as {example}")
    sizes = tuple(dict.fromkeys((*table.sizes, *sizes)))
    day = today or dt.datetime.now(dt.timezone.utc).date()
    with httpx.Client(timeout=30, follow_redirects=False) as client:
        asked = _Asked(client, endpoint, currency, pause)
        rows = list(_machines(asked, region, sizes, day)) + list(_others(asked, region, day))
    found = {row.key for row in rows}
    wanted = {
        Meter(VIRTUAL_MACHINES, size, "Linux", DEDICATED).key: f"{size} (Linux, dedicated)" for size in sizes
    } | {meter.key: f"{meter.service}, {meter.name}" for meter in METERS}
    known = {row.key: row for row in table.prices if (row.region, row.currency) == (region, currency)}
    return Refreshed(
        table=table.with_rows(rows, sizes),
        updated=tuple(sorted(_name(row) for row in rows)),
        kept=tuple(
            sorted(f"{_name(row)}, of {row.retrieved_at}" for key, row in known.items() if key not in found)
        ),
        missing=tuple(
            name for key, name in wanted.items() if (*key, region, currency) not in {*found, *known}
        ),
    )


@dataclass(frozen=True)
class _Asked:
    """The list in one currency, page by page."""

    client: httpx.Client
    endpoint: str
    currency: str
    pause: Callable[[float], None]

    def items(self, query: str) -> Iterator[_Item]:
        """All items of a filter."""
        url = httpx.URL(
            self.endpoint,
            params={"api-version": _VERSION, "currencyCode": f"'{self.currency}'", "$filter": query},
        )
        seen: set[httpx.URL] = set()
        while url not in seen and len(seen) < _MOST_PAGES:
            seen.add(url)
            page = self._page(url)
            yield from (item for item in page.items if item.currency_code == self.currency)
            if not page.next_page_link:
                return
            url = httpx.URL(page.next_page_link)
            if url.host != httpx.URL(self.endpoint).host:
                raise ReviewError(
                    f"the list of prices goes on at {url.host}; allowed: the host that was asked"
                )
        raise ReviewError(f"the list of prices has no end; found: {len(seen)} pages of one question")

    def _page(self, url: httpx.URL) -> _Page:
        retry = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_passes),
            wait=_wait,
            stop=tenacity.stop_after_attempt(_ATTEMPTS),
            reraise=True,
            sleep=self.pause,
        )
        try:
            response: httpx.Response = retry(self._get, url)
            return _Page.model_validate_json(response.content)
        except httpx.HTTPError as error:
            raise ReviewError(
                f"the list of prices gives no answer: {type(error).__name__} {error}"
            ) from error
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"]))
            raise ReviewError(
                f"the list of prices answers in another form: {where}: {first['msg']}"
            ) from error

    def _get(self, url: httpx.URL) -> httpx.Response:
        response = self.client.get(url)
        response.raise_for_status()
        return response


def _passes(error: BaseException) -> bool:
    """Whether another attempt may do better."""
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == 429 or error.response.status_code >= 500
    return isinstance(error, httpx.TransportError)


_exponential: Final = tenacity.wait_exponential_jitter(initial=1, max=_LONGEST_WAIT)


def _wait(state: tenacity.RetryCallState) -> float:
    """Seconds: what the answer asks for, or longer each time."""
    error = state.outcome.exception() if state.outcome else None
    asked = error.response.headers.get("Retry-After", "") if isinstance(error, httpx.HTTPStatusError) else ""
    return min(float(asked), _LONGEST_WAIT) if asked.isdigit() else _exponential(state)


def _machines(asked: _Asked, region: str, sizes: Sequence[str], day: dt.date) -> Iterator[Price]:
    for start in range(0, len(sizes), _AT_ONCE):
        some = " or ".join(f"armSkuName eq '{size}'" for size in sizes[start : start + _AT_ONCE])
        query = f"serviceName eq '{VIRTUAL_MACHINES}' and armRegionName eq '{region}' "
        found: dict[Meter, list[_Item]] = {}
        for item in asked.items(f"{query}and priceType eq 'Consumption' and ({some})"):
            if meter := _machine(item):
                found.setdefault(meter, []).append(item)
        for meter, items in found.items():
            yield from _row(meter, items, region, day)


def _machine(item: _Item) -> Meter | None:
    """What an item is the price of; None for what is no virtual machine by the hour."""
    kind = item.product_name
    if not kind.startswith(VIRTUAL_MACHINES) or item.unit_of_measure != "1 Hour" or "Spot" in item.sku_name:
        return None
    system = "Windows" if "Windows" in kind else "Linux"
    priority = LOW_PRIORITY if "Low Priority" in item.sku_name else DEDICATED
    return Meter(VIRTUAL_MACHINES, item.arm_sku_name, system, priority)


def _others(asked: _Asked, region: str, day: dt.date) -> Iterator[Price]:
    for service in dict.fromkeys(meter.service for meter in METERS):
        query = f"serviceName eq '{service}' and armRegionName eq '{region}' and priceType eq 'Consumption'"
        items = list(asked.items(query))
        for meter in METERS:
            if meter.service == service:
                own = [item for item in items if item.meter_name == meter.name]
                yield from _row(meter, own, region, day)


def _row(meter: Meter, items: Sequence[_Item], region: str, day: dt.date) -> Iterator[Price]:
    """The row of what the items agree on, at the first tier and from the last day on."""
    usable = [
        item
        for item in items
        if item.type == "Consumption"
        and item.arm_region_name == region
        and item.unit_of_measure in _UNITS
        and item.tier_minimum_units == 0
        and item.effective_start_date[:10] <= day.isoformat()
        and item.retail_price > 0
    ]
    newest = max((item.effective_start_date for item in usable), default="")
    current = [item for item in usable if item.effective_start_date == newest]
    if len({(item.retail_price, item.unit_of_measure) for item in current}) != 1:
        return
    item = current[0]
    machine = meter.service == VIRTUAL_MACHINES
    yield Price.model_validate(
        {
            "service": meter.service,
            "meterName": item.meter_name if not machine else "",
            "armSkuName": meter.name if machine else "",
            "os": meter.os,
            "priority": meter.priority,
            "region": region,
            "currency": item.currency_code,
            "retailPrice": item.retail_price,
            "unit": item.unit_of_measure,
            "meterId": item.meter_id,
            "effectiveStartDate": item.effective_start_date,
            "retrievedAt": day,
            "source": ENDPOINT,
            "confidence": "api",
        }
    )


def _name(row: Price) -> str:
    words = (row.service, row.meter.name, row.os, row.priority)
    return ", ".join(filter(None, words))

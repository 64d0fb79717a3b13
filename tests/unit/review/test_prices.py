"""The table of prices, and its refreshing from a list of the shape that Azure documents."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from review import prices
from review.errors import ReviewError
from review.prices import TABLE, VIRTUAL_MACHINES, Meter, Price, Prices, load, save
from review.retail import refreshed

TODAY = dt.date(2026, 11, 26)
SIZE = Meter(VIRTUAL_MACHINES, "Standard_D4s_v3", "Linux", "Dedicated")


def item(**changes: Any) -> dict[str, Any]:
    """An item of the list, as "Azure Retail Prices overview" shows one."""
    return {
        "currencyCode": "EUR",
        "tierMinimumUnits": 0.0,
        "retailPrice": 0.21,
        "unitPrice": 0.21,
        "armRegionName": "westeurope",
        "location": "EU West",
        "effectiveStartDate": "2026-02-01T00:00:00Z",
        "meterId": "0084b086-37bf-4bee-b27f-6eb0f9ee4954",
        "meterName": "D4 v3/D4s v3",
        "productId": "DZH318Z0BQ4W",
        "skuId": "DZH318Z0BQ4W/00BQ",
        "productName": "Virtual Machines DSv3 Series",
        "skuName": "D4s v3",
        "serviceName": "Virtual Machines",
        "serviceId": "DZH313Z7MMC8",
        "serviceFamily": "Compute",
        "unitOfMeasure": "1 Hour",
        "type": "Consumption",
        "isPrimaryMeterRegion": True,
        "armSkuName": "Standard_D4s_v3",
        **changes,
    }


REGISTRY = item(
    serviceName="Container Registry",
    productName="Container Registry",
    meterName="Standard Registry Unit",
    skuName="Standard",
    armSkuName="",
    unitOfMeasure="1/Day",
    retailPrice=0.62,
)


class PriceList:
    """A local list of prices: `items` answers questions, in pages of `size`; `first` come before answers."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []
        self.first: list[tuple[int, dict[str, str]]] = []
        self.asked: list[dict[str, str]] = []
        self.size = 100
        self.next_host = ""
        listing = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                listing.answer(self)

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/api/retail/prices"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """One page."""
        query = {key: values[0] for key, values in parse_qs(urlsplit(request.path).query).items()}
        self.asked.append(query)
        status, headers = self.first.pop(0) if self.first else (200, {})
        found = [each for each in self.items if self._asked_for(each, query["$filter"])]
        skip = int(query.get("$skip", "0"))
        rest = len(found) - skip - self.size
        host = self.next_host or self.url.rsplit("/api", 1)[0]
        link = f"{host}{request.path.split('&$skip')[0]}&$skip={skip + self.size}" if rest > 0 else None
        page = found[skip : skip + self.size]
        body = {
            "BillingCurrency": "EUR",
            "CustomerEntityId": "Default",
            "CustomerEntityType": "Retail",
            "Items": page,
            "NextPageLink": link,
            "Count": len(page),
        }
        data = json.dumps(body).encode()
        request.send_response(status)
        for key, value in headers.items():
            request.send_header(key, value)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    @staticmethod
    def _asked_for(each: dict[str, Any], query: str) -> bool:
        """Case-sensitive, as the list is from 2023-01-01-preview on."""
        sizes = [part.split("'")[1] for part in query.split("armSkuName eq ")[1:]]
        return (
            f"serviceName eq '{each['serviceName']}'" in query
            and f"armRegionName eq '{each['armRegionName']}'" in query
            and (not sizes or each["armSkuName"] in sizes)
        )


@pytest.fixture
def listed() -> Iterator[PriceList]:
    listing = PriceList()
    thread = threading.Thread(target=listing.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield listing
    listing.server.shutdown()
    listing.server.server_close()
    thread.join()


def table(*rows: Price, sizes: tuple[str, ...] = ("Standard_D4s_v3",)) -> Prices:
    return Prices(sizes=sizes, prices=rows)


def row(**changes: Any) -> Price:
    return Price.model_validate(
        {
            "service": VIRTUAL_MACHINES,
            "armSkuName": "Standard_D4s_v3",
            "os": "Linux",
            "priority": "Dedicated",
            "region": "westeurope",
            "currency": "EUR",
            "retailPrice": 0.3,
            "unit": "1 Hour",
            "retrievedAt": "2024-07-01",
            "source": "somewhere",
            "confidence": "secondary",
            **changes,
        }
    )


def refresh(listed: PriceList, old: Prices, waits: list[float] | None = None) -> Any:
    pause = (waits if waits is not None else []).append
    return refreshed(old, "westeurope", "EUR", endpoint=listed.url, pause=pause, today=TODAY)


def test_the_table_of_the_repository_is_read_and_says_where_each_price_is_from() -> None:
    found = load()
    assert len(found.prices) > 40
    assert all(price.source and price.retrieved_at for price in found.prices)
    assert {price.confidence for price in found.prices} >= {"golden", "secondary"}


def test_a_size_on_which_sources_disagree_has_no_price() -> None:
    """Six public sources have six figures for Standard_DS3_v2; only Azure's own list may fill it in."""
    found = [price for price in load().prices if price.arm_sku_name == "Standard_DS3_v2"]
    assert all(price.confidence == "api" for price in found)


def test_regions_have_their_own_prices_and_none_is_lent() -> None:
    found = table(row(currency="USD"), row(currency="USD", region="eastus", retailPrice=0.2))
    west, east = found.of(SIZE, "westeurope", "USD"), found.of(SIZE, "eastus", "USD")
    assert west
    assert east
    assert west.a_month > east.a_month
    assert found.of(SIZE, "northeurope", "USD") is None
    assert found.of(SIZE, "westeurope", "EUR") is None


def test_azure_writes_sizes_in_any_case() -> None:
    assert table(row()).of(
        Meter(VIRTUAL_MACHINES, "STANDARD_D4S_V3", "Linux", "Dedicated"), "westeurope", "EUR"
    )


def test_a_month_is_730_hours_or_the_days_in_them() -> None:
    assert row(retailPrice=1).a_month == 730
    assert row(retailPrice=1, unit="1/Day").a_month == pytest.approx(30.4167, abs=0.001)


@pytest.mark.parametrize("change", [{"retailPrice": 0}, {"retailPrice": -1}, {"unit": "1 GB"}, {"extra": 1}])
def test_a_table_with_a_wrong_row_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "prices.json"
    known = row().model_dump(by_alias=True, mode="json")
    path.write_text(json.dumps({"prices": [known | change]}))
    with pytest.raises(ReviewError, match=r"prices\.0"):
        load(path)


def test_two_prices_of_one_thing_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    save(table(row(), row(armSkuName="standard_d4s_v3")), path)
    with pytest.raises(ReviewError, match="two prices"):
        load(path)


def test_a_refreshing_replaces_rows_by_those_of_today(listed: PriceList) -> None:
    listed.items = [item(), REGISTRY]
    result = refresh(listed, table(row()))

    price = result.table.of(SIZE, "westeurope", "EUR")
    assert (price.retail_price, price.confidence, price.retrieved_at) == (0.21, "api", TODAY)
    assert price.meter_id == "0084b086-37bf-4bee-b27f-6eb0f9ee4954"
    registry = result.table.of(Meter("Container Registry", "Standard Registry Unit"), "westeurope", "EUR")
    assert (registry.retail_price, registry.unit) == (0.62, "1/Day")
    assert result.kept == ()


def test_the_list_is_asked_for_the_currency_and_in_the_version_that_minds_case(listed: PriceList) -> None:
    refresh(listed, table())
    assert {query["currencyCode"] for query in listed.asked} == {"'EUR'"}
    assert {query["api-version"] for query in listed.asked} == {"2023-01-01-preview"}
    assert "armSkuName eq 'Standard_D4s_v3'" in listed.asked[0]["$filter"]


def test_pages_are_followed_to_the_last(listed: PriceList) -> None:
    listed.size = 2
    sizes = tuple(f"Standard_D{count}s_v3" for count in range(5))
    listed.items = [item(armSkuName=size) for size in sizes]
    result = refresh(listed, table(sizes=sizes))
    assert len([row for row in result.table.prices if row.arm_sku_name in sizes]) == 5


def test_the_next_page_is_not_fetched_from_another_host(listed: PriceList) -> None:
    listed.size, listed.next_host = 1, "http://127.0.0.2:9"
    listed.items = [item(), item(skuName="D4s v3 Low Priority")]
    with pytest.raises(ReviewError, match="the host that was asked"):
        refresh(listed, table())


def test_only_pay_as_you_go_linux_machines_are_prices_of_a_size(listed: PriceList) -> None:
    listed.items = [
        item(),
        item(productName="Virtual Machines DSv3 Series Windows", retailPrice=0.4),
        item(skuName="D4s v3 Spot", retailPrice=0.05),
        item(productName="Dv3 Series Cloud Services", retailPrice=0.9),
        item(type="Reservation", retailPrice=3478.0),
        item(currencyCode="USD", retailPrice=0.7),
        item(effectiveStartDate="2027-01-01T00:00:00Z", retailPrice=0.6),
        item(effectiveStartDate="2024-01-01T00:00:00Z", retailPrice=0.5),
    ]
    prices_ = refresh(listed, table()).table
    assert prices_.of(SIZE, "westeurope", "EUR").retail_price == 0.21
    assert prices_.of(Meter(VIRTUAL_MACHINES, "Standard_D4s_v3", "Windows", "Dedicated"), "westeurope", "EUR")


def test_low_priority_has_a_meter_of_its_own(listed: PriceList) -> None:
    listed.items = [item(), item(skuName="D4s v3 Low Priority", retailPrice=0.04)]
    low = Meter(VIRTUAL_MACHINES, "Standard_D4s_v3", "Linux", "LowPriority")
    assert refresh(listed, table()).table.of(low, "westeurope", "EUR").retail_price == 0.04


def test_two_prices_that_disagree_are_none_and_the_old_row_is_named(listed: PriceList) -> None:
    listed.items = [item(), item(retailPrice=0.22)]
    result = refresh(listed, table(row()))
    assert result.table.of(SIZE, "westeurope", "EUR") == row()
    assert result.kept == ("Virtual Machines, Standard_D4s_v3, Linux, Dedicated, of 2024-07-01",)


def test_rows_of_other_regions_and_currencies_stay(listed: PriceList) -> None:
    listed.items = [item()]
    others = row(region="eastus"), row(currency="USD")
    result = refresh(listed, table(*others))
    assert set(others) < set(result.table.prices)
    assert result.kept == ()


def test_a_size_without_a_price_is_named(listed: PriceList) -> None:
    assert "Standard_D4s_v3 (Linux, dedicated)" in refresh(listed, table()).missing


def test_a_busy_list_is_asked_again_after_the_time_that_it_names(listed: PriceList) -> None:
    listed.items = [item()]
    listed.first = [(429, {"Retry-After": "7"}), (503, {}), (503, {"Retry-After": "9999"})]
    waits: list[float] = []
    assert refresh(listed, table(), waits).updated
    assert waits[0] == 7
    assert waits[2] == 60


def test_a_question_that_is_refused_is_not_asked_again(listed: PriceList) -> None:
    listed.first = [(400, {})]
    with pytest.raises(ReviewError, match="no answer"):
        refresh(listed, table())
    assert len(listed.asked) == 1


def test_an_answer_of_another_form_changes_nothing(listed: PriceList, tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    save(table(row()), path)
    before = path.read_bytes()
    listed.items = [item(retailPrice="a lot")]
    assert prices.main(COMMAND, endpoint=listed.url, path=path) == 2
    assert path.read_bytes() == before


COMMAND = ["--refresh", "--region", "westeurope", "--currency", "EUR"]


def test_the_command_writes_the_table_and_says_what_it_could_not_refresh(
    listed: PriceList, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "prices.json"
    save(table(row(), row(armSkuName="Standard_D8s_v3")), path)
    listed.items = [item()]
    status = prices.main([*COMMAND, "--size", "Standard_NC6"], endpoint=listed.url, path=path)
    out = capsys.readouterr().out
    assert status == 1
    assert "1 prices of westeurope in EUR are of today" in out
    assert "kept as it was: Virtual Machines, Standard_D8s_v3, Linux, Dedicated, of 2024-07-01" in out
    assert "no price found: Standard_NC6 (Linux, dedicated)" in out
    assert load(path).of(SIZE, "westeurope", "EUR")
    assert "Standard_NC6" in load(path).sizes


@pytest.mark.parametrize(
    "wrong", [["--region", "West Europe' or 1 eq 1"], ["--currency", "euros"], ["--size", "x' or '1' eq '1"]]
)
def test_nothing_that_is_no_name_gets_into_a_question(
    wrong: list[str], listed: PriceList, capsys: pytest.CaptureFixture[str]
) -> None:
    assert prices.main([*COMMAND, *wrong], endpoint=listed.url, path=TABLE) == 2
    assert "allowed" in capsys.readouterr().err
    assert listed.asked == []

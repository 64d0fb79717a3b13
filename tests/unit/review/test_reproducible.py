"""The same input gives the same review on every day, where SOURCE_DATE_EPOCH says of which."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from review.cli import main
from review.prices import load
from tests.support.review_events import ML
from tests.support.review_parts import cluster, in_workspace

SCALE = "properties.properties.scaleSettings.maxNodeCount"
DAY = 24 * 60 * 60


def reviewed(folder: Path, environment: dict[str, str]) -> Any:
    events, written = folder / "events.jsonl", folder / "review.json"
    grown = in_workspace().update(f"{ML}Compute", "cpu", cluster(1), cluster(2), SCALE)
    events.write_text(grown.text(), encoding="utf-8")
    assert main([str(events), "--json", str(written)], environment) == 0
    return json.loads(written.read_text(encoding="utf-8"))


def test_a_review_is_of_the_time_that_is_given(tmp_path: Path) -> None:
    first, again = (reviewed(tmp_path, {"SOURCE_DATE_EPOCH": "1790000000"}) for _ in range(2))

    assert first == again
    assert first["madeAt"] == "2026-09-21T14:13:20+00:00"


def test_the_age_of_prices_is_counted_to_that_time(tmp_path: Path) -> None:
    taken = {each.retrieved_at for each in load().prices}
    oldest = dt.datetime.combine(min(taken), dt.time(), dt.timezone.utc).timestamp()

    def fired(days: int) -> set[str]:
        review = reviewed(tmp_path, {"SOURCE_DATE_EPOCH": str(int(oldest) + days * DAY)})
        return {each["rule"] for each in review["reasons"]}

    assert "REV-COST-003" not in fired(90)
    assert "REV-COST-003" in fired(91)


@pytest.mark.parametrize("environment", [{}, {"SOURCE_DATE_EPOCH": ""}])
def test_without_it_a_review_is_of_now(tmp_path: Path, environment: dict[str, str]) -> None:
    before = dt.datetime.now(dt.timezone.utc).replace(microsecond=0)

    made = dt.datetime.fromisoformat(reviewed(tmp_path, environment)["madeAt"])

    assert before <= made <= dt.datetime.now(dt.timezone.utc)


@pytest.mark.parametrize("given", ["yesterday", "1.5", "9" * 30])
def test_what_is_no_time_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str], given: str) -> None:
    events = tmp_path / "events.jsonl"
    events.write_text(in_workspace().text(), encoding="utf-8")

    assert main([str(events)], {"SOURCE_DATE_EPOCH": given}) == 2

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("error: SOURCE_DATE_EPOCH is ")
    assert "such as 1790000000" in told.err

"""Hours a month from starts and stops."""

from __future__ import annotations

import pytest

from review.hours import monthly_hours


def test_eleven_hours_on_five_days_are_their_part_of_730() -> None:
    assert monthly_hours(["0 8 * * 1-5"], ["0 19 * * 1-5"]) == pytest.approx(55 / 168 * 730)


def test_a_machine_that_is_started_in_the_evening_runs_through_the_night() -> None:
    assert monthly_hours(["0 20 * * *"], ["0 6 * * *"]) == pytest.approx(70 / 168 * 730)


def test_a_weekend_belongs_to_a_machine_that_is_not_stopped_before_it() -> None:
    assert monthly_hours(["0 0 * * MON"], ["0 0 * * mon,tue"]) == pytest.approx(24 / 168 * 730)
    assert monthly_hours(["0 8 * * 5"], ["0 8 * * 1"]) == pytest.approx(72 / 168 * 730)


def test_seven_is_sunday_as_zero_is() -> None:
    assert monthly_hours(["0 1 * * 7"], ["0 2 * * 0"]) == pytest.approx(1 / 168 * 730)


def test_two_starts_before_a_stop_count_once() -> None:
    assert monthly_hours(["0 8 * * 1", "0 9 * * 1"], ["0 10 * * 1"]) == pytest.approx(2 / 168 * 730)


@pytest.mark.parametrize(
    ("starts", "stops"),
    [
        ([], ["0 19 * * *"]),
        (["0 8 * * *"], []),
        (["0 8 1 * *"], ["0 19 * * *"]),  # monthly
        (["*/5 8 * * *"], ["0 19 * * *"]),
        (["0 25 * * *"], ["0 19 * * *"]),
        (["0 8 * * 5-1"], ["0 19 * * *"]),
        (["nonsense"], ["0 19 * * *"]),
        ([""], ["0 19 * * *"]),
    ],
)
def test_times_that_are_not_weekly_have_no_answer(starts: list[str], stops: list[str]) -> None:
    assert monthly_hours(starts, stops) is None

"""How many mails a day of the warm-up may have."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from digest.delivery.warm_up import ENDS_AT, WarmUp, today

BEGAN = datetime(2026, 11, 25, 9, 30, tzinfo=UTC)


def on(days: float) -> WarmUp | None:
    return today(BEGAN, BEGAN + timedelta(days=days))


def test_it_begins_with_fifty_and_grows_by_15_percent_a_day() -> None:
    assert [day.at_most for day in map(on, range(8)) if day] == [50, 57, 66, 76, 87, 100, 115, 133]


def test_a_day_is_24_hours_from_the_start() -> None:
    assert on(0.999) == WarmUp(day=1, at_most=50, since=BEGAN, until=BEGAN + timedelta(days=1))
    second = on(1)
    assert second is not None
    assert (second.day, second.since) == (2, BEGAN + timedelta(days=1))


def test_a_clock_that_was_put_back_is_the_first_day() -> None:
    assert on(-3) == on(0)


def test_it_ends_when_its_bound_means_nothing_any_more() -> None:
    bounds = [day.at_most for day in map(on, range(100)) if day]
    assert len(bounds) == 60
    assert bounds[-1] < ENDS_AT
    assert bounds == sorted(bounds)
    assert on(100_000) is None

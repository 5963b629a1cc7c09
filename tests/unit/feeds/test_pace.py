"""How often a feed is asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.feeds.pace import LONGEST, Pace, choose, jittered, span

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def dates(count: int, every: timedelta, newest: timedelta = timedelta()) -> list[datetime]:
    return [NOW - newest - number * every for number in range(count)]


def every(published: list[datetime], asks_for_s: int | None = None, shortest: timedelta = HOUR) -> Pace:
    return choose(published, asks_for_s=asks_for_s, shortest=shortest, now=NOW)


def test_a_feed_without_dates_is_asked_at_the_configured_pace() -> None:
    assert every([]) == Pace(every_s=3_600, because="its rhythm is not known yet")
    assert every([NOW]).every_s == 3_600


def test_a_daily_blog_is_asked_every_three_hours() -> None:
    assert every(dates(10, timedelta(days=1))) == Pace(every_s=10_800, because="it posts about every day")


def test_a_feed_that_posts_rarely_is_asked_every_six_hours() -> None:
    pace = every(dates(10, timedelta(days=7)))
    assert pace == Pace(
        every_s=21_600, because="it posts about every 7 days, and 6 hours is the longest wait"
    )


def test_a_busy_feed_is_asked_as_often_as_allowed() -> None:
    busy = dates(20, timedelta(minutes=30))
    assert every(busy).every_s == 3_600
    assert every(busy, shortest=timedelta(minutes=5)).every_s == 300
    assert every(dates(20, timedelta(0), newest=HOUR)).because.startswith("it posts about every 15 minutes")
    assert every(dates(20, timedelta(0))).because.startswith("it posts many times an hour")


def test_a_feed_is_asked_before_half_its_window_has_turned_over() -> None:
    """Half of four posts, one each hour, is gone after an hour and a half, whatever the feed asks for."""
    assert every(dates(4, HOUR), asks_for_s=80_000) == Pace(
        every_s=5_400, because="its 4 posts cover only 3 hours"
    )


def test_a_feed_may_ask_to_be_left_alone() -> None:
    daily = dates(10, timedelta(days=1))
    assert every(daily, asks_for_s=18_000) == Pace(
        every_s=18_000, because="it asks to be left alone for 5 hours"
    )
    assert every(daily, asks_for_s=60).every_s == 10_800
    assert every(daily, asks_for_s=86_400).every_s == 21_600


def test_a_feed_that_fell_silent_is_asked_less_often() -> None:
    assert every(dates(20, HOUR, newest=timedelta(days=30))).every_s == 21_600


def test_dates_ahead_of_us_say_nothing() -> None:
    assert every([NOW + HOUR, NOW + 2 * HOUR, NOW + 3 * HOUR]).because == "its rhythm is not known yet"


def test_the_operators_wish_wins_over_every_bound() -> None:
    pace = every(dates(10, timedelta(days=7)), shortest=timedelta(hours=24))
    assert pace.every_s == 86_400
    assert pace.because.endswith("1 day is the shortest wait allowed")


@given(
    published=st.lists(
        st.integers(788_918_400, 1_893_456_000).map(lambda second: datetime.fromtimestamp(second, UTC)),
        max_size=30,
    ),
    asks_for_s=st.none() | st.integers(0, 10**9),
    minutes=st.integers(5, 1440),
)
def test_the_pace_stays_within_its_bounds(
    published: list[datetime], asks_for_s: int | None, minutes: int
) -> None:
    shortest = timedelta(minutes=minutes)
    pace = every(published, asks_for_s, shortest)
    assert shortest <= timedelta(seconds=pace.every_s) <= max(shortest, LONGEST)


@pytest.mark.parametrize(("random", "minutes"), [(0.0, 54), (0.5, 60), (1.0, 66)])
def test_jitter_moves_a_poll_by_a_tenth_at_most(random: float, minutes: int) -> None:
    assert jittered(HOUR, random) == timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(60, "1 minute"), (2700, "45 minutes"), (3600, "1 hour"), (5400, "90 minutes"), (86_400, "1 day"),
     (90_000, "25 hours"), (259_200, "3 days")],
)  # fmt: skip
def test_a_length_of_time_in_words(seconds: int, words: str) -> None:
    assert span(seconds) == words

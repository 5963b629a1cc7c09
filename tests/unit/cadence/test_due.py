"""When issues are due, across clock changes, and what they are called."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digest.cadence.due import (
    Schedule,
    day_and_time,
    due_day,
    instant,
    issue_name,
    last_due,
    next_due,
    period,
    post_issue_name,
)
from subscribers.model import Cadence

BY_CLOCK = [cadence for cadence in Cadence if cadence is not Cadence.EVERY_POST]
LONDON = ZoneInfo("Europe/London")

# Zones that change at different hours, by half an hour, at midnight, in the south, and not at all.
ZONES = [
    "Europe/London",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Africa/Cairo",
    "America/Nuuk",
    "Asia/Beirut",
    "Asia/Kathmandu",
]


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def schedule(zone=LONDON, **changes):
    return Schedule(zone=zone, **changes)


# --- Instants --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "day", "at", "expected"),
    [
        # The clock skips 01:30 in London and 02:30 elsewhere: told with the offset before the change.
        ("Europe/London", "2026-03-29", "01:30", "2026-03-29T01:30"),
        ("Europe/Berlin", "2026-03-29", "02:30", "2026-03-29T01:30"),
        ("America/New_York", "2026-03-08", "02:30", "2026-03-08T07:30"),
        ("America/St_Johns", "2026-03-08", "02:30", "2026-03-08T06:00"),
        # Lord Howe changes by half an hour: 02:15 is skipped.
        ("Australia/Lord_Howe", "2026-10-04", "02:15", "2026-10-03T15:45"),
        ("Pacific/Auckland", "2026-09-27", "02:30", "2026-09-26T14:30"),
        # In Beirut and Santiago midnight itself does not exist that day.
        ("Asia/Beirut", "2026-03-29", "00:30", "2026-03-28T22:30"),
        ("America/Santiago", "2026-09-06", "00:30", "2026-09-06T04:30"),
        ("Africa/Cairo", "2026-04-24", "00:30", "2026-04-23T22:30"),
        # It happens twice: the first counts.
        ("Europe/London", "2026-10-25", "01:30", "2026-10-25T00:30"),
        ("Europe/Berlin", "2026-10-25", "02:30", "2026-10-25T00:30"),
        ("America/New_York", "2026-11-01", "01:30", "2026-11-01T05:30"),
        ("Australia/Lord_Howe", "2026-04-05", "01:45", "2026-04-04T14:45"),
        # Quarter hours, and no changes at all.
        ("Asia/Kathmandu", "2026-03-29", "07:00", "2026-03-29T01:15"),
    ],
)
def test_row_83_a_wall_clock_time_is_one_instant(zone, day, at, expected):
    assert instant(date.fromisoformat(day), time.fromisoformat(at), ZoneInfo(zone)) == utc(expected)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    "at", [time(0, 0), time(0, 30), time(1, 30), time(2, 30), time(7, 0), time(23, 30), time(23, 59)]
)
def test_row_83_a_daily_issue_comes_once_on_every_day_of_a_year(zone, at):
    """No day is left out and none comes twice, whatever the clock does."""
    plan = schedule(ZoneInfo(zone), daily=at)
    now = utc("2026-01-01T12:00")
    names = []
    for _ in range(366):
        now = next_due(Cadence.DAILY, plan, now)
        assert last_due(Cadence.DAILY, plan, now) == now
        names.append(issue_name(Cadence.DAILY, due_day(Cadence.DAILY, plan, now)))
    first = date.fromisoformat(names[0].removeprefix("daily-"))
    assert names == [f"daily-{first + timedelta(days=day)}" for day in range(366)]


@pytest.mark.parametrize("zone", ZONES)
def test_row_83_seven_o_clock_stays_seven_o_clock(zone):
    plan = schedule(ZoneInfo(zone))
    now = utc("2026-01-01T12:00")
    for _ in range(53):
        now = next_due(Cadence.WEEKLY, plan, now)
        local = now.astimezone(plan.zone)
        assert (local.time(), local.weekday()) == (time(7, 0), 6)


# --- Which one is due ------------------------------------------------------------------------------

NOW = "2026-11-23T09:00"  # a Monday morning


@pytest.mark.parametrize(
    ("cadence", "last", "following"),
    [
        (Cadence.DAILY, "2026-11-23T07:00", "2026-11-24T07:00"),
        (Cadence.WEEKLY, "2026-11-22T07:00", "2026-11-29T07:00"),
        (Cadence.FORTNIGHTLY, "2026-11-22T07:00", "2026-12-06T07:00"),
        (Cadence.MONTHLY, "2026-11-01T07:00", "2026-12-01T07:00"),
    ],
)
def test_the_last_and_the_next_due_time(cadence, last, following):
    assert last_due(cadence, schedule(), utc(NOW)) == utc(last)
    assert next_due(cadence, schedule(), utc(NOW)) == utc(following)


@pytest.mark.parametrize("cadence", BY_CLOCK)
def test_at_the_very_instant_it_is_due(cadence):
    due = next_due(cadence, schedule(), utc(NOW))
    assert last_due(cadence, schedule(), due) == due
    assert last_due(cadence, schedule(), due - timedelta(microseconds=1)) < due
    assert next_due(cadence, schedule(), due) > due


@given(
    cadence=st.sampled_from(BY_CLOCK),
    zone=st.sampled_from(ZONES),
    minutes=st.integers(0, 7 * 366 * 24 * 60),
    at=st.times(),
    weekday=st.integers(0, 6),
    day=st.integers(1, 28),
)
@example(cadence=Cadence.DAILY, zone="America/Santiago", minutes=1_408_560, at=time(), weekday=0, day=1)
def test_row_89_due_times_follow_each_other_without_a_gap(cadence, zone, minutes, at, weekday, day):
    at = at.replace(microsecond=0)
    plan = schedule(
        ZoneInfo(zone), daily=at, weekly=(weekday, at), fortnightly=(weekday, at), monthly=(day, at)
    )
    now = utc("2024-01-01T00:00") + timedelta(minutes=minutes)
    last, following = last_due(cadence, plan, now), next_due(cadence, plan, now)
    assert last <= now < following
    assert next_due(cadence, plan, last) == following
    assert last_due(cadence, plan, following - timedelta(microseconds=1)) == last


@pytest.mark.parametrize(
    ("counted_from", "due"),
    [
        # Any day of a week stands for the whole week, Monday to Sunday.
        ("2026-11-16", "2026-11-22"),
        ("2026-11-22", "2026-11-22"),
        ("2026-11-23", "2026-11-29"),
        ("2026-11-29", "2026-11-29"),
        # Before, after, and long ago.
        ("2026-11-30", "2026-11-22"),
        ("2027-01-11", "2026-11-22"),
        ("2020-01-06", "2026-11-22"),
    ],
)
def test_every_second_week_is_counted_from_the_week_of_a_day(counted_from, due):
    plan = schedule(fortnightly_from=date.fromisoformat(counted_from))
    found = next_due(Cadence.FORTNIGHTLY, plan, utc("2026-11-16T12:00"))
    assert found == utc(f"{due}T07:00")
    assert next_due(Cadence.FORTNIGHTLY, plan, found) == found + timedelta(days=14)


@pytest.mark.parametrize("number", [1, 15, 28])
def test_row_89_a_monthly_issue_comes_on_its_day_of_every_month(number):
    plan = schedule(monthly=(number, time(7, 0)))
    now, days = utc("2026-01-01T00:00"), []
    for _ in range(12):
        now = next_due(Cadence.MONTHLY, plan, now)
        days.append(now.astimezone(LONDON).date())
    assert days == [date(2026, month, number) for month in range(1, 13)]


def test_every_post_issues_do_not_go_by_the_clock():
    with pytest.raises(ValueError, match="not by the clock"):
        last_due(Cadence.EVERY_POST, schedule(), utc(NOW))


# --- Names and periods -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "due", "name"),
    [
        ("Europe/London", "2026-11-22T07:00", "weekly-2026-11-22"),
        ("Pacific/Auckland", "2026-11-21T18:00", "weekly-2026-11-22"),
        ("America/New_York", "2026-11-23T03:00", "weekly-2026-11-22"),
    ],
)
def test_an_issue_is_named_for_its_local_day(zone, due, name):
    plan = schedule(ZoneInfo(zone), weekly=(6, utc(due).astimezone(ZoneInfo(zone)).time()))
    assert issue_name(Cadence.WEEKLY, due_day(Cadence.WEEKLY, plan, utc(due))) == name


def test_an_every_post_issue_is_named_for_its_newest_post():
    assert post_issue_name(1287) == "post-1287"


@pytest.mark.parametrize(
    ("cadence", "start", "end"),
    [
        (Cadence.DAILY, "2026-11-22", "2026-11-22"),
        (Cadence.WEEKLY, "2026-11-15", "2026-11-21"),
        (Cadence.FORTNIGHTLY, "2026-11-08", "2026-11-21"),
        (Cadence.MONTHLY, "2026-10-01", "2026-10-31"),
    ],
)
def test_an_issue_covers_the_days_since_the_one_before(cadence, start, end):
    due = last_due(cadence, schedule(), utc(NOW))
    assert period(cadence, schedule(), due) == (date.fromisoformat(start), date.fromisoformat(end))


@pytest.mark.parametrize(
    ("cadence", "told"),
    [
        (Cadence.EVERY_POST, (None, None)),
        (Cadence.DAILY, (None, time(7, 0))),
        (Cadence.WEEKLY, (6, time(7, 0))),
        (Cadence.FORTNIGHTLY, (2, time(7, 0))),
        (Cadence.MONTHLY, (1, time(7, 0))),
    ],
)
def test_the_day_and_time_of_a_cadence(cadence, told):
    assert day_and_time(cadence, schedule(fortnightly=(2, time(7, 0)))) == told

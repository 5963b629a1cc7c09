"""The instants at which issues are due, and the names of the issues they make.

Pure: ``now`` comes in, instants go out in UTC. Wall-clock times are kept in the publication's zone, so
"Sunday 7am" stays 7am across both clock changes. The unique name of an issue makes a second tick harmless.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from subscribers.model import Cadence

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When each cadence is due, as wall-clock time in ``zone``."""

    zone: ZoneInfo
    daily: time = time(7, 0)
    weekly: tuple[int, time] = (6, time(7, 0))  # weekday (Monday 0), time
    fortnightly: tuple[int, time] = (6, time(7, 0))
    fortnightly_from: date = date(2026, 1, 4)  # every second week is counted from the week of this day
    monthly: tuple[int, time] = (1, time(7, 0))  # day of the month (1 to 28), time
    max_late: timedelta = timedelta(hours=24)  # an older due time is skipped, with a notice


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the UTC instant of a wall-clock time.

    A time the clock skips is told with the offset before the change, so 02:30 becomes 03:30 summer time;
    a time that happens twice means the first (PEP 495, ``fold=0``).
    """
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)


def _days(cadence: Cadence, schedule: Schedule, start: date, step: int) -> Iterator[tuple[date, time]]:
    """Yield the due days of a cadence with their time, from ``start`` on, backwards when step is -1."""
    day = start
    while True:
        at = _due_on(cadence, schedule, day)
        if at is not None:
            yield day, at
        day += timedelta(days=step)


def _due_on(cadence: Cadence, schedule: Schedule, day: date) -> time | None:
    """Return the time at which the cadence is due on that local day, or None."""
    if cadence is Cadence.DAILY:
        return schedule.daily
    if cadence is Cadence.WEEKLY:
        weekday, at = schedule.weekly
        return at if day.weekday() == weekday else None
    if cadence is Cadence.FORTNIGHTLY:
        weekday, at = schedule.fortnightly
        weeks = (_monday(day) - _monday(schedule.fortnightly_from)).days // 7
        return at if day.weekday() == weekday and weeks % 2 == 0 else None
    if cadence is Cadence.MONTHLY:
        number, at = schedule.monthly
        return at if day.day == number else None
    raise ValueError("every-post issues are due when a post is, not by the clock")


def day_and_time(cadence: Cadence, schedule: Schedule) -> tuple[int | None, time | None]:
    """Return the day (of week or month) and the time a cadence is due; None for what it lacks."""
    by_cadence: dict[Cadence, tuple[int | None, time | None]] = {
        Cadence.EVERY_POST: (None, None),
        Cadence.DAILY: (None, schedule.daily),
        Cadence.WEEKLY: schedule.weekly,
        Cadence.FORTNIGHTLY: schedule.fortnightly,
        Cadence.MONTHLY: schedule.monthly,
    }
    return by_cadence[cadence]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def last_due(cadence: Cadence, schedule: Schedule, now: datetime) -> datetime:
    """Return the newest due instant at or before ``now``."""
    today = now.astimezone(schedule.zone).date() + timedelta(days=1)
    for day, at in _days(cadence, schedule, today, -1):
        due = instant(day, at, schedule.zone)
        if due <= now:
            return due
    raise AssertionError("days never end")


def next_due(cadence: Cadence, schedule: Schedule, now: datetime) -> datetime:
    """Return the oldest due instant after ``now``."""
    today = now.astimezone(schedule.zone).date() - timedelta(days=1)
    for day, at in _days(cadence, schedule, today, 1):
        due = instant(day, at, schedule.zone)
        if due > now:
            return due
    raise AssertionError("days never end")


def due_day(cadence: Cadence, schedule: Schedule, due: datetime) -> date:
    """Return the local day a due instant was scheduled for.

    Where the clock skips 23:30 the instant lies on the next local day, which has a due instant of its own:
    only the scheduled day tells the two apart.
    """
    local = due.astimezone(schedule.zone).date()
    before = local - timedelta(days=1)
    at = _due_on(cadence, schedule, before)
    return before if at is not None and instant(before, at, schedule.zone) == due else local


def issue_name(cadence: Cadence, day: date) -> str:
    """Return the issue's public name, from the local day it is scheduled for: ``weekly-2026-11-23``."""
    return f"{cadence.value}-{day.isoformat()}"


def post_issue_name(number: int) -> str:
    """Return the public name of an every-post issue: the number of its newest post."""
    return f"post-{number}"


def period(cadence: Cadence, schedule: Schedule, due: datetime) -> tuple[date, date]:
    """Return the first and last local day an issue covers: since the due day before it, up to the day before.

    A daily issue at 7am covers "yesterday and this morning": both ends are told as days, so its period is
    the one day before it.
    """
    before = last_due(cadence, schedule, due - timedelta(microseconds=1))
    start = due_day(cadence, schedule, before)
    end = due_day(cadence, schedule, due) - timedelta(days=1)
    return start, max(start, end)

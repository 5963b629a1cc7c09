"""How many mails a new sender may send in a day. Pure.

Mailbox operators know a sender by its domain and its machine; one they have not met and that sends to
thousands at once looks like a stolen one. So the first day has 50 mails, each next one 15 % more, until the
bound is so high that it means nothing. A day is 24 hours from the start. What waits beyond its deadline
becomes owed, like every mail (``plan``). Neighbours: ``store.lanes`` knows the start, ``pipeline.lanes``
acts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FIRST_DAY: Final = 50
GROWTH: Final = 1.15
ENDS_AT: Final = 200_000
"""A day that may have so many is the first without a bound."""

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class WarmUp:
    """One day of a warm-up."""

    day: int  # 1 is the first
    at_most: int  # mails in this day
    since: datetime  # when the day began
    until: datetime


def today(started: datetime, now: datetime) -> WarmUp | None:
    """Return the day of a warm-up that began at ``started``; None once it is over."""
    passed = max(0, (now - started) // _DAY)
    at_most = int(FIRST_DAY * GROWTH ** min(passed, 1000))
    if at_most >= ENDS_AT:
        return None
    since = started + passed * _DAY
    return WarmUp(day=passed + 1, at_most=at_most, since=since, until=since + _DAY)

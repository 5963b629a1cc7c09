"""Which issues are due: by the clock for digests, by new posts for every-post mails. The database decides.

Neighbours: ``cadence.due`` knows the times, ``compose`` makes what is due.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from digest.cadence import due as due_times
from digest.delivery.issue_states import IssueState
from digest.model import IssueKind
from digest.pipeline.tools import Tools
from digest.store import installation, issues
from subscribers.model import Cadence


@dataclass(frozen=True, kw_only=True)
class Due:
    """An issue whose time has come."""

    name: str
    kind: IssueKind
    due_at: datetime
    period_start: date | None
    period_end: date
    sent_on: date  # the local day it is scheduled for
    too_late: bool = False  # its time passed longer ago than we catch up


def whats_due(tools: Tools, now: datetime) -> list[Due]:
    """Return the issues whose time has come and that are not made yet; the database decides."""
    with tools.db.read() as conn:
        since = installation.installed_at(conn)
        candidates = [
            _by_clock(tools, cadence, due_times.last_due(cadence, tools.schedule, now), now)
            for cadence in Cadence
            if cadence is not Cadence.EVERY_POST
        ]
        number = installation.last_number(conn)
        if number > issues.last_cutoff(conn, IssueKind.EVERY_POST):
            candidates.append(_by_post(number, tools.schedule.zone, now))
        return [due for due in candidates if due.due_at >= since and _is_open(conn, due)]


def _by_clock(tools: Tools, cadence: Cadence, due_at: datetime, now: datetime) -> Due:
    start, end = due_times.period(cadence, tools.schedule, due_at)
    day = due_times.due_day(cadence, tools.schedule, due_at)
    return Due(
        name=due_times.issue_name(cadence, day),
        kind=IssueKind(cadence.value),
        due_at=due_at,
        period_start=start,
        period_end=end,
        sent_on=day,
        too_late=now - due_at > tools.schedule.max_late,
    )


def _by_post(number: int, zone: ZoneInfo, now: datetime) -> Due:
    today = now.astimezone(zone).date()
    return Due(
        name=due_times.post_issue_name(number),
        kind=IssueKind.EVERY_POST,
        due_at=now,
        period_start=None,
        period_end=today,
        sent_on=today,
    )


def _is_open(conn: Connection, due: Due) -> bool:
    """Return whether the issue is still to be made: unknown, or stuck half-way."""
    found = issues.find(conn, due.name)
    return found is None or found.state in (IssueState.DRAFT, IssueState.BLOCKED)


def upcoming(tools: Tools, now: datetime) -> list[Due]:
    """Return the next issue of every cadence, as it would be named and dated."""
    with tools.db.read() as conn:
        number = installation.last_number(conn)
    by_clock = [
        _by_clock(tools, cadence, due_times.next_due(cadence, tools.schedule, now), now)
        for cadence in Cadence
        if cadence is not Cadence.EVERY_POST
    ]
    return [_by_post(number, tools.schedule.zone, now), *by_clock] if number else by_clock

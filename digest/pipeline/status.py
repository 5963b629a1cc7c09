"""How things stand, in one reading of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from digest.delivery import warm_up
from digest.delivery.breaker import CLOSED
from digest.delivery.states import DeliveryState
from digest.model import Feed, Sponsor
from digest.pipeline import drafting, due_issues
from digest.pipeline.sponsor_report import ending, today
from digest.pipeline.tools import Tools
from digest.store import (
    breaker,
    deliveries,
    feeds,
    findings,
    held,
    installation,
    issues,
    lanes,
    posts,
    provider_events,
    sponsors,
)
from subscribers import store as people

_SHOWN = 10
_HEARD_OF = timedelta(days=30)
_NOTABLE = frozenset(
    {DeliveryState.REJECTED, DeliveryState.UNCERTAIN, DeliveryState.HELD, DeliveryState.EXPIRED}
)


@dataclass(frozen=True, kw_only=True)
class SlowLane:
    """A lane that its operator of mailboxes told to slow down (delivery.lanes)."""

    lane: str
    closed_until: datetime | None  # None: it is open again, at its pace
    per_minute: int
    why: str
    queued: int


@dataclass(frozen=True, kw_only=True)
class WarmingUp:
    """A day of the warm-up (delivery.warm_up)."""

    day: int
    at_most: int
    sent: int
    until: datetime


@dataclass(frozen=True, kw_only=True)
class InstallationStatus:
    """What ``digest status`` shows."""

    publication: str
    zone: str  # of the publication: due times are told in it
    live: bool
    paused_since: datetime | None
    mail_waits_until: datetime | None  # None while mail goes (delivery.breaker)
    mail_waits_why: str
    lanes: tuple[SlowLane, ...]  # those that are slowed, or whose mail waits
    warm_up: WarmingUp | None  # None: there is none
    feeds: tuple[Feed, ...]
    posts: dict[str, int]  # by state
    readers: dict[str, int]  # by status
    deliveries: dict[str, int]  # by state, issues and notices
    heard: dict[str, int]  # bounces, complaints and the like of the last 30 days, by kind
    held: int  # mails that wait for a person
    ending_sponsors: tuple[Sponsor, ...]  # placements whose last day is at most two weeks away
    issues: tuple[issues.StoredIssue, ...]  # the newest
    next: tuple[tuple[str, datetime], ...]  # kind and instant of what is due next


def status(tools: Tools) -> InstallationStatus:
    """Return how things stand now."""
    coming = due_issues.upcoming(tools, tools.clock())
    with tools.db.read() as conn:
        mail = deliveries.all_counts(conn)
        waits = breaker.read(conn)
        if not waits.is_open(tools.clock()):
            waits = CLOSED
        return InstallationStatus(
            publication=tools.publication.name,
            zone=tools.publication.zone,
            live=installation.is_live(conn),
            paused_since=installation.paused_since(conn),
            mail_waits_until=waits.until,
            mail_waits_why=waits.why,
            lanes=_slow_lanes(conn, tools.clock()),
            warm_up=_warming_up(conn, tools),
            feeds=tuple(feeds.every(conn)),
            posts={state.value: count for state, count in posts.counts(conn).items()},
            readers={state.value: count for state, count in people.count_by_status(conn).items()},
            deliveries={state.value: count for state, count in mail.items()},
            heard={
                kind.value: count
                for kind, count in provider_events.counts(conn, since=tools.clock() - _HEARD_OF).items()
            },
            held=mail.get(DeliveryState.HELD, 0),
            ending_sponsors=tuple(placed for _, placed in ending(sponsors.numbered(conn), today(tools))),
            issues=tuple(issues.newest(conn, _SHOWN)),
            next=tuple((due.kind.value, due.due_at) for due in coming if due.period_start is not None),
        )


def _slow_lanes(conn: Connection, now: datetime) -> tuple[SlowLane, ...]:
    slow = {name: lane for name, lane in lanes.slowed(conn).items() if not lane.has_recovered(now)}
    queued = lanes.queued_in(conn, slow)
    return tuple(
        SlowLane(
            lane=name,
            closed_until=lane.until if lane.is_closed(now) else None,
            per_minute=lane.per_minute(now),
            why=lane.why,
            queued=queued.get(name, 0),
        )
        for name, lane in sorted(slow.items())
    )


def _warming_up(conn: Connection, tools: Tools) -> WarmingUp | None:
    """Return how far the warm-up is today; None where there is none, or it has not begun or is over."""
    started = lanes.warm_up_since(conn) if tools.warm_up else None
    today = warm_up.today(started, tools.clock()) if started else None
    if today is None:
        return None
    sent = lanes.sent_since(conn, today.since)
    return WarmingUp(day=today.day, at_most=today.at_most, sent=sent, until=today.until)


@dataclass(frozen=True, kw_only=True)
class NotableDelivery:
    """A delivery that did not simply arrive, or may have arrived twice."""

    id: int
    reader: str  # public id: never an address
    state: str
    code: str
    reason: str
    possible_duplicate: bool


@dataclass(frozen=True, kw_only=True)
class IssueDetail:
    """What ``digest issue show`` shows."""

    issue: issues.StoredIssue
    posts: tuple[tuple[int, str], ...]  # number and title, as the issue's own window has them
    without_model: tuple[tuple[int, str], ...]  # number, and why its summary is not the language model's
    overridden: tuple[str, ...]  # what the editor's file changed
    deliveries: dict[str, int]  # by state
    notable: tuple[NotableDelivery, ...]
    findings: tuple[Mapping[str, Any], ...]  # errors and warnings of the gate, the worst first
    accepted: tuple[Mapping[str, Any], ...]  # which of them an operator accepted, and why


def issue_detail(tools: Tools, name: str) -> IssueDetail:
    """Return one issue with what became of it; raise UnknownName."""
    with tools.db.read() as conn:
        issue = issues.by_name(conn, name)
        stored = issues.content(conn, issue.id)
        counts = deliveries.counts(conn, issue.id)
        notable = held.notable(conn, issue.id, _NOTABLE)
        numbers = {item["post_id"]: item["number"] for item in stored["items"]} if stored else {}
        reasons = posts.summaries_without_model(conn, numbers, sentences=drafting.SENTENCES[issue.kind])
        gate = findings.of_issue(conn, issue.id)
    items = {item["number"]: item["title"] for item in stored["items"]} if stored else {}
    window = stored["window"] if stored else ()
    return IssueDetail(
        issue=issue,
        posts=tuple((number, items[number]) for number in window),
        without_model=tuple((numbers[post_id], reason) for post_id, reason in reasons.items()),
        overridden=tuple(stored.get("overridden", ())) if stored else (),
        deliveries={state.value: count for state, count in counts.items()},
        notable=tuple(NotableDelivery(**row._mapping) for row in notable),
        findings=gate.findings,
        accepted=gate.accepted,
    )

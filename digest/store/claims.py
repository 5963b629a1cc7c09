"""Taking deliveries to send: each claim raises the fence and holds a lease.

The statements are built once a database system. Neighbours: ``commit_points`` writes what every mail costs
after this, ``deliveries`` what happens to few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    String,
    bindparam,
    func,
    literal_column,
    select,
    update,
)
from sqlalchemy.sql.dml import ReturningUpdate

from digest.delivery.issue_states import IssueState
from digest.delivery.states import DeliveryState, Event, next_state
from digest.store import dialect
from digest.store.eligibility import still_wanted
from digest.store.tables import delivery, issue, subscriber
from subscribers.model import Cadence
from subscribers.tables import Instant

LEASE = timedelta(seconds=120)
"""How long a claim is safe from sweeps of other processes.

A lapsed lease only allows a sweep to take the claim away, which makes its fence worthless; until one does,
the claim is good. So the commit point asks for the fence alone: a server that is slow within its rights
(RFC 5321 §4.5.3.2 allows minutes for each command) delays its mail and never costs it the claim.
"""

ORDER_OF_SENDING = delivery.c.issue_id.is_not(None), delivery.c.id
"""Notices first, then as frozen: so they are claimed, and so a sender sends what it claimed."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One delivery in a sender's hands, with what it needs to know of the reader."""

    id: int
    fence: int
    issue_id: int | None
    segment_id: int | None
    notice_id: int | None
    subscriber_id: int | None
    typed_address: str  # for a test to a typed address; else empty
    public_id: str  # empty for the operator and typed addresses
    address: str  # empty for the operator, and for a reader who was erased meanwhile
    name: str
    cadence: Cadence | None
    themes: frozenset[str]
    language: str  # the one the reader asked for; empty: the publication's own
    confirmed_at: datetime | None
    attempts: int
    crashes: int
    doubts: int
    generation: int  # how often a person said "send again"
    dated: datetime  # the Date header
    lane: str  # the reader's operator of mailboxes (delivery.lanes); empty for notices


def claim(
    conn: Connection,
    *,
    owner: str,
    limit: int,
    now: datetime,
    only: int | None = None,
    doubtless: bool = False,
    lane: str = "",
    without: frozenset[str] = frozenset(),
    issues_at_most: int | None = None,
) -> list[Claim]:
    """Take up to ``limit`` sendable deliveries, notices first; each gets a new fence and a lease.

    ``owner`` names one sender thread: ``abandoned`` tells by it what the sender was at work on. With
    ``only``, the delivery of that id and no other; ``doubtless`` leaves out what may have arrived already:
    another backend than the one that lost the reply must not send it. With ``lane``, issue mails of that
    lane; ``without`` leaves out those of some. With ``issues_at_most``, no more issue mails than that, those
    of the readers who confirmed last first.
    """
    values = {
        "now": now,
        "owned_by": owner,
        "leased_until": dialect.lease_clock(conn, now) + LEASE,
        "only": only,
        "by_lane": lane,
        "without": sorted(without),
    }
    newest = issues_at_most is not None
    ids: list[int] = []
    room = limit
    for whose in [None, *conn.execute(_SENDING).scalars()]:
        if whose is None and lane:
            continue  # notices go by none
        if whose is not None and issues_at_most is not None:
            room, issues_at_most = min(room, issues_at_most), None
        if room:
            taking = _taking(
                conn.dialect.name,
                of_issue=whose is not None,
                chosen=only is not None,
                doubtless=doubtless,
                laned=bool(lane),
                without=bool(without) and whose is not None,
                newest=newest and whose is not None,
            )
            taken = conn.execute(taking, values | {"whose": whose, "at_most": room}).scalars().all()
            ids.extend(taken)
            room -= len(taken)
    return held(conn, ids) if ids else []


_SENDING = select(issue.c.id).where(issue.c.state == IssueState.SENDING).order_by(issue.c.id)


@cache
def _taking(
    system: str,
    *,
    of_issue: bool,
    chosen: bool,
    doubtless: bool,
    laned: bool,
    without: bool,
    newest: bool,
) -> ReturningUpdate[int]:
    """Return the statement that takes from one issue's queue, or from that of the notices."""
    now = bindparam("now", type_=Instant())
    conditions: list[ColumnElement[bool]] = [
        # As a literal: only then does SQLite use the index of queued deliveries.
        delivery.c.state == literal_column(f"'{DeliveryState.QUEUED}'"),
        delivery.c.issue_id == bindparam("whose", type_=Integer())
        if of_issue
        else delivery.c.issue_id.is_(None),
        delivery.c.not_before <= now,
        still_wanted(now),
    ]
    if chosen:
        conditions.append(delivery.c.id == bindparam("only", type_=Integer()))
    if doubtless:
        conditions.append(delivery.c.doubts == 0)
    if laned:
        conditions.append(delivery.c.lane == bindparam("by_lane", type_=String()))
    if without:
        conditions.append(delivery.c.lane.not_in(bindparam("without", expanding=True)))
    at_most = bindparam("at_most", type_=Integer())
    order = (*_NEWEST_READER_FIRST, delivery.c.id) if newest else (delivery.c.id,)
    wanted = select(delivery.c.id).where(*conditions).order_by(*order).limit(at_most)
    if system == "postgresql":
        # The rows are chosen once, in a CTE: as a plain subquery PostgreSQL may run it again for every
        # row, and with SKIP LOCKED each run chooses others, beyond the limit.
        wanted = wanted.with_for_update(skip_locked=True)
        wanted = select(wanted.cte("wanted").prefix_with("MATERIALIZED").c.id)
    return (
        update(delivery)
        .where(delivery.c.id.in_(wanted), delivery.c.state == DeliveryState.QUEUED)
        .values(
            state=next_state(DeliveryState.QUEUED, Event.CLAIM),
            fence=delivery.c.fence + 1,
            owner=bindparam("owned_by", type_=String()),
            lease_until=bindparam("leased_until", type_=Instant()),
            dated=func.coalesce(delivery.c.dated, now),
            updated_at=now,
        )
        .returning(delivery.c.id)
    )


_NEWEST_READER_FIRST = (
    select(subscriber.c.confirmed_at)
    .where(subscriber.c.id == delivery.c.subscriber_id)
    .scalar_subquery()
    .desc(),
)
"""Who has just asked for mail is the least likely to have forgotten it: a warm-up begins with them."""

_COLUMNS = (
    select(
        *(
            delivery.c[name]
            for name in ("id", "fence", "issue_id", "segment_id", "notice_id", "subscriber_id")
        ),
        *(
            delivery.c[name]
            for name in ("address", "attempts", "crashes", "doubts", "generation", "dated", "lane")
        ),
        *(
            subscriber.c[name]
            for name in ("public_id", "email", "name", "cadence", "themes", "language", "confirmed_at")
        ),
    )
    .outerjoin(subscriber, subscriber.c.id == delivery.c.subscriber_id)
    .where(delivery.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(*ORDER_OF_SENDING)
)


def held(conn: Connection, ids: Sequence[int]) -> list[Claim]:
    """Return what makes the mails of these deliveries, in the order of sending."""
    return [_claim(row) for row in conn.execute(_COLUMNS, {"ids": list(ids)})]


def _claim(row: Row[Any]) -> Claim:
    return Claim(
        id=row.id,
        fence=row.fence,
        issue_id=row.issue_id,
        segment_id=row.segment_id,
        notice_id=row.notice_id,
        subscriber_id=row.subscriber_id,
        typed_address=row.address or "",
        public_id=row.public_id or "",
        address=row.email or "",
        name=row.name or "",
        cadence=Cadence(row.cadence) if row.cadence else None,
        themes=frozenset(row.themes or ()),
        language=row.language or "",
        confirmed_at=row.confirmed_at,
        attempts=row.attempts,
        crashes=row.crashes,
        doubts=row.doubts,
        generation=row.generation,
        dated=row.dated,
        lane=row.lane,
    )

"""The ledger: one row per delivery, changed only along ``delivery.states``.

Every write names the fence it holds, so a sender that lost its claim changes nothing. Functions take the
Connection; the caller's transaction is the unit that survives a crash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    func,
    insert,
    select,
    true,
    update,
)

from digest.delivery.states import FINAL, OWES_AGAIN, DeliveryState, Event, next_state
from digest.store import dialect, progress
from digest.store.claims import Claim
from digest.store.eligibility import eligible, still_wanted
from digest.store.tables import delivery, issue, segment
from subscribers.model import Cadence


def add(conn: Connection, rows: Sequence[dict[str, Any]], *, now: datetime) -> int:
    """Queue deliveries whose (issue, subscriber) or notice is new; return how many were."""
    full = [{"state": DeliveryState.QUEUED.value, "not_before": now, "updated_at": now} | row for row in rows]
    return dialect.insert_or_ignore(conn, delivery, full)


def _sendable(now: datetime, only: int | None) -> ColumnElement[bool]:
    """Queued, its time has come and is not over, and its issue is being sent.

    With ``only``, it is the delivery of that id besides.
    """
    chosen = true() if only is None else delivery.c.id == only
    is_queued = delivery.c.state == DeliveryState.QUEUED
    return and_(is_queued, delivery.c.not_before <= now, still_wanted(now), chosen)


A_NEW_GENERATION: Mapping[str, object] = {"generation": delivery.c.generation + 1}
"""The change that gives a delivery a new key: a person wants it sent again, whatever became of it."""


def is_eligible(conn: Connection, held: Claim, now: datetime) -> bool:
    """Return whether the reader of a claimed delivery may be mailed right now."""
    statement = select(delivery.c.id).where(delivery.c.id == held.id, eligible(now))
    return conn.execute(statement).first() is not None


def would_be_sent(conn: Connection, ids: Sequence[int], now: datetime) -> set[int]:
    """Return which of these deliveries would pass the commit point now, their state apart."""
    statement = select(delivery.c.id).where(delivery.c.id.in_(ids), still_wanted(now), eligible(now))
    return set(conn.execute(statement).scalars())


def happened(
    conn: Connection,
    held: Claim | Stray,
    event: Event,
    *,
    now: datetime,
    reason: str = "",
    **changes: Any,
) -> bool:
    """Carry a delivery to its next state; return False where its fence is no longer the one given.

    Where the table says so its items become owed in the same transaction.
    """
    columns = delivery.c.state, delivery.c.segment_id, delivery.c.subscriber_id
    mine = and_(delivery.c.id == held.id, delivery.c.fence == held.fence)
    row = conn.execute(select(*columns).where(mine)).one_or_none()
    if row is None:
        return False
    before = DeliveryState(row.state)
    statement = (
        update(delivery)
        .where(mine, delivery.c.state == before)
        .values(state=next_state(before, event), reason=reason, updated_at=now, **changes)
    )
    if conn.execute(statement).rowcount != 1:
        return False
    if event in OWES_AGAIN and row.segment_id is not None and row.subscriber_id is not None:
        _owe_items(conn, row.segment_id, row.subscriber_id)
    return True


def _owe_items(conn: Connection, segment_id: int, subscriber_id: int) -> None:
    """Put a delivery's items back to what its reader is owed (rule g); a trial's or resend's are nobody's."""
    statement = (
        select(segment.c.numbers)
        .join(issue, issue.c.id == segment.c.issue_id)
        .where(segment.c.id == segment_id, issue.c.kind.in_(list(Cadence)))
    )
    numbers = conn.execute(statement).scalar_one_or_none()
    if numbers:
        progress.owe(conn, subscriber_id, numbers)


# --- Strays ----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Stray:
    """A delivery that its sender left behind, or whose time is over."""

    id: int
    fence: int
    state: DeliveryState
    crashes: int
    doubts: int
    provider: str = ""  # the backend it was last handed to
    submitted_at: datetime | None = None  # when that was, by our own clock
    in_hand: bool = False  # its sender was at work on it, and had not merely taken it along


def strays(conn: Connection, *conditions: ColumnElement[bool]) -> list[Stray]:
    """Return up to 1000 deliveries, locked where rows can be: none moves between this look and its step."""
    columns = delivery.c.id, delivery.c.fence, delivery.c.state, delivery.c.crashes, delivery.c.doubts
    statement = (
        select(*columns, delivery.c.provider, delivery.c.submitted_at)
        .where(*conditions)
        .order_by(delivery.c.id)
        .limit(1000)
    )
    statement = statement.with_for_update(skip_locked=True)
    return [
        Stray(
            id=row.id,
            fence=row.fence,
            state=DeliveryState(row.state),
            crashes=row.crashes,
            doubts=row.doubts,
            provider=row.provider,
            submitted_at=row.submitted_at,
        )
        for row in conn.execute(statement)
    ]


DOUBT_AFTER = timedelta(seconds=660)
"""How long after the commit point a silent sender counts as dead: the final reply's 600 s and a minute."""


def overdue(conn: Connection, now: datetime) -> list[Stray]:
    """Return queued deliveries whose deadline has passed."""
    return strays(conn, delivery.c.state == DeliveryState.QUEUED, delivery.c.deadline <= now)


def ineligible(conn: Connection, now: datetime) -> list[Stray]:
    """Return queued deliveries whose reader may no longer be mailed."""
    return strays(conn, delivery.c.state == DeliveryState.QUEUED, ~eligible(now))


def queued_of(conn: Connection, issue_id: int) -> list[Stray]:
    """Return an issue's queued deliveries, up to 1000."""
    return strays(conn, delivery.c.state == DeliveryState.QUEUED, delivery.c.issue_id == issue_id)


def open_of(conn: Connection, issue_id: int) -> list[Stray]:
    """Return an issue's deliveries that are on their way, up to 1000: neither final nor held."""
    on_their_way = [state.value for state in DeliveryState if state not in FINAL | {DeliveryState.HELD}]
    return strays(conn, delivery.c.issue_id == issue_id, delivery.c.state.in_(on_their_way))


# --- Questions -------------------------------------------------------------------------------------


def counts(conn: Connection, issue_id: int) -> dict[DeliveryState, int]:
    """Return how many deliveries of an issue are in each state."""
    return _counted(conn, delivery.c.issue_id == issue_id)


def flagged(conn: Connection, issue_id: int) -> int:
    """Return how many deliveries of an issue may have arrived twice."""
    mine = and_(delivery.c.issue_id == issue_id, delivery.c.possible_duplicate)
    number: int = conn.execute(select(func.count()).where(mine)).scalar_one()
    return number


def queued_notices(conn: Connection) -> int:
    """Return how many notices wait to be sent."""
    counted = _counted(conn, delivery.c.issue_id.is_(None))
    return counted.get(DeliveryState.QUEUED, 0)


def all_counts(conn: Connection) -> dict[DeliveryState, int]:
    """Return how many deliveries are in each state, issues and notices together."""
    return _counted(conn, true())


def _counted(conn: Connection, where: ColumnElement[bool]) -> dict[DeliveryState, int]:
    statement = select(delivery.c.state, func.count()).where(where).group_by(delivery.c.state)
    return {DeliveryState(state): count for state, count in conn.execute(statement)}


def waiting(conn: Connection, now: datetime, *, only: int | None = None) -> int:
    """Return how many deliveries could be sent now."""
    number: int = conn.execute(select(func.count()).where(_sendable(now, only))).scalar_one()
    return number


def readdress(conn: Connection, before: int, after: int) -> None:
    """Let what is on its way to one subscriber, and not yet handed over, go to another: the same person."""
    on_its_way = [DeliveryState.QUEUED.value, DeliveryState.CLAIMED.value]
    conn.execute(
        update(delivery)
        .where(
            delivery.c.subscriber_id == before,
            delivery.c.issue_id.is_not(None),
            delivery.c.state.in_(on_its_way),
        )
        .values(subscriber_id=after)
    )


def insert_many(conn: Connection, rows: Sequence[dict[str, Any]], *, now: datetime) -> None:
    """Queue deliveries of an issue for readers who have none of it yet, all in one go."""
    full = [{"state": DeliveryState.QUEUED.value, "not_before": now, "updated_at": now} | row for row in rows]
    if full:
        conn.execute(insert(delivery), full)


def insert_one(conn: Connection, row: dict[str, Any], *, now: datetime) -> int:
    """Queue one delivery and return its id."""
    full = {"state": DeliveryState.QUEUED.value, "not_before": now, "updated_at": now} | row
    added: int = conn.execute(insert(delivery).values(**full).returning(delivery.c.id)).scalar_one()
    return added

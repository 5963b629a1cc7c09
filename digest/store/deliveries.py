"""The ledger: one row per delivery, changed only along ``delivery.states``.

Every write names the fence it holds, so a sender that lost its claim changes nothing. Functions take the
Connection; the caller's transaction is the unit that survives a crash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from digest.delivery.states import OWES_AGAIN, DeliveryState, Event, next_state
from digest.store import dialect, progress
from digest.store.claims import ORDER_OF_SENDING, Claim
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


def is_eligible(conn: Connection, held: Claim, now: datetime) -> bool:
    """Return whether the reader of a claimed delivery may be mailed right now."""
    statement = select(delivery.c.id).where(delivery.c.id == held.id, eligible(now))
    return conn.execute(statement).first() is not None


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


# --- The sweep -------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Stray:
    """A delivery that its sender left behind, or whose time is over."""

    id: int
    fence: int
    state: DeliveryState
    crashes: int
    doubts: int
    in_hand: bool = False  # its sender was at work on it, and had not merely taken it along


def _strays(conn: Connection, *conditions: ColumnElement[bool]) -> list[Stray]:
    """Return up to 1000 deliveries, locked where rows can be: none moves between this look and its step."""
    columns = delivery.c.id, delivery.c.fence, delivery.c.state, delivery.c.crashes, delivery.c.doubts
    statement = select(*columns).where(*conditions).order_by(delivery.c.id).limit(1000)
    statement = statement.with_for_update(skip_locked=True)
    return [
        Stray(
            id=row.id,
            fence=row.fence,
            state=DeliveryState(row.state),
            crashes=row.crashes,
            doubts=row.doubts,
        )
        for row in conn.execute(statement)
    ]


def abandoned(conn: Connection, *, sure: bool, now: datetime) -> list[Stray]:
    """Return deliveries left CLAIMED or COMMITTING by a sender that is gone, and those UNCERTAIN.

    ``sure`` says that every earlier sender is proved dead (the run lock on SQLite); otherwise a claim must
    have lapsed, and a commit point must lie DOUBT_AFTER back.
    """
    strays = _strays(conn, _abandoned(conn, sure=sure, now=now))
    in_hand = _in_hand(conn)
    return [replace(stray, in_hand=stray.id in in_hand) for stray in strays]


def _abandoned(conn: Connection, *, sure: bool, now: datetime) -> ColumnElement[bool]:
    clock = dialect.lease_clock(conn, now)
    claimed = delivery.c.state == DeliveryState.CLAIMED
    committing = delivery.c.state == DeliveryState.COMMITTING
    if not sure:
        claimed = and_(claimed, delivery.c.lease_until <= clock)
        committing = and_(committing, delivery.c.committed_at <= clock - DOUBT_AFTER)
    return or_(claimed, committing, delivery.c.state == DeliveryState.UNCERTAIN)


def are_tidy(conn: Connection, *, sure: bool, now: datetime) -> bool:
    """Return whether a sweep would find nothing to do: one query, for the many ticks that find nothing."""
    is_over = or_(delivery.c.deadline <= now, ~eligible(now))
    given_up = and_(delivery.c.state == DeliveryState.QUEUED, is_over)
    stray = select(delivery.c.id).where(or_(_abandoned(conn, sure=sure, now=now), given_up)).limit(1)
    return conn.execute(stray).first() is None


def _in_hand(conn: Connection) -> set[int]:
    """Return the delivery each sender is or was at work on: the first of those it holds."""
    place = func.row_number().over(partition_by=delivery.c.owner, order_by=ORDER_OF_SENDING)
    held = delivery.c.state.in_([DeliveryState.CLAIMED.value, DeliveryState.COMMITTING.value])
    ranked = select(delivery.c.id, place.label("place")).where(held).subquery()
    return set(conn.execute(select(ranked.c.id).where(ranked.c.place == 1)).scalars())


def take_away(conn: Connection, stray: Stray) -> None:
    """Make the fence of an abandoned delivery worthless to the sender that left it behind."""
    mine = and_(delivery.c.id == stray.id, delivery.c.fence == stray.fence)
    conn.execute(update(delivery).where(mine).values(fence=stray.fence + 1))


DOUBT_AFTER = timedelta(seconds=660)
"""How long after the commit point a silent sender counts as dead: the final reply's 600 s and a minute."""


def overdue(conn: Connection, now: datetime) -> list[Stray]:
    """Return queued deliveries whose deadline has passed."""
    return _strays(conn, delivery.c.state == DeliveryState.QUEUED, delivery.c.deadline <= now)


def ineligible(conn: Connection, now: datetime) -> list[Stray]:
    """Return queued deliveries whose reader may no longer be mailed."""
    return _strays(conn, delivery.c.state == DeliveryState.QUEUED, ~eligible(now))


def queued_of(conn: Connection, issue_id: int) -> list[Stray]:
    """Return an issue's queued deliveries, up to 1000."""
    return _strays(conn, delivery.c.state == DeliveryState.QUEUED, delivery.c.issue_id == issue_id)


# --- Questions -------------------------------------------------------------------------------------


def counts(conn: Connection, issue_id: int) -> dict[DeliveryState, int]:
    """Return how many deliveries of an issue are in each state."""
    return _counted(conn, delivery.c.issue_id == issue_id)


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

"""The ledger: one row per delivery, changed only along ``delivery.states``.

Every write names the fence it holds, so a sender that lost its claim changes nothing. Functions take the
Connection; the caller's transaction is the unit that survives a crash.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    tuple_,
    update,
)

from digest.delivery.issue_states import IssueState
from digest.delivery.states import OWES_AGAIN, DeliveryState, Event, next_state
from digest.store import dialect, progress
from digest.store.tables import delivery, issue, notice, segment, subscriber
from subscribers.model import Cadence, Status

LEASE = timedelta(seconds=120)
"""How long a claim is safe from sweeps of other processes.

A lapsed lease only allows a sweep to take the claim away, which makes its fence worthless; until one does,
the claim is good. So the commit point asks for the fence alone: a server that is slow within its rights
(RFC 5321 §4.5.3.2 allows minutes for each command) delays its mail and never costs it the claim.
"""


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
    doubts: int
    dated: datetime  # the Date header


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
    return and_(is_queued, delivery.c.not_before <= now, _still_wanted(now), chosen)


def _still_wanted(now: datetime) -> ColumnElement[bool]:
    """Its deadline lies ahead, and its issue is frozen and not stopped. Notices have no issue."""
    open_issue = exists().where(issue.c.id == delivery.c.issue_id, issue.c.state == IssueState.SENDING)
    return and_(delivery.c.deadline > now, or_(delivery.c.issue_id.is_(None), open_issue))


_NOTICE_IS_FOR: Mapping[str, str] = {
    "confirm": Status.PENDING.value,
    "welcome": Status.CONFIRMED.value,
    "preferences-link": Status.CONFIRMED.value,
}
"""The status a reader must have to get a notice of each kind; no reader gets any other kind."""


def _eligible(now: datetime) -> ColumnElement[bool]:
    """May be mailed at this very moment (promise P4): the operator, typed addresses, confirmed readers who
    are not paused, and for a notice, people of the one status its kind is for. Whoever must not be mailed
    is neither pending nor confirmed, unless they asked anew and the confirm mail is to find out."""
    confirmed = exists().where(
        subscriber.c.id == delivery.c.subscriber_id,
        subscriber.c.status == Status.CONFIRMED,
        or_(subscriber.c.paused_until.is_(None), subscriber.c.paused_until <= now),
    )
    welcome = exists().where(
        subscriber.c.id == delivery.c.subscriber_id,
        notice.c.id == delivery.c.notice_id,
        tuple_(notice.c.kind, subscriber.c.status).in_(_NOTICE_IS_FOR.items()),
    )
    return or_(
        delivery.c.subscriber_id.is_(None),
        and_(delivery.c.notice_id.is_not(None), welcome),
        and_(delivery.c.notice_id.is_(None), confirmed),
    )


_ORDER_OF_SENDING = delivery.c.issue_id.is_not(None), delivery.c.id
"""Notices first, then as frozen: so they are claimed, and so a sender sends what it claimed."""


def claim(conn: Connection, *, owner: str, limit: int, now: datetime, only: int | None = None) -> list[Claim]:
    """Take up to ``limit`` sendable deliveries, notices first; each gets a new fence and a lease.

    ``owner`` names one sender thread: ``abandoned`` tells by it what the sender was at work on.
    """
    wanted = select(delivery.c.id).where(_sendable(now, only)).order_by(*_ORDER_OF_SENDING).limit(limit)
    if conn.dialect.name == "postgresql":
        # The rows are chosen once, in a CTE: as a plain subquery PostgreSQL may run it again for every
        # row, and with SKIP LOCKED each run chooses others, beyond the limit.
        wanted = wanted.with_for_update(skip_locked=True)
        wanted = select(wanted.cte("wanted").prefix_with("MATERIALIZED").c.id)
    taken = (
        update(delivery)
        .where(delivery.c.id.in_(wanted), delivery.c.state == DeliveryState.QUEUED)
        .values(
            state=next_state(DeliveryState.QUEUED, Event.CLAIM),
            fence=delivery.c.fence + 1,
            owner=owner,
            lease_until=dialect.lease_clock(conn, now) + LEASE,
            dated=func.coalesce(delivery.c.dated, literal(now, delivery.c.dated.type)),
            updated_at=now,
        )
        .returning(delivery.c.id)
    )
    ids = sorted(conn.execute(taken).scalars())
    return _claims(conn, ids)


def _claims(conn: Connection, ids: Sequence[int]) -> list[Claim]:
    statement = (
        select(delivery, subscriber.c.public_id, subscriber.c.email, subscriber.c.name)
        .add_columns(subscriber.c.cadence, subscriber.c.themes)
        .add_columns(subscriber.c.language, subscriber.c.confirmed_at)
        .outerjoin(subscriber, subscriber.c.id == delivery.c.subscriber_id)
        .where(delivery.c.id.in_(ids))
        .order_by(*_ORDER_OF_SENDING)
    )
    return [_claim(row) for row in conn.execute(statement)]


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
        doubts=row.doubts,
        dated=row.dated,
    )


def commit(conn: Connection, held: Claim, *, provider: str, test_mode: bool, now: datetime) -> bool:
    """The commit point: return whether this delivery may still be sent, and write that it is being sent.

    One statement checks the fence, the deadline, the issue and the reader's consent, so that whatever was
    committed before it wins. The caller's transaction must be durable before the final dot.
    """
    statement = (
        update(delivery)
        .where(
            delivery.c.id == held.id,
            delivery.c.fence == held.fence,
            delivery.c.state == DeliveryState.CLAIMED,
            _still_wanted(now),
            _eligible(now),
        )
        .values(
            state=next_state(DeliveryState.CLAIMED, Event.COMMIT),
            attempts=delivery.c.attempts + 1,
            committed_at=dialect.lease_clock(conn, now),
            provider=provider,
            test_mode=test_mode,
            updated_at=now,
        )
    )
    return conn.execute(statement).rowcount == 1


def is_eligible(conn: Connection, held: Claim, now: datetime) -> bool:
    """Return whether the reader of a claimed delivery may be mailed right now."""
    statement = select(delivery.c.id).where(delivery.c.id == held.id, _eligible(now))
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
    is_over = or_(delivery.c.deadline <= now, ~_eligible(now))
    given_up = and_(delivery.c.state == DeliveryState.QUEUED, is_over)
    stray = select(delivery.c.id).where(or_(_abandoned(conn, sure=sure, now=now), given_up)).limit(1)
    return conn.execute(stray).first() is None


def _in_hand(conn: Connection) -> set[int]:
    """Return the delivery each sender is or was at work on: the first of those it holds."""
    place = func.row_number().over(partition_by=delivery.c.owner, order_by=_ORDER_OF_SENDING)
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
    return _strays(conn, delivery.c.state == DeliveryState.QUEUED, ~_eligible(now))


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

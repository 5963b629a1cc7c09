"""What senders left behind, and deliveries in doubt: the questions and the one act of a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from digest.delivery.states import DeliveryState
from digest.store import dialect
from digest.store.claims import ORDER_OF_SENDING
from digest.store.deliveries import DOUBT_AFTER, Stray, strays
from digest.store.eligibility import eligible
from digest.store.tables import delivery


def abandoned(
    conn: Connection, *, sure: bool, now: datetime, asked: Mapping[str, timedelta] | None = None
) -> list[Stray]:
    """Return deliveries left CLAIMED or COMMITTING by a sender that is gone, and those UNCERTAIN.

    ``sure`` says that every earlier sender is proved dead (the run lock on SQLite); otherwise a claim must
    have lapsed, and a commit point must lie DOUBT_AFTER back. ``asked`` leaves out the UNCERTAIN ones of
    these backends that were handed over less than so long ago: they are asked about (``store.doubts``).
    """
    found = strays(conn, _abandoned(conn, sure=sure, now=now, asked=asked or {}))
    in_hand = _in_hand(conn)
    return [replace(stray, in_hand=stray.id in in_hand) for stray in found]


def _abandoned(
    conn: Connection, *, sure: bool, now: datetime, asked: Mapping[str, timedelta]
) -> ColumnElement[bool]:
    clock = dialect.lease_clock(conn, now)
    claimed = delivery.c.state == DeliveryState.CLAIMED
    committing = delivery.c.state == DeliveryState.COMMITTING
    if not sure:
        claimed = and_(claimed, delivery.c.lease_until <= clock)
        committing = and_(committing, delivery.c.committed_at <= clock - DOUBT_AFTER)
    in_question = [
        and_(delivery.c.provider == name, delivery.c.submitted_at > now - span)
        for name, span in asked.items()
    ]
    uncertain = delivery.c.state == DeliveryState.UNCERTAIN
    if in_question:
        uncertain = and_(uncertain, or_(delivery.c.submitted_at.is_(None), ~or_(*in_question)))
    return or_(claimed, committing, uncertain)


def are_tidy(
    conn: Connection, *, sure: bool, now: datetime, asked: Mapping[str, timedelta] | None = None
) -> bool:
    """Return whether a sweep would find nothing to do: one query, for the many ticks that find nothing."""
    is_over = or_(delivery.c.deadline <= now, ~eligible(now))
    given_up = and_(delivery.c.state == DeliveryState.QUEUED, is_over)
    untidy = _abandoned(conn, sure=sure, now=now, asked=asked or {})
    stray = select(delivery.c.id).where(or_(untidy, given_up)).limit(1)
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

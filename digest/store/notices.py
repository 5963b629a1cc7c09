"""Notices: confirm, welcome, alert … Asking for the same one twice makes one (invariant 7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, func, select

from digest.delivery.states import DeliveryState
from digest.store import deliveries, dialect
from digest.store.tables import delivery, notice, subscriber
from subscribers.model import Status
from subscribers.tables import consent_record
from subscribers.tokens import LIFETIMES, Purpose

OPERATOR = "operator"
EDITOR = "editor"

GOOD_FOR = timedelta(days=5)
"""How long a notice is tried: as long as the longest deadline of an issue."""

_WAITS = {"goodbye": LIFETIMES[Purpose.UNDO]}
"""How long a notice waits before it goes: whoever takes leaving back is told no goodbye."""


@dataclass(frozen=True, kw_only=True)
class StoredNotice:
    """One notice and the facts its template shows."""

    id: int
    kind: str  # "confirm", "welcome", "alert"
    audience: str  # a subscriber's public id, or "operator"
    facts: Mapping[str, str]
    created_at: datetime


def queue(
    conn: Connection,
    *,
    kind: str,
    audience: str,
    subscriber_id: int | None,
    nonce: str,
    facts: Mapping[str, str],
    now: datetime,
    address: str | None = None,
) -> bool:
    """Queue a notice and its delivery; return False when the same one was queued before.

    ``address`` is where it goes if neither to its subscriber nor to the operator.
    """
    row = {
        "kind": kind,
        "audience": audience,
        "subscriber_id": subscriber_id,
        "nonce": nonce,
        "facts": dict(facts),
        "created_at": now,
    }
    if not dialect.insert_or_ignore(conn, notice, [row]):
        return False
    statement = select(notice.c.id).where(
        notice.c.kind == kind, notice.c.audience == audience, notice.c.nonce == nonce
    )
    queued = {
        "notice_id": conn.execute(statement).scalar_one(),
        "subscriber_id": subscriber_id,
        "address": address,
        "lane": "",
        "not_before": now + _WAITS.get(kind, timedelta(0)),
        "deadline": now + GOOD_FOR,
    }
    deliveries.add(conn, [queued], now=now)
    return True


def queue_for_reader(conn: Connection, *, kind: str, subscriber_id: int, nonce: str, now: datetime) -> bool:
    """Queue a notice to a subscriber; its template fills in the rest when it is sent."""
    statement = select(subscriber.c.public_id).where(subscriber.c.id == subscriber_id)
    return queue(
        conn,
        kind=kind,
        audience=conn.execute(statement).scalar_one(),
        subscriber_id=subscriber_id,
        nonce=nonce,
        facts={},
        now=now,
    )


def asked_in_test_mode(conn: Connection, *, since: datetime) -> list[int]:
    """Return the pending people whose newest confirm mail went to the operator instead, not before ``since``.

    Where the newest still waits, or is in a sender's hands, it needs no replacement.
    """
    newest = select(func.max(notice.c.id)).where(notice.c.kind == "confirm").group_by(notice.c.subscriber_id)
    statement = (
        select(subscriber.c.id)
        .join(notice, notice.c.subscriber_id == subscriber.c.id)
        .join(delivery, delivery.c.notice_id == notice.c.id)
        .where(
            subscriber.c.status == Status.PENDING,
            notice.c.id.in_(newest),
            notice.c.created_at >= since,
            delivery.c.test_mode,
            delivery.c.state.in_([DeliveryState.ACCEPTED.value, DeliveryState.REJECTED.value]),
        )
        .order_by(subscriber.c.id)
    )
    return list(conn.execute(statement).scalars())


def unanswered(conn: Connection, *, asked_before: datetime) -> list[str]:
    """Return the public ids of readers who were asked whether they want mail, and have said nothing since.

    Whatever became part of the proof of consent after the question counts as a word of theirs. Questions that
    went to the operator in test mode, or never arrived at a mail server, ask nothing.
    """
    word = exists().where(
        consent_record.c.subscriber_id == subscriber.c.id, consent_record.c.at >= notice.c.created_at
    )
    statement = (
        select(subscriber.c.public_id)
        .join(notice, notice.c.subscriber_id == subscriber.c.id)
        .join(delivery, delivery.c.notice_id == notice.c.id)
        .where(
            notice.c.kind == "re-permission",
            notice.c.created_at <= asked_before,
            subscriber.c.status == Status.CONFIRMED,
            delivery.c.state == DeliveryState.ACCEPTED.value,
            delivery.c.test_mode.is_(False),
            ~word,
        )
        .distinct()
    )
    return list(conn.execute(statement).scalars())


def to_editor(conn: Connection, *, address: str, nonce: str, facts: Mapping[str, str], now: datetime) -> bool:
    """Tell the editor that an issue was made, once per nonce."""
    return queue(
        conn,
        kind="draft-ready",
        audience=EDITOR,
        subscriber_id=None,
        nonce=nonce[:80],
        facts=facts,
        now=now,
        address=address,
    )


def alert(conn: Connection, *, nonce: str, problem: str, detail: str, what_to_do: str, now: datetime) -> bool:
    """Tell the operator, once per nonce."""
    return queue(
        conn,
        kind="alert",
        audience=OPERATOR,
        subscriber_id=None,
        nonce=nonce[:80],
        facts={"problem": problem, "detail": detail, "what_to_do": what_to_do},
        now=now,
    )


def by_id(conn: Connection, notice_id: int) -> StoredNotice:
    """Return a notice with its facts."""
    columns = notice.c.id, notice.c.kind, notice.c.audience, notice.c.facts, notice.c.created_at
    return StoredNotice(**conn.execute(select(*columns).where(notice.c.id == notice_id)).one()._mapping)

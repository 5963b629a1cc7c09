"""Provider events: an append-only log beside the ledger. The same one twice is one row (invariant 7)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from digest.delivery.events import (
    BOUNCE_BODY_DAYS,
    MAILBOX,
    RAW_DAYS,
    RAW_MAX_CHARS,
    EventKind,
    ProviderEvent,
)
from digest.delivery.states import DeliveryState
from digest.delivery.suppression import SETTLED_AFTER, Notice
from digest.store import dialect
from digest.store.tables import delivery, issue, notice, provider_event, subscriber


@dataclass(frozen=True, kw_only=True)
class Told:
    """The delivery an event is about, with what proves that it is."""

    id: int
    fence: int
    state: DeliveryState
    issue_id: int | None
    subscriber_id: int | None
    public_id: str  # the subscriber's; empty for the operator and typed addresses
    address: str  # where it went, but for test mode; empty once its reader was erased
    named: str  # the issue's name, or the notice's kind: part of its Message-ID
    sent_at: datetime | None  # its commit point by our own clock; None: it never got there
    test_mode: bool
    flagged: bool  # it may have arrived twice


def by_delivery(conn: Connection, delivery_id: int) -> Told | None:
    """Return a delivery as events need it, or None where there is none."""
    return _told(conn, delivery.c.id == delivery_id)


def by_provider_id(conn: Connection, provider: str, provider_id: str, address: str) -> Told | None:
    """Return the delivery to an address that a provider knows by this name, or None.

    Some providers give one name to all mails of a call, so the address is part of it; neither may be empty.
    """
    if not (provider_id and address):
        return None
    given = func.lower(func.coalesce(delivery.c.address, subscriber.c.email, ""))
    named = and_(delivery.c.provider == provider, delivery.c.provider_id == provider_id)
    return _told(conn, and_(named, or_(delivery.c.test_mode, given == address.strip().lower())))


def _told(conn: Connection, where: ColumnElement[bool]) -> Told | None:
    statement = (
        select(
            delivery.c.id,
            delivery.c.fence,
            delivery.c.state,
            delivery.c.issue_id,
            delivery.c.subscriber_id,
            func.coalesce(subscriber.c.public_id, "").label("public_id"),
            func.coalesce(delivery.c.address, subscriber.c.email, "").label("address"),
            func.coalesce(issue.c.name, notice.c.kind, "").label("named"),
            delivery.c.submitted_at.label("sent_at"),
            delivery.c.test_mode,
            delivery.c.possible_duplicate.label("flagged"),
        )
        .outerjoin(subscriber, subscriber.c.id == delivery.c.subscriber_id)
        .outerjoin(issue, issue.c.id == delivery.c.issue_id)
        .outerjoin(notice, notice.c.id == delivery.c.notice_id)
        .where(where)
        .limit(1)
        # Nothing becomes of it between this look and what follows from it.
        .with_for_update(of=delivery)
    )
    row = conn.execute(statement).one_or_none()
    return Told(**row._asdict() | {"state": DeliveryState(row.state)}) if row else None


def keep(conn: Connection, event: ProviderEvent, told: Told, *, now: datetime) -> bool:
    """Write an event down; return False where it was known."""
    row = {
        "provider": event.provider,
        "event_id": event.event_id,
        "kind": event.kind.value,
        "heard_at": now,
        "happened_at": event.at,
        "delivery_id": told.id,
        "subscriber_id": told.subscriber_id,
        "code": event.code[:20],
        "detail": event.detail,
        "raw": event.raw[:RAW_MAX_CHARS],
    }
    return bool(dialect.insert_or_ignore(conn, provider_event, [row]))


def notices_of(conn: Connection, subscriber_id: int, *, since: datetime | None) -> list[Notice]:
    """Return what was heard of a reader's mails that were handed over after ``since``, oldest first."""
    statement = (
        select(
            provider_event.c.kind,
            provider_event.c.code,
            provider_event.c.heard_at,
            func.coalesce(delivery.c.submitted_at, provider_event.c.heard_at).label("sent_at"),
        )
        .join(delivery, delivery.c.id == provider_event.c.delivery_id)
        .where(provider_event.c.subscriber_id == subscriber_id, delivery.c.test_mode.is_(False))
        .order_by(provider_event.c.heard_at, provider_event.c.id)
    )
    found = [
        Notice(kind=EventKind(row.kind), code=row.code, heard_at=row.heard_at, sent_at=row.sent_at)
        for row in conn.execute(statement)
    ]
    return [one for one in found if since is None or one.sent_at >= since]


_BAD = [EventKind.BOUNCED_HARD.value, EventKind.BOUNCED_SOFT.value, EventKind.REJECTED.value]


def arrived(conn: Connection, subscriber_id: int, *, now: datetime) -> list[datetime]:
    """Return when a reader's mails were handed over that nobody complained of within ``SETTLED_AFTER``."""
    bad = select(provider_event.c.delivery_id).where(
        provider_event.c.subscriber_id == subscriber_id, provider_event.c.kind.in_(_BAD)
    )
    statement = select(delivery.c.submitted_at).where(
        delivery.c.subscriber_id == subscriber_id,
        delivery.c.state == DeliveryState.ACCEPTED,
        delivery.c.test_mode.is_(False),
        delivery.c.submitted_at <= now - SETTLED_AFTER,
        delivery.c.id.not_in(bad),
    )
    return list(conn.execute(statement).scalars())


def count_of_issue(conn: Connection, issue_id: int, kinds: Collection[EventKind]) -> int:
    """Return of how many of an issue's mails something of these kinds was heard."""
    statement = (
        select(func.count(provider_event.c.delivery_id.distinct()))
        .join(delivery, delivery.c.id == provider_event.c.delivery_id)
        .where(delivery.c.issue_id == issue_id, provider_event.c.kind.in_([kind.value for kind in kinds]))
    )
    return int(conn.execute(statement).scalar_one())


def sent_of_issue(conn: Connection, issue_id: int) -> int:
    """Return how many of an issue's mails were handed over, or refused in the attempt."""
    past = [DeliveryState.ACCEPTED.value, DeliveryState.REJECTED.value]
    statement = select(func.count()).where(delivery.c.issue_id == issue_id, delivery.c.state.in_(past))
    return int(conn.execute(statement).scalar_one())


def counts(conn: Connection, *, since: datetime) -> dict[EventKind, int]:
    """Return how much of each kind was heard since then."""
    statement = (
        select(provider_event.c.kind, func.count())
        .where(provider_event.c.heard_at >= since)
        .group_by(provider_event.c.kind)
    )
    return {EventKind(kind): count for kind, count in conn.execute(statement)}


@dataclass(frozen=True, kw_only=True)
class PastMail:
    """One mail to a reader, and what became of it."""

    at: datetime  # its last change
    about: str  # the issue's name, or the notice's kind
    state: str
    code: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PastEvent:
    """One notice about a reader's mail."""

    at: datetime
    about: str
    kind: str
    provider: str
    code: str
    detail: str


_ABOUT = func.coalesce(issue.c.name, notice.c.kind, "").label("about")


def mails_of(conn: Connection, subscriber_id: int, limit: int) -> list[PastMail]:
    """Return a reader's newest mails, newest first."""
    statement = (
        select(
            delivery.c.updated_at.label("at"), _ABOUT, delivery.c.state, delivery.c.code, delivery.c.reason
        )
        .outerjoin(issue, issue.c.id == delivery.c.issue_id)
        .outerjoin(notice, notice.c.id == delivery.c.notice_id)
        .where(delivery.c.subscriber_id == subscriber_id)
        .order_by(delivery.c.id.desc())
        .limit(limit)
    )
    return [PastMail(**row._mapping) for row in conn.execute(statement)]


def events_of(conn: Connection, subscriber_id: int, limit: int) -> list[PastEvent]:
    """Return what was heard of a reader's mails last, newest first."""
    columns = (
        provider_event.c.kind,
        provider_event.c.provider,
        provider_event.c.code,
        provider_event.c.detail,
    )
    statement = (
        select(provider_event.c.heard_at.label("at"), _ABOUT, *columns)
        .join(delivery, delivery.c.id == provider_event.c.delivery_id)
        .outerjoin(issue, issue.c.id == delivery.c.issue_id)
        .outerjoin(notice, notice.c.id == delivery.c.notice_id)
        .where(provider_event.c.subscriber_id == subscriber_id)
        .order_by(provider_event.c.id.desc())
        .limit(limit)
    )
    return [PastEvent(**row._mapping) for row in conn.execute(statement)]


def forget_old(conn: Connection, now: datetime) -> int:
    """Forget the raw form of what was heard long ago; return of how many. The events stay."""
    return conn.execute(update(provider_event).where(_is_old(now)).values(raw="")).rowcount


def holds_old(conn: Connection, now: datetime) -> bool:
    """Return whether there is a raw form to forget."""
    return conn.execute(select(provider_event.c.id).where(_is_old(now)).limit(1)).first() is not None


def _is_old(now: datetime) -> ColumnElement[bool]:
    bodies = and_(
        provider_event.c.provider == MAILBOX,
        provider_event.c.heard_at <= now - timedelta(days=BOUNCE_BODY_DAYS),
    )
    return and_(
        provider_event.c.raw != "", or_(bodies, provider_event.c.heard_at <= now - timedelta(days=RAW_DAYS))
    )


def forget(conn: Connection, subscriber_id: int) -> None:
    """Forget what was heard of somebody in others' words: they asked to be forgotten."""
    mine = provider_event.c.subscriber_id == subscriber_id
    conn.execute(update(provider_event).where(mine).values(raw="", detail=""))

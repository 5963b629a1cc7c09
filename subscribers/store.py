"""People in the database: every statement about subscribers, consent and suppressions.

Every function takes a Connection and never begins or commits: the caller decides what belongs together.
Nothing here decides: ``lifecycle`` does. A status changes in ``apply`` only, together with its consent
record; a suppression is kept beside the person, by keyed hash, so that it survives erasing. Neighbours:
``digest.pipeline.readers`` acts through this module, ``digest.store`` joins its tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from subscribers.address import Address
from subscribers.errors import UnknownSubscriber
from subscribers.lifecycle import SUPPRESSES, Event, next_status
from subscribers.model import (
    Cadence,
    ConsentKind,
    ConsentRecord,
    Preferences,
    Status,
    Subscriber,
    SuppressionReason,
)
from subscribers.tables import consent_record, subscriber, suppression

# Which consent record an event leaves. A bounce is no word of the person; a complaint is one for leaving.
# A request is recorded by the caller, who knows what was shown.
_PROOF: Mapping[Event, ConsentKind] = {
    Event.CONFIRM: ConsentKind.CONFIRMED,
    Event.UNSUBSCRIBE: ConsentKind.UNSUBSCRIBED,
    Event.UNDO: ConsentKind.CONFIRMED,
    Event.COMPLAIN: ConsentKind.UNSUBSCRIBED,
    Event.ERASE: ConsentKind.ERASED,
    Event.IMPORT_PROVEN: ConsentKind.IMPORTED,
}


# --- Finding people --------------------------------------------------------------------------------


def by_id(conn: Connection, subscriber_id: int) -> Subscriber:
    """Return the subscriber with that number, erased ones too; raise UnknownSubscriber."""
    return _one(conn, select(subscriber).where(subscriber.c.id == subscriber_id))


def by_public_id(conn: Connection, public_id: str, *, lock: bool = False) -> Subscriber:
    """Return the subscriber a token names; raise UnknownSubscriber, for an erased one too.

    With ``lock`` the row stays ours until the transaction ends (SQLite locks the whole file anyway).
    """
    query = select(subscriber).where(subscriber.c.public_id == public_id)
    query = query.where(subscriber.c.status != Status.ERASED)
    return _one(conn, query.with_for_update() if lock else query)


def by_email(conn: Connection, key: str, *, lock: bool = False) -> Subscriber | None:
    """Return the subscriber with that address key, or None. Compared whole: no patterns."""
    query = select(subscriber).where(subscriber.c.email_key == key)
    row = conn.execute(query.with_for_update() if lock else query).one_or_none()
    return _subscriber(row) if row else None


def listing(
    conn: Connection,
    *,
    status: Status | None = None,
    cadence: Cadence | None = None,
    contains: str = "",
    after_id: int = 0,
    limit: int = 50,
) -> list[Subscriber]:
    """Return subscribers in the order they came, after ``after_id``; ``contains`` looks in addresses."""
    wanted: list[ColumnElement[bool]] = [subscriber.c.id > after_id]
    if status:
        wanted.append(subscriber.c.status == status)
    if cadence:
        wanted.append(subscriber.c.cadence == cadence)
    if contains:
        wanted.append(subscriber.c.email_key.contains(contains.lower(), autoescape=True))
    query = select(subscriber).where(and_(*wanted)).order_by(subscriber.c.id).limit(limit)
    return [_subscriber(row) for row in conn.execute(query)]


def audience_page(
    conn: Connection, cadence: Cadence, after_id: int, limit: int, now: datetime
) -> list[Subscriber]:
    """Return the next confirmed readers of a cadence who are not paused now, in order of id.

    Suppressed people are not confirmed (every suppression moves the status too), so one look is enough.
    """
    query = (
        select(subscriber)
        .where(
            subscriber.c.status == Status.CONFIRMED,
            subscriber.c.cadence == cadence,
            subscriber.c.id > after_id,
            or_(subscriber.c.paused_until.is_(None), subscriber.c.paused_until <= now),
        )
        .order_by(subscriber.c.id)
        .limit(limit)
    )
    return [_subscriber(row) for row in conn.execute(query)]


def count_by_status(conn: Connection) -> dict[Status, int]:
    """Return how many people stand where; every status is there, with 0 if need be."""
    query = select(subscriber.c.status, func.count()).group_by(subscriber.c.status)
    return dict.fromkeys(Status, 0) | {Status(status): count for status, count in conn.execute(query)}


# --- Changing people -------------------------------------------------------------------------------


def add(
    conn: Connection,
    *,
    public_id: str,
    address: Address,
    preferences: Preferences,
    now: datetime,
    name: str = "",
) -> Subscriber:
    """Return the subscriber with that address: a new pending one, or whoever had it already.

    Two requests at the same moment get the same row. No consent record is written: the caller knows
    what was asked for, and how.
    """
    values = {
        "public_id": public_id,
        "email": address.email,
        "email_key": address.key,
        "name": name,
        "status": Status.PENDING,
        "created_at": now,
        "updated_at": now,
    } | _preference_columns(preferences)
    insert = _insert(conn, subscriber).values(values)
    conn.execute(insert.on_conflict_do_nothing(index_elements=["email_key"]))
    found = by_email(conn, address.key, lock=True)
    assert found is not None, "the row was there a statement ago, and nobody deletes subscribers"
    return found


def apply(
    conn: Connection, person: Subscriber, event: Event, *, now: datetime, source: str, detail: str = ""
) -> Subscriber:
    """Make what happened true, and return the subscriber as it now is.

    The new status comes from ``lifecycle``. A consent record is appended only when the status changes,
    so the same event twice changes nothing the second time. An event of ``lifecycle.SUPPRESSES`` goes
    through ``bar``.
    """
    status = next_status(person.status, event).status
    if status is person.status:
        return person
    values: dict[str, Any] = {"status": status, "updated_at": now}
    if event in (Event.CONFIRM, Event.IMPORT_PROVEN):
        values["confirmed_at"] = now
    if status is Status.ERASED:
        values |= {"email": None, "email_key": None, "name": "", "language": "", "themes": []}
    conn.execute(update(subscriber).where(subscriber.c.id == person.id).values(values))
    if event in _PROOF:
        append_consent(conn, person.id, _PROOF[event], now=now, source=source, detail=detail)
    return by_id(conn, person.id)


def bar(
    conn: Connection, person: Subscriber, event: Event, *, address_hash: str, now: datetime, source: str
) -> Subscriber:
    """Apply a bounce, a complaint or an erasure, and suppress the address with it."""
    suppress(conn, address_hash, SUPPRESSES[event], now=now, source=source)
    return apply(conn, person, event, now=now, source=source)


def change_preferences(
    conn: Connection, person: Subscriber, preferences: Preferences, *, now: datetime
) -> Subscriber:
    """Store what the person wants now and return the subscriber; writes no consent record."""
    values = _preference_columns(preferences) | {"updated_at": now}
    conn.execute(update(subscriber).where(subscriber.c.id == person.id).values(values))
    return by_id(conn, person.id)


# --- Consent ---------------------------------------------------------------------------------------


def append_consent(
    conn: Connection, subscriber_id: int, kind: ConsentKind, *, now: datetime, source: str, detail: str = ""
) -> None:
    """Add one line to the proof of consent. Lines are never changed or removed (invariant 6)."""
    values = {"subscriber_id": subscriber_id, "kind": kind, "at": now, "source": source, "detail": detail}
    conn.execute(consent_record.insert().values(values))


def consent(conn: Connection, subscriber_id: int) -> tuple[ConsentRecord, ...]:
    """Return the proof of consent of one person, oldest line first."""
    query = select(consent_record).where(consent_record.c.subscriber_id == subscriber_id)
    return tuple(_consent(row) for row in conn.execute(query.order_by(consent_record.c.id)))


def last_word(conn: Connection, subscriber_id: int) -> ConsentRecord | None:
    """Return a person's newest record of confirming or leaving: what they want, whoever asked since."""
    words = [kind.value for kind in (ConsentKind.CONFIRMED, ConsentKind.UNSUBSCRIBED)]
    query = select(consent_record).where(
        consent_record.c.subscriber_id == subscriber_id, consent_record.c.kind.in_(words)
    )
    row = conn.execute(query.order_by(consent_record.c.id.desc()).limit(1)).one_or_none()
    return _consent(row) if row else None


def requests_since(conn: Connection, subscriber_id: int, since: datetime) -> int:
    """Return how often mail was asked for in a person's name since then."""
    query = select(func.count()).where(
        consent_record.c.subscriber_id == subscriber_id,
        consent_record.c.kind == ConsentKind.REQUESTED,
        consent_record.c.at >= since,
    )
    return int(conn.execute(query).scalar_one())


# --- Suppressions ----------------------------------------------------------------------------------


def suppress(
    conn: Connection, address_hash: str, reason: SuppressionReason, *, now: datetime, source: str
) -> None:
    """Forbid all mail of issues to an address. The first reason stands, but an operator's replaces it.

    A suppression must move the person's status too: call ``apply`` in the same transaction.
    """
    row = {"address_hash": address_hash, "reason": reason, "at": now, "source": source}
    insert = _insert(conn, suppression).values(row)
    if reason is SuppressionReason.MANUAL:
        conn.execute(insert.on_conflict_do_update(index_elements=["address_hash"], set_=row))
    else:
        conn.execute(insert.on_conflict_do_nothing(index_elements=["address_hash"]))


def suppression_of(conn: Connection, address_hash: str) -> SuppressionReason | None:
    """Return why an address must not be mailed, or None when it may."""
    query = select(suppression.c.reason).where(suppression.c.address_hash == address_hash)
    reason = conn.execute(query).scalar_one_or_none()
    return SuppressionReason(reason) if reason else None


def is_suppressed(conn: Connection, address_hash: str) -> bool:
    """Return whether an address must not be mailed."""
    return suppression_of(conn, address_hash) is not None


def lift(conn: Connection, address_hash: str) -> None:
    """Allow mail to an address again. Whether that may be is ``lifecycle.yields_to_reader``'s to say."""
    conn.execute(delete(suppression).where(suppression.c.address_hash == address_hash))


# --- Rows ------------------------------------------------------------------------------------------


def _insert(conn: Connection, table: Any) -> Any:
    """Return an INSERT that knows ON CONFLICT: each dialect has its own class for it."""
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def _one(conn: Connection, query: Select[Any]) -> Subscriber:
    row = conn.execute(query).one_or_none()
    if row is None:
        raise UnknownSubscriber("There is no such reader.")
    return _subscriber(row)


def _preference_columns(preferences: Preferences) -> dict[str, Any]:
    return {
        "cadence": preferences.cadence,
        "themes": sorted(preferences.themes),
        "language": preferences.language,
        "paused_until": preferences.paused_until,
    }


def _consent(row: Row[Any]) -> ConsentRecord:
    return ConsentRecord(kind=ConsentKind(row.kind), at=row.at, source=row.source, detail=row.detail)


def _subscriber(row: Row[Any]) -> Subscriber:
    return Subscriber(
        id=row.id,
        public_id=row.public_id,
        email=row.email or "",
        name=row.name,
        status=Status(row.status),
        preferences=Preferences(
            cadence=Cadence(row.cadence),
            themes=frozenset(row.themes),
            language=row.language,
            paused_until=row.paused_until,
        ),
        created_at=row.created_at,
        confirmed_at=row.confirmed_at,
    )

"""Deliveries whose reply was lost and whose backend can be asked: which are due, and what was handed over."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, select, update

from digest.delivery.states import DeliveryState
from digest.store import claims
from digest.store.claims import Claim
from digest.store.deliveries import Stray
from digest.store.tables import delivery


@dataclass(frozen=True, kw_only=True)
class StoredDoubt:
    """One doubtful delivery, with what is known of its last attempt."""

    stray: Stray
    chunk: str  # the key of the call it was in
    sent_hash: str  # SHA-256 of the mail
    test_mode: bool
    submitted_at: datetime


def keep_chunk(conn: Connection, ids: Collection[int], chunk: str) -> None:
    """Write under which key these deliveries go out together: before the first byte does."""
    conn.execute(update(delivery).where(delivery.c.id.in_(ids)).values(chunk=chunk))


def due(conn: Connection, *, provider: str, within: timedelta, now: datetime) -> list[StoredDoubt]:
    """Return up to 500 doubtful deliveries of a backend that are due to be asked about, oldest first."""
    statement = (
        select(delivery)
        .where(_in_doubt(provider, within, now), delivery.c.not_before <= now)
        .order_by(delivery.c.id)
        .limit(500)
    )
    return [
        StoredDoubt(
            stray=Stray(
                id=row.id,
                fence=row.fence,
                state=DeliveryState.UNCERTAIN,
                crashes=row.crashes,
                doubts=row.doubts,
                provider=row.provider,
                submitted_at=row.submitted_at,
            ),
            chunk=row.chunk,
            sent_hash=row.sent_hash,
            test_mode=row.test_mode,
            submitted_at=row.submitted_at,
        )
        for row in conn.execute(statement)
    ]


def claims_of(conn: Connection, doubts: Sequence[StoredDoubt]) -> dict[int, Claim]:
    """Return what makes the mail of each delivery, by id."""
    return {found.id: found for found in claims.held(conn, [doubt.stray.id for doubt in doubts])}


def ask_again(conn: Connection, stray: Stray, not_before: datetime) -> None:
    """Put the next question about a doubtful delivery off."""
    mine = delivery.c.id == stray.id, delivery.c.fence == stray.fence
    still = delivery.c.state == DeliveryState.UNCERTAIN
    conn.execute(update(delivery).where(*mine, still).values(not_before=not_before))


def _in_doubt(provider: str, within: timedelta, now: datetime) -> ColumnElement[bool]:
    uncertain = delivery.c.state == DeliveryState.UNCERTAIN
    return uncertain & (delivery.c.provider == provider) & (delivery.c.submitted_at > now - within)

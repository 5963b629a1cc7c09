"""The commit points of several connections, and the mails accepted since theirs, in one transaction.

The statements that every group costs. They are built once, and name every delivery with its fence, so that a
sender that lost its claim changes nothing. Neighbours: ``pipeline.commits`` calls them, ``deliveries``
does everything that happens to few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, Connection, Integer, String, bindparam, select, tuple_, update

from digest.delivery.states import DeliveryState, Event, next_state
from digest.store import deliveries, dialect
from digest.store.claims import Claim
from digest.store.eligibility import eligible, still_wanted
from digest.store.tables import delivery, subscriber
from subscribers.tables import Instant

_NOW = bindparam("now", type_=Instant())


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """A mail that the next system took responsibility for."""

    claim: Claim
    code: str  # reply code and enhanced status, at most 40 characters
    detail: str
    provider_id: str  # the next system's own name for it


_COMMIT = (
    update(delivery)
    .where(
        delivery.c.id.in_(bindparam("ids", expanding=True)),  # finds the rows; the pairs only tell them apart
        tuple_(delivery.c.id, delivery.c.fence).in_(bindparam("held", expanding=True)),
        delivery.c.state == DeliveryState.CLAIMED,
        still_wanted(_NOW),
        eligible(_NOW),
    )
    .values(
        state=next_state(DeliveryState.CLAIMED, Event.COMMIT),
        attempts=delivery.c.attempts + 1,
        committed_at=bindparam("clock", type_=Instant()),
        submitted_at=_NOW,
        sent_hash="",
        provider=bindparam("by", type_=String()),
        test_mode=bindparam("in_test_mode", type_=Boolean()),
        updated_at=_NOW,
    )
    .returning(delivery.c.id)
)
_LOOK_AT_READERS = (
    select(subscriber.c.id)
    .where(subscriber.c.id.in_(bindparam("readers", expanding=True)))
    .order_by(subscriber.c.id)
    .with_for_update(read=True)
)


def commit(
    conn: Connection, held: Sequence[Claim], *, provider: str, test_mode: bool, now: datetime
) -> frozenset[int]:
    """The commit point: return which of these may still be sent, and write that they are being sent.

    One statement checks the fence, the deadline, the issue and the reader's consent, so that whatever was
    committed before it wins. The caller's transaction must be durable before the first final dot. Until it
    is, nobody can leave (SQLite has one writer; PostgreSQL locks the readers looked at): so no consent is
    withdrawn between this look and the end of the transaction.
    """
    if not held:
        return frozenset()
    if conn.dialect.name == "postgresql":
        readers = [claim.subscriber_id for claim in held if claim.subscriber_id is not None]
        conn.execute(_LOOK_AT_READERS, {"readers": readers})
    values = {
        "ids": [claim.id for claim in held],
        "held": [(claim.id, claim.fence) for claim in held],
        "now": now,
        "clock": dialect.lease_clock(conn, now),
        "by": provider,
        "in_test_mode": test_mode,
    }
    return frozenset(conn.execute(_COMMIT, values).scalars())


_ACCEPT = (
    update(delivery)
    .where(
        delivery.c.id == bindparam("held_id", type_=Integer()),
        delivery.c.fence == bindparam("held_fence", type_=Integer()),
        delivery.c.state == DeliveryState.COMMITTING,
    )
    .values(
        state=next_state(DeliveryState.COMMITTING, Event.ACCEPT),
        reason=bindparam("why", type_=String()),
        code=bindparam("reply", type_=String()),
        provider_id=bindparam("their_name", type_=String()),
        updated_at=_NOW,
    )
)


def keep_hashes(conn: Connection, hashes: Mapping[int, str]) -> None:
    """Keep the SHA-256 of mails whose backend can be asked about them later."""
    if hashes:
        rows = [{"of": id_, "hash": sha256} for id_, sha256 in hashes.items()]
        conn.execute(_KEEP_HASH, rows)


_KEEP_HASH = (
    update(delivery)
    .where(delivery.c.id == bindparam("of", type_=Integer()))
    .values(sent_hash=bindparam("hash", type_=String()))
)


def accept(conn: Connection, taken: Sequence[Accepted], *, now: datetime) -> frozenset[int]:
    """Write down mails that were accepted; return the ids of those whose fence was still good.

    Usually all are: then it is one statement. Where one is not, each is carried on by itself, so that a reply
    that comes after a sweep took the delivery for doubtful still counts.
    """
    if not taken:
        return frozenset()
    rows = [
        {
            "held_id": one.claim.id,
            "held_fence": one.claim.fence,
            "why": one.detail,
            "reply": one.code,
            "their_name": one.provider_id,
            "now": now,
        }
        for one in taken
    ]
    written = conn.execute(_ACCEPT, rows).rowcount
    if written == len(taken):
        return frozenset(one.claim.id for one in taken)
    return frozenset(one.claim.id for one in taken if _is_accepted(conn, one, now))


def _is_accepted(conn: Connection, one: Accepted, now: datetime) -> bool:
    """Return whether it is written as accepted, by the one statement or now by itself."""
    mine = (delivery.c.id == one.claim.id, delivery.c.fence == one.claim.fence)
    state = conn.execute(select(delivery.c.state).where(*mine)).scalar_one_or_none()
    if state is None or state == DeliveryState.ACCEPTED:
        return state is not None
    changes = {"code": one.code, "provider_id": one.provider_id}
    return deliveries.happened(conn, one.claim, Event.ACCEPT, now=now, reason=one.detail, **changes)

"""Who has had what: ``progress`` and ``owed``. The rules are in ``delivery.plan``; this only keeps them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, func, select

from digest.delivery.plan import confirmed_through
from digest.store import dialect
from digest.store.tables import owed, progress, subscriber
from subscribers.model import Cadence


def had_through(conn: Connection, subscriber_ids: Sequence[int]) -> dict[int, int]:
    """Return the newest number each has had; readers without a row have had nothing."""
    statement = select(progress).where(progress.c.subscriber_id.in_(list(subscriber_ids)))
    return {row.subscriber_id: row.had_through for row in conn.execute(statement)}


def owed_numbers(conn: Connection, subscriber_ids: Sequence[int]) -> dict[int, frozenset[int]]:
    """Return the older numbers each is still owed."""
    found: dict[int, set[int]] = defaultdict(set)
    for row in conn.execute(select(owed).where(owed.c.subscriber_id.in_(list(subscriber_ids)))):
        found[row.subscriber_id].add(row.number)
    return {subscriber_id: frozenset(numbers) for subscriber_id, numbers in found.items()}


def owed_on_cadence(conn: Connection, cadence: Cadence, cutoff: int) -> frozenset[int]:
    """Return every number up to the cutoff that is owed to some reader of the cadence."""
    statement = (
        select(owed.c.number)
        .distinct()
        .join(subscriber, subscriber.c.id == owed.c.subscriber_id)
        .where(subscriber.c.cadence == cadence, owed.c.number <= cutoff)
    )
    return frozenset(conn.execute(statement).scalars())


def advance(conn: Connection, subscriber_id: int, through: int) -> None:
    """Move a reader's mark; it never moves back (rule f)."""
    own = had_through(conn, [subscriber_id]).get(subscriber_id, 0)
    row = {"subscriber_id": subscriber_id, "had_through": max(own, through)}
    dialect.upsert(conn, progress, row, key=["subscriber_id"])


def pay(conn: Connection, subscriber_id: int, numbers: Iterable[int]) -> None:
    """Delete the owed rows that a mail settles."""
    conn.execute(delete(owed).where(owed.c.subscriber_id == subscriber_id, owed.c.number.in_(list(numbers))))


def owe(conn: Connection, subscriber_id: int, numbers: Iterable[int]) -> None:
    """Write down numbers that a reader still has to get."""
    rows = [{"subscriber_id": subscriber_id, "number": number} for number in numbers]
    dialect.insert_or_ignore(conn, owed, rows)


def start_from(conn: Connection, subscriber_id: int, last_cutoff: int) -> None:
    """Put a reader who has just confirmed at the end of the last issue of the cadence (rule c)."""
    own = had_through(conn, [subscriber_id]).get(subscriber_id, 0)
    advance(conn, subscriber_id, confirmed_through(own, last_cutoff))
    conn.execute(delete(owed).where(owed.c.subscriber_id == subscriber_id))


def total_owed(conn: Connection) -> int:
    """Return how many owed rows there are."""
    return conn.execute(select(func.count()).select_from(owed)).scalar_one()

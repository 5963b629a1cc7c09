"""Who has had what: ``progress`` and ``owed``. The rules are in ``delivery.plan``; this only keeps them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, delete, exists, func, or_, select

from digest.delivery.plan import confirmed_through
from digest.model import IssueKind
from digest.store import dialect, issues
from digest.store.tables import owed, progress, subscriber
from subscribers.model import Cadence, Status


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


@dataclass(frozen=True, kw_only=True)
class Behind:
    """Whether a cadence has readers, and whether some of them have something coming."""

    any: bool
    behind: bool


def readers_behind(conn: Connection, cadence: Cadence, cutoff: int, now: datetime) -> Behind:
    """Return whether an issue of this cadence would go to somebody, and whether they had it all.

    The first reader found answers each question: nobody has to be counted.
    """
    owes = exists().where(owed.c.subscriber_id == subscriber.c.id, owed.c.number <= cutoff)
    behind = or_(func.coalesce(progress.c.had_through, 0) < cutoff, owes)
    reached = (
        select(subscriber.c.id)
        .select_from(subscriber.outerjoin(progress, progress.c.subscriber_id == subscriber.c.id))
        .where(
            subscriber.c.status == Status.CONFIRMED,
            subscriber.c.cadence == cadence,
            or_(subscriber.c.paused_until.is_(None), subscriber.c.paused_until <= now),
        )
        .limit(1)
    )
    somebody, waiting = (conn.execute(one).first() for one in (reached, reached.where(behind)))
    return Behind(any=somebody is not None, behind=waiting is not None)


def advance(conn: Connection, marks: Mapping[int, int]) -> None:
    """Move readers' marks (subscriber id → number); a mark never moves back (rule f)."""
    if not marks:
        return
    statement = dialect.insert(conn, progress)
    newer = case(
        (statement.excluded.had_through > progress.c.had_through, statement.excluded.had_through),
        else_=progress.c.had_through,
    )
    rows = [{"subscriber_id": reader, "had_through": through} for reader, through in marks.items()]
    conn.execute(
        statement.on_conflict_do_update(index_elements=["subscriber_id"], set_={"had_through": newer}), rows
    )


def pay(conn: Connection, subscriber_id: int, numbers: Iterable[int]) -> None:
    """Delete the owed rows that a mail settles."""
    conn.execute(delete(owed).where(owed.c.subscriber_id == subscriber_id, owed.c.number.in_(list(numbers))))


def owe(conn: Connection, subscriber_id: int, numbers: Iterable[int]) -> None:
    """Write down numbers that a reader still has to get."""
    rows = [{"subscriber_id": subscriber_id, "number": number} for number in numbers]
    dialect.insert_or_ignore(conn, owed, rows)


def hand_on(conn: Connection, before: int, after: int) -> None:
    """Give one subscriber's mark and what they are owed to another, who is the same person."""
    advance(conn, {after: had_through(conn, [before]).get(before, 0)})
    owe(conn, after, owed_numbers(conn, [before]).get(before, ()))
    conn.execute(delete(owed).where(owed.c.subscriber_id == before))


def start_from(conn: Connection, subscriber_id: int, last_cutoff: int) -> None:
    """Put a reader who has just confirmed at the end of the last issue of the cadence (rule c)."""
    own = had_through(conn, [subscriber_id]).get(subscriber_id, 0)
    advance(conn, {subscriber_id: confirmed_through(own, last_cutoff)})
    conn.execute(delete(owed).where(owed.c.subscriber_id == subscriber_id))


def start_from_last_issue(conn: Connection, subscriber_id: int, cadence: Cadence) -> None:
    """Put somebody who has just confirmed at the end of the last issue of the cadence (rule c)."""
    start_from(conn, subscriber_id, issues.last_cutoff(conn, IssueKind(cadence.value)))

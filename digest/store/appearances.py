"""Where a post has been: the issues that took it, and what became of their mails. Reads only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, or_, select

from digest.delivery.issue_states import IssueState
from digest.delivery.states import DeliveryState
from digest.model import IssueKind
from digest.store.tables import delivery, issue, segment, subscriber
from subscribers.model import Cadence, Status

HAD = (DeliveryState.ACCEPTED, DeliveryState.UNCERTAIN)
"""States of a mail whose reader has it, or may have it."""


@dataclass(frozen=True, kw_only=True)
class Appearance:
    """One issue whose turn it was to carry a post."""

    issue: str  # its public name
    kind: IssueKind
    state: IssueState
    reason: str  # why the issue ended without mail; empty otherwise
    due_at: datetime
    readers: dict[DeliveryState, int]  # whose mail holds the post, by what became of it; empty: nobody's

    @property
    def had(self) -> int:
        """How many readers have the post from this issue, or may have it."""
        return sum(self.readers.get(state, 0) for state in HAD)


def of_number(conn: Connection, number: int) -> list[Appearance]:
    """Return the issues that carried a post to somebody, or had their turn to, oldest first.

    An issue has its turn when it is the first of its kind that reaches the number. Later ones carry it too
    where it was owed.
    """
    carried = _segments(conn, number)
    turns = _turns(conn, number)
    wanted = sorted(carried.keys() | turns)
    rows = conn.execute(select(issue).where(issue.c.id.in_(wanted)).order_by(issue.c.id)).all()
    return [
        Appearance(
            issue=row.name,
            kind=IssueKind(row.kind),
            state=IssueState(row.state),
            reason=row.reason,
            due_at=row.due_at,
            readers=_readers(conn, carried.get(row.id, [])),
        )
        for row in rows
    ]


def _segments(conn: Connection, number: int) -> dict[int, list[int]]:
    """Return issue id → the segments whose readers get the post."""
    statement = (
        select(segment.c.id, segment.c.issue_id, segment.c.numbers)
        .join(issue, issue.c.id == segment.c.issue_id)
        .where(or_(issue.c.cutoff >= number, issue.c.kind == IssueKind.TEST))
    )
    found: dict[int, list[int]] = defaultdict(list)
    for row in conn.execute(statement):
        if number in row.numbers:
            found[row.issue_id].append(row.id)
    return found


def _turns(conn: Connection, number: int) -> set[int]:
    """Return the first issue of each kind that reaches the number."""
    statement = (
        select(func.min(issue.c.id))
        .where(issue.c.kind.in_(list(Cadence)), issue.c.cutoff >= number)
        .group_by(issue.c.kind)
    )
    return set(conn.execute(statement).scalars())


def _readers(conn: Connection, segments: list[int]) -> dict[DeliveryState, int]:
    statement = (
        select(delivery.c.state, func.count())
        .where(delivery.c.segment_id.in_(segments))
        .group_by(delivery.c.state)
    )
    return {DeliveryState(state): count for state, count in conn.execute(statement)} if segments else {}


@dataclass(frozen=True, kw_only=True)
class PastReader:
    """A reader who has had a post and may still be mailed."""

    id: int
    email: str
    themes: frozenset[str]
    language: str


def readers_who_had(
    conn: Connection, number: int, *, cadence: Cadence | None, now: datetime
) -> list[PastReader]:
    """Return the confirmed, unpaused readers who have had a post in an issue, by id; tests do not count.

    ``cadence`` keeps those who are on it now.
    """
    carried = _segments(conn, number)
    tests = set(conn.execute(select(issue.c.id).where(issue.c.kind == IssueKind.TEST)).scalars())
    segments = [found for issue_id, some in carried.items() if issue_id not in tests for found in some]
    if not segments:
        return []
    had = select(delivery.c.subscriber_id).where(
        delivery.c.segment_id.in_(segments), delivery.c.state.in_([state.value for state in HAD])
    )
    statement = (
        select(subscriber.c.id, subscriber.c.email, subscriber.c.themes, subscriber.c.language)
        .where(
            subscriber.c.id.in_(had),
            subscriber.c.status == Status.CONFIRMED,
            or_(subscriber.c.paused_until.is_(None), subscriber.c.paused_until <= now),
        )
        .order_by(subscriber.c.id)
    )
    if cadence is not None:
        statement = statement.where(subscriber.c.cadence == cadence)
    return [
        PastReader(id=row.id, email=row.email, themes=frozenset(row.themes), language=row.language)
        for row in conn.execute(statement)
    ]

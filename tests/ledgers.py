"""Readers and frozen issues written straight into the ledger, for tests of what happens to deliveries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from itertools import count
from typing import Any

from sqlalchemy import select, update

from digest.app import App
from digest.delivery.issue_states import IssueState
from digest.delivery.lanes import lane_of
from digest.delivery.states import DeliveryState
from digest.errors import BackendUnavailable
from digest.model import IssueKind, Message, Outcome, OutcomeKind, Rendering
from digest.pipeline.freeze import segment
from digest.providers.base import Commit
from digest.store import claims, commit_points, deliveries, dialect, issues, progress
from digest.store import tables as t
from digest.store.claims import Claim
from digest.store.issues import StoredIssue
from subscribers import store as people
from subscribers.address import parse
from subscribers.lifecycle import Event
from subscribers.model import Preferences, Subscriber

_names = count(1)

RENDERING = Rendering(subject="Two posts", html="<p>Two posts</p>", text="Two posts\n", nonce="0" * 16)


def a_reader(app: App, address: str = "", **preferences: Any) -> Subscriber:
    """Return a new confirmed reader, to whom no notice was queued."""
    number = next(_names)
    with app.database.transaction() as conn:
        person = people.add(
            conn,
            public_id=f"{number:016x}",
            address=parse(address or f"reader-{number}@reader.example", allow_reserved=True),
            preferences=Preferences(**preferences),
            now=app.clock(),
        )
        return people.apply(conn, person, Event.IMPORT_PROVEN, now=app.clock(), source="test")


def an_issue(
    app: App,
    readers: Sequence[Subscriber],
    *,
    numbers: tuple[int, ...] = (1, 2),
    kind: IssueKind = IssueKind.WEEKLY,
    good_for: timedelta = timedelta(days=5),
) -> StoredIssue:
    """Return a new issue as the freeze leaves it: sending, with one queued delivery per reader."""
    now = app.clock()
    with app.database.transaction() as conn:
        made = issues.start(
            conn, name=f"issue-{next(_names)}", kind=kind, cutoff=max(numbers), due_at=now, now=now
        )
        assert made is not None
        same = segment(conn, made.id, numbers, "en")
        issues.keep_rendering(conn, same, RENDERING, renderer="1", now=now)
        rows = [
            {
                "issue_id": made.id,
                "segment_id": same,
                "subscriber_id": reader.id,
                "lane": lane_of(reader.email),
                "deadline": now + good_for,
            }
            for reader in readers
        ]
        deliveries.add(conn, rows, now=now)
        issues.approve(conn, made.id, "", now)
        issues.move(conn, made.id, IssueState.FREEZING)
        issues.move(conn, made.id, IssueState.SENDING, frozen_at=now, expected=len(rows))
        return issues.by_id(conn, made.id)


def claim(app: App, limit: int = 100, owner: str = "node") -> list[Claim]:
    """Claim in a transaction of its own."""
    with app.database.transaction() as conn:
        return claims.claim(conn, owner=owner, limit=limit, now=app.clock())


def commit(app: App, held: Claim) -> bool:
    """Pass the commit point in a transaction of its own."""
    with app.database.transaction() as conn:
        allowed = commit_points.commit(conn, [held], provider="test", test_mode=False, now=app.clock())
        return held.id in allowed


def go_silent(app: App, delivery_id: int) -> None:
    """Let so much time pass that the sender of a delivery counts as dead, by whichever clock leases use."""
    with app.database.transaction() as conn:
        clock = dialect.lease_clock(conn, app.clock())
        long_ago = clock - deliveries.DOUBT_AFTER - timedelta(seconds=1)
        row = conn.execute(select(t.delivery).where(t.delivery.c.id == delivery_id)).one()
        changes: dict[str, Any] = {"lease_until": long_ago}
        if row.committed_at is not None:
            changes["committed_at"] = long_ago
        conn.execute(update(t.delivery).where(t.delivery.c.id == delivery_id).values(**changes))


def rows(app: App) -> list[Any]:
    """Return every delivery as it is stored, oldest first."""
    with app.database.read() as conn:
        return list(conn.execute(select(t.delivery).order_by(t.delivery.c.id)))


def states(app: App) -> list[DeliveryState]:
    """Return the state of every delivery, oldest first."""
    return [DeliveryState(row.state) for row in rows(app)]


def owed(app: App, reader: Subscriber) -> frozenset[int]:
    """Return what a reader is owed."""
    with app.database.read() as conn:
        return progress.owed_numbers(conn, [reader.id]).get(reader.id, frozenset())


class ScriptedBackend:
    """A far side that answers by script: the kind of each outcome, or BackendUnavailable where it is None.

    Every answer comes after the commit point.
    """

    name = "scripted"
    batch_size = 1

    def __init__(
        self,
        answer: Callable[[Message], OutcomeKind | None],
        *,
        before_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self._answer = answer
        self._before_commit = before_commit
        self.handed_over: list[int] = []

    def hand_over(self, batch: Sequence[Message], commit: Commit) -> Iterator[Outcome]:
        for message in batch:
            kind = self._answer(message)
            if kind is None:
                raise BackendUnavailable("The mail server is out.")
            self._before_commit()
            if message.delivery_id in commit([message.delivery_id]):
                self.handed_over.append(message.delivery_id)
            else:
                kind = OutcomeKind.WITHDRAWN
            yield Outcome(delivery_id=message.delivery_id, kind=kind)

    def close(self) -> None:
        pass

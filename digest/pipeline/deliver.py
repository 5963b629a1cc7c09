"""Handing over: claim, finish the message, commit, send, record; on several connections at once.

    claim a few (fence + 1, lease) → message → backend … commit point … backend → outcome → next state

Nobody is skipped: a delivery leaves the queue only by a row of ``delivery.states``. Nobody gets two without
a flag: from the commit point on, a lost reply is a doubt, and the sweep of the next run finds it. While
``delivery.breaker`` is open nothing is claimed. Each connection has a ``sender`` of its own, in a thread.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import structlog
from sqlalchemy import Connection

from digest.delivery.issue_states import IssueState, settled
from digest.pipeline.commits import Commits
from digest.pipeline.press import Press
from digest.pipeline.sender import Delivered, Sender
from digest.pipeline.tools import Tools
from digest.store import breaker as stored
from digest.store import deliveries, installation, issues
from digest.store.issues import StoredIssue

log = structlog.get_logger()


def deliver(tools: Tools, *, only: int | None = None) -> Delivered:
    """Send everything that can be sent now; return when nothing is left, or nothing can be sent.

    With ``only``, the delivery of that id and no other.
    """
    done = Delivered()
    with tools.db.read() as conn:
        live = installation.is_live(conn)
        waiting = deliveries.waiting(conn, tools.clock(), only=only)
        waits = stored.read(conn).is_open(tools.clock())
    if waiting and not waits:
        _send_all(tools, done, live=live, only=only, senders=min(tools.workers, waiting))
    if waiting:
        _tell_wait(tools, done)
    settle(tools, tools.clock())
    return done


def _send_all(tools: Tools, done: Delivered, *, live: bool, only: int | None, senders: int) -> None:
    press = Press(tools, live=live)
    backends = [tools.backend() for _ in range(senders)]
    commits = Commits(tools, provider=backends[0].name, live=live, senders=senders)
    with ThreadPoolExecutor(max_workers=senders, thread_name_prefix="sender") as pool:
        runs = [
            pool.submit(
                Sender(
                    tools,
                    press,
                    commits,
                    done,
                    backend=backend,
                    owner=f"{tools.owner}-{number}",
                    only=only,
                ).run
            )
            for number, backend in enumerate(backends)
        ]
    for run in runs:
        run.result()  # a defect of ours is raised here, in the open


def _tell_wait(tools: Tools, done: Delivered) -> None:
    """Say until when all mail waits, if it does."""
    with tools.db.read() as conn:
        breaker = stored.read(conn)
    if breaker.until is not None and breaker.is_open(tools.clock()):
        done.stopped(
            f"mail waits until {breaker.until:%Y-%m-%d %H:%M} UTC: {breaker.why}. "
            "`digest resume` tries at once"
        )


def settle(tools: Tools, now: datetime) -> None:
    """End the issues whose every delivery is final (promise P1)."""
    with tools.db.read() as conn:
        if not _ended(conn):
            return
    with tools.db.transaction() as conn:
        for issue, state in _ended(conn):
            issues.move(conn, issue.id, state, ended_at=now)
            log.info("issue.ended", issue=issue.name, state=state.value, expected=issue.expected)


def _ended(conn: Connection) -> list[tuple[StoredIssue, IssueState]]:
    """Return the issues that have come to an end, each with the state it ends in."""
    ended: list[tuple[StoredIssue, IssueState]] = []
    for issue in issues.in_states(conn, {IssueState.SENDING, IssueState.DONE_WITH_HOLDS}):
        assert issue.expected is not None, "an issue is sent after its freeze"
        state = settled(deliveries.counts(conn, issue.id), issue.expected)
        if state is not issue.state and state is not IssueState.SENDING:
            ended.append((issue, state))
    return ended

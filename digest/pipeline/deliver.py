"""A delivery run: everything that can be sent now, on several connections at once, and the end of issues.

Nobody is skipped: a delivery leaves the queue only by a row of ``delivery.states``. Mail goes by the way that
``delivery.breaker`` names: the first backend, the second while the first is out, or none. Neighbours:
``sender`` is one connection at work, ``reconcile`` asks about lost replies.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import structlog
from sqlalchemy import Connection

from digest.delivery.breaker import Way
from digest.delivery.issue_states import IssueState, settled
from digest.pipeline.commits import Commits
from digest.pipeline.lanes import Lanes
from digest.pipeline.press import Press
from digest.pipeline.sender import Delivered, Sender, way_now
from digest.pipeline.tools import Tools
from digest.store import breaker as stored
from digest.store import deliveries, epoch, installation, issues
from digest.store.issues import StoredIssue

log = structlog.get_logger()


def deliver(tools: Tools, *, only: int | None = None) -> Delivered:
    """Send everything that can be sent now; return when nothing is left, or nothing can be sent.

    With ``only``, the delivery of that id and no other.
    """
    done = Delivered()
    with tools.db.read() as conn:
        if epoch.is_restored(conn, tools.epoch):
            done.stopped(epoch.RESTORED)
            return done
        live = installation.is_live(conn)
        waiting = deliveries.waiting(conn, tools.clock(), only=only)
        way = way_now(conn, tools)
    tried: set[Way] = set()
    while waiting and way is not None and way not in tried and not tools.stopping():
        tried.add(way)
        _send_all(tools, done, way=way, live=live, only=only, senders=min(tools.workers, waiting))
        with tools.db.read() as conn:
            waiting_now = deliveries.waiting(conn, tools.clock(), only=only)
            way = way_now(conn, tools) if waiting_now else None
    if waiting:
        _tell_wait(tools, done)
    if tried:
        _go_further(tools)
    settle(tools, tools.clock())
    return done


def _send_all(tools: Tools, done: Delivered, *, way: Way, live: bool, only: int | None, senders: int) -> None:
    press = Press(tools, live=live)
    opens = tools.fallback if way is Way.SECOND and tools.fallback else tools.backend
    backends = [opens() for _ in range(senders)]
    commits = Commits(tools, provider=backends[0].name, way=way, live=live, senders=senders)
    lanes = Lanes(tools, live=live)
    with ThreadPoolExecutor(max_workers=senders, thread_name_prefix="sender") as pool:
        runs = [
            pool.submit(
                Sender(
                    tools,
                    press,
                    commits,
                    lanes,
                    done,
                    backend=backend,
                    owner=f"{tools.owner}-{number}",
                    way=way,
                    live=live,
                    only=only,
                ).run
            )
            for number, backend in enumerate(backends)
        ]
    for run in runs:
        run.result()  # a defect of ours is raised here, in the open


def _go_further(tools: Tools) -> None:
    """Leave behind every backup that was made while this run was sending."""
    with tools.db.transaction() as conn:
        reached = epoch.advance(conn)
    tools.epoch.keep(reached)


def _tell_wait(tools: Tools, done: Delivered) -> None:
    """Say until when all mail waits, if it does."""
    with tools.db.read() as conn:
        breaker, way = stored.read(conn), way_now(conn, tools)
    if way is None and breaker.until is not None:
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

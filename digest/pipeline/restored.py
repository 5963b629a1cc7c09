"""After a database was put back from a backup: notice it, and hold whatever may have been sent since.

Nobody can know what went out between the backup and its return. So nothing is sent on the strength of it:
every delivery that is not final waits for a person, who has the mail server's log (promise P5). Neighbours:
``store.epoch`` tells that something is missing, ``issue_desk`` carries held deliveries on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from digest.delivery.issue_states import IssueState
from digest.delivery.states import Event
from digest.pipeline import deliver
from digest.pipeline.tools import Tools
from digest.store import deliveries, epoch, installation, issues

log = structlog.get_logger()

_OPEN = frozenset({IssueState.FREEZING, IssueState.SENDING, IssueState.STOPPED, IssueState.DONE_WITH_HOLDS})

_LEAP = 1_000_000
"""How far fences leap: beyond all claims since the backup, so that none of their senders writes here."""


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """What a recovery did."""

    held: dict[str, int]  # issue → how many of its deliveries wait for a person now
    not_sent: tuple[str, ...]  # issues that were not yet being sent in the backup: they may have been since
    notices: int  # mails to single readers that are sent, perhaps again


def recover(tools: Tools) -> Recovered:
    """Hold every open delivery of every open issue, pause, and take this database as the right one.

    The caller holds the run lock. Doing it again finds nothing more to hold.
    """
    now = tools.clock()
    kept = tools.epoch.read()
    with tools.db.read() as conn:
        open_issues = issues.in_states(conn, _OPEN)
        unsent = issues.in_states(conn, {IssueState.DRAFT, IssueState.APPROVED, IssueState.FREEZING})
    held = {issue.name: _hold(tools, issue.id, now) for issue in open_issues}
    with tools.db.transaction() as conn:
        # Posts and issues that came after the backup are unknown now and would come again: a person looks.
        installation.pause(conn, now)
        queued = deliveries.queued_notices(conn)
        reached = epoch.advance(conn, beyond=kept)
    tools.epoch.forget()
    tools.epoch.keep(reached)
    deliver.settle(tools, now)
    log.info("installation.recovered", issues=len(held), held=sum(held.values()))
    return Recovered(
        held={name: count for name, count in held.items() if count},
        not_sent=tuple(issue.name for issue in unsent),
        notices=queued,
    )


def _hold(tools: Tools, issue_id: int, now: datetime) -> int:
    """Hold an issue's deliveries, some at a time; return how many."""
    done = 0
    while True:
        with tools.db.transaction() as conn:
            found = deliveries.open_of(conn, issue_id)
            done += sum(_hold_one(conn, one, now) for one in found)
        if not found:
            return done


def _hold_one(conn: Connection, one: deliveries.Stray, now: datetime) -> bool:
    reason = "the database was restored: it may have been sent since the backup"
    changes = {"possible_duplicate": True, "fence": one.fence + _LEAP}
    return deliveries.happened(conn, one, Event.RESTORE, now=now, reason=reason, **changes)

"""What an operator decides about issues: stop, go on, cancel; and what becomes of mails that are held.

Needs no run lock: a run that sends meanwhile finds the new state at its next claim or commit point.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import structlog
from sqlalchemy import Connection

from digest.delivery import plan
from digest.delivery.issue_states import IssueState
from digest.delivery.states import DeliveryState, Event
from digest.errors import NotAllowed
from digest.pipeline import deliver, restored
from digest.pipeline.report import IssueReport, report
from digest.pipeline.tools import Tools
from digest.store import deliveries, findings, held, issues
from digest.store.deliveries import Stray
from digest.store.held import HeldDelivery
from subscribers.model import Cadence

log = structlog.get_logger()


class Decision(StrEnum):
    """What a person says of a held mail."""

    ACCEPT = "accept"  # it arrived
    RESEND = "resend"  # send it again
    DROP = "drop"  # give up; its posts are owed and go into the reader's next issue


_WAITING = frozenset({IssueState.DRAFT, IssueState.BLOCKED, IssueState.FREEZING})

_EVENTS = {
    Decision.ACCEPT: Event.OPERATOR_ACCEPT,
    Decision.RESEND: Event.OPERATOR_RESEND,
    Decision.DROP: Event.OPERATOR_DROP,
}


@dataclass(frozen=True, kw_only=True)
class IssueDesk:
    """What an operator can do with issues, on these tools."""

    tools: Tools

    def stop(self, name: str) -> None:
        """Stop an issue that is being sent, until ``go_on``. Raises UnknownName and NotAllowed."""
        self._move(name, IssueState.STOPPED)

    def go_on(self, name: str) -> None:
        """Let a stopped issue be sent by the next run. Raises UnknownName and NotAllowed."""
        with self.tools.db.transaction() as conn:
            found = issues.by_name(conn, name)
            if found.state is not IssueState.STOPPED:
                raise NotAllowed(f"Issue {name} is {found.state.value}; only a stopped one goes on.")
            issues.move(conn, found.id, IssueState.SENDING)
        log.info("issue.decided", issue=name, state=IssueState.SENDING.value)

    def cancel(self, name: str) -> int:
        """End an issue for good and return how many mails were not sent: their posts are owed to the readers.

        Mails in a sender's hands at this moment are ended by the next run's sweep, or were sent already.
        """
        now = self.tools.clock()
        reason = "cancelled by the operator"
        self._move(name, IssueState.CANCELLED, reason=reason, ended_at=now)
        ended = 0
        while True:
            with self.tools.db.transaction() as conn:
                issue = issues.by_name(conn, name)
                queued = deliveries.queued_of(conn, issue.id)
                for stray in queued:
                    ended += deliveries.happened(conn, stray, Event.CANCEL, now=now, reason=reason)
                if not queued:
                    waiting = held.of_issue(conn, issue.id)
                    ended += _carry_on(conn, waiting, Decision.DROP, now)
                    return ended

    def recover(self) -> restored.Recovered:
        """Hold what a restored database may have sent since its backup; the caller holds the run lock."""
        return restored.recover(self.tools)

    def report(self, name: str) -> IssueReport:
        """Return what became of every reader of an issue. Raises UnknownName."""
        return report(self.tools, name)

    def accept_findings(self, name: str, because: str, *, by: str) -> list[str]:
        """Let an issue be sent in spite of what the gate found in it; return the rules that are accepted.

        ``because`` and ``by``, who decides it, are kept with the issue. Raises UnknownName, and NotAllowed
        where no error keeps it back or no reason is given. Exactly what was found is accepted: the same rule
        at another place holds the issue again.
        """
        reason = " ".join(because.split())
        if not reason:
            raise NotAllowed('Say why it may be sent as it is: --because "…".')
        with self.tools.db.transaction() as conn:
            issue = issues.by_name(conn, name)
            kept = findings.of_issue(conn, issue.id)
            keys = kept.accepted_keys
            refused = [one for one in kept.findings if one["severity"] == "error" and one["key"] not in keys]
            if not refused or issue.state not in _WAITING:
                raise NotAllowed(f"Nothing the gate found keeps {name} back: it is {issue.state.value}.")
            rules = list(dict.fromkeys(str(one["rule"]) for one in refused))
            acceptance = {
                "because": reason,
                "by": by,
                "at": self.tools.clock().isoformat(),
                "rules": rules,
                "keys": [one["key"] for one in refused],
            }
            findings.accept(conn, issue.id, acceptance)
        log.info("issue.findings_accepted", issue=name, rules=",".join(rules))
        return rules

    def held(self, name: str) -> list[HeldDelivery]:
        """Return an issue's mails that wait for a person. Raises UnknownName."""
        with self.tools.db.read() as conn:
            return held.of_issue(conn, issues.by_name(conn, name).id)

    def decide(self, name: str, decision: Decision, ids: Collection[int] = ()) -> int:
        """Decide on an issue's held mails, all of them or these; return how many.

        Raises UnknownName, and NotAllowed where nothing is held or one of the ids is not.
        """
        now = self.tools.clock()
        with self.tools.db.transaction() as conn:
            issue = issues.by_name(conn, name)
            chosen = _chosen(held.of_issue(conn, issue.id), name, ids)
            deadline = plan.deadline(issue.kind.cadence or Cadence.WEEKLY, now)
            count = _carry_on(conn, chosen, decision, now, deadline=deadline)
            if decision is Decision.RESEND and issue.state is IssueState.DONE_WITH_HOLDS:
                issues.move(conn, issue.id, IssueState.SENDING, ended_at=None)
        deliver.settle(self.tools, now)
        log.info("issue.held_decided", issue=name, decision=decision.value, deliveries=count)
        return count

    def _move(self, name: str, to: IssueState, **changes: object) -> None:
        with self.tools.db.transaction() as conn:
            issues.move(conn, issues.by_name(conn, name).id, to, **changes)
        log.info("issue.decided", issue=name, state=to.value)


def _chosen(waiting: Sequence[HeldDelivery], name: str, ids: Collection[int]) -> list[HeldDelivery]:
    if not waiting:
        raise NotAllowed(f"No mail of {name} is held; `digest issue show {name}` tells how it stands.")
    unknown = set(ids) - {one.id for one in waiting}
    if unknown:
        raise NotAllowed(
            f"Delivery {min(unknown)} is no held mail of {name}; `digest issue held list {name}` shows them."
        )
    return [one for one in waiting if not ids or one.id in ids]


def _carry_on(
    conn: Connection,
    chosen: Sequence[HeldDelivery],
    decision: Decision,
    now: datetime,
    *,
    deadline: datetime | None = None,
) -> int:
    """Carry held deliveries on; one that is sent again starts afresh, and keeps its flag and its doubts."""
    changes: dict[str, object] = {}
    if decision is Decision.RESEND:
        changes = {"not_before": now, "deadline": deadline, "attempts": 0, "crashes": 0}
        changes |= deliveries.A_NEW_GENERATION
    reason = f"a person decided: {decision.value}"
    count = 0
    for one in chosen:
        mine = Stray(id=one.id, fence=one.fence, state=DeliveryState.HELD, crashes=0, doubts=0)
        count += deliveries.happened(conn, mine, _EVENTS[decision], now=now, reason=reason, **changes)
    return count

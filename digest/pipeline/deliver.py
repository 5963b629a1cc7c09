"""Handing over: claim, finish the message, commit, send, record; on several connections at once.

    claim a few (fence + 1, lease) → message → backend … commit point … backend → outcome → next state

Nobody is skipped: a delivery leaves the queue only by a row of ``delivery.states``. Nobody gets two without
a flag: from the commit point on, a lost reply is a doubt, and the sweep of the next run finds it. No
transaction is open while the backend talks.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from digest.delivery import retry, states
from digest.delivery.issue_states import IssueState, settled
from digest.delivery.states import Event
from digest.errors import BackendUnavailable, PermanentError
from digest.model import Message, Outcome, OutcomeKind
from digest.pipeline.press import Press
from digest.pipeline.tools import Tools
from digest.providers.base import Backend
from digest.store import deliveries, installation, issues, notices
from digest.store.deliveries import Claim

log = structlog.get_logger()

CLAIM_AT_ONCE = 10
"""Deliveries a sender takes at a time: far fewer than it can finish within a lease."""


@dataclass(kw_only=True)
class Delivered:
    """What one delivery run did. Shared by the sender threads; ``lock`` guards the counts."""

    events: Counter[Event] = field(default_factory=Counter)
    trouble: list[str] = field(default_factory=list)  # why senders stopped early
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, event: Event) -> None:
        """Count one event."""
        with self.lock:
            self.events[event] += 1

    def stopped(self, why: str) -> None:
        """Remember once why a sender stopped early."""
        with self.lock:
            if why not in self.trouble:
                self.trouble.append(why)


def deliver(tools: Tools) -> Delivered:
    """Send everything that can be sent now; return when nothing is left, or nothing can be sent."""
    done = Delivered()
    with tools.db.read() as conn:
        live = installation.is_live(conn)
        waiting = deliveries.waiting(conn, tools.clock())
    if waiting:
        press = Press(tools, live=live)
        senders = min(tools.workers, waiting)
        with ThreadPoolExecutor(max_workers=senders, thread_name_prefix="sender") as pool:
            runs = [
                pool.submit(_Sender(tools, press, done, owner=f"{tools.owner}-{number}", live=live).run)
                for number in range(senders)
            ]
        for run in runs:
            run.result()  # a defect of ours is raised here, in the open
    settle(tools, tools.clock())
    return done


def settle(tools: Tools, now: datetime) -> None:
    """End the issues whose every delivery is final (promise P1)."""
    with tools.db.transaction() as conn:
        for issue in issues.in_states(conn, {IssueState.SENDING, IssueState.DONE_WITH_HOLDS}):
            assert issue.expected is not None, "an issue is sent after its freeze"
            state = settled(deliveries.counts(conn, issue.id), issue.expected)
            if state is not issue.state and state is not IssueState.SENDING:
                issues.move(conn, issue.id, state, ended_at=now)
                log.info("issue.ended", issue=issue.name, state=state.value, expected=issue.expected)


class _Sender:
    """One thread with one backend. Its claims are its own; it never touches another's."""

    def __init__(self, tools: Tools, press: Press, done: Delivered, *, owner: str, live: bool) -> None:
        self._tools = tools
        self._owner = owner  # names this sender in the ledger
        self._press = press
        self._done = done
        self._live = live
        self._backend: Backend = tools.backend()

    def run(self) -> None:
        """Claim and send until nothing is left, a signal asks to stop, or the backend is unusable."""
        try:
            while not self._tools.stopping():
                claims = self._claim()
                if not claims:
                    return
                for index, claim in enumerate(claims):
                    try:
                        self._send(claim)
                    except BackendUnavailable as error:
                        self._give_back(claims[index:], error)
                        return
                    if self._tools.stopping():
                        self._give_back(claims[index + 1 :], None)
                        return
        finally:
            self._backend.close()

    def _claim(self) -> list[Claim]:
        with self._tools.db.transaction() as conn:
            if installation.paused_since(conn):
                return []
            return deliveries.claim(conn, owner=self._owner, limit=CLAIM_AT_ONCE, now=self._tools.clock())

    def _send(self, claim: Claim) -> None:
        """Carry one claimed delivery to an outcome."""
        try:
            message = self._press.message(claim, self._tools.clock())
        except PermanentError as fault:
            self._hold_back(claim, fault)
            return
        for outcome in self._backend.hand_over([message], lambda ids: self._commit(claim, ids)):
            self._record(claim, message, outcome)

    def _commit(self, claim: Claim, _ids: Sequence[int]) -> frozenset[int]:
        """The commit point, durable when it returns."""
        with self._tools.db.transaction() as conn:
            allowed = not installation.paused_since(conn) and deliveries.commit(
                conn,
                claim,
                provider=self._backend.name,
                test_mode=not self._live,
                now=self._tools.clock(),
            )
        return frozenset({claim.id}) if allowed else frozenset()

    def _record(self, claim: Claim, message: Message, outcome: Outcome) -> None:
        event = states.event_of(outcome.kind)
        now = self._tools.clock()
        with self._tools.db.transaction() as conn:
            if outcome.kind is OutcomeKind.WITHDRAWN and not deliveries.is_eligible(conn, claim, now):
                event = Event.INELIGIBLE
            changes: dict[str, object] = {"code": outcome.code[:40], "provider_id": outcome.provider_id}
            if event is Event.DEFER:
                changes["attempts"] = claim.attempts + 1
                changes["not_before"] = retry.next_try(claim.attempts + 1, now)
            if event is Event.LOSE:
                changes["doubts"] = claim.doubts + 1
            counted = deliveries.happened(conn, claim, event, now=now, reason=outcome.detail, **changes)
        if counted:
            self._done.count(event)
        log.info(
            "delivery.outcome",
            delivery=claim.id,
            outcome=outcome.kind.value,
            code=outcome.code,
            bytes=len(message.data),
        )

    def _hold_back(self, claim: Claim, fault: PermanentError) -> None:
        """Hold a delivery that cannot be rendered; a person mends the template and sends it again."""
        now = self._tools.clock()
        with self._tools.db.transaction() as conn:
            deliveries.happened(conn, claim, Event.UNSENDABLE, now=now, reason=str(fault))
            notices.alert(
                conn,
                nonce=f"unsendable-{claim.segment_id}-{claim.notice_id}",
                problem="A mail cannot be rendered and is held back.",
                detail=str(fault),
                what_to_do="Mend the template. `digest issue show` lists what is held.",
                now=now,
            )
        self._done.count(Event.UNSENDABLE)
        log.warning("delivery.unsendable", delivery=claim.id, reason=str(fault))

    def _give_back(self, claims: Sequence[Claim], error: BackendUnavailable | None) -> None:
        """Put claims back untouched; those of an unusable backend wait a little."""
        now = self._tools.clock()
        changes = {"not_before": retry.next_try(1, now)} if error else {}
        with self._tools.db.transaction() as conn:
            for claim in claims:
                deliveries.happened(conn, claim, Event.RELEASE, now=now, reason=str(error or ""), **changes)
        if error:
            self._done.stopped(str(error))
            log.warning("backend.unavailable", backend=self._backend.name, reason=str(error))

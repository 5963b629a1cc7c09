"""One connection's sender: claim, finish the message, commit, send, record.

    claim some (fence + 1, lease) → message → backend … commit point … backend → outcome → next state

No transaction is open while the backend talks. A mail that was accepted is written with the next commit point
of the same connection, or at once where none follows; every other outcome is written at once.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlalchemy import Connection

from digest.delivery import breaker as breakers
from digest.delivery import retry, states
from digest.delivery.breaker import Breaker
from digest.delivery.states import Event
from digest.errors import BackendUnavailable, PermanentError
from digest.model import Message, Outcome, OutcomeKind
from digest.pipeline.commits import Commits
from digest.pipeline.press import Press
from digest.pipeline.tools import Tools
from digest.providers.base import Backend
from digest.store import breaker as stored
from digest.store import claims, deliveries, installation, notices
from digest.store.claims import Claim
from digest.store.commit_points import Accepted

log = structlog.get_logger()

CLAIM_AT_ONCE = 50
"""Deliveries a sender takes at a time: so many that taking them costs little beside sending them, so few that
a dead sender leaves little to wait for."""


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


class Sender:
    """One thread with one backend. Its claims are its own; it never touches another's."""

    def __init__(
        self,
        tools: Tools,
        press: Press,
        commits: Commits,
        done: Delivered,
        *,
        backend: Backend,
        owner: str,
        only: int | None = None,
    ) -> None:
        """Send through ``backend`` as ``owner``, its name in the ledger; with ``only``, that one delivery."""
        self._tools = tools
        self._press = press
        self._commits = commits
        self._done = done
        self._backend = backend
        self._owner = owner
        self._only = only
        self._accepted: Accepted | None = None  # not written yet: the next commit point takes it along

    def run(self) -> None:
        """Claim and send until nothing is left, a signal asks to stop, or mail has to wait."""
        try:
            self._send_claims()
        finally:
            self._backend.close()

    def _send_claims(self) -> None:
        try:
            while not self._tools.stopping():
                taken = self._claim()
                if not taken:
                    return
                for index, claim in enumerate(taken):
                    try:
                        goes_on = self._send(claim)
                    except BackendUnavailable as error:
                        self._unavailable(claim, error)
                        goes_on = False
                    if not goes_on or self._tools.stopping():
                        self._give_back(taken[index + 1 :])
                        return
        finally:
            self._write_accepted()

    def _claim(self) -> list[Claim]:
        self._write_accepted()  # whatever follows may take long
        with self._tools.db.transaction() as conn:
            now = self._tools.clock()
            if installation.paused_since(conn) or stored.read(conn).is_open(now):
                return []
            return claims.claim(conn, owner=self._owner, limit=CLAIM_AT_ONCE, now=now, only=self._only)

    def _send(self, claim: Claim) -> bool:
        """Carry one claimed delivery to an outcome; return whether others may follow."""
        try:
            message = self._press.message(claim)
        except PermanentError as fault:
            self._hold_back(claim, fault)
            return True
        goes_on = True
        for outcome in self._backend.hand_over([message], lambda ids: self._commit(claim, ids)):
            goes_on = self._record(claim, message, outcome)
        return goes_on

    def _commit(self, claim: Claim, _ids: Sequence[int]) -> frozenset[int]:
        """The commit point, durable when it returns; the mail accepted before is written with it."""
        before, self._accepted = self._accepted, None
        try:
            allowed, kept = self._commits.pass_point(claim, before)
        except BaseException:
            self._accepted = before  # it was accepted all the same: another try is made at the end
            raise
        if kept:
            self._done.count(Event.ACCEPT)
        return frozenset({claim.id}) if allowed else frozenset()

    def _write_accepted(self) -> None:
        """Write the mail accepted last, where no commit point follows that would take it along."""
        before, self._accepted = self._accepted, None
        if before is not None and self._commits.pass_point(None, before)[1]:
            self._done.count(Event.ACCEPT)

    def _record(self, claim: Claim, message: Message, outcome: Outcome) -> bool:
        """Write what became of a delivery; return whether others may follow."""
        log.info(
            "delivery.outcome",
            delivery=claim.id,
            outcome=outcome.kind.value,
            code=outcome.code,
            bytes=len(message.data),
        )
        if outcome.kind is OutcomeKind.ACCEPTED:
            self._accepted = Accepted(
                claim=claim,
                code=outcome.code[:40],
                detail=outcome.detail,
                provider_id=outcome.provider_id,
            )
            return True
        event = states.event_of(outcome.kind)
        now = self._tools.clock()
        with self._tools.db.transaction() as conn:
            if outcome.kind is OutcomeKind.WITHDRAWN and not deliveries.is_eligible(conn, claim, now):
                event = Event.INELIGIBLE
            changes: dict[str, object] = {"code": outcome.code[:40], "provider_id": outcome.provider_id}
            if event is Event.DEFER:
                changes["attempts"] = claim.attempts + 1
                changes["not_before"] = retry.next_try(claim.attempts + 1, now)
            if event is Event.RELEASE:
                # Whatever withdrew it, it is not claimed again at once: a run comes to its end.
                changes["not_before"] = retry.next_try(1, now)
            if event is Event.LOSE:
                changes["doubts"] = claim.doubts + 1
            counted = deliveries.happened(conn, claim, event, now=now, reason=outcome.detail, **changes)
            breaker = self._judge(conn, event, now)
        if counted:
            self._done.count(event)
        return not breaker.is_open(now)

    def _judge(self, conn: Connection, event: Event, now: datetime) -> Breaker:
        """Return the breaker after an outcome, and tell the operator where it opens."""
        if event is not Event.LOSE:
            return stored.read(conn)
        breaker = breakers.after_lost_reply(stored.read_to_change(conn), now)
        stored.keep(conn, breaker)
        if breaker.since:
            what_to_do = "Look at the mail server's log: what it took may be queued there."
            self._alert(conn, breaker, what_to_do, now)
            log.warning("mail.waits", backend=self._backend.name, reason=breaker.why)
        return breaker

    def _alert(self, conn: Connection, breaker: Breaker, what_to_do: str, now: datetime) -> None:
        """Tell the operator once in a spell of trouble."""
        assert breaker.since is not None
        notices.alert(
            conn,
            nonce=f"mail-waits-{breaker.since.isoformat()}",
            problem="Mail had to wait.",
            detail=breaker.why,
            what_to_do=what_to_do,
            now=now,
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
                what_to_do="Mend the cause, then `digest issue held resend ISSUE` sends it.",
                now=now,
            )
        self._done.count(Event.UNSENDABLE)
        log.warning("delivery.unsendable", delivery=claim.id, reason=str(fault))

    def _unavailable(self, claim: Claim, error: BackendUnavailable) -> None:
        """Open the breaker and put back the delivery in hand; it waits too, should others pass."""
        now = self._tools.clock()
        with self._tools.db.transaction() as conn:
            wait = {"not_before": retry.next_try(1, now)}
            deliveries.happened(conn, claim, Event.RELEASE, now=now, reason=str(error), **wait)
            breaker = breakers.after_unavailable(stored.read_to_change(conn), str(error), now)
            stored.keep(conn, breaker)
            if error.operator_must_act:
                self._alert(conn, breaker, "Correct what it names, then run `digest resume`.", now)
        self._done.stopped(str(error))
        log.warning("backend.unavailable", backend=self._backend.name, reason=str(error))

    def _give_back(self, untouched: Sequence[Claim]) -> None:
        """Put claims back as they were."""
        if not untouched:
            return
        now = self._tools.clock()
        with self._tools.db.transaction() as conn:
            for claim in untouched:
                deliveries.happened(conn, claim, Event.RELEASE, now=now)

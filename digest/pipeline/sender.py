"""One connection at work: claim, finish the messages, commit, send, record.

    claim a few (fence + 1, lease) → messages → backend … commit point … backend → outcomes → next states

Nobody gets two without a flag: from the commit point on, a lost reply is a doubt, and the next run asks about
it or sends once more, flagged. No transaction is open while the backend talks. Neighbours: ``deliver`` starts
senders, ``press`` makes messages, ``delivery.breaker`` says when all of them wait.
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
from digest.delivery.breaker import Breaker, Way
from digest.delivery.states import Event
from digest.errors import BackendUnavailable, PermanentError
from digest.model import Outcome, OutcomeKind
from digest.pipeline import hearing
from digest.pipeline.commits import Commits, InHand
from digest.pipeline.lanes import Lanes
from digest.pipeline.press import Press
from digest.pipeline.tools import Tools
from digest.providers.base import Backend
from digest.store import breaker as stored
from digest.store import commit_points, deliveries, epoch, installation, notices
from digest.store.claims import Claim
from digest.store.commit_points import Accepted
from subscribers import store as people
from subscribers.address import parse
from subscribers.lifecycle import Event as Life

log = structlog.get_logger()

CLAIM_AT_ONCE = 100
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


def way_now(conn: Connection, tools: Tools) -> Way | None:
    """Return the way by which mail goes at this moment, or None while it waits."""
    second = stored.read(conn, Way.SECOND) if tools.fallback else None
    return breakers.way_out(stored.read(conn), second, tools.clock())


class Sender:
    """One thread with one backend. Its claims are its own; it never touches another's."""

    def __init__(
        self,
        tools: Tools,
        press: Press,
        commits: Commits,
        lanes: Lanes,
        done: Delivered,
        *,
        backend: Backend,
        owner: str,
        way: Way,
        live: bool,
        only: int | None,
    ) -> None:
        """Send through ``backend`` as ``owner``, its name in the ledger; with ``only``, that one delivery."""
        self._tools = tools
        self._press = press
        self._commits = commits
        self._lanes = lanes
        self._done = done
        self._backend = backend
        self._owner = owner
        self._way = way
        self._live = live
        self._only = only
        self._patience = tools.patience.get(backend.name)
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
                claimed = self._claim()
                if claimed is None or not (claimed or self._lanes.wait()):
                    return
                size, waiting = self._at_once(claimed), claimed
                while waiting := self._still_open(waiting):
                    hand, waiting = waiting[:size], waiting[size:]
                    if not self._send(hand) or self._tools.stopping():
                        self._give_back(waiting)
                        return
        finally:
            self._write_accepted()

    def _still_open(self, waiting: list[Claim]) -> list[Claim]:
        """Return the claims whose lane is open, and put the others back."""
        still_open, closed = self._lanes.parted(waiting)
        self._give_back(closed)
        return still_open

    def _claim(self) -> list[Claim] | None:
        """Return what may be sent now; None where nothing may go this way at all."""
        self._write_accepted()  # whatever follows may take long
        with self._tools.db.transaction() as conn:
            now = self._tools.clock()
            if installation.paused_since(conn) or way_now(conn, self._tools) is not self._way:
                return None
            taken = self._lanes.claim(
                conn,
                owner=self._owner,
                limit=max(CLAIM_AT_ONCE, self._backend.batch_size),
                now=now,
                only=self._only,
                doubtless=self._way is Way.SECOND,
            )
            reached = epoch.advance(conn) if taken else None
        if reached is not None:
            self._tools.epoch.keep(reached)
        return taken

    def _at_once(self, claims: Sequence[Claim]) -> int:
        """Return how many of these are handed over together.

        Where a sender died before, each goes alone: whatever kills one is then the one to blame.
        """
        return 1 if any(claim.crashes for claim in claims) else self._backend.batch_size

    def _send(self, taken: Sequence[Claim]) -> bool:
        """Carry claimed deliveries to their outcomes; return whether others may follow."""
        hand: dict[int, InHand] = {}
        for claim in taken:
            try:
                hand[claim.id] = InHand(claim=claim, message=self._press.message(claim))
            except PermanentError as fault:
                self._hold_back(claim, fault)
        outcomes: list[Outcome] = []
        trouble: BackendUnavailable | None = None
        try:
            messages = [one.message for one in hand.values()]
            outcomes.extend(self._backend.hand_over(messages, lambda ids: self._commit(hand, ids)))
        except BackendUnavailable as error:
            trouble = error
        goes_on = self._record(hand, outcomes)
        if trouble is not None:
            told = {outcome.delivery_id for outcome in outcomes}
            self._unavailable([one.claim for one in hand.values() if one.claim.id not in told], trouble)
        return goes_on and trouble is None

    def _commit(self, hand: dict[int, InHand], ids: Sequence[int]) -> frozenset[int]:
        """The commit point, durable when it returns; the mail accepted before is written with it."""
        before, self._accepted = self._accepted, None
        try:
            allowed, kept = self._commits.pass_point([hand[id_] for id_ in ids], before)
        except BaseException:
            self._accepted = before  # it was accepted all the same: another try is made at the end
            raise
        if kept:
            self._done.count(Event.ACCEPT)
        return allowed

    def _write_accepted(self) -> None:
        """Write the mail accepted last, where no commit point follows that would take it along."""
        before, self._accepted = self._accepted, None
        if before is not None and self._commits.pass_point([], before)[1]:
            self._done.count(Event.ACCEPT)

    def _record(self, hand: dict[int, InHand], outcomes: Sequence[Outcome]) -> bool:
        """Write what became of deliveries, in one transaction; return whether others may follow."""
        for outcome in outcomes:
            log.info(
                "delivery.outcome",
                delivery=outcome.delivery_id,
                outcome=outcome.kind.value,
                code=outcome.code,
                bytes=len(hand[outcome.delivery_id].message.data),
            )
            self._lanes.heard(hand[outcome.delivery_id].claim, outcome)
        if not outcomes or self._is_one_accepted(hand, outcomes):
            return True
        now = self._tools.clock()
        counted: list[Event] = []
        before = [self._accepted] if self._accepted is not None else []  # of the mail before: no need to wait
        with self._tools.db.transaction() as conn:
            if commit_points.accept(conn, before, now=now):
                counted.append(Event.ACCEPT)
                stored.close(conn, self._way)
            for outcome in outcomes:
                event, changed = self._record_one(conn, hand[outcome.delivery_id].claim, outcome, now)
                breaker = self._judge(conn, event, now)
                counted += [event] if changed else []
        self._accepted = None
        for event in counted:
            self._done.count(event)
        return not breaker.is_open(now)

    def _is_one_accepted(self, hand: dict[int, InHand], outcomes: Sequence[Outcome]) -> bool:
        """Return whether a single mail went and was accepted, the usual case: the next commit writes it."""
        outcome, *others = outcomes
        if others or outcome.kind is not OutcomeKind.ACCEPTED or outcome.suppressed or outcome.alarm:
            return False
        self._accepted = Accepted(
            claim=hand[outcome.delivery_id].claim,
            code=outcome.code[:40],
            detail=outcome.detail,
            provider_id=outcome.provider_id,
        )
        return True

    def _record_one(
        self, conn: Connection, claim: Claim, outcome: Outcome, now: datetime
    ) -> tuple[Event, bool]:
        """Write one outcome; return what happened, and whether it was ours to write."""
        event = states.event_of(outcome.kind)
        if outcome.kind is OutcomeKind.WITHDRAWN and not deliveries.is_eligible(conn, claim, now):
            event = Event.INELIGIBLE
        changes: dict[str, object] = {"code": outcome.code[:40], "provider_id": outcome.provider_id}
        if event is Event.DEFER:
            changes["attempts"] = claim.attempts + 1
            changes["not_before"] = retry.next_try(claim.attempts + 1, now, asked_s=outcome.retry_after_s)
        if event is Event.RELEASE:
            # Whatever withdrew it, it is not claimed again at once: a run comes to its end.
            changes["not_before"] = retry.next_try(1, now)
        if event is Event.LOSE:
            changes["doubts"] = claim.doubts + 1
            if self._patience:
                changes["not_before"] = now + self._patience.settle
        changed = deliveries.happened(conn, claim, event, now=now, reason=outcome.detail, **changes)
        if changed and self._live:
            hearing.hear_refusal(conn, self._tools, claim, outcome, now)
        if changed and outcome.suppressed and self._live:
            self._suppress(conn, claim, now)
        if changed and outcome.alarm:
            tell_defect(conn, self._backend.name, outcome, now)
        elif changed and event is Event.UNSENDABLE:
            refused = f"{outcome.code} {outcome.detail}".strip()
            tell_unsendable(conn, claim, "A mail was refused for what it is, and is held back.", refused, now)
        return event, changed

    def _suppress(self, conn: Connection, claim: Claim, now: datetime) -> None:
        """The provider will never try this mailbox again: neither do we."""
        if claim.subscriber_id is None:
            return
        person = people.by_id(conn, claim.subscriber_id)
        address_hash = self._tools.signer.address_hash(parse(claim.address, allow_reserved=True).key)
        people.bar(conn, person, Life.BOUNCE, address_hash=address_hash, now=now, source=self._backend.name)

    def _judge(self, conn: Connection, event: Event, now: datetime) -> Breaker:
        """Return the breaker after an outcome, and tell the operator where it opens."""
        if event is Event.ACCEPT:
            stored.close(conn, self._way)
        if event is not Event.LOSE:
            return stored.read(conn, self._way)
        breaker = breakers.after_lost_reply(stored.read_to_change(conn, self._way), now)
        stored.keep(conn, breaker, self._way)
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
            tell_unsendable(conn, claim, "A mail cannot be rendered and is held back.", str(fault), now)
        self._done.count(Event.UNSENDABLE)
        log.warning("delivery.unsendable", delivery=claim.id, reason=str(fault))

    def _unavailable(self, untouched: Sequence[Claim], error: BackendUnavailable) -> None:
        """Open the breaker and put back the deliveries in hand; they wait too, should others pass."""
        now = self._tools.clock()
        with self._tools.db.transaction() as conn:
            wait = {"not_before": retry.next_try(1, now, asked_s=error.retry_after_s)}
            for claim in untouched:
                deliveries.happened(conn, claim, Event.RELEASE, now=now, reason=str(error), **wait)
            before = stored.read_to_change(conn, self._way)
            breaker = breakers.after_unavailable(before, str(error), now, asked_s=error.retry_after_s)
            stored.keep(conn, breaker, self._way)
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


def tell_unsendable(conn: Connection, claim: Claim, problem: str, detail: str, now: datetime) -> None:
    """Tell the operator of a held mail: once for all that have the same content.

    Not of an alert, though: the next would be held like it, and so would that one's, without end.
    """
    if claim.notice_id is not None and claim.subscriber_id is None:
        return
    notices.alert(
        conn,
        nonce=f"unsendable-{claim.segment_id}-{claim.notice_id}",
        problem=problem,
        detail=detail,
        what_to_do="Mend the cause, then `digest issue held resend ISSUE` sends it.",
        now=now,
    )


def tell_defect(conn: Connection, backend: str, outcome: Outcome, now: datetime) -> None:
    """Tell the operator of an outcome that only a defect of ours can bring about."""
    notices.alert(
        conn,
        nonce=f"defect-{backend}-{now:%Y-%m-%d}",
        problem="A provider has another mail under the key of one of ours; it is held.",
        detail=f"{outcome.code} {outcome.detail}".strip(),
        what_to_do="Report this as a fault in Everypost; `digest issue held resend ISSUE` sends it anew.",
        now=now,
    )
    log.error("delivery.key_conflict", delivery=outcome.delivery_id, backend=backend, code=outcome.code)

"""Asking providers about lost replies: did it arrive, or was it taken now under the key it had?

    doubts that are due → their mails, made again → backend.reconcile (no transaction open) → next states

A mail of which nothing can be found out any more goes the way of ``delivery.on_uncertain``; so does one
that its provider says it does not have. Neighbours: ``sweep`` comes right before it and leaves these
deliveries alone for as long as their backend's patience lasts; ``providers.base`` holds the contract.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import structlog

from digest.delivery import states
from digest.delivery.states import Event
from digest.errors import BackendUnavailable, EverypostError
from digest.model import Message, Outcome, OutcomeKind
from digest.pipeline.press import Press
from digest.pipeline.sender import tell_defect
from digest.pipeline.tools import Tools
from digest.providers.base import Doubt, Patience, Reconciles
from digest.store import deliveries, doubts, installation
from digest.store.claims import Claim
from digest.store.doubts import StoredDoubt

log = structlog.get_logger()

AGAIN_AFTER_S = 60
"""The shortest time between two questions about one delivery; it grows with the age of the doubt."""

AGAIN_AT_MOST_S = 3600

_EVENTS = {
    OutcomeKind.ACCEPTED: Event.ACCEPT,
    OutcomeKind.REJECTED: Event.REJECT,
    OutcomeKind.UNSENDABLE: Event.UNSENDABLE,
}


def reconcile(tools: Tools, now: datetime) -> Counter[Event]:
    """Ask each backend about its lost replies that are due; return how many went which way."""
    done: Counter[Event] = Counter()
    for name, patience in tools.patience.items():
        if waiting := _due(tools, name, patience, now):
            with _opened(tools, name) as backend:
                while backend is not None and waiting and not tools.stopping():
                    done += _ask(tools, backend, waiting, now)
                    waiting = _due(tools, name, patience, now)
    if done:
        log.info("ledger.reconciled", **{event.value: count for event, count in sorted(done.items())})
    return done


def _due(tools: Tools, name: str, patience: Patience, now: datetime) -> list[StoredDoubt]:
    with tools.db.read() as conn:
        return doubts.due(conn, provider=name, within=patience.give_up, now=now)


@contextmanager
def _opened(tools: Tools, name: str) -> Iterator[Reconciles | None]:
    """Open the backend of that name for a while; None where it cannot be asked."""
    for opens in (tools.backend, tools.fallback):
        backend = opens() if opens is not None else None
        if backend is None:
            continue
        try:
            if backend.name == name:
                yield backend if isinstance(backend, Reconciles) else None
                return
        finally:
            backend.close()
    yield None


def _ask(tools: Tools, backend: Reconciles, waiting: Sequence[StoredDoubt], now: datetime) -> Counter[Event]:
    """Ask about some, and write down every answer; what was not answered is asked about again later."""
    mails = _mails(tools, waiting, now)
    outcomes: dict[int, Outcome] = {}
    try:
        for outcome in backend.reconcile([_doubt(stored, mails, now) for stored in waiting]):
            outcomes[outcome.delivery_id] = outcome
    except BackendUnavailable as error:
        log.warning("backend.unavailable", backend=backend.name, reason=str(error))
    done: Counter[Event] = Counter()
    with tools.db.transaction() as conn:
        for stored in waiting:
            outcome = outcomes.get(stored.stray.id, _unknown(stored))
            event = _event(stored, outcome, tools.on_uncertain)
            if event is None:
                age = (now - stored.submitted_at).total_seconds()
                wait_s = min(max(AGAIN_AFTER_S, age / 4), AGAIN_AT_MOST_S)
                doubts.ask_again(conn, stored.stray, now + timedelta(seconds=wait_s))
                continue
            changes: dict[str, object] = {"code": outcome.code[:40], "provider_id": outcome.provider_id}
            if event in (Event.RESUBMIT, Event.HOLD):
                changes = {"possible_duplicate": True}
            if deliveries.happened(conn, stored.stray, event, now=now, reason=outcome.detail, **changes):
                done[event] += 1
                if outcome.alarm:
                    tell_defect(conn, backend.name, outcome, now)
    return done


def _event(stored: StoredDoubt, outcome: Outcome, on_uncertain: str) -> Event | None:
    """Return what an answer means for the delivery; None: nothing yet."""
    if outcome.kind is OutcomeKind.TEMPORARY:
        # "Not there" is strong, but no proof: it decides no more than the policy allows.
        return states.after_doubt(doubts=stored.stray.doubts, on_uncertain=on_uncertain)
    return _EVENTS.get(outcome.kind)


def _unknown(stored: StoredDoubt) -> Outcome:
    return Outcome(delivery_id=stored.stray.id, kind=OutcomeKind.UNCERTAIN)


def _doubt(stored: StoredDoubt, mails: Mapping[int, tuple[Message, bool]], now: datetime) -> Doubt:
    message, may_replay = mails.get(stored.stray.id, (None, False))
    return Doubt(
        delivery_id=stored.stray.id,
        message=message,
        may_replay=may_replay,
        chunk=stored.chunk,
        submitted_at=stored.submitted_at,
        age_s=(now - stored.submitted_at).total_seconds(),
    )


def _mails(tools: Tools, waiting: Sequence[StoredDoubt], now: datetime) -> dict[int, tuple[Message, bool]]:
    """Return the mails that can be made again, each with whether it may go out as it did.

    It may not where its reader has left since (promise P4), or chose otherwise, which changes its words.
    """
    with tools.db.read() as conn:
        claims = doubts.claims_of(conn, waiting)
        wanted = deliveries.would_be_sent(conn, list(claims), now)
        live = installation.is_live(conn)
    press = Press(tools, live=live)
    mails: dict[int, tuple[Message, bool]] = {}
    for stored in waiting:
        message = _made(press, claims.get(stored.stray.id))
        if message is not None:
            same = hashlib.sha256(message.data).hexdigest() == stored.sent_hash
            may_replay = same and stored.stray.id in wanted and stored.test_mode == (not live)
            mails[stored.stray.id] = message, may_replay
    return mails


def _made(press: Press, claim: Claim | None) -> Message | None:
    """Return the mail of a delivery; None for an erased reader's, or one that cannot be rendered now."""
    if claim is None or (claim.subscriber_id is not None and not claim.address):
        return None
    try:
        return press.message(claim)
    except EverypostError:
        return None

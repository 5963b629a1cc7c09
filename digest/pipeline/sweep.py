"""Tidying the ledger before a send: what dead senders left, what is overdue, who may no longer be mailed.

Each stray delivery is carried on by one short transaction. Which way it goes is ``delivery.states``'s to say.
A lost reply that its backend can be asked about is left to ``reconcile``, which comes last.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

import structlog

from digest.delivery import states
from digest.delivery.states import DeliveryState, Event
from digest.pipeline.reconcile import reconcile
from digest.pipeline.tools import Tools
from digest.store import deliveries, held, strays

log = structlog.get_logger()


def sweep(tools: Tools, now: datetime) -> Counter[Event]:
    """Carry on every stray delivery; return how many went which way."""
    asked = {name: patience.give_up for name, patience in tools.patience.items()}
    with tools.db.read() as conn:
        tidy = strays.are_tidy(conn, sure=tools.sure, now=now, asked=asked)
        tidy = tidy and not held.queued_of_cancelled(conn, now)
    done = Counter[Event]() if tidy else _tidy_up(tools, asked, now)
    return done + reconcile(tools, now)


def _tidy_up(tools: Tools, asked: Mapping[str, timedelta], now: datetime) -> Counter[Event]:
    """Carry on what senders left behind, and end what is over."""
    done: Counter[Event] = Counter()
    while True:
        with tools.db.transaction() as conn:
            found = strays.abandoned(conn, sure=tools.sure, now=now, asked=asked)
            for stray in found:
                for event, changes in _after(stray, tools, now):
                    deliveries.happened(conn, stray, event, now=now, reason=_WHY[event], **changes)
                    done[event] += 1
                # Should its sender be alive after all, it finds another fence and writes nothing.
                strays.take_away(conn, stray)
        if not found:
            break
    done += _give_up(tools, now)
    if done:
        log.info("ledger.swept", **{event.value: count for event, count in sorted(done.items())})
    return done


_WHY = {
    Event.LAPSE: "its sender stopped before the commit point",
    Event.POISON: "three senders stopped while holding it",
    Event.LOSE: "its sender stopped after the commit point: it may have arrived",
    Event.RESUBMIT: "sent once more: it may arrive twice",
    Event.HOLD: "it may have arrived; a person decides",
    Event.CANCEL: "its issue was cancelled",
    Event.EXPIRE: "its deadline passed",
    Event.INELIGIBLE: "the reader left, paused or was suppressed",
}


def _after(stray: deliveries.Stray, tools: Tools, now: datetime) -> list[tuple[Event, dict[str, object]]]:
    """Return the steps that carry an abandoned delivery on, with what each writes."""
    if stray.state is DeliveryState.CLAIMED:
        # Only the mail in hand can be what kills senders; those that waited beside it are innocent.
        crashes = stray.crashes + stray.in_hand
        return [(states.after_lapse(crashes), {"crashes": crashes})]
    steps: list[tuple[Event, dict[str, object]]] = []
    doubts = stray.doubts
    if stray.state is DeliveryState.COMMITTING:
        doubts += 1
        changes: dict[str, object] = {"doubts": doubts}
        patience = tools.patience.get(stray.provider)
        if patience is not None and stray.submitted_at is not None:
            changes["not_before"] = max(now, stray.submitted_at + patience.settle)
            return [(Event.LOSE, changes)]
        steps.append((Event.LOSE, changes))
    event = states.after_doubt(doubts=doubts, on_uncertain=tools.on_uncertain)
    steps.append((event, {"possible_duplicate": True}))
    return steps


def _give_up(tools: Tools, now: datetime) -> Counter[Event]:
    """End queued deliveries whose issue or time is over, or whose reader may no longer be mailed."""
    done: Counter[Event] = Counter()
    questions = {
        Event.CANCEL: held.queued_of_cancelled,
        Event.INELIGIBLE: deliveries.ineligible,
        Event.EXPIRE: deliveries.overdue,
    }
    for event, question in questions.items():
        while True:
            with tools.db.transaction() as conn:
                strays = question(conn, now)
                for stray in strays:
                    deliveries.happened(conn, stray, event, now=now, reason=_WHY[event])
                    done[event] += 1
            if not strays:
                break
    return done

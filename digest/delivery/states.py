"""The life of a delivery, as a table.

Every change of a delivery's state is a row of ``TRANSITIONS``; whoever acts looks the row up and stores
the answer. Pure: no clock, no store. Neighbours: ``plan`` decides who gets a delivery, ``retry`` decides
when a queued one is tried again, ``store.deliveries`` writes what this module says.

                      (the freeze)
                                   ▼
      ┌───────────────────────► QUEUED ─────────► SUPPRESSED   EXPIRED   CANCELLED
      │ back-off                  │ claim: fence + 1, lease
      │                           ▼
      │◄── lease lapsed ─────  CLAIMED ── refused for now ──► QUEUED
      │                           │   └── refused for good ─► REJECTED      └ 3 crashes ─► HELD
      │                           │ commit point: after the body, before the final dot
      │                           ▼
      │                      COMMITTING ── 250 ─► ACCEPTED ── 4xx ─► QUEUED ── 5xx ─► REJECTED
      │                           │ no reply: end of file, reset, time-out, process death
      │                           ▼
      │                       UNCERTAIN ── the provider has it, or takes it under the same key ─► ACCEPTED
      └─ once, flagged ───────────┤
                                  └── second time, or on_uncertain = hold ─► HELD
"""

from __future__ import annotations

from enum import StrEnum

from digest.model import OutcomeKind


class DeliveryState(StrEnum):
    """Where one delivery stands."""

    QUEUED = "queued"  # waits for a sender, from `not_before` on
    CLAIMED = "claimed"  # a sender holds it; nothing handed over yet, so losing it is safe
    COMMITTING = "committing"  # past the commit point: from here a lost reply is a doubt
    ACCEPTED = "accepted"  # the next system answered 250: final
    REJECTED = "rejected"  # refused for good because of the recipient: final
    SUPPRESSED = "suppressed"  # the reader left, paused, bounced or was erased before the commit point: final
    EXPIRED = "expired"  # the deadline passed while it waited: final
    CANCELLED = "cancelled"  # the issue was stopped for good: final
    UNCERTAIN = "uncertain"  # may or may not have arrived
    HELD = "held"  # waits for a person; keeps the issue open


FINAL = frozenset(
    {
        DeliveryState.ACCEPTED,
        DeliveryState.REJECTED,
        DeliveryState.SUPPRESSED,
        DeliveryState.EXPIRED,
        DeliveryState.CANCELLED,
    }
)

COUNTS_AS_HAD = frozenset({DeliveryState.ACCEPTED, DeliveryState.UNCERTAIN, DeliveryState.HELD})
"""States in which the reader counts as having had the items (rule g)."""


class Event(StrEnum):
    """What happens to a delivery."""

    CLAIM = "claim"  # a sender takes it
    RELEASE = "release"  # the sender gives it back untouched (shutdown, lane paused)
    LAPSE = "lapse"  # the sender died or froze before the commit point
    POISON = "poison"  # it lapsed for the third time: something about it kills senders
    COMMIT = "commit"  # the commit point
    ACCEPT = "accept"  # positive reply
    DEFER = "defer"  # definite "not now", before or after the commit point
    REJECT = "reject"  # definite "never", the recipient's fault
    UNSENDABLE = "unsendable"  # definite "never", the message's fault, or it cannot be rendered
    LOSE = "lose"  # past the commit point and no reply
    RESUBMIT = "resubmit"  # the one automatic second try of an uncertain delivery
    HOLD = "hold"  # policy or a second uncertainty
    RESTORE = "restore"  # the database is a backup: it may have been sent since
    INELIGIBLE = "ineligible"  # the reader left, paused or was suppressed
    EXPIRE = "expire"  # the deadline passed
    CANCEL = "cancel"  # the issue was stopped for good
    HEAR = "hear"  # a mail server or provider tells something of it: whatever that is, it was taken
    OPERATOR_ACCEPT = "operator_accept"  # a person says: it arrived
    OPERATOR_RESEND = "operator_resend"  # a person says: send again
    OPERATOR_DROP = "operator_drop"  # a person says: give up; its items become owed


_S, _E = DeliveryState, Event

TRANSITIONS: dict[tuple[DeliveryState, Event], DeliveryState] = {
    (_S.QUEUED, _E.CLAIM): _S.CLAIMED,
    (_S.QUEUED, _E.INELIGIBLE): _S.SUPPRESSED,
    (_S.QUEUED, _E.EXPIRE): _S.EXPIRED,
    (_S.QUEUED, _E.CANCEL): _S.CANCELLED,
    # Rendering can fail before anybody claims it: the segment is held as a whole.
    (_S.QUEUED, _E.UNSENDABLE): _S.HELD,
    (_S.CLAIMED, _E.RELEASE): _S.QUEUED,
    # Always safe: nothing was handed over before the commit point.
    (_S.CLAIMED, _E.LAPSE): _S.QUEUED,
    (_S.CLAIMED, _E.POISON): _S.HELD,
    (_S.CLAIMED, _E.DEFER): _S.QUEUED,
    (_S.CLAIMED, _E.REJECT): _S.REJECTED,
    (_S.CLAIMED, _E.UNSENDABLE): _S.HELD,
    # Eligibility is read again at the commit point, in the same statement (promise P4).
    (_S.CLAIMED, _E.INELIGIBLE): _S.SUPPRESSED,
    (_S.CLAIMED, _E.COMMIT): _S.COMMITTING,
    (_S.COMMITTING, _E.ACCEPT): _S.ACCEPTED,
    # A 4xx to the final dot is a definite "not accepted" (RFC 5321 §4.2.1).
    (_S.COMMITTING, _E.DEFER): _S.QUEUED,
    (_S.COMMITTING, _E.REJECT): _S.REJECTED,
    (_S.COMMITTING, _E.UNSENDABLE): _S.HELD,
    (_S.COMMITTING, _E.LOSE): _S.UNCERTAIN,
    (_S.UNCERTAIN, _E.RESUBMIT): _S.QUEUED,
    (_S.UNCERTAIN, _E.HOLD): _S.HELD,
    # What a backup says of a delivery that was not final is out of date.
    (_S.QUEUED, _E.RESTORE): _S.HELD,
    (_S.CLAIMED, _E.RESTORE): _S.HELD,
    (_S.COMMITTING, _E.RESTORE): _S.HELD,
    (_S.UNCERTAIN, _E.RESTORE): _S.HELD,
    # A reply that comes late still counts while nobody has claimed the second try.
    (_S.UNCERTAIN, _E.ACCEPT): _S.ACCEPTED,
    # A replay under the same key is answered like the first try would have been.
    (_S.UNCERTAIN, _E.REJECT): _S.REJECTED,
    (_S.UNCERTAIN, _E.UNSENDABLE): _S.HELD,
    # News of a mail ends the doubt about it (`news_settles` says when); a second try need not go then.
    (_S.COMMITTING, _E.HEAR): _S.ACCEPTED,
    (_S.UNCERTAIN, _E.HEAR): _S.ACCEPTED,
    (_S.QUEUED, _E.HEAR): _S.ACCEPTED,
    (_S.CLAIMED, _E.HEAR): _S.ACCEPTED,
    (_S.HELD, _E.HEAR): _S.ACCEPTED,
    (_S.HELD, _E.OPERATOR_ACCEPT): _S.ACCEPTED,
    (_S.HELD, _E.OPERATOR_RESEND): _S.QUEUED,
    # A dropped delivery ends like a stopped one, and its items become owed.
    (_S.HELD, _E.OPERATOR_DROP): _S.CANCELLED,
}

OWES_AGAIN = frozenset({_E.REJECT, _E.EXPIRE, _E.CANCEL, _E.OPERATOR_DROP, _E.INELIGIBLE})
"""Events after which the items go back to ``owed``, in the same transaction (rule g).

INELIGIBLE covers readers who paused between freeze and commit point: what they missed waits for them.
For readers who left it writes rows too; confirming again clears them (rule c).
"""


class IllegalTransition(Exception):
    """No row of the table allows this: a defect of ours, never of a reader."""

    def __init__(self, *, state: DeliveryState, event: Event) -> None:
        super().__init__(f"a {state} delivery cannot {event}")
        self.state = state
        self.event = event


def next_state(state: DeliveryState, event: Event) -> DeliveryState:
    """Return the state that follows; raise IllegalTransition where the table has no row."""
    try:
        return TRANSITIONS[state, event]
    except KeyError:
        raise IllegalTransition(state=state, event=event) from None


_OUTCOME_EVENTS = {
    OutcomeKind.ACCEPTED: _E.ACCEPT,
    OutcomeKind.TEMPORARY: _E.DEFER,
    OutcomeKind.REJECTED: _E.REJECT,
    OutcomeKind.UNCERTAIN: _E.LOSE,
    OutcomeKind.UNSENDABLE: _E.UNSENDABLE,
    OutcomeKind.WITHDRAWN: _E.RELEASE,
}


def event_of(outcome: OutcomeKind) -> Event:
    """Return what a backend's outcome means for the delivery."""
    return _OUTCOME_EVENTS[outcome]


def after_doubt(*, doubts: int, on_uncertain: str) -> Event:
    """Return what to do with an uncertain delivery: try once more, flagged, or hold.

    ``doubts`` counts how often it became uncertain, this time included. At most one automatic second
    try, ever (promise P2); with ``on_uncertain = "hold"`` none (promise P3).
    """
    return _E.RESUBMIT if on_uncertain == "resend" and doubts == 1 else _E.HOLD


def news_settles(state: DeliveryState, *, flagged: bool, arrived: bool) -> bool:
    """Return whether news of a mail makes its delivery ACCEPTED, as it shows that somebody took the mail.

    ``flagged``: it may have arrived already, so news can be of an earlier try; a queued or held delivery
    without the flag was never handed over. A second try that waits is given up only where the first is known
    to have ``arrived``: after other bad news it is no second copy.
    """
    if state in (DeliveryState.COMMITTING, DeliveryState.UNCERTAIN):
        return True
    if state is DeliveryState.HELD:
        return flagged
    return flagged and arrived and state in (DeliveryState.QUEUED, DeliveryState.CLAIMED)


MAX_CRASHES = 3
"""A delivery whose sender died this often while holding it is held (Mailman's figure too)."""


def after_lapse(crashes: int) -> Event:
    """Return what to do with a claimed delivery whose sender is gone.

    ``crashes`` counts the senders that died at work on it, this one included; what a dead sender had only
    taken along counts as untouched.
    """
    return _E.POISON if crashes >= MAX_CRASHES else _E.LAPSE

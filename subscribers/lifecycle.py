"""How a person's status changes: one table, with the reason of every row.

Pure. ``store`` applies what ``next_status`` answers; nothing else writes a status. Who may be mailed is
``status is CONFIRMED`` and no suppression: both are kept because they answer different questions
(what the person wants; what we must never do again).
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from subscribers.model import Status, SuppressionReason


class Event(StrEnum):
    """What can happen to a subscriber."""

    REQUEST = "request"  # the form was filled in, by the person or by someone else
    CONFIRM = "confirm"  # the button behind the confirm mail's link was pressed
    UNSUBSCRIBE = "unsubscribe"  # left, by link, one-click, mail or an operator
    UNDO = "undo"  # took leaving back, minutes later, on the same page
    BOUNCE = "bounce"  # a mail server said that the address does not exist
    COMPLAIN = "complain"  # reported a mail as spam
    ERASE = "erase"  # asked to be forgotten
    IMPORT_PROVEN = "import_proven"  # came in a file, and the operator stated the proof of consent


class Step(NamedTuple):
    """Where an event leads, and why."""

    status: Status
    reason: str


_PENDING, _CONFIRMED, _UNSUBSCRIBED = Status.PENDING, Status.CONFIRMED, Status.UNSUBSCRIBED
_BOUNCED, _COMPLAINED, _ERASED = Status.BOUNCED, Status.COMPLAINED, Status.ERASED

_GONE = Step(_ERASED, "nobody is left to change; a new request is a new row")

TABLE: dict[tuple[Status, Event], Step] = {
    **{(_ERASED, event): _GONE for event in Event},
    (_PENDING, Event.REQUEST): Step(_PENDING, "asking twice is asking once"),
    (_PENDING, Event.CONFIRM): Step(_CONFIRMED, "the mailbox's owner pressed the button"),
    (_PENDING, Event.UNSUBSCRIBE): Step(_UNSUBSCRIBED, "does not want to be asked again"),
    (_PENDING, Event.UNDO): Step(_PENDING, "nothing to take back: the confirm mail decides"),
    (_PENDING, Event.BOUNCE): Step(_BOUNCED, "the confirm mail found no mailbox"),
    (_PENDING, Event.COMPLAIN): Step(_COMPLAINED, "the confirm mail itself was unwelcome"),
    (_PENDING, Event.ERASE): Step(_ERASED, "may be forgotten at any time"),
    (_PENDING, Event.IMPORT_PROVEN): Step(_CONFIRMED, "consent was proven elsewhere"),
    (_CONFIRMED, Event.REQUEST): Step(_CONFIRMED, "a stranger's form must not stop a reader's mail"),
    (_CONFIRMED, Event.CONFIRM): Step(_CONFIRMED, "pressing twice is pressing once"),
    (_CONFIRMED, Event.UNSUBSCRIBE): Step(_UNSUBSCRIBED, "left"),
    (_CONFIRMED, Event.UNDO): Step(_CONFIRMED, "pressing twice is pressing once"),
    (_CONFIRMED, Event.BOUNCE): Step(_BOUNCED, "the mailbox is gone"),
    (_CONFIRMED, Event.COMPLAIN): Step(_COMPLAINED, "a complaint is stronger than a past yes"),
    (_CONFIRMED, Event.ERASE): Step(_ERASED, "may be forgotten at any time"),
    (_CONFIRMED, Event.IMPORT_PROVEN): Step(_CONFIRMED, "already a reader"),
    (_UNSUBSCRIBED, Event.REQUEST): Step(_PENDING, "may come back; the confirm mail asks"),
    (_UNSUBSCRIBED, Event.CONFIRM): Step(_UNSUBSCRIBED, "an old confirm link must not undo leaving"),
    (_UNSUBSCRIBED, Event.UNSUBSCRIBE): Step(_UNSUBSCRIBED, "leaving twice is leaving once"),
    (_UNSUBSCRIBED, Event.UNDO): Step(_CONFIRMED, "took it back on the page that said so"),
    (_UNSUBSCRIBED, Event.BOUNCE): Step(_BOUNCED, "a late bounce still tells the mailbox is gone"),
    (_UNSUBSCRIBED, Event.COMPLAIN): Step(_COMPLAINED, "leaving was not heard soon enough"),
    (_UNSUBSCRIBED, Event.ERASE): Step(_ERASED, "may be forgotten at any time"),
    (_UNSUBSCRIBED, Event.IMPORT_PROVEN): Step(_UNSUBSCRIBED, "a file never overrules a person who left"),
    (_BOUNCED, Event.REQUEST): Step(_PENDING, "the mailbox may exist again; the confirm mail finds out"),
    (_BOUNCED, Event.CONFIRM): Step(_BOUNCED, "ask again first: this link is older than the bounce"),
    (_BOUNCED, Event.UNSUBSCRIBE): Step(_UNSUBSCRIBED, "the person's own word is the better reason"),
    (_BOUNCED, Event.UNDO): Step(_BOUNCED, "nothing to take back"),
    (_BOUNCED, Event.BOUNCE): Step(_BOUNCED, "the same event twice changes nothing"),
    (_BOUNCED, Event.COMPLAIN): Step(_COMPLAINED, "a complaint is the stronger reason"),
    (_BOUNCED, Event.ERASE): Step(_ERASED, "may be forgotten at any time"),
    (_BOUNCED, Event.IMPORT_PROVEN): Step(_BOUNCED, "a file cannot bring a mailbox back"),
    (_COMPLAINED, Event.REQUEST): Step(_PENDING, "only the reader can undo a complaint, by confirming"),
    (_COMPLAINED, Event.CONFIRM): Step(_COMPLAINED, "ask again first: this link is older"),
    (_COMPLAINED, Event.UNSUBSCRIBE): Step(_COMPLAINED, "has left already, and louder"),
    (_COMPLAINED, Event.UNDO): Step(_COMPLAINED, "nothing to take back"),
    (_COMPLAINED, Event.BOUNCE): Step(_COMPLAINED, "the complaint is the stronger reason"),
    (_COMPLAINED, Event.COMPLAIN): Step(_COMPLAINED, "the same event twice changes nothing"),
    (_COMPLAINED, Event.ERASE): Step(_ERASED, "may be forgotten at any time"),
    (_COMPLAINED, Event.IMPORT_PROVEN): Step(_COMPLAINED, "a file never overrules a complaint"),
}


def next_status(status: Status, event: Event) -> Step:
    """Return where the event leads from this status, and why. Total: every pair has a row."""
    return TABLE[status, event]


SUPPRESSES: dict[Event, SuppressionReason] = {
    Event.BOUNCE: SuppressionReason.HARD_BOUNCE,
    Event.COMPLAIN: SuppressionReason.COMPLAINT,
    Event.ERASE: SuppressionReason.ERASED,
}
"""The events after which the address itself must not be mailed, whoever it belongs to."""


def yields_to_reader(reason: SuppressionReason) -> bool:
    """Return whether a reader who asks and confirms anew lifts this suppression.

    A bounce, a complaint and an erasure are lifted by the person's own later wish, proven from the
    mailbox. An operator's "never" is lifted by an operator alone.
    """
    return reason is not SuppressionReason.MANUAL

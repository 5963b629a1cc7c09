"""What a later notice means for a reader, and when an issue must stop. The figures are here, and only here.

Pure. A reader is blamed only where a mail server clearly speaks of the mailbox: what it says of us, of
itself, of the way between or of the words of a mail (5.7, 5.3, 5.4, 5.5) never counts. Replies while
sending, bounce mails and webhooks go through the same rules. Neighbours: ``events`` has the notices,
``pipeline.hearing`` acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from digest.delivery.events import EventKind
from subscribers.model import Cadence

GONE_CODES: Final = frozenset({"5.1.1", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""No such mailbox, or it is closed (RFC 3463 §3.2, §3.3; RFC 7505 for 5.1.10): once is enough."""

NO_HOST_CODE: Final = "5.1.2"
"""No such host: a domain can be out for an afternoon, so it takes two days to be believed."""

NO_HOST_DAYS: Final = 2
SUPPRESS_AT: Final = 5
"""Days with a soft bounce, one after the other, until a mailbox counts as gone (Mailman's figure too)."""

SETTLED_AFTER: Final = timedelta(days=6)
"""How long after its hand-over a mail without bad news counts as arrived: servers try for up to five days."""

_NEVER_THE_READERS: Final = ("5.3.", "5.4.", "5.5.", "5.6.", "5.7.", "4.3.", "4.5.", "4.6.", "4.7.")
_THE_SENDERS: Final = frozenset({"5.1.7", "5.1.8"})  # RFC 3463 §3.2: the *sender's* mailbox or domain
_UNSPECIFIC: Final = ("5.0.", "5.1.0", "5.2.0")  # says no more than that it is for good

_CADENCE_DAYS: Final = {
    Cadence.EVERY_POST: 7,  # nobody knows when the next post comes; a week is usual
    Cadence.DAILY: 1,
    Cadence.WEEKLY: 7,
    Cadence.FORTNIGHTLY: 14,
    Cadence.MONTHLY: 31,
}


class Weight(StrEnum):
    """How much one notice says against a mailbox."""

    NONE = "none"  # nothing: it speaks of us, of a server, or of a mail still under way
    SOFT = "soft"  # one bad day
    NO_HOST = "no_host"  # the domain was not found: believed on the second day
    GONE = "gone"  # no such mailbox


def weight(kind: EventKind, code: str) -> Weight:
    """Return what a notice says against the mailbox it was told of."""
    if kind not in (EventKind.BOUNCED_HARD, EventKind.BOUNCED_SOFT):
        return Weight.NONE
    if code.startswith(_NEVER_THE_READERS) or code in _THE_SENDERS:
        return Weight.NONE
    if kind is EventKind.BOUNCED_SOFT:
        return Weight.SOFT
    if code == NO_HOST_CODE:
        return Weight.NO_HOST
    # Without a code that says more, whoever read the words has decided: "hard" was theirs to say.
    gone = code in GONE_CODES or not code or code.startswith(_UNSPECIFIC)
    return Weight.GONE if gone else Weight.SOFT


def forgotten_after(cadence: Cadence) -> timedelta:
    """Return how long a reader must be without a bounce until earlier ones are forgotten.

    The longer of seven days and three issues and two days: with Mailman's seven days alone, a weekly list
    could never count to five.
    """
    return timedelta(days=max(7, 3 * _CADENCE_DAYS[cadence] + 2))


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One earlier notice about one reader's mail."""

    kind: EventKind
    code: str
    heard_at: datetime
    sent_at: datetime  # when the mail it is about was handed over


def is_gone(notices: Sequence[Notice], arrived: Sequence[datetime], *, cadence: Cadence) -> bool:
    """Return whether a reader's mailbox counts as gone by all that was heard of it, in any order.

    ``arrived`` has when the mails were handed over of which nothing bad was heard and that are older than
    ``SETTLED_AFTER``. What arrived, as told or by silence, makes all bounces of mails before it void.
    """
    delivered = [notice.sent_at for notice in notices if notice.kind is EventKind.DELIVERED]
    last_good = max([*arrived, *delivered], default=None)
    counted = [
        (weight(notice.kind, notice.code), notice.heard_at)
        for notice in sorted(notices, key=lambda notice: notice.heard_at)
        if last_good is None or notice.sent_at > last_good
    ]
    if any(one is Weight.GONE for one, _ in counted):
        return True
    no_host = {at.date() for one, at in counted if one is Weight.NO_HOST}
    bad = [at for one, at in counted if one in (Weight.SOFT, Weight.NO_HOST)]
    return len(no_host) >= NO_HOST_DAYS or _bad_days(bad, forgotten_after(cadence)) >= SUPPRESS_AT


def _bad_days(bad: Sequence[datetime], forgotten: timedelta) -> int:
    """Return on how many days something bad was heard, counted from the last long silence on; one a day."""
    days = 0
    before: datetime | None = None
    for at in bad:
        if before is not None and at - before > forgotten:
            days, before = 0, None
        days += before is None or at.date() != before.date()
        before = at
    return days


class Brake(StrEnum):
    """What what was heard of an issue asks for."""

    NONE = "none"
    WARN = "warn"  # tell the operator
    STOP = "stop"  # stop the issue and ask the operator


COMPLAINTS_WARN: Final = 0.001
COMPLAINTS_STOP: Final = 0.003
"""Shares of an issue's mails. Gmail: stay below 0.1 %, never reach 0.3 % (its sender guidelines)."""

COMPLAINTS_STOP_AT_LEAST: Final = 3
"""Of an issue with less than 1000 mails one complaint warns and three stop: a share would be chance."""

BOUNCES_STOP: Final = 0.05
BOUNCES_COUNT_FROM: Final = 100
"""Hard bounces above 5 % stop an issue of at least 100 mails: a bought or old list, or forged reports."""


def complaint_brake(*, complaints: int, sent: int) -> Brake:
    """Return what the complaints about an issue ask for."""
    if complaints >= max(COMPLAINTS_STOP_AT_LEAST, COMPLAINTS_STOP * sent):
        return Brake.STOP
    return Brake.WARN if complaints and complaints >= COMPLAINTS_WARN * sent else Brake.NONE


def bounce_brake(*, bounces: int, sent: int) -> Brake:
    """Return what the hard bounces of an issue ask for."""
    too_many = sent >= BOUNCES_COUNT_FROM and bounces > BOUNCES_STOP * sent
    return Brake.STOP if too_many else Brake.NONE

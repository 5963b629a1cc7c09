"""When all mail waits: what the last hand-overs say of the way out, for every connection at once. Pure.

Two things open the breaker. A server that takes mail and drops the reply would double a whole list, a second
try each; a server that cannot be used would be asked for every reader. The first mail that is accepted closes
it. A second backend has a breaker of its own; ``way_out`` says when mail goes by it.
Neighbours: ``store.breaker`` keeps them, ``pipeline.sender`` asks before every claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from digest.delivery import retry

LOST_IN_A_ROW = 3
"""Replies lost one after the other, on whichever connections, before all mail waits."""

LOST_WAIT = timedelta(minutes=15)
"""How long mail waits then; each further lost reply, until one mail is accepted, makes it wait again."""


@dataclass(frozen=True, kw_only=True)
class Breaker:
    """What is known of the way out; all empty while mail goes."""

    since: datetime | None = None  # when mail first had to wait: names this spell of trouble
    until: datetime | None = None  # no claim before it
    why: str = ""  # one sentence for the operator
    lost: int = 0  # replies lost in a row
    waits: int = 0  # waits in a row for a server that cannot be used

    def is_open(self, now: datetime) -> bool:
        """Return whether mail waits at this moment."""
        return self.until is not None and now < self.until


CLOSED = Breaker()
"""Mail goes; the last one was accepted, or none was tried yet."""


def after_lost_reply(before: Breaker, now: datetime) -> Breaker:
    """Return the breaker after a reply was lost: open from the third in a row on."""
    lost = before.lost + 1
    if lost < LOST_IN_A_ROW:
        return replace(before, lost=lost)
    why = f"the mail server took {lost} mails in a row and dropped every reply, so all of them are in doubt"
    return replace(before, since=before.since or now, until=now + LOST_WAIT, why=why, lost=lost)


def after_unavailable(before: Breaker, why: str, now: datetime, *, asked_s: int = 0) -> Breaker:
    """Return the breaker after the server could not be used: 300 s, doubling, at most 4000 s.

    Connections that fail together are one failure. A server that named the time to come back
    (``asked_s``) is busy and not out: it is asked again then, and the count of waits stays.
    """
    if before.is_open(now):
        return before
    waits = before.waits if asked_s else before.waits + 1
    until = retry.next_try(waits, now, asked_s=asked_s)
    return replace(before, since=before.since or now, until=until, why=why.rstrip("."), waits=waits)


class Way(StrEnum):
    """By which backend mail goes."""

    FIRST = "first"  # mail.backend
    SECOND = "second"  # mail.fallback


FAIL_OVER_AFTER = 3
"""Waits in a row (300 s and 600 s lie between them) after which mail goes by the second backend."""


def way_out(first: Breaker, second: Breaker | None, now: datetime) -> Way | None:
    """Return the way by which mail goes at this moment, or None while it waits.

    The first backend is tried whenever its wait is over, so mail returns to it by itself. Lost replies
    never lead to the second one: what may have arrived by one way must not be sent by another, and a
    server that loses replies is not out. ``second`` None: there is no second backend.
    """
    if not first.is_open(now):
        return Way.FIRST
    if second is not None and first.waits >= FAIL_OVER_AFTER and not second.is_open(now):
        return Way.SECOND
    return None

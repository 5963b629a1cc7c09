"""When all mail waits: what the last hand-overs say of the way out, for every connection at once. Pure.

Two things open the breaker. A server that takes mail and drops the reply would double a whole list, a second
try each; a server that cannot be used would be asked for every reader. The first mail that is accepted closes
it. Neighbours: ``store.breaker`` keeps it, ``pipeline.deliver`` asks it before every claim.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

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


def after_unavailable(before: Breaker, why: str, now: datetime) -> Breaker:
    """Return the breaker after the server could not be used: 300 s, doubling, at most 4000 s.

    Connections that fail together are one failure.
    """
    if before.is_open(now):
        return before
    waits = before.waits + 1
    until = retry.next_try(waits, now)
    return replace(before, since=before.since or now, until=until, why=why.rstrip("."), waits=waits)

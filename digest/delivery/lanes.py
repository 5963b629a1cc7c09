"""The lanes mail goes by: one for each operator of mailboxes, so that trouble with one holds up no other.

Pure, and nobody is asked: the operators of the well-known domains are written down here, every other domain
is a lane of its own. Three refusals for now in a row, by one operator, close its lane for a while and halve
its pace; it comes back by doubling. Neighbours: ``store.lanes`` keeps what was decided, ``pipeline.lanes``
acts, ``warm_up`` bounds a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from digest.delivery import retry
from digest.model import OutcomeKind

BURST: Final = 3
"""Refusals for now in a row, by one operator, that slow its lane: one can be about a single mailbox."""

DOUBLES_EVERY: Final = timedelta(minutes=10)
"""How long a slowed lane keeps its pace before it is doubled, until it is what it was."""

SLOWEST: Final = 10
"""Mails a minute that a lane is never slowed below: closing it is what helps then."""

_OPERATORS: Final = {
    "gmail": ("gmail.com", "googlemail.com"),
    "outlook": ("msn.com", "windowslive.com", "passport.com"),
    "yahoo": ("ymail.com", "rocketmail.com", "myyahoo.com", "aim.com", "verizon.net"),
    "icloud": ("icloud.com", "me.com", "mac.com"),
    "gmx": ("web.de",),
    "proton": ("proton.me", "protonmail.com", "protonmail.ch", "pm.me"),
    "t-online": ("t-online.de", "magenta.de"),
    "orange": ("orange.fr", "wanadoo.fr"),
    "mail.ru": ("mail.ru", "inbox.ru", "list.ru", "bk.ru", "internet.ru"),
    "yandex": ("ya.ru",),
    "qq": ("qq.com", "foxmail.com"),
    "netease": ("163.com", "126.com", "yeah.net"),
    "fastmail": ("fastmail.com", "fastmail.fm"),
}
_NAMES: Final = {
    "outlook": "outlook", "hotmail": "outlook", "live": "outlook",
    "yahoo": "yahoo", "aol": "yahoo", "gmx": "gmx", "yandex": "yandex",
}  # fmt: skip
"""Names that their operator uses in many countries: hotmail.fr, yahoo.co.uk, gmx.at."""

_BY_DOMAIN: Final = {domain: name for name, domains in _OPERATORS.items() for domain in domains}
OPERATORS: Final = frozenset(_OPERATORS)


def lane_of(address: str) -> str:
    """Return the lane of an address: its operator's name, or its domain; empty where it has none."""
    domain = address.rpartition("@")[2].lower()
    known = _BY_DOMAIN.get(domain)
    if known:
        return known
    name, _, rest = domain.partition(".")
    of_country = len(rest) == 2 or rest in ("com", "net") or rest.startswith(("co.", "com."))
    return _NAMES.get(name, domain) if of_country and rest.count(".") <= 1 else domain


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What the operator allows a lane, by its name; a lane that is not named goes as fast as it is taken."""

    per_minute: Mapping[str, int] = field(default_factory=dict)  # mails
    at_once: Mapping[str, int] = field(default_factory=dict)  # connections with mail of that lane


@dataclass(frozen=True, kw_only=True)
class Slowed:
    """A lane that its operator of mailboxes told to slow down."""

    until: datetime  # closed before it
    halvings: int  # how often its pace was halved, one after the other
    base: int  # mails a minute before the first of them
    why: str  # what was said, for people

    def is_closed(self, now: datetime) -> bool:
        """Return whether its mail waits at this moment."""
        return now < self.until

    def has_recovered(self, now: datetime) -> bool:
        """Return whether its pace is again what it was."""
        return not self.is_closed(now) and self._left(now) == 0

    def per_minute(self, now: datetime) -> int:
        """Return its pace, closed or not: halved as often as is left."""
        return max(self.base >> self._left(now), min(SLOWEST, self.base))

    def _left(self, now: datetime) -> int:
        """Return the halvings that the time since it opened has not undone yet."""
        return max(0, self.halvings - max(0, (now - self.until) // DOUBLES_EVERY))


def counts(kind: OutcomeKind, code: str) -> bool:
    """Return whether an outcome is a refusal for now that may be about us, and not about one mailbox.

    ``code`` is the reply code and enhanced status: 4xx, but for 4.2.x, a mailbox that is full or locked
    (RFC 3463 §3.3). 429 is HTTP: a provider asks to wait with everything, which is ``pace``'s. An outcome
    without a code is the trouble of a connection, and ``breaker``'s.
    """
    reply, _, enhanced = code.partition(" ")
    if kind is not OutcomeKind.TEMPORARY or reply == "429":
        return False
    return reply.startswith("4") and not enhanced.startswith("4.2.")


def slowed(before: Slowed | None, why: str, now: datetime, *, pace: int) -> Slowed:
    """Return a lane after a burst of refusals: closed for 300 s, doubling with each, and at half its pace.

    ``pace`` is how many mails a minute it took or was allowed until now.
    """
    if before is None or before.has_recovered(now):
        return Slowed(until=retry.next_try(1, now), halvings=1, base=max(1, pace), why=why)
    if before.is_closed(now):  # mails that were on their way when it was closed
        return before
    # Not from where it has recovered to, so that a lane that is slowed again and again stays slow.
    halvings = min(before.halvings + 1, before.base.bit_length())
    return Slowed(until=retry.next_try(halvings, now), halvings=halvings, base=before.base, why=why)


def pace_of(lane: str, slow: Slowed | None, limits: Limits, now: datetime) -> int | None:
    """Return how many mails a minute a lane may have; None: as many as are taken."""
    allowed = limits.per_minute.get(lane)
    if slow is None or slow.has_recovered(now):
        return allowed
    pace = slow.per_minute(now)
    return pace if allowed is None else min(pace, allowed)

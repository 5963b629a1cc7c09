"""What the exit code of a program that takes mail means for one mail (sysexits.h of BSD, sysexits(3)).

Pure. Sendmail, Postfix, Exim, msmtp and others end with these codes. 0 means that the program took
responsibility. Where a code can be read two ways the milder one wins: a reader is blamed only by the two
codes that speak of them. A program that talks to the server itself, as msmtp does, ends with 70, 74 or 76
where the connection broke, perhaps after the last dot: the mail may have gone out, as with a code outside
the table. Neighbour: ``sendmail``.

One trap: the first sendmail, told to deliver while we wait (``-odi``), ends with 75 for a mail that it keeps
and tries again. It would be sent twice. Do not use ``-odi``; without it, what is kept ends with 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from digest.model import OutcomeKind
from digest.providers.replies import Verdict


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """What one exit code says."""

    verdict: Verdict  # "pause": the program refuses us, so stop and tell the operator
    words: str  # for people
    code: str = ""  # reply and enhanced status that say the same (RFC 3463); empty: none does


_REJECTED, _TEMPORARY, _UNCERTAIN = OutcomeKind.REJECTED, OutcomeKind.TEMPORARY, OutcomeKind.UNCERTAIN

_MEANINGS: Final = {
    0: Meaning(verdict=OutcomeKind.ACCEPTED, words="taken"),
    64: Meaning(verdict="pause", words="it was called in a wrong way"),
    65: Meaning(verdict=OutcomeKind.UNSENDABLE, words="it cannot read this mail"),
    66: Meaning(verdict="pause", words="it cannot read its input"),
    67: Meaning(verdict=_REJECTED, words="there is no such mailbox", code="550 5.1.1"),
    68: Meaning(verdict=_REJECTED, words="there is no such host", code="550 5.1.2"),
    69: Meaning(verdict=_TEMPORARY, words="a service is not available"),
    70: Meaning(verdict=_UNCERTAIN, words="a fault of the program's own"),
    71: Meaning(verdict=_TEMPORARY, words="the system has no room for it"),
    72: Meaning(verdict=_TEMPORARY, words="a file of the system is missing"),
    73: Meaning(verdict=_TEMPORARY, words="it cannot write its queue"),
    74: Meaning(verdict=_UNCERTAIN, words="reading or writing failed"),
    75: Meaning(verdict=_TEMPORARY, words="not now"),
    76: Meaning(verdict=_UNCERTAIN, words="the other side spoke nonsense"),
    77: Meaning(verdict="pause", words="we may not do that"),
    78: Meaning(verdict="pause", words="it is not set up"),
    # Not of sysexits: what shells and wrappers around the program end with when it is not there.
    126: Meaning(verdict="pause", words="it may not be started"),
    127: Meaning(verdict="pause", words="it is not there"),
}


def meaning(code: int) -> Meaning:
    """Return what an exit code of 0 or more says."""
    return _MEANINGS.get(code) or Meaning(verdict=OutcomeKind.UNCERTAIN, words="a code that says nothing")

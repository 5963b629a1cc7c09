"""What an SMTP reply means for one message: who is to blame, if anybody.

Pure. The one home of the rules that read reply codes (RFC 5321 §4.2), enhanced status codes (RFC 3463,
RFC 5248) and the words beside them. It must never see a socket; ``smtp`` asks it. When a reply can be
read two ways the milder one wins: a subscriber is only blamed when the server clearly speaks of them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from digest.model import OutcomeKind

DETAIL_MAX_CHARS: Final = 200
_READ_MAX_CHARS: Final = 2000  # more of a reply is never looked at; keeps the patterns below cheap


class Phase(StrEnum):
    """What the server was replying to."""

    MAIL = "mail"  # the sender
    RCPT = "rcpt"  # the recipient
    DATA = "data"  # the wish to send the body
    DOT = "dot"  # the end of the body: a 2xx takes responsibility


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One complete reply of a server."""

    code: int  # 200 to 599
    text: str  # its lines without codes, joined by line feeds

    @property
    def enhanced(self) -> str:
        """The enhanced status the text begins with (RFC 2034 §4), or an empty string."""
        return enhanced_status(self.text)


Verdict = OutcomeKind | Literal["pause"]
"""What became of the message, or ``"pause"``: the server refuses *us*, so stop and tell the operator."""

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?=\s|$)")
_QUEUE_ID = re.compile(
    r"(?:\bqueued as |\bid=)([\w.+-]{4,100})|^ok ([\w.+-]{10,100})$", re.IGNORECASE | re.MULTILINE
)
_ADDRESS = re.compile(r'<?(?:"[^"]*"|[^\s<>(),;:"]+)@[^\s<>(),;:"]+>?')
_SENDER_STATUSES = frozenset({"5.1.7", "5.1.8"})  # RFC 3463 §3.2: the *sender's* mailbox or domain
_SIZE_STATUSES = frozenset({"5.2.3", "5.3.4"})
_AUTHENTICATION_CODES = frozenset({530, 534, 535, 538})  # RFC 4954 §6
_RECIPIENT_CODES = frozenset({550, 551, 553, 556})  # RFC 5321 §4.2.2, RFC 7504 §4
# For servers that send no enhanced status, or one that says nothing ("5.0.0").
_SIZE_WORDS = re.compile(
    r"too (?:large|big|long)|message size|size (?:limit|exceed)|exceeds.*size", re.IGNORECASE
)
_FULL_WORDS = re.compile(r"quota|mailbox (?:is )?full|storage|over limit", re.IGNORECASE)
_POLICY_WORDS = re.compile(
    r"relay|spam|policy|block(?:ed|list)|blacklist|denied|not permitted|not allowed to send|reputation"
    r"|authenticat|dmarc|\bspf\b|dkim|banned",
    re.IGNORECASE,
)


def classify(phase: Phase, code: int, enhanced: str, text: str) -> Verdict:
    """Return what a complete reply means for the message.

    ``enhanced`` is the enhanced status, or empty. A reply that fits no rule is UNCERTAIN after the dot,
    where only a clear refusal proves that nothing was accepted, and TEMPORARY before it.
    """
    if phase is Phase.DOT and 200 <= code <= 299:
        return OutcomeKind.ACCEPTED
    if 400 <= code <= 499:
        return OutcomeKind.TEMPORARY
    if not 500 <= code <= 599:
        return OutcomeKind.UNCERTAIN if phase is Phase.DOT else OutcomeKind.TEMPORARY
    if enhanced.startswith("4."):  # contradicts its own 5xx; the milder reading loses nobody
        return OutcomeKind.TEMPORARY
    by_status = _by_status(phase, enhanced)
    return by_status if by_status is not None else _by_code(phase, code, text)


def _by_status(phase: Phase, enhanced: str) -> Verdict | None:
    """Return what the enhanced status of a 5xx reply says, or None where it says nothing."""
    subject = enhanced[:4]  # "5.1.", "5.2." …: what the status is about (RFC 3463 §2)
    verdict: Verdict | None = None
    if enhanced in _SIZE_STATUSES or subject == "5.6.":
        verdict = OutcomeKind.UNSENDABLE
    elif subject == "5.7." or enhanced in _SENDER_STATUSES:
        verdict = "pause"
    elif phase is Phase.MAIL:  # no recipient was named yet, so none can be at fault
        verdict = None
    elif subject == "5.1." or enhanced == "5.2.1":
        verdict = OutcomeKind.REJECTED
    elif enhanced == "5.2.2":  # a full mailbox is often sent as 552: it empties again
        verdict = OutcomeKind.TEMPORARY
    elif subject in {"5.2.", "5.3.", "5.4."} and not enhanced.endswith(".0"):
        # Mailing lists, the server's own state, routing: not for good, and nobody's fault.
        verdict = OutcomeKind.TEMPORARY
    return verdict


def _by_code(phase: Phase, code: int, text: str) -> Verdict:
    """Return what a 5xx reply says by its code, its moment and its words."""
    # RFC 5321 gives 552 to full mailboxes, RFC 1870 §6 gives the same code to messages too large.
    if code == 552:
        too_large = phase is Phase.MAIL or _SIZE_WORDS.search(text)
        return OutcomeKind.UNSENDABLE if too_large else OutcomeKind.TEMPORARY
    if phase is Phase.MAIL or code in _AUTHENTICATION_CODES:
        return "pause"
    if _POLICY_WORDS.search(text):
        return "pause"
    if _FULL_WORDS.search(text):
        return OutcomeKind.TEMPORARY
    blamed = OutcomeKind.TEMPORARY
    if phase is Phase.RCPT and code in _RECIPIENT_CODES:
        blamed = OutcomeKind.REJECTED
    elif phase is Phase.DOT and code in {550, 553, 554}:
        blamed = OutcomeKind.UNSENDABLE  # the body was what changed the server's mind
    return blamed


def enhanced_status(text: str) -> str:
    """Return the enhanced status a reply's text begins with (RFC 2034 §4), or an empty string."""
    found = _ENHANCED.match(text)
    return found[1] if found else ""


def shown_code(code: int, enhanced: str) -> str:
    """Return code and enhanced status as people and logs see them: ``550 5.1.1``."""
    return f"{code} {enhanced}".rstrip()


def shown_text(text: str) -> str:
    """Return a reply's words on one line of at most 200 characters, without mail addresses.

    Status codes are left out too; ``shown_code`` has them.
    """
    cut = text[:_READ_MAX_CHARS]
    if len(text) > _READ_MAX_CHARS:  # the last word may be half an address
        cut = cut.rpartition(" ")[0]
    words = " ".join(_ENHANCED.sub("", line, count=1) for line in cut.splitlines())
    words = "".join(char if char.isprintable() else " " for char in words)
    words = _ADDRESS.sub("[address]", words)
    words = " ".join(words.split())
    return words if len(words) <= DETAIL_MAX_CHARS else words[: DETAIL_MAX_CHARS - 1] + "…"


def queue_id(text: str) -> str:
    """Return the name the server gave the message ("queued as 4F2A…", "id=1tE…"), or an empty string."""
    found = _QUEUE_ID.search(text[len(enhanced_status(text)) : _READ_MAX_CHARS].strip())
    return found[1] or found[2] if found else ""

"""What a mail server's reason means, by its code and its words: is the mailbox gone, or is it something else?

Pure. For reports written after the fact, as ``replies`` is for replies while sending; the milder reading wins
here too. Codes are RFC 3463's; the words are those that common servers use where the code says nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from digest.delivery.suppression import GONE_CODES, NO_HOST_CODE

_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_REPLY = re.compile(r"(?<![\d.\[])([45]\d\d)(?=[\s:-])")
READ_MAX_CHARS: Final = 4000

_FULL = re.compile(
    r"quota|mailbox (?:is )?full|over ?(?:the )?limit|enough (?:space|storage)|storage|exceed|full mailbox",
    re.IGNORECASE,
)
_NOT_THE_READER = re.compile(
    r"virus|spam|policy|black ?list|block ?list|\bblocked\b|banned|reverse dns|\bptr\b|relay(?:ing)? "
    r"|greylist|reputation|authenticat|dmarc|\bspf\b|dkim|too (?:large|big|long)|size limit|line limit"
    r"|sender address|sending ip|domain of sender",
    re.IGNORECASE,
)
_THE_SENDERS = frozenset({"5.1.7", "5.1.8"})  # RFC 3463 §3.2: the *sender's* mailbox or domain
_AFTER_THE_DATA = re.compile(r"command data\b|after end of data|after I sent the message", re.IGNORECASE)
_GONE = re.compile(
    r"user[- ]?unknown|unknown (?:local )?(?:user|recipient|mailbox|account|address)"
    r"|no such (?:user|mailbox|recipient|account|address|person|local)"
    r"|no mailbox (?:here )?by that name|(?:user|recipient|mailbox|account|address)\b[^.\n]{0,80}?"
    r"(?:does not|doesn'?t|did not) exist|(?:does not|doesn'?t) have an? \S{1,60} account"
    r"|not a valid (?:mailbox|user|recipient|address)|(?:user|recipient|mailbox|address) ?not ?found"
    r"|invalid (?:recipient|mailbox|user)|(?:recipient|mailbox|address) (?:is )?(?:invalid|unknown)"
    r"|(?:account|mailbox|user)\b[^.\n]{0,40}?(?:disabled|deactivated|closed|deleted|discontinued|inactive)"
    r"|not listed in public name|recipient address rejected|no longer (?:valid|active|with us)",
    re.IGNORECASE,
)
_NO_HOST = re.compile(
    r"no such domain|unrouteable (?:mail )?domain|(?:host|domain)(?: or domain)?(?: name)? not found"
    r"|unknown (?:host|domain)|invalid domain|domain (?:name )?(?:does not exist|is invalid)",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a reason means."""

    hard: bool  # for good, and the mailbox or its domain is the reason
    code: str  # the enhanced status that says most; empty where there is none


def verdict(status: str, words: str) -> Verdict:
    """Return what a status and the words beside it mean. A status in the words is nearer to the truth."""
    words = " ".join(words[:READ_MAX_CHARS].split())
    code = _telling_code(status, words)
    if _is_for_now(code, words):
        return Verdict(hard=False, code=code)
    if code not in GONE_CODES and (_NOT_THE_READER.search(words) or _AFTER_THE_DATA.search(words)):
        return Verdict(hard=False, code=code)
    if code in (NO_HOST_CODE, "5.4.4") or _NO_HOST.search(words):
        return Verdict(hard=True, code=code if code and not _says_nothing(code) else NO_HOST_CODE)
    if code in GONE_CODES:
        return Verdict(hard=True, code=code)
    # Policy is rarely about the mailbox: then what stands after the code must say so.
    telling = words.rpartition(code)[2] if code.startswith("5.7.") else words
    return Verdict(hard=bool(_GONE.search(telling)), code=code)


def _is_for_now(code: str, words: str) -> bool:
    """Return whether the reason passes, or is the sender's: a full mailbox is there, and empties again."""
    if code.startswith("4.") or (not code and _reply(words).startswith("4")):
        return True
    if code.startswith("5.2.") and code not in GONE_CODES:
        return True
    return code in _THE_SENDERS or bool(_FULL.search(words))


def _telling_code(status: str, words: str) -> str:
    """Return the enhanced status that says most: the last one in the words, unless it says nothing."""
    own = _CODE.search(status)
    found = [code for code in _CODE.findall(words) if not _says_nothing(code)]
    if found:
        return str(found[-1])
    return own[1] if own else ""


def _says_nothing(code: str) -> bool:
    return code.endswith(".0.0") or code.startswith(("5.0.", "4.0."))


def _reply(words: str) -> str:
    found = _REPLY.search(words)
    return found[1] if found else ""

"""Bounces of no standard shape, written for people. The one home of flufl.bounce.

flufl.bounce knows the layouts of many servers and says which addresses failed; the reason is read here.
Pure: it sees one mail and no network. Only what says it comes from a mail system is looked at.
"""

from __future__ import annotations

import logging
import re
from typing import Final

from flufl.bounce import all_failures

from digest.delivery.events import EventKind
from digest.providers.automatic import is_from_daemon
from digest.providers.bounce_words import verdict
from digest.providers.incoming import Incoming, field, text_of
from digest.providers.replies import shown_text
from digest.providers.reports import Report

logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL)  # it tells tracebacks, with the mail's words

_COPY_BEGINS = re.compile(
    r"^.{0,20}?(?:below (?:this|the next) line|this is a copy of|-{3,} ?original message"
    r"|message headers? follow|header of the original|copy of the message|first \d+ lines of)"
    r"|^>?\s*received: ",
    re.IGNORECASE | re.MULTILINE,
)
_FAILED = re.compile(
    r"(?:could not|couldn'?t|cannot|not|unable to|wasn'?t able to) (?:be )?(?:deliver|send)|undeliver"
    r"|delivery|returned (?:mail|to sender)|failure notice|failed|did not like|rejected",
    re.IGNORECASE,
)
_REPLY = re.compile(r"(?<!\S)55\d[ -]5?\.?\w")
_STILL_TRIED = re.compile(
    r"warning (?:message )?only|do not need to resend|has been (?:delayed|postponed)|will be retried"
    r"|continue to try|still being retried",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[\w.+=-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_TEXT_MAX_CHARS: Final = 6000


def reports(mail: Incoming) -> tuple[Report, ...]:
    """Return the reports in a bounce of no standard shape; none where the mail is no bounce."""
    if not is_from_daemon(mail.head):
        return ()
    words = _words(mail)
    temporary, permanent = _known_failures(mail)
    says_so = _FAILED.search(words) or _FAILED.search(field(mail.head, "subject")) or _REPLY.search(words)
    if not (temporary or permanent or (says_so and _ADDRESS.search(words))):
        return ()
    addresses = sorted(permanent or temporary) or _ADDRESS.findall(words)[:1]
    decided = verdict("", words)
    if _STILL_TRIED.search(words) or (temporary and not permanent and not decided.hard):
        kind = EventKind.DEFERRED
    else:
        kind = EventKind.BOUNCED_HARD if decided.hard else EventKind.BOUNCED_SOFT
    detail = shown_text(words)
    return tuple(
        Report(kind=kind, address=address, code=decided.code, detail=detail) for address in addresses[:10]
    )


def _known_failures(mail: Incoming) -> tuple[set[str], set[str]]:
    """Return what flufl.bounce finds: addresses that failed for now and for good."""
    try:
        temporary, permanent = all_failures(mail.head)
    except Exception:  # noqa: BLE001 - whoever wrote the mail chose the bytes that break a detector
        return set(), set()
    return {_text(one) for one in temporary}, {_text(one) for one in permanent}


def _text(address: bytes | str) -> str:
    return address.decode("utf-8", "replace") if isinstance(address, bytes) else address


def _words(mail: Incoming) -> str:
    """Return what the bounce itself says, without the copy of what was sent."""
    # A multipart whose boundary is broken is left as one text.
    kinds = ("text", "multipart")
    texts = [text_of(part) for part in mail.parts if part.get_content_maintype() in kinds][:5]
    whole = "\n".join(texts)
    begins = _COPY_BEGINS.search(whole)
    return (whole[: begins.start()] if begins else whole)[:_TEXT_MAX_CHARS]

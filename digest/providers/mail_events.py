"""From one mail of the bounce mailbox to what it means: a bounce, a complaint, a wish to leave, or nothing.

    abuse report → delivery status notification → automatic answer → wish to leave → bounce of no standard
    shape

Pure. The proof of which mail is meant is looked for in what only we and the mail's way back can have
written: the token of our envelope sender, else the Message-ID that is quoted. A sender's address proves
nothing.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum

from digest.delivery.events import MAILBOX, RAW_MAX_CHARS, ProviderEvent
from digest.providers import dsn, loose_bounces
from digest.providers.automatic import is_automatic, is_from_daemon
from digest.providers.bounce_tokens import token_in
from digest.providers.incoming import Incoming, Unreadable, field, take_apart, text_of
from digest.providers.reports import Report


class MailKind(StrEnum):
    """What a mail to the bounce mailbox is."""

    BOUNCE = "bounce"  # something became of a mail: failed, delayed, delivered
    COMPLAINT = "complaint"  # somebody reported a mail, or asks their provider to leave
    LEAVE = "leave"  # a mail to leave, with its token
    AUTOMATIC = "automatic"  # an answer that nobody wrote: of no account
    UNKNOWN = "unknown"  # none of these: left for a person
    UNREADABLE = "unreadable"  # built to be a burden: left for a person


@dataclass(frozen=True, kw_only=True)
class ReadMail:
    """What one mail means."""

    kind: MailKind
    events: tuple[ProviderEvent, ...] = ()
    leave_token: str = ""  # the unsubscribe token of a mail to leave
    why: str = ""  # why it is unreadable


_WE_RECEIVE_AS = ("to", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "apparently-to")
_OUR_MESSAGE_ID = re.compile(
    r"^message-id:\s*(<d\d{1,18}\.[0-9a-f]{12}@[^\s<>]{1,255}>)", re.IGNORECASE | re.MULTILINE
)
_OUR_RETURN_PATH = re.compile(
    r"^(?:return-path|x-envelope-from|original-mail-from):\s*<?([^\s<>]{1,320})>?",
    re.IGNORECASE | re.MULTILINE,
)
_LEAVE = re.compile(
    r"\bunsubscribe\s+([a-z0-9]{1,16}\.[A-Za-z0-9_-]{1,32}\.[0-9a-f]{40})(?!\S)", re.IGNORECASE
)


def read(raw: bytes) -> ReadMail:
    """Return what a mail means; never raises, whatever its bytes are."""
    try:
        mail = take_apart(raw)
    except (Unreadable, RecursionError) as error:
        return ReadMail(kind=MailKind.UNREADABLE, why=str(error))
    complaint = dsn.feedback(mail)
    if complaint is not None:
        return ReadMail(kind=MailKind.COMPLAINT, events=_events(raw, mail, (complaint,)))
    reports = dsn.delivery_reports(mail)
    if not reports and is_automatic(mail):
        return ReadMail(kind=MailKind.AUTOMATIC)
    leaving = _LEAVE.search(field(mail.head, "subject"))
    if not reports and leaving and not is_from_daemon(mail.head):
        return ReadMail(kind=MailKind.LEAVE, leave_token=leaving[1])
    reports = reports or loose_bounces.reports(mail)
    kind = MailKind.BOUNCE if reports else MailKind.UNKNOWN
    return ReadMail(kind=kind, events=_events(raw, mail, reports))


def _events(raw: bytes, mail: Incoming, reports: tuple[Report, ...]) -> tuple[ProviderEvent, ...]:
    """Return reports as events: one mail read twice gives the same ones."""
    name = hashlib.sha256(raw).hexdigest()
    token, message_id = _proof(mail)
    return tuple(
        ProviderEvent(
            provider=MAILBOX,
            event_id=f"{name}/{place}",
            kind=report.kind,
            token=token,
            reference=message_id,
            address=report.address,
            code=report.code,
            detail=report.detail,
            raw=raw[:RAW_MAX_CHARS].decode("utf-8", "replace").replace("\0", ""),
        )
        for place, report in enumerate(reports)
    )


def _proof(mail: Incoming) -> tuple[str, str]:
    """Return the token and the Message-ID that say which mail of ours is meant, each as far as there."""
    ours = [field(mail.head, name) for name in _WE_RECEIVE_AS]
    quoted = "\n".join([mail.returned, *(text_of(part) or str(part) for part in mail.parts)])
    ours += _OUR_RETURN_PATH.findall(quoted)
    token = next((found for found in map(token_in, ours) if found), "")
    message_id = _OUR_MESSAGE_ID.search(quoted)
    return token, message_id[1] if message_id else ""

"""Delivery status notifications in the standard shape (RFC 3464), and abuse reports (RFC 5965).

Pure, and bounded by ``incoming``. Neighbours: ``loose_bounces`` reads what has no standard shape,
``mail_events`` asks for all of them in order.
"""

from __future__ import annotations

from email.message import Message as Parsed
from typing import Final

from digest.delivery.events import EventKind
from digest.providers.automatic import is_from_daemon
from digest.providers.bounce_words import verdict
from digest.providers.incoming import Incoming, blocks_of, field
from digest.providers.replies import shown_text
from digest.providers.reports import Report

MAX_RECIPIENTS: Final = 50
_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})


def delivery_reports(mail: Incoming) -> tuple[Report, ...]:
    """Return what a delivery status notification says of each recipient; none where the mail is none."""
    found: list[Report | None] = []
    wrapped = mail.within if is_from_daemon(mail.head) else ()
    for part in (*mail.parts, *wrapped):
        if part.get_content_type() in _STATUS_PARTS:
            found += [_report(block) for block in blocks_of(part)]
    return tuple(report for report in found if report is not None)[:MAX_RECIPIENTS]


def _report(block: Parsed) -> Report | None:
    """Return one recipient's report; None for the block about the whole mail, and for news of no use."""
    action = field(block, "action").partition(" ")[0].lower()
    status, words = field(block, "status"), field(block, "diagnostic-code")
    if not action and not field(block, "final-recipient"):
        return None
    decided = verdict(status, words or status)
    kinds = {
        "failed": EventKind.BOUNCED_HARD if decided.hard else EventKind.BOUNCED_SOFT,
        "delayed": EventKind.DEFERRED,
        "delivered": EventKind.DELIVERED,
    }
    # "relayed" and "expanded" say that nothing more will be heard (RFC 3464 §2.3.3).
    kind = kinds.get(action, EventKind.DEFERRED if not action else None)
    if kind is None:
        return None
    address = field(block, "original-recipient") or field(block, "final-recipient")
    return Report(
        kind=kind, address=_mailbox(address), code=decided.code, detail=shown_text(_after_type(words))
    )


def _mailbox(value: str) -> str:
    """Return the address of a typed field: ``rfc822; ann@example.org`` (RFC 3464 §2.3.1)."""
    return _after_type(value).strip("<> ")


def _after_type(value: str) -> str:
    kind, semicolon, rest = value.partition(";")
    return rest.strip() if semicolon and " " not in kind.strip() else value


_COMPLAINTS = frozenset({"abuse", "fraud", "virus", "other", "miscategorized"})
_LEAVING = frozenset({"opt-out", "opt-out-list"})


def feedback(mail: Incoming) -> Report | None:
    """Return what an abuse report asks for; None where the mail is none, or says nothing against us.

    "not-spam" takes a complaint back at the mailbox provider; authentication reports (RFC 6591) are about us.
    """
    for part in mail.parts:
        if part.get_content_type() != "message/feedback-report":
            continue
        for block in blocks_of(part)[:1]:
            kind = field(block, "feedback-type").lower()
            address = _mailbox(field(block, "original-rcpt-to"))
            if kind in _COMPLAINTS:
                return Report(kind=EventKind.COMPLAINED, address=address, detail=kind)
            if kind in _LEAVING:
                return Report(kind=EventKind.UNSUBSCRIBED, address=address, detail=kind)
    return None

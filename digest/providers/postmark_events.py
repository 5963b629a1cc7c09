"""Postmark's webhooks: bounce, spam complaint, delivery, subscription change. Pure.

Sources, seen 2026-11-25: postmarkapp.com/email-webhooks, …/developer/webhooks/subscription-change-webhook;
the types of bounces as the postmark package for Node (4.0.2) and django-anymail 15.2 list them. Calls are
not signed: they prove themselves by a password, in the address or by Basic authentication, that only
Postmark was given.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from digest.delivery.events import EventKind, ProviderEvent
from digest.providers import webhook
from digest.providers.webhook import Headers, HookSecrets, text

NAME: Final = "postmark"
_BOUNCES = {  # its "Type"; automatic answers and challenges say nothing, and are left out
    "HardBounce": EventKind.BOUNCED_HARD,
    "BadEmailAddress": EventKind.BOUNCED_HARD,
    "SoftBounce": EventKind.BOUNCED_SOFT,
    "DnsError": EventKind.DEFERRED,
    "Transient": EventKind.DEFERRED,
    "SpamComplaint": EventKind.COMPLAINED,
    "Unsubscribe": EventKind.UNSUBSCRIBED,
    "Blocked": EventKind.REJECTED,
    "SpamNotification": EventKind.REJECTED,
    "SMTPApiError": EventKind.REJECTED,
    "DMARCPolicy": EventKind.REJECTED,
    "ManuallyDeactivated": EventKind.REJECTED,
}
_REASONS = {  # why a mailbox was taken off the list at Postmark
    "ManualSuppression": EventKind.UNSUBSCRIBED,
    "SpamComplaint": EventKind.COMPLAINED,
    "HardBounce": EventKind.BOUNCED_HARD,
}


def parse_events(
    headers: Headers,
    body: bytes,
    secrets: HookSecrets,
    now: datetime,  # noqa: ARG001 - nothing here is dated by a signature
) -> list[ProviderEvent]:
    """Return what a call tells; raise Forged or Malformed."""
    webhook.check_password(headers, secrets.postmark)
    return [_event(said, kind) for said in webhook.each(webhook.read_json(body)) if (kind := _kind(said))]


def _kind(said: Mapping[str, Any]) -> EventKind | None:
    record = said.get("RecordType")
    if record == "Bounce":
        return _BOUNCES.get(text(said, "Type"))
    if record == "SubscriptionChange":
        return _REASONS.get(text(said, "SuppressionReason")) if said.get("SuppressSending") is True else None
    simple = {"SpamComplaint": EventKind.COMPLAINED, "Delivery": EventKind.DELIVERED}
    return simple.get(str(record))


def _event(said: Mapping[str, Any], kind: EventKind) -> ProviderEvent:
    at = text(said, "BouncedAt", "DeliveredAt", "ChangedAt")
    message_id = text(said, "MessageID")
    return webhook.event(
        NAME,
        kind,
        said,
        event_id=f"{message_id}/{text(said, 'RecordType')}/{text(said, 'ID') or at}",
        words=text(said, "Details", "Description"),
        at=webhook.moment(at),
        reference=text(webhook.part(said, "Metadata"), "everypost"),
        provider_id=message_id,
        address=text(said, "Email", "Recipient"),
    )

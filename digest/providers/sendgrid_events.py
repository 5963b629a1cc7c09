"""SendGrid's signed event webhook. Pure.

Source of the signature, seen 2026-11-25: twilio.com/docs/sendgrid/for-developers/tracking-events, "Getting
started with the event webhook security features" (ECDSA with SHA-256 over timestamp and raw body, the public
key in base64). It names no age; five minutes is our choice. Events and their fields as django-anymail 15.2
reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from digest.delivery.events import EventKind, ProviderEvent
from digest.providers import webhook
from digest.providers.webhook import Forged, Headers, HookSecrets, text

NAME: Final = "sendgrid"
SIGNATURE, STAMP = "x-twilio-email-event-webhook-signature", "x-twilio-email-event-webhook-timestamp"
_KINDS = {
    "delivered": EventKind.DELIVERED,
    "deferred": EventKind.DEFERRED,
    "dropped": EventKind.REJECTED,
    "spamreport": EventKind.COMPLAINED,
    "unsubscribe": EventKind.UNSUBSCRIBED,
    "group_unsubscribe": EventKind.UNSUBSCRIBED,
}
_DROPPED = {"Bounced Address": EventKind.BOUNCED_HARD, "Spam Reporting Address": EventKind.COMPLAINED}


def parse_events(headers: Headers, body: bytes, secrets: HookSecrets, now: datetime) -> list[ProviderEvent]:
    """Return what a call tells; raise Forged or Malformed."""
    stamp = headers.get(STAMP, "")
    _check(headers.get(SIGNATURE, ""), stamp.encode() + body, secrets.sendgrid)
    webhook.check_age(stamp, now)
    return [_event(said, kind) for said in webhook.each(webhook.read_json(body)) if (kind := _kind(said))]


def _check(signature: str, signed: bytes, key: str) -> None:
    # An extra, and slow to load: wanted only where a call comes.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    try:
        public = load_der_public_key(webhook.decoded(key))
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise Forged("the verification key is of another kind")
        public.verify(webhook.decoded(signature), signed, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError) as error:
        raise Forged("the signature does not hold") from error


def _kind(said: Mapping[str, Any]) -> EventKind | None:
    name = text(said, "event")
    if name == "bounce":
        return EventKind.BOUNCED_SOFT if said.get("type") == "blocked" else EventKind.BOUNCED_HARD
    if name == "dropped":
        return _DROPPED.get(text(said, "reason"), EventKind.REJECTED)
    return _KINDS.get(name)


def _event(said: Mapping[str, Any], kind: EventKind) -> ProviderEvent:
    return webhook.event(
        NAME,
        kind,
        said,
        event_id=text(said, "sg_event_id") or webhook.hashed(*map(str, sorted(said.items()))),
        words=text(said, "reason", "response"),
        status=text(said, "status"),
        at=webhook.moment(text(said, "timestamp")),
        reference=text(said, "everypost"),
        # The events add parts of their own to the name that was given when the mail was taken.
        provider_id=text(said, "sg_message_id").partition(".")[0],
        address=text(said, "email"),
    )

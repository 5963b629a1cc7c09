"""Resend's webhooks, signed by Svix. Pure.

Sources, read 2026-11-25: resend.com/docs/webhooks/verify-webhooks-requests (the three headers),
docs.svix.com/receiving/verifying-payloads/how-manual (HMAC-SHA256 over ``id.timestamp.body``, several
signatures apart by spaces, each "v1," and base64). Events as django-anymail 15.2 reads them.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from digest.delivery.events import EventKind, ProviderEvent
from digest.providers import webhook
from digest.providers.webhook import Forged, Headers, HookSecrets, Malformed, part, text

NAME: Final = "resend"
_KINDS = {
    "email.delivered": EventKind.DELIVERED,
    "email.delivery_delayed": EventKind.DEFERRED,
    "email.bounced": EventKind.BOUNCED_HARD,
    "email.complained": EventKind.COMPLAINED,
    "email.failed": EventKind.REJECTED,
    "email.suppressed": EventKind.REJECTED,
}


def parse_events(headers: Headers, body: bytes, secrets: HookSecrets, now: datetime) -> list[ProviderEvent]:
    """Return what a call tells; raise Forged or Malformed."""
    event_id = _check(headers, body, secrets.resend, now)
    said = webhook.read_json(body)
    if not isinstance(said, Mapping):
        raise Malformed("the body is no object")
    kind = _KINDS.get(text(said, "type"))
    return [_event(said, kind, event_id)] if kind else []


def _check(headers: Headers, body: bytes, secret: str, now: datetime) -> str:
    """Return the event's signed name; raise Forged."""
    id_, stamp, given = (headers.get(f"svix-{name}", "") for name in ("id", "timestamp", "signature"))
    try:
        key = b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    digest = hmac.new(key, f"{id_}.{stamp}.".encode() + body, hashlib.sha256).digest()
    expected = b"v1," + b64encode(digest)
    holds = any(hmac.compare_digest(one.encode(), expected) for one in given.split(" ")[:10])
    if not (key and id_ and holds):
        raise Forged("the signature does not hold")
    webhook.check_age(stamp, now)
    return id_


def _event(said: Mapping[str, Any], kind: EventKind, event_id: str) -> ProviderEvent:
    data = part(said, "data")
    bounce = part(data, "bounce")
    if kind is EventKind.BOUNCED_HARD and text(bounce, "type") != "Permanent":
        kind = EventKind.BOUNCED_SOFT
    to = data.get("to")
    return webhook.event(
        NAME,
        kind,
        said,
        event_id=event_id,
        words=text(bounce, "message"),
        at=webhook.moment(text(said, "created_at")),
        reference=_tag(data.get("tags")),
        provider_id=text(data, "email_id"),
        address=next((one for one in to if isinstance(one, str)), "") if isinstance(to, list) else "",
    )


def _tag(tags: Any) -> str:
    """Return our tag: events have tags as an object, older ones as a list of pairs."""
    if isinstance(tags, Mapping):
        return text(tags, "everypost")
    pairs = tags if isinstance(tags, list) else []
    ours = (one for one in pairs if isinstance(one, Mapping) and one.get("name") == "everypost")
    return text(next(ours, {}), "value")

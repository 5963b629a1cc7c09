"""Mailgun's webhooks: failed, complained, unsubscribed, delivered, rejected. Pure.

Sources, seen 2026-11-25: documentation.mailgun.com/docs/mailgun/user-manual/webhooks; reasons and severities
as django-anymail 15.2 reads them. The HMAC covers timestamp and token, **not the body**: so the token is the
event's name, and one that was used is refused whatever the body says then (``pipeline.webhooks`` remembers
those of events that led nowhere).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from digest.delivery.events import EventKind, ProviderEvent
from digest.providers import webhook
from digest.providers.webhook import Forged, Headers, HookSecrets, part, text

NAME: Final = "mailgun"
MAX_AGE: Final = timedelta(hours=9)
"""Mailgun tries a call again for eight hours."""

_KINDS = {
    "delivered": EventKind.DELIVERED,
    "complained": EventKind.COMPLAINED,
    "unsubscribed": EventKind.UNSUBSCRIBED,
    "rejected": EventKind.REJECTED,
}
_GONE_REASONS = frozenset({"bounce", "suppress-bounce"})


def parse_events(headers: Headers, body: bytes, secrets: HookSecrets, now: datetime) -> list[ProviderEvent]:  # noqa: ARG001
    """Return what a call tells, one event; raise Forged or Malformed."""
    said = webhook.read_json(body)
    whole = said if isinstance(said, Mapping) else {}
    token = _check(part(whole, "signature"), secrets.mailgun, now)
    data = part(whole, "event-data")
    kind = _kind(data)
    return [_event(data, kind, token)] if kind else []


def _check(signature: Mapping[str, Any], key: str, now: datetime) -> str:
    """Return the token of a genuine signature; raise Forged."""
    stamp, token, given = (text(signature, name) for name in ("timestamp", "token", "signature"))
    expected = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    if not (
        key
        and stamp
        and token
        and len(token) <= 200
        and hmac.compare_digest(given.encode(), expected.encode())
    ):
        raise Forged("the signature does not hold")
    # Nothing marks where one ends and the other begins: a digit that moves across makes it another age.
    webhook.check_age(stamp, now, max_age=MAX_AGE)
    return token


def _kind(data: Mapping[str, Any]) -> EventKind | None:
    name = text(data, "event")
    if name != "failed":
        return _KINDS.get(name)
    if data.get("severity") != "permanent":
        return EventKind.DEFERRED
    return EventKind.BOUNCED_HARD if text(data, "reason") in _GONE_REASONS else EventKind.BOUNCED_SOFT


def _event(data: Mapping[str, Any], kind: EventKind, token: str) -> ProviderEvent:
    status = part(data, "delivery-status")
    words = f"{text(status, 'code')} {text(status, 'message', 'description')}".strip()
    return webhook.event(
        NAME,
        kind,
        data,
        event_id=token,
        words=words,
        status=text(status, "enhanced-code"),
        at=webhook.moment(text(data, "timestamp")),
        reference=text(part(data, "user-variables"), "everypost"),
        provider_id=text(part(data, "message", "headers"), "message-id").strip("<>"),
        address=text(data, "recipient"),
    )

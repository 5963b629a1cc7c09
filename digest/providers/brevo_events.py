"""Brevo's transactional webhooks. Pure.

Source, seen 2026-11-25: developers.brevo.com/docs/transactional-webhooks. Calls are not signed; they prove
themselves by a password, as ``check_password`` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from digest.delivery.events import EventKind, ProviderEvent
from digest.providers import webhook
from digest.providers.webhook import Headers, HookSecrets, text

NAME: Final = "brevo"
_KINDS = {
    "delivered": EventKind.DELIVERED,
    "deferred": EventKind.DEFERRED,
    "hard_bounce": EventKind.BOUNCED_HARD,
    "invalid_email": EventKind.BOUNCED_HARD,
    "soft_bounce": EventKind.BOUNCED_SOFT,
    "blocked": EventKind.REJECTED,
    "error": EventKind.REJECTED,
    "spam": EventKind.COMPLAINED,
    "complaint": EventKind.COMPLAINED,
    "unsubscribe": EventKind.UNSUBSCRIBED,
    "unsubscribed": EventKind.UNSUBSCRIBED,  # both names are in its pages
}


def parse_events(
    headers: Headers,
    body: bytes,
    secrets: HookSecrets,
    now: datetime,  # noqa: ARG001 - nothing here is dated by a signature
) -> list[ProviderEvent]:
    """Return what a call tells; raise Forged or Malformed."""
    webhook.check_password(headers, secrets.brevo)
    found = webhook.each(webhook.read_json(body))
    return [_event(said, kind) for said in found if (kind := _KINDS.get(text(said, "event")))]


def _event(said: Mapping[str, Any], kind: EventKind) -> ProviderEvent:
    message_id, at = text(said, "message-id"), text(said, "ts_event", "ts", "date")
    tags = said.get("tags")
    tag = next((one for one in tags if isinstance(one, str)), "") if isinstance(tags, list) else ""
    return webhook.event(
        NAME,
        kind,
        said,
        event_id=webhook.hashed(message_id, text(said, "event"), text(said, "email"), at),  # it has no name
        words=text(said, "reason"),
        at=webhook.moment(at),
        reference=tag or text(said, "tag"),
        provider_id=message_id,
        address=text(said, "email"),
    )

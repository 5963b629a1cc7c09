"""Mailjet's event API. Pure.

Source, seen 2026-11-25: documentation.mailjet.com, "Event Tracking API"; MessageID and CustomID as
django-anymail 15.2 and our own sending know them. Calls are not signed; they prove themselves by a password,
as ``check_password`` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from digest.delivery.events import EventKind, ProviderEvent
from digest.providers import webhook
from digest.providers.webhook import Headers, HookSecrets, text

NAME: Final = "mailjet"
_KINDS = {
    "sent": EventKind.DELIVERED,
    "blocked": EventKind.REJECTED,
    "spam": EventKind.COMPLAINED,
    "unsub": EventKind.UNSUBSCRIBED,
}


def parse_events(
    headers: Headers,
    body: bytes,
    secrets: HookSecrets,
    now: datetime,  # noqa: ARG001 - nothing here is dated by a signature
) -> list[ProviderEvent]:
    """Return what a call tells; raise Forged or Malformed."""
    webhook.check_password(headers, secrets.mailjet)
    return [_event(said, kind) for said in webhook.each(webhook.read_json(body)) if (kind := _kind(said))]


def _kind(said: Mapping[str, Any]) -> EventKind | None:
    name = text(said, "event")
    if name == "bounce" and said.get("hard_bounce") is not True and said.get("error") == "greylisted":
        return EventKind.DEFERRED
    if name == "bounce":
        return EventKind.BOUNCED_HARD if said.get("hard_bounce") is True else EventKind.BOUNCED_SOFT
    return _KINDS.get(name)


def _event(said: Mapping[str, Any], kind: EventKind) -> ProviderEvent:
    message_id, at, name = text(said, "MessageID"), text(said, "time"), text(said, "event")
    return webhook.event(
        NAME,
        kind,
        said,
        event_id=f"{message_id}/{name}/{at}",
        words=" ".join(filter(None, (text(said, "error"), text(said, "comment", "smtp_reply")))),
        at=webhook.moment(at),
        reference=text(said, "CustomID"),
        provider_id=message_id,
        address=text(said, "email"),
    )

"""SparkPost's webhooks. Pure.

Events and classes of bounces as django-anymail 15.2 reads them (its table names SparkPost's "Bounce
classification codes"); SparkPost's own pages were not at hand. Calls prove themselves by a password, as
``check_password`` says.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from digest.delivery.events import EventKind, ProviderEvent
from digest.providers import webhook
from digest.providers.webhook import Headers, HookSecrets, part, text

NAME: Final = "sparkpost"
_KINDS = {
    "delivery": EventKind.DELIVERED,
    "delay": EventKind.DEFERRED,
    "policy_rejection": EventKind.REJECTED,
    "generation_rejection": EventKind.REJECTED,
    "generation_failure": EventKind.REJECTED,
    "spam_complaint": EventKind.COMPLAINED,
    "list_unsubscribe": EventKind.UNSUBSCRIBED,
    "link_unsubscribe": EventKind.UNSUBSCRIBED,
}
_HARD_CLASSES = frozenset({"10", "30"})  # invalid recipient; no recipient
_SOFT_CLASSES = frozenset({"1", "20", "21", "22", "24", "40", "70"})
_NO_BOUNCE_CLASSES = frozenset({"60", "80", "100"})  # automatic answers, a wish to join, challenges


def parse_events(
    headers: Headers,
    body: bytes,
    secrets: HookSecrets,
    now: datetime,  # noqa: ARG001 - nothing here is dated by a signature
) -> list[ProviderEvent]:
    """Return what a call tells; raise Forged or Malformed."""
    webhook.check_password(headers, secrets.sparkpost)
    found = []
    for item in webhook.each(webhook.read_json(body)):
        for group in ("message_event", "unsubscribe_event"):
            said = part(item, "msys", group)
            kind = _kind(said)
            found += [_event(said, kind)] if kind else []
    return found


def _kind(said: Mapping[str, Any]) -> EventKind | None:
    name = text(said, "type")
    if name not in ("bounce", "out_of_band"):
        return _KINDS.get(name)
    bounce_class = text(said, "bounce_class")
    if bounce_class in _NO_BOUNCE_CLASSES:
        return None
    if bounce_class == "90":
        return EventKind.UNSUBSCRIBED
    if bounce_class in _HARD_CLASSES:
        return EventKind.BOUNCED_HARD
    # The other classes are about us or the mail: its size, relaying, spam, policy.
    return EventKind.BOUNCED_SOFT if bounce_class in _SOFT_CLASSES else EventKind.REJECTED


def _event(said: Mapping[str, Any], kind: EventKind) -> ProviderEvent:
    return webhook.event(
        NAME,
        kind,
        said,
        event_id=text(said, "event_id") or webhook.hashed(*map(str, sorted(said.items()))),
        words=text(said, "raw_reason", "reason"),
        at=webhook.moment(text(said, "timestamp")),
        reference=text(part(said, "rcpt_meta"), "everypost"),
        provider_id=text(said, "transmission_id"),
        address=text(said, "raw_rcpt_to", "rcpt_to"),
    )

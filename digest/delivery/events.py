"""What is heard of a mail after it was handed over, in our words.

A provider event is kept beside the delivery and never moves it backwards: mail servers and providers tell
things late, twice and in any order. Pure. Neighbours: ``providers.dsn`` and the providers' webhooks make
them, ``suppression`` says what they mean for a reader, ``pipeline.hearing`` acts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What a mail server or provider says became of a mail."""

    DELIVERED = "delivered"  # the reader's own mail server took it
    BOUNCED_HARD = "bounced-hard"  # refused for good
    BOUNCED_SOFT = "bounced-soft"  # given up for now: a full mailbox, days without an answer
    COMPLAINED = "complained"  # reported as spam
    UNSUBSCRIBED = "unsubscribed"  # the reader left, by mail or at the provider
    DEFERRED = "deferred"  # still being tried
    REJECTED = "rejected"  # the provider did not try: nothing is known of the mailbox


@dataclass(frozen=True, kw_only=True)
class ProviderEvent:
    """One later notice about one mail, as it came from outside: nothing in it is believed unmatched.

    One of ``token``, ``reference`` and ``provider_id`` must lead to a delivery of ours.
    """

    provider: str  # "mailbox", or the provider's name in settings: "postmark"
    event_id: str  # the same when it is told again; unique with the provider
    kind: EventKind
    at: datetime | None = None  # when it happened, as told; shown, never trusted
    token: str = ""  # of our envelope sender: proves the delivery by itself
    reference: str = ""  # our Message-ID, or the name made from it ("d17-4be1…")
    provider_id: str = ""  # the provider's own name for the mail
    address: str = field(default="", repr=False)  # whom it is told of; empty where that is not told
    code: str = ""  # enhanced status: "5.1.1"; empty when there was none
    detail: str = ""  # the words beside it, shortened, without addresses
    raw: str = field(default="", repr=False)  # what came, shortened; forgotten after ``RAW_DAYS``


RAW_DAYS = 30
"""Days for which the raw form of an event is kept."""

BOUNCE_BODY_DAYS = 14
"""Days for which a bounce mail is kept: it quotes what was sent, and to whom."""

RAW_MAX_CHARS = 16_384
"""More of a raw form is never kept."""

MAILBOX = "mailbox"
"""The provider of what was read as mail."""

_REFERENCE = re.compile(r"<?d(\d{1,18})[.-]([0-9a-f]{12})(?:@[^\s<>]{1,255})?>?")


def named_delivery(reference: str) -> tuple[int, str] | None:
    """Return the delivery a Message-ID or a name made from one speaks of, and its proof; None for any other.

    ``<d17.4be1…@example.org>`` and ``d17-4be1…`` are the same. The proof still has to be compared.
    """
    found = _REFERENCE.fullmatch(reference.strip())
    return (int(found[1]), found[2]) if found else None

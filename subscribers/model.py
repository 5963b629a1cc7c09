"""The nouns of people and consent: plain values, no behaviour beyond what a value can know of itself.

Pure. Neighbours: ``lifecycle`` decides how these change, ``store`` keeps them, ``tokens`` signs their
public ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Cadence(StrEnum):
    """How often a subscriber wants mail. Chosen by the subscriber, never by the publication."""

    EVERY_POST = "every-post"  # one mail per post, as it is published
    DAILY = "daily"
    WEEKLY = "weekly"
    FORTNIGHTLY = "fortnightly"
    MONTHLY = "monthly"


class Status(StrEnum):
    """Where a subscriber stands. Only ``CONFIRMED`` ever receives an issue."""

    PENDING = "pending"  # asked to join; has not pressed the button in the confirm mail yet
    CONFIRMED = "confirmed"  # proved the address and asked for issues
    UNSUBSCRIBED = "unsubscribed"  # left; may come back by confirming again
    BOUNCED = "bounced"  # the address does not exist any more; suppressed
    COMPLAINED = "complained"  # reported a mail as spam; suppressed
    ERASED = "erased"  # asked to be forgotten; only a keyed hash remains


class ConsentKind(StrEnum):
    """What a consent record proves."""

    REQUESTED = "requested"  # filled in a form, or was typed in by an operator
    IMPORTED = "imported"  # came in a file, with the proof the file claimed
    CONFIRMED = "confirmed"  # pressed the button in the confirm mail
    CHANGED = "changed"  # changed cadence, themes or pause
    UNSUBSCRIBED = "unsubscribed"  # left
    ERASED = "erased"  # asked to be forgotten


class SuppressionReason(StrEnum):
    """Why an address must never be mailed an issue."""

    HARD_BOUNCE = "hard_bounce"  # the address does not exist
    COMPLAINT = "complaint"  # reported as spam
    ERASED = "erased"  # asked to be forgotten
    MANUAL = "manual"  # an operator said so


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """What a subscriber wants to receive."""

    cadence: Cadence = Cadence.WEEKLY
    themes: frozenset[str] = frozenset()  # theme keys; empty means every theme
    language: str = ""  # BCP 47 tag; empty means the publication's own
    paused_until: datetime | None = None  # no issue before this instant (UTC)


@dataclass(frozen=True, kw_only=True)
class Subscriber:
    """One person who asked for mail."""

    id: int  # the store's own number; never shown, never in a link
    public_id: str  # 16 random hex digits: names the subscriber in tokens and logs
    email: str  # as the person wrote it, normalised; empty once erased
    name: str  # how the person wishes to be called; may be empty
    status: Status
    preferences: Preferences
    created_at: datetime  # when the address was first entered (UTC)
    confirmed_at: datetime | None  # when the button was last pressed (UTC)


@dataclass(frozen=True, kw_only=True)
class ConsentRecord:
    """One line of the append-only proof of consent."""

    kind: ConsentKind
    at: datetime  # when it happened (UTC)
    source: str  # where: "web form", "digest subscriber add", "import readers.csv line 12"
    detail: str = ""  # what was shown or changed, in words

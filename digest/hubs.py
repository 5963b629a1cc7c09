"""The noun of WebSub: a subscription at the hub that a feed names. Pure; ``model`` has the other nouns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PushState(StrEnum):
    """How a WebSub subscription stands."""

    ASKED = "asked"  # the hub was asked and has not verified yet
    ACTIVE = "active"  # verified: the hub tells of new posts until the lease ends
    REFUSED = "refused"  # the hub could not be asked, or said no to the request; asked again later
    DENIED = "denied"  # the hub took the request and denied it, or ended the subscription


@dataclass(frozen=True, kw_only=True)
class Push:
    """A subscription at a feed's hub (WebSub, W3C Recommendation of 23 January 2018)."""

    feed_id: int
    hub_url: str
    topic_url: str
    state: PushState
    requested_at: datetime
    lease_until: datetime | None = None  # None until the hub has verified once
    reason: str = ""  # why refused or denied, in the hub's words or ours

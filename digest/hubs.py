"""The nouns of WebSub: where a feed's answer points, and the subscription at the hub it names.

Pure. Neighbour: ``model`` has the other nouns.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


@dataclass(frozen=True, kw_only=True)
class FeedLinks:
    """Where an answer of a feed points beside its posts: absolute addresses, each empty when not given."""

    own: str = ""  # rel=self: the feed's own address, the topic its hub knows it by
    hub: str = ""  # rel=hub: the first hub it names
    older: str = ""  # rel=next or prev-archive (RFC 5005): the page with older posts


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

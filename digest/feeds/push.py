"""Subscribes to a feed's hub and judges what the hub answers (WebSub, W3C Recommendation, 23 January 2018).

A push is only ever a reason to poll: its body is checked against the signature and thrown away, so that
posts enter by one door. ``subscribe`` makes a request; everything else is pure. Neighbours:
``pipeline.pushes`` asks for and renews subscriptions, ``pipeline.hooks`` answers the hub's calls.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from digest.errors import FetchFailed
from digest.feeds import markup, web_links
from digest.hubs import Push, PushState
from digest.model import Feed, FeedState, ParsedFeed
from digest.net.client import Client

LEASE = timedelta(days=10)
"""What we ask for. The hub decides; hubs in use give 5 to 10 days."""

LONGEST_LEASE = timedelta(days=365)
ASK_AGAIN_AFTER = timedelta(hours=1)
"""How long a hub may take to verify before it is asked once more, and the least time between two requests."""

ASK_AGAIN_DENIED_AFTER = timedelta(days=7)
_RENEW_AT = 0.75  # of the lease
_LONGEST_REASON = 300  # characters kept of what a hub says

# WebSub §5.1.2: the methods a hub may sign with. SHA-1 is allowed there; as an HMAC it is still sound.
_METHODS: dict[str, Callable[..., Any]] = {
    "sha1": hashlib.sha1,
    "sha256": hashlib.sha256,
    "sha384": hashlib.sha384,
    "sha512": hashlib.sha512,
}


def hub_and_topic(parsed: ParsedFeed, link_header: str, url: str) -> tuple[str, str]:
    """Return the hub a feed names and the topic it is known by there; two empty texts without a hub.

    Link headers go before links inside the feed (WebSub §4). A hub without a topic gets ``url``, where
    the feed came from.
    """
    hub = web_links.first_of(link_header, "hub", url) or parsed.links.hub
    if not hub:
        return "", ""
    return hub, web_links.first_of(link_header, "self", url) or parsed.links.own or url


def is_due(feed: Feed, push: Push | None, now: datetime) -> bool:
    """Return whether to ask the feed's hub now: for a first subscription, once more, or for a renewal."""
    if not feed.hub_url or feed.state in (FeedState.NEW, FeedState.STOPPED):
        return False
    if push is None or (push.hub_url, push.topic_url) != (feed.hub_url, feed.topic_url):
        return True
    waited = now - push.requested_at
    if push.state is PushState.DENIED:
        return waited >= ASK_AGAIN_DENIED_AFTER
    if push.state is PushState.ACTIVE and push.lease_until is not None:
        return waited >= max(ASK_AGAIN_AFTER, (push.lease_until - push.requested_at) * _RENEW_AT)
    return waited >= ASK_AGAIN_AFTER


def subscribe(client: Client, *, hub_url: str, topic_url: str, callback: str, secret: str) -> None:
    """Ask a hub to tell ``callback`` of new posts; it will verify by calling there (WebSub §5.1).

    Raises FetchFailed (``http_400`` and the like, the hub's own words in the message) when it does not
    take the request, and whatever ``Client.post_form`` raises.
    """
    reply = client.post_form(
        hub_url,
        {
            "hub.mode": "subscribe",
            "hub.topic": topic_url,
            "hub.callback": callback,
            "hub.lease_seconds": str(int(LEASE.total_seconds())),
            "hub.secret": secret,
        },
    )
    if not 200 <= reply.status < 300:  # 202 by the letter; hubs that verify at once answer 204
        words = reason(reply.body[:1000].decode("utf-8", "replace"))
        raise FetchFailed(
            f"{hub_url} answered {reply.status}" + (f": {words}" if words else "."),
            cause=f"http_{reply.status}",
        )


def may_verify(push: Push | None, *, mode: str, topic_url: str) -> bool:
    """Return whether a hub's verification is of a subscription we asked for (WebSub §5.3).

    A hub may verify again while it is active. We never ask to end one, so no other mode is ours.
    """
    asked = push is not None and push.state is not PushState.DENIED
    return asked and push is not None and mode == "subscribe" and topic_url == push.topic_url


def lease_of(text: str) -> timedelta:
    """Return the lease a hub gives in ``hub.lease_seconds``; what we asked for where it is no number."""
    if not text.isascii() or not text.isdigit() or len(text) > 12:
        return LEASE
    return min(timedelta(seconds=int(text)), LONGEST_LEASE)


def signature_holds(header: str, body: bytes, secret: str) -> bool:
    """Return whether ``X-Hub-Signature`` is the body's, by any method a hub may use (WebSub §7.1)."""
    method, _, given = header.strip().partition("=")
    algorithm = _METHODS.get(method.lower())
    if algorithm is None or not given.isascii():
        return False
    expected = hmac.new(secret.encode(), body, algorithm).hexdigest()
    return hmac.compare_digest(given.lower(), expected)


def reason(text: str) -> str:
    """Return what a hub says as one bounded line of plain words."""
    return markup.plain(text)[:_LONGEST_REASON]

"""What a hub or a site may tell us from outside: that a feed has news, and how a subscription stands.

News only makes a feed due: the next tick polls it, as at any other time, so nothing that a stranger sends
is ever taken for a post. Neighbours: ``digest.web.hooks`` hears the calls, ``pushes`` asks for them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from digest.feeds import push as websub
from digest.feeds.hook_tokens import Hook
from digest.hubs import Push, PushState
from digest.model import Feed
from digest.pipeline.pushes import callback
from digest.pipeline.tools import Tools
from digest.store import feeds, pushes

log = structlog.get_logger()

BETWEEN_POLLS = timedelta(seconds=10)
"""However often it is told of news, a feed is not asked sooner after the last time."""

BETWEEN_FAILED_POLLS = timedelta(minutes=5)
"""A feed that does not answer is left more time: it may have asked for it (429, 503)."""


@dataclass(frozen=True, kw_only=True)
class HookDetail:
    """How a feed can be told about, for people."""

    push: Push | None  # None: no hub was asked
    push_wanted: bool  # whether hubs are asked at all (feeds.push)
    ping_url: str  # where the site may say that it has published


class Hooks:
    """The actions of ``digest.web.hooks``. Each says whether the token was good."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def ping(self, token: str) -> bool:
        """Make the feed due: its site says that it has published."""
        feed_id = self._tools.hook_tokens.feed_id(Hook.PING, token)
        if feed_id is None:
            return False
        with self._tools.db.transaction() as conn:
            known = self._make_due(conn, feed_id)
        if known:
            log.info("ping.received", feed=feed_id)
        return known

    def verify(self, token: str, *, mode: str, topic_url: str, lease: str) -> bool:
        """Begin or renew a subscription that we asked for; False: the hub must be told no."""
        with self._tools.db.transaction() as conn:
            push = self._push(conn, token)
            if push is None or not websub.may_verify(push, mode=mode, topic_url=topic_url):
                return False
            lease_until = self._tools.clock() + websub.lease_of(lease)
            pushes.record(conn, push.feed_id, state=PushState.ACTIVE, lease_until=lease_until, reason="")
        log.info("push.verified", feed=push.feed_id, lease_until=lease_until.isoformat())
        return True

    def deny(self, token: str, *, topic_url: str, reason: str) -> bool:
        """Write down that the hub denied or ended a subscription (WebSub §5.2); polling goes on."""
        with self._tools.db.transaction() as conn:
            push = self._push(conn, token)
            if push is None or push.topic_url != topic_url:
                return False
            said = websub.reason(reason)
            pushes.record(conn, push.feed_id, state=PushState.DENIED, lease_until=None, reason=said)
        log.warning("push.denied", feed=push.feed_id, reason=said)
        return True

    def deliver(self, token: str, *, body: bytes, signature: str) -> bool:
        """Make the feed due if the hub's signature holds; a wrong one changes nothing (WebSub §7.1)."""
        with self._tools.db.transaction() as conn:
            push = self._push(conn, token)
            if push is None:
                return False
            genuine = websub.signature_holds(signature, body, self._tools.hook_tokens.secret(token))
            if genuine:
                self._make_due(conn, push.feed_id)
        if genuine:
            log.info("push.received", feed=push.feed_id)
        else:
            log.warning("push.forged", feed=push.feed_id)
        return True

    def detail(self, conn: Connection, feed_id: int) -> HookDetail:
        """Return how a feed can be told about."""
        push = pushes.by_feed(conn, feed_id)
        ping_url = callback(self._tools, Hook.PING, feed_id)
        return HookDetail(push=push, push_wanted=self._tools.push, ping_url=ping_url)

    def _push(self, conn: Connection, token: str) -> Push | None:
        """Return the subscription a callback's token belongs to, or None."""
        feed_id = self._tools.hook_tokens.feed_id(Hook.PUSH, token)
        return None if feed_id is None else pushes.by_feed(conn, feed_id)

    def _make_due(self, conn: Connection, feed_id: int) -> bool:
        """Let the next tick poll the feed; return whether there is such a feed."""
        feed = feeds.by_id(conn, feed_id)
        if feed is None:
            return False
        feeds.record(conn, feed_id, next_poll_at=_soonest(feed, self._tools.clock()))
        return True


def _soonest(feed: Feed, now: datetime) -> datetime:
    """Return when a feed that has news may be polled."""
    if feed.last_polled_at is None:
        return now
    return max(now, feed.last_polled_at + (BETWEEN_FAILED_POLLS if feed.failures else BETWEEN_POLLS))

"""Asks the hubs that feeds name to tell of new posts, and renews before a lease ends.

    feeds whose hub is to be asked → write down that we ask → ask (network) → write down a refusal

The asking is written down first, because a hub may verify while it is still being asked. A refusal costs
nothing: polling goes on by itself. Neighbours: ``feeds.push`` decides and asks, ``hooks`` hears the hub.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import structlog

from digest.errors import AddressRefused, FetchFailed
from digest.feeds import push as websub
from digest.feeds.hook_tokens import Hook
from digest.hubs import Push, PushState
from digest.model import Feed
from digest.pipeline.tools import Tools
from digest.store import feeds, pushes

log = structlog.get_logger()


def renew(tools: Tools, now: datetime) -> None:
    """Ask for every subscription that is wanted and not there, or about to end."""
    if not tools.push:
        return
    with tools.db.read() as conn:
        standing = [(feed, pushes.by_feed(conn, feed.id)) for feed in feeds.every(conn) if feed.hub_url]
    for feed, push in standing:
        if websub.is_due(feed, push, now):
            _ask(tools, feed, push, now)


def callback(tools: Tools, hook: Hook, feed_id: int) -> str:
    """Return the address that a hub or a site calls about a feed. Whoever knows it may use it."""
    return f"{tools.publication.public_url}/{hook}/{tools.hook_tokens.token(hook, feed_id)}"


def _ask(tools: Tools, feed: Feed, before: Push | None, now: datetime) -> None:
    asked = Push(
        feed_id=feed.id,
        hub_url=feed.hub_url,
        topic_url=feed.topic_url,
        state=PushState.ASKED,
        requested_at=now,
        lease_until=before.lease_until if before and before.hub_url == feed.hub_url else None,
    )
    with tools.db.transaction() as conn:
        pushes.keep(conn, asked)
    try:
        with tools.client() as client:
            websub.subscribe(
                client,
                hub_url=feed.hub_url,
                topic_url=feed.topic_url,
                callback=callback(tools, Hook.PUSH, feed.id),
                secret=tools.hook_tokens.secret(tools.hook_tokens.token(Hook.PUSH, feed.id)),
            )
    except (FetchFailed, AddressRefused) as error:
        refused = replace(asked, state=PushState.REFUSED, reason=websub.reason(str(error)))
        with tools.db.transaction() as conn:
            pushes.keep(conn, refused)
        log.warning("push.refused", feed=feed.id, reason=refused.reason)
    else:
        log.info("push.asked", feed=feed.id, hub=feed.hub_url)

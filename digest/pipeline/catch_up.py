"""Finds what a feed published and dropped again between two polls.

    answer → known? (read) → older pages (network, no transaction) → sort: new, archive

Stores nothing: the answer goes on to ``collect.keep`` with what was found added to it, so that every post
enters by the same door. When the older pages fail, the poll is as good as without them and a warning says
so. Neighbours: ``feeds.backfill`` fetches, ``feeds.missed`` judges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import structlog

from digest.feeds import backfill, identity, missed
from digest.model import Feed, FoundPost, ParsedFeed
from digest.pipeline.collect import Polled
from digest.pipeline.tools import Tools
from digest.store import recognition

log = structlog.get_logger()


def catch_up(tools: Tools, polled: Polled, now: datetime, *, everything: bool) -> Polled:
    """Return an answer with the posts of older pages, where some may have been missed.

    ``everything`` reads older pages whether or not there is a sign of that, and beyond what is known.
    """
    feed, answer, parsed = polled.feed, polled.answer, polled.parsed
    if answer is None or parsed is None or parsed.cut_off:
        return polled  # nothing to go on from; what is cut off will be asked for again

    def is_known(listed: Sequence[FoundPost]) -> list[bool]:
        return _known(tools, feed, listed, parsed.site_url or feed.site_url)

    read_before = feed.baseline_at is not None
    if not everything and not (read_before and missed.may_have_missed(is_known(parsed.posts))):
        return polled
    with tools.client() as client:
        older = backfill.page_back(client, answer, parsed, is_known=is_known, everything=everything, now=now)
    known = is_known(older.posts)
    found = missed.sort_out(older.posts, known, since=feed.baseline_at)
    # The first post that we know goes along: where the two meet, nothing is missing any more.
    meeting = tuple(post for post, is_known in zip(older.posts, known, strict=True) if is_known)[:1]
    log.info("feed.paged_back", feed=feed.id, missed=len(found.missed), archive=len(found.archive))
    return replace(
        polled,
        parsed=replace(
            parsed,
            posts=(*parsed.posts, *found.missed, *meeting),
            warnings=(*parsed.warnings, *_warnings(parsed, older, everything=everything)),
        ),
        archive=found.archive,
        caught_up=not older.trouble and (any(known) or (everything and bool(older.posts))),
    )


def _known(tools: Tools, feed: Feed, listed: Sequence[FoundPost], site_url: str) -> list[bool]:
    """Return of each post whether the feed has brought it before."""
    names = identity.aliases_of_all(listed, site_url)
    with tools.db.read() as conn:
        known = recognition.known(conn, feed.id, [name for its in names for name in its])
    return [any(name in known for name in its) for its in names]


def _warnings(parsed: ParsedFeed, older: backfill.Older, *, everything: bool) -> list[str]:
    """Return what the operator should know of the older pages."""
    if older.trouble:
        return [f"Older posts could not all be read: {older.trouble} Try `digest feed poll --backfill`."]
    if everything and not older.posts and not parsed.links.older:
        return ["The feed offers no older pages, or they hold nothing more."]
    return []

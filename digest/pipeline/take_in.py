"""A feed's answer, post by post: which are known, which are new, and which of those may be mailed.

First sight decides what is new; the feed's own dates are only shown. A feed's first good answer is its
baseline: everything in it is known from then on and nothing of it is mailed. Runs in the caller's
transaction. Neighbours: ``feeds.identity`` recognises, ``collect`` calls this.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from digest.editorial import themes
from digest.feeds import identity
from digest.model import Feed, FoundPost, ParsedFeed, PostState
from digest.store import posts


@dataclass(frozen=True, kw_only=True)
class TakenIn:
    """What one answer brought."""

    new: tuple[str, ...]  # titles of posts that became mailable, oldest first
    baseline: int  # posts taken as already known


def take_in(conn: Connection, feed: Feed, parsed: ParsedFeed, now: datetime) -> TakenIn:
    """Store what one answer says of posts."""
    site_url = parsed.site_url or feed.site_url
    names = [name for each in identity.aliases_of_all(parsed.posts, site_url) for name in each]
    known = posts.known(conn, feed.id, names)
    baseline = feed.baseline_at is None
    new: list[str] = []
    # Oldest first, so that numbers rise with the feed's own order.
    for item in reversed(identity.recognise(parsed.posts, known, site_url=site_url)):
        post_id = item.post_id
        content_hash = identity.content_hash(item.found)
        if post_id is None:
            post_id = _keep_new(conn, feed, item.found, content_hash, baseline=baseline, now=now)
            if not baseline:
                new.append(item.found.title)
        else:
            posts.update_found(conn, post_id, item.found, content_hash=content_hash, now=now)
        posts.add_aliases(conn, feed.id, post_id, item.new_aliases)
    return TakenIn(new=tuple(new), baseline=len(parsed.posts) if baseline else 0)


def _keep_new(
    conn: Connection, feed: Feed, found: FoundPost, content_hash: str, *, baseline: bool, now: datetime
) -> int:
    """Store a post seen for the first time and give it its theme; return its id."""
    known = posts.themes(conn)
    name = themes.choose(found.categories, known)
    theme = (
        (themes.find(name, known) or posts.add_theme(conn, themes.theme_key(name), name)) if name else None
    )
    post_id, _ = posts.insert_found(
        conn,
        found,
        feed_id=feed.id,
        content_hash=content_hash,
        state=PostState.BASELINE if baseline else PostState.MAILABLE,
        theme_key=theme.key if theme else "",
        now=now,
    )
    return post_id

"""From the feeds to the store: ask, know, keep.

    due feeds → fetch (network, no transaction) → parse → take in + record (one transaction per feed)

A failed poll changes nothing but the feed's own record. Neighbours: ``take_in`` for the posts,
``feed_health`` for the record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from digest.errors import AddressRefused, EverypostError, FetchFailed, NotAFeed, NotAllowed
from digest.feeds import discover, push
from digest.feeds import fetch as fetching
from digest.feeds.parse import parse
from digest.model import Feed, FoundPost, ParsedFeed
from digest.net.client import Client
from digest.pipeline import feed_health
from digest.pipeline.take_in import take_in
from digest.pipeline.tools import Tools
from digest.store import feeds

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Polled:
    """One feed's answer, before anything is stored."""

    feed: Feed
    answer: fetching.Answer | None = None
    parsed: ParsedFeed | None = None  # None as well when the feed was not modified
    failure: EverypostError | None = None
    archive: tuple[FoundPost, ...] = ()  # older posts than any we know, found on older pages: never mailed


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What one poll brought, for people and logs."""

    feed_url: str
    line: str  # "200, 24 posts, 2 new"
    new: tuple[str, ...] = ()  # titles of posts that became mailable
    baseline: int = 0  # posts taken as already known
    failed: bool = False


@dataclass(frozen=True, kw_only=True)
class Added:
    """A feed that was added, and why this address."""

    feed: Feed
    why: str  # "it is a feed", "the page names it as its feed"
    line: str  # what its first poll said
    failed: bool


def add(tools: Tools, url: str, now: datetime) -> Added:
    """Find the feed behind an address, store it, and take its baseline at once.

    What is published from here on is new; what it holds now is known. Raises AddressRefused, FetchFailed
    or NotAFeed when there is no feed to be found, and NotAllowed when it was added before.
    """
    with tools.client() as client:
        found = discover.find(client, url, now=now)
        with tools.db.transaction() as conn:
            if feeds.by_url(conn, found.url):
                raise NotAllowed(f"The feed {found.url} was added before; `digest feed list` shows it.")
            feed = feeds.add(
                conn, url=found.url, title=found.parsed.title, site_url=found.parsed.site_url, now=now
            )
        (polled,) = ask(client, [feed], now)
    first = keep(tools, polled, now)
    return Added(feed=feed, why=found.why, line=first.line, failed=first.failed)


def due(tools: Tools, now: datetime) -> list[Feed]:
    """Return the feeds whose poll is due."""
    with tools.db.read() as conn:
        return feeds.due(conn, now)


def ask(client: Client, wanted: Iterable[Feed], now: datetime) -> list[Polled]:
    """Fetch and parse each feed. No transaction is open, and nothing is stored."""
    return [_ask_one(client, feed, now) for feed in wanted]


def _ask_one(client: Client, feed: Feed, now: datetime) -> Polled:
    try:
        answer = fetching.fetch(client, feed.url, feed.etag, feed.last_modified, now=now)
        if answer.body is None:
            return Polled(feed=feed, answer=answer)
        parsed = parse(answer.body, content_type=answer.content_type, url=answer.url, now=now)
        return Polled(feed=feed, answer=answer, parsed=parsed)
    except (FetchFailed, NotAFeed, AddressRefused) as error:
        return Polled(feed=feed, failure=error)


def keep(tools: Tools, polled: Polled, now: datetime) -> Collected:
    """Store what one poll learned, in one transaction."""
    with tools.db.transaction() as conn:
        told_at = _told_meanwhile(conn, polled.feed)
        if polled.failure is not None:
            collected = _keep_failure(conn, tools, polled.feed, polled.failure, now)
        elif polled.parsed is None:
            collected = _keep_unchanged(conn, tools, polled.feed, now)
        else:
            collected = _keep_answer(conn, tools, polled, polled.parsed, now)
        if told_at is not None:
            feeds.record(conn, polled.feed.id, next_poll_at=told_at)
    log.info(
        "feed.polled",
        feed=polled.feed.id,
        failed=collected.failed,
        new=len(collected.new),
        answer=collected.line,
    )
    return collected


def _told_meanwhile(conn: Connection, feed: Feed) -> datetime | None:
    """Return when to poll again if we were told of news while we asked; that post may be newer still."""
    stored = feeds.locked(conn, feed.id)
    changed = stored is not None and stored.next_poll_at != feed.next_poll_at
    return stored.next_poll_at if stored is not None and changed else None


def _keep_failure(
    conn: Connection, tools: Tools, feed: Feed, error: EverypostError, now: datetime
) -> Collected:
    line = feed_health.record_failure(conn, feed, error, poll_every=tools.poll_every, now=now)
    return Collected(feed_url=feed.url, line=line, failed=True)


def _keep_unchanged(conn: Connection, tools: Tools, feed: Feed, now: datetime) -> Collected:
    line = "304, not modified since the last poll"
    feed_health.record_success(conn, feed, line, poll_every=tools.poll_every, now=now)
    return Collected(feed_url=feed.url, line=line)


def _keep_answer(
    conn: Connection, tools: Tools, polled: Polled, parsed: ParsedFeed, now: datetime
) -> Collected:
    feed, answer = polled.feed, polled.answer
    assert answer is not None, "there is no parsed feed without an answer"
    if polled.archive:  # first, and as a baseline: known from here on, and never mailed
        take_in(conn, replace(feed, baseline_at=None), replace(parsed, posts=polled.archive), now)
    taken = take_in(conn, feed, parsed, now)
    hub_url, topic_url = push.hub_and_topic(parsed, answer.links, answer.url)
    line = f"{answer.status}, {_counted(len(parsed.posts) + len(polled.archive))}, "
    line += f"{len(taken.new)} new" if feed.baseline_at else "taken as the baseline"
    feed_health.record_success(
        conn,
        feed,
        line,
        poll_every=tools.poll_every,
        now=now,
        title=parsed.title,
        site_url=parsed.site_url or feed.site_url,
        etag=answer.etag,
        last_modified=answer.last_modified,
        baseline_at=feed.baseline_at or now,
        warnings=list(parsed.warnings),
        hub_url=hub_url,
        topic_url=topic_url,
    )
    known = taken.baseline + len(polled.archive)
    return Collected(feed_url=feed.url, line=line, new=taken.new, baseline=known)


def _counted(posts: int) -> str:
    return "1 post" if posts == 1 else f"{posts} posts"

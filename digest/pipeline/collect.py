"""From the feeds to the store: ask, know, keep.

    due feeds → fetch (network, several at once, no transaction) → parse → judge
              → take in + record (one transaction per feed)

A failed poll changes nothing but the feed's own record; so does an answer that is readable and yet no good:
one that lost all its posts, or was cut short and shows something new. Neighbours: ``add_feeds`` for the
first poll, ``take_in`` for the posts, ``feed_health`` for the record.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy import Connection

from digest.errors import AddressRefused, EverypostError, FetchFailed, NotAFeed
from digest.feeds import fetch as fetching
from digest.feeds import identity, pace, push
from digest.feeds.parse import parse
from digest.model import Feed, FeedState, FoundPost, ParsedFeed
from digest.net.client import Client
from digest.pipeline import feed_health
from digest.pipeline.take_in import TakenIn, take_in
from digest.pipeline.tools import Tools
from digest.store import feeds, posts, recognition

log = structlog.get_logger()

AT_ONCE = 4
"""Feeds asked at the same time: a slow one holds up nobody, and a small site is not stormed."""

HABIT_AFTER = 3
"""Answers cut short in a row that are no accident any more: then that is how the site writes its feed."""


@dataclass(frozen=True, kw_only=True)
class Polled:
    """One feed's answer, before anything is stored."""

    feed: Feed
    answer: fetching.Answer | None = None
    parsed: ParsedFeed | None = None  # None as well when the feed was not modified
    failure: EverypostError | None = None
    archive: tuple[FoundPost, ...] = ()  # older posts than any we know, found on older pages: never mailed
    caught_up: bool = False  # older pages were read back to what we know: nothing is missing


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What one poll brought, for people and logs."""

    feed_url: str
    line: str  # "200, 24 posts, 2 new"
    new: tuple[str, ...] = ()  # titles of posts that became mailable
    held: int = 0  # posts that wait for a person
    baseline: int = 0  # posts taken as already known
    failed: bool = False


def due(tools: Tools, now: datetime) -> list[Feed]:
    """Return the feeds whose poll is due."""
    with tools.db.read() as conn:
        return feeds.due(conn, now)


def ask(open_client: Callable[[], Client], wanted: Sequence[Feed], now: datetime) -> list[Polled]:
    """Fetch and parse each feed, in the order given. No transaction is open, and nothing is stored."""
    if not wanted:
        return []
    with ThreadPoolExecutor(min(AT_ONCE, len(wanted)), thread_name_prefix="feed") as pool:
        return list(pool.map(lambda feed: _ask_one(open_client, feed, now), wanted))


def _ask_one(open_client: Callable[[], Client], feed: Feed, now: datetime) -> Polled:
    try:
        with open_client() as client:
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
        collected = keep_in(conn, tools, polled, now)
    log.info(
        "feed.polled",
        feed=polled.feed.id,
        failed=collected.failed,
        new=len(collected.new),
        answer=collected.line,
    )
    return collected


def keep_in(
    conn: Connection, tools: Tools, polled: Polled, now: datetime, *, whole: bool = False
) -> Collected:
    """Store what one poll learned, in the caller's transaction.

    ``whole`` says that the answer is known to be all there is, though the feed looks cut off.
    """
    feed, answer, parsed = polled.feed, polled.answer, polled.parsed
    current = feeds.locked(conn, feed.id)
    if current is not None and current.state is FeedState.STOPPED and feed.state is not FeedState.STOPPED:
        return Collected(feed_url=feed.url, line="stopped while it was being asked; the answer was dropped")
    failure = polled.failure or (_no_good(conn, feed, parsed) if parsed and not whole else None)
    if failure is not None:
        line = feed_health.record_failure(conn, tools, feed, failure, now)
        collected = Collected(feed_url=feed.url, line=line, failed=True)
    elif parsed is None:
        line = "304, not modified since the last poll"
        moved_to = answer.moved_to if answer else ""
        feed_health.record_success(conn, tools, feed, line, now=now, moved_to=moved_to)
        collected = Collected(feed_url=feed.url, line=line)
    else:
        collected = _keep_answer(conn, tools, polled, parsed, now)
    if current is not None and current.next_poll_at != feed.next_poll_at:
        # Somebody asked for a poll while this one was on its way: it may have come too early for them.
        feeds.record(conn, feed.id, next_poll_at=current.next_poll_at)
    return collected


def _no_good(conn: Connection, feed: Feed, parsed: ParsedFeed) -> FetchFailed | None:
    """Return why an answer that could be read must not count, or None.

    A site under repair shows an empty feed, and a broken transfer half of one: neither says that posts are
    gone. What a cut-off answer shows of known posts is harmless; something new in it waits for a whole one.
    """
    if not parsed.posts and posts.count_of_feed(conn, feed.id):
        return FetchFailed(
            f"{feed.url} lists no posts any more; every post it brought is kept.", cause="no_posts"
        )
    habit = feed.cause == "cut_off" and feed.failures + 1 >= HABIT_AFTER
    if parsed.cut_off and not habit and _shows_something_new(conn, feed, parsed):
        return FetchFailed(
            f"{feed.url} ends in the middle, so what is new in it waits for a whole answer.", cause="cut_off"
        )
    return None


def _shows_something_new(conn: Connection, feed: Feed, parsed: ParsedFeed) -> bool:
    """Return whether a feed lists a post that is not known."""
    site_url = parsed.site_url or feed.site_url
    names = [name for its in identity.aliases_of_all(parsed.posts, site_url) for name in its]
    recognised = identity.recognise(parsed.posts, recognition.known(conn, feed.id, names), site_url=site_url)
    return any(item.post_id is None for item in recognised)


def _keep_answer(
    conn: Connection, tools: Tools, polled: Polled, parsed: ParsedFeed, now: datetime
) -> Collected:
    feed, answer = polled.feed, polled.answer
    assert answer is not None, "there is no parsed feed without an answer"
    if polled.archive:  # first, and as a baseline: known from here on, and never mailed
        older = replace(parsed, posts=polled.archive)
        take_in(conn, replace(feed, baseline_at=None), older, now, tools.rules)
    taken = take_in(conn, feed, parsed, now, tools.rules, paged_back=polled.caught_up)
    hub_url, topic_url = push.hub_and_topic(parsed, answer.links, answer.url)
    line = f"{answer.status}, {_counted(len(parsed.posts) + len(polled.archive))}, "
    line += _brought(taken) if feed.baseline_at else "taken as the baseline"
    asked = [seconds for seconds in (parsed.ttl_s, answer.fresh_for_s) if seconds is not None]
    feed_health.record_success(
        conn,
        tools,
        feed,
        line,
        now=now,
        moved_to=answer.moved_to,
        found_pace=pace.choose(
            _rhythm(conn, feed, parsed, now),
            asks_for_s=max(asked, default=None),
            shortest=tools.poll_every,
            now=now,
        ),
        title=parsed.title,
        site_url=parsed.site_url or feed.site_url,
        # A cut-off answer must not be taken for the whole one by a later 304.
        etag="" if parsed.cut_off else answer.etag,
        last_modified="" if parsed.cut_off else answer.last_modified,
        baseline_at=feed.baseline_at or now,
        warnings=[*parsed.warnings, *taken.warnings],
        gap_at=None if polled.caught_up else now if taken.gap else feed.gap_at,
        hub_url=hub_url,
        topic_url=topic_url,
    )
    known = taken.baseline + len(polled.archive)
    return Collected(feed_url=feed.url, line=line, new=taken.new, held=taken.held, baseline=known)


def _brought(taken: TakenIn) -> str:
    """Return what an answer brought, in words: "2 new, 1 held"."""
    told = {"held": taken.held, "skipped": taken.skipped, "known under a new name": taken.renamed}
    return ", ".join([f"{len(taken.new)} new", *(f"{count} {what}" for what, count in told.items() if count)])


def _rhythm(conn: Connection, feed: Feed, parsed: ParsedFeed, now: datetime) -> list[datetime]:
    """Return when a feed's posts appeared: by its own dates or, where it has none, by when we saw them."""
    dates = [found.published_at for found in parsed.posts if found.published_at]
    if dates:
        return dates
    seen = posts.newest_of_feed(conn, feed.id, len(parsed.posts))
    return [post.first_seen_at for post in seen if post.first_seen_at > (feed.baseline_at or now)]


def _counted(posts: int) -> str:
    return "1 post" if posts == 1 else f"{posts} posts"

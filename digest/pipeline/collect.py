"""From the feeds to the store: ask, know, keep.

    due feeds → fetch (network, no transaction) → parse → recognise → store (one transaction per feed)

First sight decides what is new; the feed's own dates are only shown. A feed's first successful poll is its
baseline: everything in it is known from then on and nothing of it is mailed. A failed poll changes nothing
but the feed's own record.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Connection

from digest.editorial import themes
from digest.errors import AddressRefused, EverypostError, FetchFailed, NotAFeed, NotAllowed
from digest.feeds import discover, identity
from digest.feeds import fetch as fetching
from digest.feeds.parse import parse
from digest.model import Feed, FeedState, FoundPost, ParsedFeed, PostState
from digest.net.client import Client
from digest.pipeline.tools import Tools
from digest.store import feeds, notices, posts

log = structlog.get_logger()

ALERT_AFTER = 3
"""Polls that fail in a row before the operator is told, once."""

LONGEST_BACK_OFF = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Polled:
    """One feed's answer, before anything is stored."""

    feed: Feed
    answer: fetching.Answer | None = None
    parsed: ParsedFeed | None = None  # None as well when the feed was not modified
    failure: EverypostError | None = None


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
        if polled.failure is not None:
            collected = _keep_failure(conn, tools, polled.feed, polled.failure, now)
        elif polled.parsed is None:
            collected = _keep_unchanged(conn, tools, polled.feed, now)
        else:
            collected = _keep_posts(conn, tools, polled, polled.parsed, now)
    log.info(
        "feed.polled",
        feed=polled.feed.id,
        failed=collected.failed,
        new=len(collected.new),
        answer=collected.line,
    )
    return collected


def _keep_failure(
    conn: Connection, tools: Tools, feed: Feed, error: EverypostError, now: datetime
) -> Collected:
    failures = feed.failures + 1
    wait = min(LONGEST_BACK_OFF, tools.poll_every * 2 ** min(failures - 1, 5))
    if isinstance(error, FetchFailed) and error.retry_after_s:
        wait = min(LONGEST_BACK_OFF, max(wait, timedelta(seconds=error.retry_after_s)))
    gone = isinstance(error, FetchFailed) and error.cause == "http_410"
    line = str(error)
    feeds.record(
        conn,
        feed.id,
        state=FeedState.STOPPED if gone else (FeedState.NEW if not feed.baseline_at else FeedState.FAILING),
        failures=failures,
        last_polled_at=now,
        next_poll_at=now + wait,
        last_answer=line,
    )
    if failures == ALERT_AFTER or gone:
        _tell_broken(conn, feed, line, now, stopped=gone)
    return Collected(feed_url=feed.url, line=line, failed=True)


def _keep_unchanged(conn: Connection, tools: Tools, feed: Feed, now: datetime) -> Collected:
    line = "not modified since the last poll"
    _record_success(conn, tools, feed, now, last_answer=line)
    return Collected(feed_url=feed.url, line=line)


def _record_success(conn: Connection, tools: Tools, feed: Feed, now: datetime, **more: object) -> None:
    if feed.failures >= ALERT_AFTER:
        _tell_back(conn, feed, now)
    feeds.record(
        conn,
        feed.id,
        state=FeedState.HEALTHY,
        failures=0,
        last_polled_at=now,
        last_ok_at=now,
        next_poll_at=now + tools.poll_every,
        **more,
    )


def _keep_posts(
    conn: Connection, tools: Tools, polled: Polled, parsed: ParsedFeed, now: datetime
) -> Collected:
    feed, answer = polled.feed, polled.answer
    assert answer is not None, "there is no parsed feed without an answer"
    site_url = parsed.site_url or feed.site_url
    names = [name for found in parsed.posts for name in identity.aliases(found, parsed.posts, site_url)]
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
    count = len(parsed.posts)
    line = f"{answer.status}, {count} {_posts(count)}, " + (
        "taken as the baseline" if baseline else f"{len(new)} new"
    )
    _record_success(
        conn,
        tools,
        feed,
        now,
        title=parsed.title,
        site_url=site_url,
        etag=answer.etag,
        last_modified=answer.last_modified,
        baseline_at=feed.baseline_at or now,
        last_answer=line,
        warnings=list(parsed.warnings),
    )
    return Collected(feed_url=feed.url, line=line, new=tuple(new), baseline=count if baseline else 0)


def _posts(count: int) -> str:
    return "post" if count == 1 else "posts"


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


def _tell_broken(conn: Connection, feed: Feed, detail: str, now: datetime, *, stopped: bool) -> None:
    """Tell the operator, once per outage, that a feed broke."""
    mend = (
        "It says it is gone for good (410). Add the new address with `digest feed add`."
        if stopped
        else "Nothing is lost: polling goes on, and posts that appear meanwhile are found later. "
        "`digest feed show` tells what it answered."
    )
    notices.alert(
        conn,
        nonce=_outage(feed, "broken"),
        problem=f"The feed {feed.url} has stopped answering.",
        detail=detail,
        what_to_do=mend,
        now=now,
    )


def _tell_back(conn: Connection, feed: Feed, now: datetime) -> None:
    """Tell the operator, once per outage, that a feed is back."""
    notices.alert(
        conn,
        nonce=_outage(feed, "back"),
        problem=f"The feed {feed.url} answers again.",
        detail=f"It had failed {feed.failures} times in a row.",
        what_to_do="Nothing to do.",
        now=now,
    )


def _outage(feed: Feed, what: str) -> str:
    return f"feed-{feed.id}-{what}-{(feed.last_ok_at or feed.added_at).isoformat()}"

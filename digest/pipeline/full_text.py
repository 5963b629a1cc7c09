"""Puts the article of the page in the place of a feed's first lines, between asking and keeping.

    new posts with little text → their pages, kept ones first → at most ten are asked for, one a second a host

Runs where no transaction is open. A page that gives nothing leaves the post as its feed has it, with the
reason in the ``page`` table. A feed's baseline is never filled: nothing of it is mailed. Neighbours:
``feeds.fulltext`` reads one page, ``tick`` calls this after each answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from digest.feeds import entry, identity
from digest.feeds.fulltext import FullText, NoFullText, Pages, host_of
from digest.model import Alias, FoundPost, ParsedFeed
from digest.pipeline.collect import Polled
from digest.pipeline.tools import Tools
from digest.store import pages, recognition
from digest.store.pages import Page

log = structlog.get_logger()

ENOUGH = 600
"""Characters of text with which a post is taken to be whole."""

MOST_AT_ONCE = 10
"""Pages asked for after one answer of a feed; the others keep what the feed says of them."""

AGAIN_AFTER = timedelta(hours=24)
"""When a page that gave nothing is asked for once more, while its post is still in the feed."""


def fill(
    tools: Tools, polled: Polled, now: datetime, *, pause: Callable[[float], None] = time.sleep
) -> Polled:
    """Return an answer whose short new posts have the text of their pages, as far as that could be read."""
    how, parsed = tools.full_text, polled.parsed
    if how is None or parsed is None or polled.feed.baseline_at is None:
        return polled
    short = [post for post in parsed.posts if post.link and entry.length(post) < ENOUGH]
    with tools.db.read() as conn:
        known = pages.kept(conn, [post.link for post in short])
        fresh = _unknown(recognition.known(conn, polled.feed.id, _names(parsed)), parsed)
    wanted = [post.link for post in short if _is_wanted(post, known.get(post.link), fresh, now)]
    known |= _read(tools, how, wanted[:MOST_AT_ONCE], now, pause)
    filled = tuple(_filled(post, known.get(post.link)) for post in parsed.posts)
    return replace(polled, parsed=replace(parsed, posts=filled))


def _names(parsed: ParsedFeed) -> list[Alias]:
    return [name for each in identity.aliases_of_all(parsed.posts, parsed.site_url) for name in each]


def _unknown(known: dict[Alias, int], parsed: ParsedFeed) -> frozenset[str]:
    """Return the links of the posts that we have not seen before."""
    recognised = identity.recognise(parsed.posts, known, site_url=parsed.site_url)
    return frozenset(item.found.link for item in recognised if item.post_id is None)


def _is_wanted(post: FoundPost, page: Page | None, fresh: frozenset[str], now: datetime) -> bool:
    """Return whether a page should be asked for: of a new post, or once more after a failure."""
    if page is None:
        return post.link in fresh
    return bool(page.reason) and now - page.fetched_at >= AGAIN_AFTER


def _read(
    tools: Tools, how: FullText, urls: list[str], now: datetime, pause: Callable[[float], None]
) -> dict[str, Page]:
    """Ask for pages one after the other, keep what each gave, and return it by address."""
    found: dict[str, Page] = {}
    if not urls:
        return found
    asked: set[str] = set()
    with tools.client() as client:
        site = Pages(client, how)
        for url in urls:
            if host_of(url) in asked:
                pause(1.0)
            asked.add(host_of(url))
            try:
                page = Page(url=url, fetched_at=now, html=site.article(url))
            except NoFullText as reason:
                page = Page(url=url, fetched_at=now, html="", reason=str(reason))
            with tools.db.transaction() as conn:
                pages.keep(conn, page)
            log.info("page.read", characters=len(page.html), reason=page.reason)
            found[url] = page
    return found


def _filled(post: FoundPost, page: Page | None) -> FoundPost:
    """Return a post with the text of its page, where that is more than its feed has."""
    return entry.with_body(post, page.html) if page is not None and page.html else post

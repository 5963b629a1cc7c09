"""Pages back through a feed to posts it no longer lists, politely: a few pages of the same host.

Three ways, and the first that brings anything is the one: the feed's own links to older pages (RFC 5005 §3
and §4, JSON Feed's ``next_url``), WordPress's ``?paged=N``, and WordPress's REST interface. Neighbours:
``wordpress`` knows its addresses, ``missed`` sorts what was found, ``pipeline.catch_up`` decides when.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count, islice
from urllib.parse import urlsplit

from digest.errors import AddressRefused, FetchFailed, NotAFeed
from digest.feeds import identity, web_links, wordpress
from digest.feeds.fetch import Answer, fetch
from digest.feeds.parse import parse
from digest.model import Alias, FoundPost, ParsedFeed
from digest.net.client import Client

MOST_PAGES = 20
PATIENCE_S = 120.0  # for all pages together; the tick has mail to send as well

IsKnown = Callable[[Sequence[FoundPost]], Sequence[bool]]
Pages = Iterator[tuple[FoundPost, ...]]


@dataclass(frozen=True, kw_only=True)
class Older:
    """What older pages hold."""

    posts: tuple[FoundPost, ...]  # in the order of the pages, without those the feed lists itself
    trouble: str = ""  # why it ended early, one sentence; empty when it came to an end


@dataclass(frozen=True, kw_only=True)
class _Source:
    """The feed whose pages are wanted, and what is needed to ask for them."""

    client: Client
    answer: Answer
    parsed: ParsedFeed
    now: datetime
    ends_at: float  # monotonic


def page_back(
    client: Client,
    answer: Answer,
    parsed: ParsedFeed,
    *,
    is_known: IsKnown,
    everything: bool,
    now: datetime,
    patience_s: float = PATIENCE_S,
) -> Older:
    """Return the posts of the feed's older pages; never raises for what a server does.

    Ends at the first page that holds a post we know, unless ``everything`` is wanted; always at a page
    that holds nothing more, at an error, after MOST_PAGES pages and after ``patience_s`` seconds.
    """
    ends_at = time.monotonic() + patience_s
    source = _Source(client=client, answer=answer, parsed=parsed, now=now, ends_at=ends_at)
    trouble = ""
    for pages in (_linked(source), _paged(source), _rest(source)):
        older = _walk(pages, parsed, is_known=is_known, everything=everything)
        if older.posts:
            return older
        trouble = trouble or older.trouble
    return Older(posts=(), trouble=trouble)


def _walk(pages: Pages, parsed: ParsedFeed, *, is_known: IsKnown, everything: bool) -> Older:
    """Return what the pages hold, up to where there is no need to go on."""
    found: list[FoundPost] = []
    seen = _names(parsed.posts, parsed.site_url)
    try:
        for page in islice(pages, MOST_PAGES):
            names = [_names([post], parsed.site_url) for post in page]
            more = [post for post, its in zip(page, names, strict=True) if not its & seen]
            if not more:  # the end, or a server that gives the same page whatever it is asked
                break
            seen.update(*names)
            found += more
            if not everything and any(is_known(page)):
                break
    except (FetchFailed, NotAFeed, AddressRefused) as error:
        return Older(posts=tuple(found), trouble=str(error))
    return Older(posts=tuple(found))


def _names(posts: Sequence[FoundPost], site_url: str) -> set[Alias]:
    return {name for post in posts for name in identity.aliases_of_all([post], site_url)[0]}


# --- The three ways: each yields pages, newest first -----------------------------------------------


def _linked(source: _Source) -> Pages:
    """Yield the pages that each page links to as the next older one."""
    older = source.parsed.links.older
    asked = {source.answer.url}
    while older and older not in asked:
        asked.add(older)
        page = _feed_page(source, older)
        yield page.posts
        older = page.links.older


def _paged(source: _Source) -> Pages:
    """Yield WordPress's older pages of the same feed; it answers 404 after the last."""
    if not wordpress.is_wordpress(source.parsed):
        return
    for number in count(2):
        try:
            page = _feed_page(source, wordpress.paged(source.answer.url, number))
        except FetchFailed as error:
            if error.cause == "http_404":
                return
            raise
        yield page.posts


def _rest(source: _Source) -> Pages:
    """Yield the pages of WordPress's REST interface, where the site offers it; it answers 400 after the last.

    Not limited to posts after a date (``?after=``): the interface compares local times, and the walk ends at
    the first known post anyway.
    """
    root = _rest_root(source)
    for number in count(1) if root else ():
        try:
            answer = _ask(source, wordpress.rest_page(root, number))
        except FetchFailed as error:
            if error.cause == "http_400" and number > 1:
                return
            raise
        yield wordpress.rest_posts(
            answer.body or b"", url=answer.url, language=source.parsed.language, now=source.now
        )


def _rest_root(source: _Source) -> str:
    """Return the interface that the feed's answer or the site's home page names; empty when neither does."""
    named = web_links.first_of(source.answer.links, wordpress.API, source.answer.url)
    home_url = source.parsed.site_url
    if named or not home_url or not wordpress.is_wordpress(source.parsed):
        return named
    home = _ask(source, home_url)
    return web_links.first_of(home.links, wordpress.API, home.url) or wordpress.api_root(
        home.body or b"", home.url
    )


def _feed_page(source: _Source, url: str) -> ParsedFeed:
    """Return what one older page says."""
    answer = _ask(source, url)
    return parse(answer.body or b"", content_type=answer.content_type, url=answer.url, now=source.now)


def _ask(source: _Source, url: str) -> Answer:
    """Return the answer of an address on the feed's own host; raise AddressRefused for any other host."""
    if time.monotonic() > source.ends_at:
        raise FetchFailed("The older pages took too long in all.", cause="timeout")
    _check_host(url, source)
    answer = fetch(source.client, url, now=source.now)
    _check_host(answer.url, source)
    return answer


def _check_host(url: str, source: _Source) -> None:
    host, own = (_host(address) for address in (url, source.answer.url))
    if host != own:
        raise AddressRefused(f"An older page lies at {host} and not at {own}; it was not read.")


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")

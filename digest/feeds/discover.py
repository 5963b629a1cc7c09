"""Finds a site's feed from whatever address an operator pasted.

The steps: the address itself, if it is a feed; the feeds its page names; then the places where the usual
software keeps them. Neighbours: ``fetch`` asks, ``parse`` reads; ``cli`` shows ``why``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

import lxml.etree
import lxml.html

from digest.errors import AddressRefused, FetchFailed, NotAFeed
from digest.feeds import markup
from digest.feeds.fetch import Answer, fetch
from digest.feeds.parse import parse
from digest.model import ParsedFeed
from digest.net.client import Client

_TYPES = ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml")
_USUAL_PLACES = ("/feed", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml")
_MOST_LINKS = 5  # feeds named by a page that are tried


@dataclass(frozen=True, kw_only=True)
class FeedLink:
    """A feed that a page names in its head."""

    url: str
    title: str  # as the page calls it; may be empty
    type: str  # the media type it claims


@dataclass(frozen=True, kw_only=True)
class Found:
    """A feed that was found and read."""

    url: str  # the address to poll
    answer: Answer
    parsed: ParsedFeed
    why: str  # one sentence: how it was found


def feed_links(html: bytes, url: str) -> tuple[FeedLink, ...]:
    """Return the feeds a page names, feeds of posts before feeds of comments, else in the page's order."""
    try:
        page = lxml.html.document_fromstring(html)
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return ()
    base = page.find(".//base[@href]")
    base_url = url if base is None else urljoin(url, base.get("href", ""))
    links: dict[str, FeedLink] = {}
    for element in page.iter("link"):
        kind = (element.get("type") or "").partition(";")[0].strip().lower()
        address = markup.absolute(element.get("href") or "", base_url)
        if "alternate" in (element.get("rel") or "").lower().split() and kind in _TYPES and address:
            title = markup.one_line(element.get("title") or "")
            links.setdefault(address, FeedLink(url=address, title=title, type=kind))
    return tuple(sorted(links.values(), key=_is_about_comments))


def find(client: Client, url: str, *, now: datetime | None = None) -> Found:
    """Return the feed at, named by, or near ``url``.

    Raises whatever the first request raises; NotAFeed (``html``) with everything that was tried when no
    feed was found.
    """
    first = fetch(client, url, now=now)
    body = first.body or b""
    try:
        parsed = parse(body, content_type=first.content_type, url=first.url, now=now)
    except NotAFeed as error:
        if error.reason != "html":
            raise
    else:
        why = "The address is a feed."
        if first.moved_to:
            why = f"The address has moved for good to {first.moved_to}, which is a feed."
        return Found(url=first.moved_to or url, answer=first, parsed=parsed, why=why)
    candidates = [
        (link.url, f"The page {first.url} names it as {link.title or 'its feed'}.")
        for link in feed_links(body, first.url)[:_MOST_LINKS]
    ]
    named = {address for address, _ in candidates}
    for place in _USUAL_PLACES:
        address = urljoin(first.url, place)
        if address not in named:
            candidates.append((address, f"The page names no feed; {place} is one of the usual places."))
    return _first_feed(client, url, candidates, now)


def _first_feed(client: Client, url: str, candidates: list[tuple[str, str]], now: datetime | None) -> Found:
    """Return the first candidate that is a feed; raise NotAFeed when none is."""
    for address, why in candidates:
        try:
            answer = fetch(client, address, now=now)
            parsed = parse(answer.body or b"", content_type=answer.content_type, url=answer.url, now=now)
        except (FetchFailed, NotAFeed, AddressRefused):
            continue  # the next one may do; the sentence below lists them all
        return Found(url=answer.moved_to or address, answer=answer, parsed=parsed, why=why)
    tried = ", ".join(address for address, _ in candidates)
    raise NotAFeed(
        f"{url} is a web page, and no feed was found. Tried: {tried}. Give the address of the feed itself.",
        reason="html",
    )


def _is_about_comments(link: FeedLink) -> bool:
    """Return whether a feed lists comments rather than posts."""
    return "comment" in f"{link.url} {link.title}".lower()

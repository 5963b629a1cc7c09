"""What WordPress offers beyond its feed's ten newest posts: older pages, and the REST interface.

Pure. ``?paged=N`` is the same feed further back. The REST interface (developer.wordpress.org/rest-api, read
2026-11) lists a hundred posts at a time, newest first; it is named by a link of relation
``https://api.w.org/`` and some sites close it. Neighbours: ``backfill`` fetches, ``entry`` cleans.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import lxml.etree
import lxml.html

from digest.errors import NotAFeed
from digest.feeds import dates, entry, markup
from digest.model import FoundPost, Image, ParsedFeed

API = "https://api.w.org/"
"""The relation by which a site names its REST interface."""

REST_PAGE = 100  # posts asked for at a time, the most it gives

_GUID = re.compile(r"[?&](?:p|page_id)=[0-9]+$")


def is_wordpress(parsed: ParsedFeed) -> bool:
    """Return whether WordPress wrote a feed: it says so, or most guids have WordPress's form."""
    if "wordpress" in parsed.generator.lower():
        return True
    typical = sum(bool(_GUID.search(post.guid)) for post in parsed.posts)
    return typical * 2 > len(parsed.posts)


def paged(url: str, page: int) -> str:
    """Return the address of a feed's page, counted from 1."""
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != "paged"]
    return urlunsplit(parts._replace(query=urlencode([*kept, ("paged", str(page))])))


def api_root(html: bytes, url: str) -> str:
    """Return the REST interface that a page names in its head; empty when it names none."""
    try:
        page = lxml.html.document_fromstring(html)
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return ""
    for element in page.iter("link"):
        if API in (element.get("rel") or "").split():
            return markup.absolute(element.get("href") or "", url)
    return ""


def rest_page(root: str, page: int) -> str:
    """Return the address of a page of posts, counted from 1.

    The root holds a query where the site has no pretty addresses: ``https://site/?rest_route=/``.
    """
    query = urlencode({"per_page": REST_PAGE, "page": page, "_embed": "author,wp:term,wp:featuredmedia"})
    return f"{root.rstrip('/')}/wp/v2/posts{'&' if '?' in root else '?'}{query}"


def rest_posts(
    body: bytes, *, url: str, language: str = "", now: datetime | None = None
) -> tuple[FoundPost, ...]:
    """Return the posts of one page; raise NotAFeed (``json``) when the answer is no list of posts.

    Their guids and links are those of the feed, so a post is known by either. A value of the wrong type
    counts as absent; posts behind a password are left out, as feeds leave out their text.
    """
    try:
        listed = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotAFeed(f"{url} answered with JSON that cannot be read ({error}).", reason="json") from error
    if not isinstance(listed, list):
        raise NotAFeed(f"{url} answered with JSON that is no list of posts.", reason="json")
    return tuple(
        entry.found_post(_raw(item, url=url, language=language, now=now))
        for item in listed[: entry.MOST_ENTRIES]
        if isinstance(item, dict) and not _table(item, "content").get("protected")
    )


def _raw(item: Mapping[str, Any], *, url: str, language: str, now: datetime | None) -> entry.RawEntry:
    """Return one post in the form every format shares."""
    written = _text(item, "date_gmt")
    content = _rendered(item, "content")
    return entry.RawEntry(
        guid=markup.plain(_rendered(item, "guid")),
        link=_text(item, "link"),
        title=markup.plain(_rendered(item, "title")),
        author=next((markup.plain(_text(one, "name")) for one in _embedded(item, "author")), ""),
        published_at=dates.read(f"{written}Z", now=now) if written else None,
        language=language,
        contents=(content,) if content else (),
        summary=_rendered(item, "excerpt"),
        categories=tuple(_text(term, "name") for term in _embedded(item, "wp:term")),
        pictures=tuple(_picture(media) for media in _embedded(item, "wp:featuredmedia")),
        feed_url=url,
    )


def _picture(media: Mapping[str, Any]) -> Image:
    return Image(
        url=_text(media, "source_url"),
        alt=_text(media, "alt_text"),
        credit=_rendered(media, "caption"),
    )


def _embedded(item: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """Return what the answer embeds under a name; terms come as lists, one for each taxonomy."""
    found = _table(item, "_embedded").get(name)
    flat: list[Mapping[str, Any]] = []
    for one in found if isinstance(found, list) else []:
        flat += [inner for inner in (one if isinstance(one, list) else [one]) if isinstance(inner, dict)]
    return flat


def _rendered(item: Mapping[str, Any], key: str) -> str:
    return _text(_table(item, key), "rendered")


def _table(item: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = item.get(key)
    return value if isinstance(value, dict) else {}


def _text(item: Mapping[str, Any], key: str) -> str:
    value = item.get(key)
    return value.strip() if isinstance(value, str) else ""

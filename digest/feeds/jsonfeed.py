"""Reads JSON Feed 1.0 and 1.1 (https://www.jsonfeed.org/version/1.1/), which feedparser does not.

Pure, and forgiving in the same spirit: a value of the wrong type counts as absent, and where an item lacks
a name of JSON Feed the one that schema.org has for it (``name``, ``datePublished``, ``articleBody``) will do:
public bodies publish such lists of ``NewsArticle``. Neighbours: ``parse`` sends JSON here, ``entry`` turns
the result into posts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from digest.errors import NotAFeed
from digest.feeds import article, dates, entry, markup
from digest.hubs import FeedLinks
from digest.model import Image, ParsedFeed


def parse_json(body: bytes, *, url: str, now: datetime | None = None) -> ParsedFeed:
    """Return what a JSON Feed says; raise NotAFeed (``json``) for any other JSON, or none."""
    try:
        data = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotAFeed(f"{url} answered with JSON that cannot be read ({error}).", reason="json") from error
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        raise NotAFeed(
            f"{url} answered with JSON that is no JSON Feed; give the feed's address.", reason="json"
        )
    listed = [item for item in data["items"] if isinstance(item, dict)]
    language = entry.language_tag(_text(data, "language"))
    author = _author(data)
    found = [
        entry.found_post(_raw(item, url=url, language=language, author=author, now=now))
        for item in listed[: entry.MOST_ENTRIES]
    ]
    posts = tuple(post for post in found if not entry.is_hollow(post))
    return ParsedFeed(
        title=markup.one_line(_first(data, "title", "name")),
        site_url=markup.absolute(_text(data, "home_page_url"), url),
        language=language,
        links=FeedLinks(
            own=markup.absolute(_text(data, "feed_url"), url),
            hub=_hub(data, url),
            older=markup.absolute(_text(data, "next_url"), url),
        ),
        posts=posts,
        warnings=tuple(entry.warnings(posts, listed=len(listed), hollow=len(found) - len(posts))),
    )


def _hub(data: Mapping[str, Any], url: str) -> str:
    """Return the first WebSub hub the feed names."""
    hubs = data.get("hubs")
    for hub in hubs if isinstance(hubs, list) else []:
        if isinstance(hub, dict) and _text(hub, "type").lower() == "websub":
            return markup.absolute(_text(hub, "url"), url)
    return ""


def _raw(
    item: Mapping[str, Any], *, url: str, language: str, author: str, now: datetime | None
) -> entry.RawEntry:
    """Return one item in the form every format shares."""
    text = _first(item, "content_text", "articleBody")
    contents = (_text(item, "content_html"), article.from_text(text) if text else "")
    tags = item.get("tags")
    dated = _first(item, "date_published", "datePublished", "date_modified", "dateModified")
    return entry.RawEntry(
        guid=_text(item, "id"),
        link=_text(item, "url") or _text(item, "external_url"),
        title=_first(item, "title", "name", "headline"),
        author=_author(item) or author,
        published_at=dates.read(dated, now=now),
        language=_text(item, "language") or language,
        contents=tuple(filter(None, contents)),
        summary=article.from_text(_first(item, "summary", "description")),
        categories=tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        pictures=tuple(Image(url=_text(item, key)) for key in ("image", "banner_image") if _text(item, key)),
        feed_url=url,
    )


def _author(data: Mapping[str, Any]) -> str:
    """Return the name of the first author: ``authors`` in 1.1, ``author`` in 1.0."""
    authors = data.get("authors")
    candidates = [*(authors if isinstance(authors, list) else []), data.get("author")]
    names = [_text(candidate, "name") for candidate in candidates if isinstance(candidate, dict)]
    return next(filter(None, names), "")


def _first(data: Mapping[str, Any], *keys: str) -> str:
    """Return the first of these values that is there."""
    return next(filter(None, (_text(data, key) for key in keys)), "")


def _text(data: Mapping[str, Any], key: str) -> str:
    """Return a text value; a number becomes its digits (ids of 1.0 may be numbers), all else is absent."""
    value = data.get(key)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return str(value).strip()

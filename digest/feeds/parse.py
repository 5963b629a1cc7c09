"""Reads the bytes of a feed, whatever its format and however badly it is written.

Pure, and the only home of feedparser. It tolerates what can be read and says so in ``warnings``; what is
no feed at all is refused with a word for what it is instead. Neighbours: ``jsonfeed`` for JSON, ``entry``
for what every format shares, ``dates``.
"""

from __future__ import annotations

import io
import re
from calendar import timegm
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from html import escape
from typing import Any
from urllib.parse import urljoin

import feedparser

from digest.errors import NotAFeed
from digest.feeds import article, bounds, dates, entry, jsonfeed, markup, media
from digest.hubs import FeedLinks
from digest.model import FoundPost, Image, ParsedFeed

_BYTE_ORDER_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_PROLOG_PIECE = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DOCTYPE = re.compile(rb"<!DOCTYPE[^>\[]*(\[)?", re.IGNORECASE)
# Generators that build the text in memory write "utf-16" and send UTF-8.
_MISLABELLED = re.compile(rb"""^(\s*<\?xml[^>]*encoding=["'])utf-?16(["'])""", re.IGNORECASE)
_WORDPRESS_EXPORT = b"http://wordpress.org/export/"
_ROOT_END = re.compile(rb"</\s*(?:[\w-]+:)?(?:rss|feed|rdf)\s*>", re.IGNORECASE)
_ENTRY_END = re.compile(rb"</\s*(?:[\w-]+:)?(?:item|entry)\s*>", re.IGNORECASE)
_HARMLESS = (feedparser.CharacterEncodingOverride, feedparser.NonXMLContentType)

_PERIODS_S = {
    "hourly": 3_600,
    "daily": 86_400,
    "weekly": 604_800,
    "monthly": 2_592_000,
    "yearly": 31_536_000,
}
_SMALL_NUMBER = re.compile(r"[0-9]{1,7}")

_PAGE = re.compile(rb"<(!doctype html|(html|head|body|meta|script|main|nav|div|p|h[1-6])[\s>])")
"""What shows that an answer without any feed is a web page; HTML needs neither of its outer tags."""

_REASONS = {
    "empty": "answered with nothing at all",
    "entities": "declares entities of its own, which Everypost does not expand; remove its DTD",
    "wxr": "is a WordPress export, not a feed; give the address of the site's feed, usually /feed/",
    "attributes": "has elements with thousands of attributes, which no feed needs; look at what made it",
    "depth": "nests elements a thousand deep, which no feed does; look at what made it",
    "entries": "lists more than 10,000 posts; make the feed shorter at the site",
    "html": "is a web page, not a feed; give the address of the feed itself",
    "xml": "is XML of another kind, not a feed; give the address of the feed itself",
    "text": "is no feed; give the address of the feed itself",
}


def parse(body: bytes, *, content_type: str, url: str, now: datetime | None = None) -> ParsedFeed:
    """Return what a feed says: RSS 0.9x to 2.0, RSS 1.0, Atom or JSON Feed.

    ``content_type`` is the HTTP header (its charset counts), ``url`` where the body came from. With
    ``now``, dates more than seven days ahead of it are dropped. Raises NotAFeed whose ``reason`` is
    empty, html, json, wxr, xml, entities, attributes, depth, entries or text.
    """
    _refuse_at_sight(body, url)
    if _opens_json(body):
        return jsonfeed.parse_json(body, url=url, now=now)
    too_much = bounds.excess(body)
    if too_much:
        raise _not_a_feed(too_much, url)
    data = _feedparser(media.hidden(body), content_type, url)
    if not data.get("version") and not data.entries:
        raise _not_a_feed(_what_else(body), url)
    given = media.pictures(body, data.get("encoding") or "")
    if len(given) == len(data.entries):  # otherwise the two disagree about what an entry is
        for found, pictures in zip(data.entries, given, strict=True):
            found["pictures"] = pictures
    cut_off = _ends_early(body)
    entries = data.entries[: _whole_entries(body)] if cut_off else data.entries
    listed = _within_limit(entries)
    language = entry.language_tag(_text(data.feed, "language"))
    found_posts = [_post(found, url=url, language=language, now=now) for found in listed]
    posts = tuple(post for post in found_posts if not entry.is_hollow(post))
    return ParsedFeed(
        title=_plain(data.feed, "title"),
        site_url=markup.absolute(_text(data.feed, "link"), url),
        language=language,
        generator=_plain(data.feed, "generator"),
        links=_links(data.feed, url),
        posts=posts,
        warnings=(
            *_damage(data),
            *entry.warnings(posts, listed=len(entries), hollow=len(found_posts) - len(posts)),
        ),
        ttl_s=_ttl_s(data.feed),
        cut_off=cut_off,
    )


# --- Refused before feedparser sees it ------------------------------------------------------------


def _refuse_at_sight(body: bytes, url: str) -> None:
    """Raise NotAFeed for what must not, or need not, be parsed."""
    if not body.strip(b"\x00 \t\r\n"):
        raise _not_a_feed("empty", url)
    if _declares_entities(body):
        raise _not_a_feed("entities", url)
    if _WORDPRESS_EXPORT in body[:4096]:
        raise _not_a_feed("wxr", url)


def _declares_entities(body: bytes) -> bool:
    """Return whether a document type declaration brings entities of its own.

    A few hundred bytes of entities can grow to a million characters before expat's own limit begins to
    count (its activation threshold is 8 MiB). Only what comes before the root element is read: a post may
    well write about entities. NUL bytes are dropped first, which makes UTF-16 and UTF-32 readable.
    """
    start = body[:65_536].replace(b"\x00", b"")
    place = 0
    for mark in _BYTE_ORDER_MARKS:
        place = len(mark) if start.startswith(mark) else place
    while piece := _PROLOG_PIECE.match(start, place):
        place = piece.end()
    doctype = _DOCTYPE.match(start, place)
    if doctype is None or doctype[1] is None:
        return False
    return b"<!entity" in body.replace(b"\x00", b"").lower()


def _opens_json(body: bytes) -> bool:
    """Return whether the first character is one that JSON texts begin with and XML never does."""
    return body.removeprefix(_BYTE_ORDER_MARKS[0]).lstrip()[:1] in (b"{", b"[")


def _what_else(body: bytes) -> str:
    """Return what a body is that holds no feed."""
    start = body[:4096].replace(b"\x00", b"").lower()
    if _PAGE.search(start):
        return "html"
    return "xml" if start.lstrip().removeprefix(_BYTE_ORDER_MARKS[0]).startswith(b"<") else "text"


def _not_a_feed(reason: str, url: str) -> NotAFeed:
    """Return the error for a reason."""
    return NotAFeed(f"{url} {_REASONS[reason]}.", reason=reason)


# --- Cut short on its way -------------------------------------------------------------------------


def _ends_early(body: bytes) -> bool:
    """Return whether the root element is never closed. Junk after its end is common and harmless."""
    return _ROOT_END.search(body.replace(b"\x00", b"")[-65_536:]) is None


def _whole_entries(body: bytes) -> int:
    """Return how many entries were ended: of one more, part of the text may be missing."""
    return len(_ENTRY_END.findall(body.replace(b"\x00", b"")))


# --- feedparser, and its traps --------------------------------------------------------------------


def _feedparser(body: bytes, content_type: str, url: str) -> Any:
    """Return feedparser's result.

    Never a str, which might be opened as a file or an address. No ``content-location``: with one, a bare
    guid would become an address below the feed's, and change whenever the feed moves. Sanitising and
    resolving are ours, ten times faster and stricter.
    """
    if b"\x00" not in body[:200]:
        body = _MISLABELLED.sub(rb"\1utf-8\2", body, count=1)
    headers = {"content-type": content_type} if content_type else {}
    try:
        return feedparser.parse(
            io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # a parser of anything may raise anything: wrapped once, here
        raise NotAFeed(f"{url} could not be read as a feed ({error}).", reason=_what_else(body)) from error


def _damage(data: Any) -> list[str]:
    """Return a warning for a feed that is broken but was read."""
    trouble = data.get("bozo_exception")
    if not data.get("bozo") or isinstance(trouble, _HARMLESS):
        return []
    return [
        f"The feed is not well-formed and was read as well as possible ({markup.one_line(str(trouble))})."
    ]


def _ttl_s(feed: Mapping[str, Any]) -> int | None:
    """Return for how many seconds the feed asks not to be asked again; None when it does not say.

    The longer of RSS 2.0's ``ttl`` (minutes) and the syndication module's period divided by its frequency
    (https://web.resource.org/rss/1.0/modules/syndication/, read 2026-11-23).
    """
    ttl, frequency = (_text(feed, key) for key in ("ttl", "sy_updatefrequency"))
    asked = [int(ttl) * 60] if _SMALL_NUMBER.fullmatch(ttl) else []
    period_s = _PERIODS_S.get(_text(feed, "sy_updateperiod").lower())
    if period_s:
        times = int(frequency) if _SMALL_NUMBER.fullmatch(frequency) else 1
        asked.append(period_s // max(times, 1))
    return max(asked, default=None)


def _within_limit(entries: Sequence[Any]) -> Sequence[Any]:
    """Return at most 1,000 entries: the first ones, or the last where a feed is written oldest first."""
    if len(entries) <= entry.MOST_ENTRIES:
        return entries
    first, last = _struct(entries[0]), _struct(entries[-1])
    if first is not None and last is not None and first < last:
        return entries[-entry.MOST_ENTRIES :]
    return entries[: entry.MOST_ENTRIES]


def _post(found: Mapping[str, Any], *, url: str, language: str, now: datetime | None) -> FoundPost:
    """Return one entry as a post."""
    contents = tuple(filter(None, (_html(content) for content in found.get("content", ()))))
    kind = found.get("summary_detail", {}).get("type")
    summary = {"value": _text(found, "summary"), "type": kind}
    return entry.found_post(
        entry.RawEntry(
            guid=_text(found, "id"),
            link=_link(found),
            title=_plain(found, "title"),
            author=_author(found),
            published_at=_instant(found, now),
            language=_language(found) or language,
            contents=contents,
            summary=_html(summary),
            categories=tuple(_categories(found)),
            pictures=tuple(_pictures(found)),
            feed_url=url,
            base_url=_base(found, url),
        )
    )


def _text(data: Mapping[str, Any], key: str) -> str:
    """Return a text value, empty when absent. Asks ``in`` first: feedparser invents some absent keys."""
    value = data[key] if key in data else ""  # noqa: SIM401
    return value.strip() if isinstance(value, str) else ""


def _plain(data: Mapping[str, Any], key: str) -> str:
    """Return a title as plain text, by the type feedparser found it to have."""
    value = _text(data, key)
    if data.get(f"{key}_detail", {}).get("type") == "text/plain":
        return markup.one_line(value)
    return markup.plain(value)


def _html(content: Mapping[str, Any]) -> str:
    """Return a content construct as HTML; empty for what is neither HTML nor text."""
    value = str(content.get("value") or "")
    kind = str(content.get("type") or "text/html").lower()
    if kind == "text/plain":
        return article.from_text(value)
    return value if "html" in kind or "xml" in kind or kind == "text" else ""


def _links(feed: Mapping[str, Any], url: str) -> FeedLinks:
    """Return where the feed points beside its posts, the first link of each relation."""
    first: dict[str, str] = {}
    for link in feed.get("links", ()):
        first.setdefault(str(link.get("rel", "")).lower(), markup.absolute(str(link.get("href", "")), url))
    older = first.get("next") or first.get("prev-archive", "")
    return FeedLinks(own=first.get("self", ""), hub=first.get("hub", ""), older=older)


def _link(found: Mapping[str, Any]) -> str:
    """Return the entry's own address; a guid that stands in for it only when it is a whole one."""
    link = _text(found, "feedburner_origlink") or _text(found, "link")
    if found.get("guidislink") and link == _text(found, "id"):
        return link if re.match(r"https?://", link, re.IGNORECASE) else ""
    return link


def _author(found: Mapping[str, Any]) -> str:
    """Return the author's name, never a mail address."""
    # Not `author_detail`: feedparser takes "ann@mail.example (Ann)" apart in the middle of ".example".
    name = markup.plain(_text(found, "author"))
    return re.sub(r"[(<]?\S+@\S+", "", name).strip(" ()<>,") if "@" in name else name


def _instant(found: Mapping[str, Any], now: datetime | None) -> datetime | None:
    """Return when the entry says it was published; what feedparser made of it only when we cannot read it."""
    for key in ("published", "created", "updated"):
        raw = _text(found, key)
        moment = dates.read(raw, now=now) if raw else None
        if moment is None:
            moment = dates.plausible(_believable(raw, _struct(found, key)), now=now)
        if moment is not None:
            return moment
    return None


def _believable(raw: str, moment: datetime | None) -> datetime | None:
    """Return feedparser's reading unless it looks made up.

    For a date it cannot read to the end it answers midnight on the first of the month, and it finds
    years in plain numbers.
    """
    if moment is None or (moment.day, moment.hour, moment.minute, moment.second) == (1, 0, 0, 0):
        return None
    return moment if re.search(rf"(?<!\d){moment.year}(?!\d)", raw) else None


def _struct(found: Mapping[str, Any], key: str = "published") -> datetime | None:
    """Return feedparser's own reading of a date."""
    parsed = found[f"{key}_parsed"] if f"{key}_parsed" in found else None  # noqa: SIM401
    try:
        return None if parsed is None else datetime.fromtimestamp(timegm(parsed), tz=UTC)
    except (ValueError, OverflowError):
        return None


def _language(found: Mapping[str, Any]) -> str:
    """Return the language an entry declares for its text."""
    for detail in (*found.get("content", ()), found.get("summary_detail", {}), found.get("title_detail", {})):
        if detail.get("language"):
            return str(detail["language"])
    return ""


def _base(found: Mapping[str, Any], url: str) -> str:
    """Return the entry's ``xml:base``, absolute; empty when there is none."""
    for detail in (*found.get("content", ()), found.get("summary_detail", {}), found.get("title_detail", {})):
        if detail.get("base"):
            return urljoin(url, str(detail["base"]))
    return ""


def _categories(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the entry's categories as readers know them."""
    for tag in found.get("tags", ()):
        if tag.get("scheme") == "http://schemas.google.com/g/2005#kind":  # Blogger's "this is a post"
            continue
        yield escape(str(tag.get("label") or tag.get("term") or ""), quote=False)


def _pictures(found: Mapping[str, Any]) -> Iterator[Image]:
    """Yield the pictures given outside the text: media:content, enclosures, then thumbnails."""
    yield from found.get("pictures", ())
    for link in found.get("links", ()):
        if link.get("rel") == "enclosure" and str(link.get("type", "")).startswith("image/"):
            yield Image(url=str(link.get("href", "")))
    for thumbnail in found.get("media_thumbnail", ()):
        yield Image(
            url=str(thumbnail.get("url", "")),
            width=_size(thumbnail, "width"),
            height=_size(thumbnail, "height"),
        )
    if isinstance(found.get("image"), Mapping):
        yield Image(url=_text(found["image"], "href"))


def _size(media: Mapping[str, Any], key: str) -> int | None:
    """Return a picture's size in pixels, when it is one."""
    text = str(media.get(key, ""))
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) else None

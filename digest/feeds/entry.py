"""From what a format says of an entry to a post, by the same rules for every format.

Pure. ``parse`` (RSS, Atom) and ``jsonfeed`` fill a ``RawEntry``; ``found_post`` chooses the body, keeps the
publisher's own short text apart, and cleans everything a reader will see. ``warnings`` says in plain
sentences what was odd about the entries of an answer.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.feeds import article, boilerplate, images, markup
from digest.model import FoundPost, Image
from digest.text import languages
from digest.text.words import shorten

MOST_ENTRIES = 1000  # of one answer; the rest is old

_LONGEST_EXCERPT = 500  # characters; a longer "summary" is a body
_LONGEST_SUMMARY = 20_000  # characters of markup; what follows is no excerpt's
_SHORTEST_BODY = 100  # characters; fewer may be a picture's description
_LONGEST_TITLE = 300
_STAND_IN_TITLE = 80  # characters of the body that stand in for a missing title
_MOST_CATEGORIES = 30
_NO_TITLE = "–"
_SAME_SIZE = re.compile(r"(?:-\d{2,4}x\d{2,4}|-scaled)?(?=\.\w{3,4}$)")  # WordPress names sizes so
_EMPTY = article.Article(html="", text="", image=None)


@dataclass(frozen=True, kw_only=True)
class RawEntry:
    """One entry as its format gave it: texts not yet cleaned, addresses perhaps relative."""

    guid: str = ""
    link: str = ""
    title: str = ""  # plain text
    author: str = ""
    published_at: datetime | None = None
    language: str = ""
    contents: tuple[str, ...] = ()  # full bodies as HTML, the publisher's alternatives
    summary: str = ""  # the short text as HTML
    categories: tuple[str, ...] = ()
    pictures: tuple[Image, ...] = ()  # given outside the text, the best first
    feed_url: str  # what the link is relative to
    base_url: str = ""  # xml:base; empty: addresses in the body are relative to the post itself


def found_post(raw: RawEntry) -> FoundPost:
    """Return the entry as a post.

    The body is the richer of content and summary, never both; the summary stays apart as the excerpt
    when it is a text of its own.
    """
    link = markup.absolute(raw.link, raw.base_url or raw.feed_url)
    base_url = raw.base_url or link or raw.feed_url
    title = shorten(markup.one_line(raw.title), _LONGEST_TITLE)
    body = _richest(raw, base_url, title)
    words = f"{title} {body.text}"
    return FoundPost(
        guid=markup.one_line(raw.guid),
        link=link,
        title=title or _stand_in_title(body.text, link),
        author=markup.one_line(raw.author),
        published_at=raw.published_at,
        language=_language(language_tag(raw.language or body.language), words),
        direction=languages.direction_of(words),
        html=body.html,
        excerpt=_excerpt(raw.summary, body.text),
        categories=_categories(raw.categories),
        image=_header_image(body, raw.pictures, base_url),
    )


def length(found: FoundPost) -> int:
    """Return how many characters of text a post's body has."""
    return len(markup.plain(found.html))


def with_body(found: FoundPost, html: str) -> FoundPost:
    """Return a post with the body of its page, if that is longer; what the feed said becomes its excerpt."""
    body = article.clean(html, base_url=found.link, title=found.title)
    if len(body.text) <= length(found):
        return found
    return replace(
        found,
        html=body.html,
        excerpt=found.excerpt or _excerpt(found.html, body.text),
        image=_header_image(body, [found.image] if found.image else [], found.link),
    )


def is_hollow(found: FoundPost) -> bool:
    """Return whether an entry says nothing a reader could see or follow: no post at all."""
    return found.title == _NO_TITLE and not (found.link or found.html or found.image)


def language_tag(text: str) -> str:
    """Return a language as a BCP 47 tag in its usual case, or an empty text for what is none."""
    parts = text.strip().replace("_", "-").split("-")
    if not re.fullmatch(r"[A-Za-z]{2,3}", parts[0]):
        return ""
    if not all(re.fullmatch(r"[A-Za-z0-9]{1,8}", part) for part in parts[1:]):
        return parts[0].lower()
    cased = {2: str.upper, 4: str.title}
    return "-".join([parts[0].lower(), *(cased.get(len(part), str.lower)(part) for part in parts[1:])])


def warnings(posts: Sequence[FoundPost], *, listed: int, hollow: int = 0) -> list[str]:
    """Return what was odd but readable, one sentence each.

    ``listed`` is how many entries there were, ``hollow`` how many of them were left out for saying nothing.
    """
    sentences = []
    if not posts:
        sentences.append("The feed lists no posts.")
    if listed > len(posts) + hollow:
        sentences.append(f"The feed lists {listed} posts; only {len(posts) + hollow} were read.")
    if hollow:
        sentences.append(f"{hollow} of {listed} entries had neither title, link nor text, and were left out.")
    guids = Counter(post.guid for post in posts if post.guid)
    links = Counter(post.link for post in posts if post.link)
    counts = (
        (sum(not post.guid for post in posts), "without an identifier (guid); edits may look like new posts"),
        (sum(not post.link for post in posts), "without a link"),
        (sum(post.published_at is None for post in posts), "without a readable date; first sight counts"),
        (sum(not post.html for post in posts), "without any text"),
        (sum(times for times in guids.values() if times > 1), "sharing an identifier (guid) with another"),
        (sum(times for times in links.values() if times > 1), "sharing a link with another"),
    )
    sentences += [
        f"{count} of {len(posts)} posts {'is' if count == 1 else 'are'} {what}."
        for count, what in counts
        if count
    ]
    return sentences


def _richest(raw: RawEntry, base_url: str, title: str) -> article.Article:
    """Return the longest content; the summary where it is longer still, and no standfirst of a short post.

    A content of a few words without a picture is no body: feedparser gives a picture's description so.
    """
    contents = [article.clean(html, base_url=base_url, title=title) for html in raw.contents]
    content = max(contents, key=lambda found: len(found.text), default=_EMPTY)
    summary = article.clean(raw.summary, base_url=base_url, title=title)
    few_words = len(content.text) < _SHORTEST_BODY and content.image is None and "<img" not in content.html
    if (few_words or len(summary.text) > _LONGEST_EXCERPT) and len(summary.text) > len(content.text):
        return summary
    return content


def _excerpt(summary: str, body: str) -> str:
    """Return the publisher's standfirst; empty when it is cut off, or merely how the body begins."""
    text = boilerplate.without_tail(markup.plain(summary[:_LONGEST_SUMMARY]))
    if not text or len(text) > _LONGEST_EXCERPT or boilerplate.is_cut_off(text):
        return ""
    return "" if _letters(body).startswith(_letters(text)) else text


def _letters(text: str) -> str:
    """Return only what two spellings of one text share: letters and digits, case folded."""
    return re.sub(r"[\W_]+", "", text).casefold()


def _stand_in_title(text: str, link: str) -> str:
    """Return a title for a post without one: how its text begins, else its address."""
    if len(text) <= _STAND_IN_TITLE:
        return text or link.partition("://")[2] or _NO_TITLE
    start = text[:_STAND_IN_TITLE]
    return (start.rpartition(" ")[0] or start).rstrip(",;:–—- ") + "…"


def _categories(names: Sequence[str]) -> tuple[str, ...]:
    """Return the feed's words as plain text, each once, in their order."""
    by_key: dict[str, str] = {}
    for name in names:
        word = markup.plain(name)[:100]
        if word:
            by_key.setdefault(word.casefold(), word)
    return tuple(by_key.values())[:_MOST_CATEGORIES]


def _language(declared: str, words: str) -> str:
    """Return what the feed or the markup declares, unless the words leave no doubt that it is wrong."""
    if not declared:
        return languages.language_of(words)
    read = languages.sure_language_of(words)
    spoken = {"no": "nb", "nn": "nb", "iw": "he", "in": "id"}
    base = declared.partition("-")[0]
    return read if read and read != spoken.get(base, base) else declared


def _header_image(body: article.Article, pictures: Sequence[Image], base_url: str) -> Image | None:
    """Return the picture that opens the body, else the first given beside it, with all that is said of it.

    A credit in the text goes for either; what is said beside it goes for the same picture in the text.
    """
    beside = _picture(pictures, base_url)
    if body.image is None:
        if beside is None:
            return None
        return replace(beside, credit=beside.credit or body.credit)
    if beside is None or _file(beside.url) != _file(body.image.url):
        return body.image
    return replace(body.image, alt=body.image.alt or beside.alt, credit=body.image.credit or beside.credit)


def _file(url: str) -> str:
    """Return what stays the same of a picture's address when it is offered in another size."""
    return _SAME_SIZE.sub("", url.partition("?")[0].rpartition("/")[2])


def _picture(pictures: Sequence[Image], base_url: str) -> Image | None:
    """Return the first picture with a usable address, cleaned."""
    for picture in pictures:
        url = markup.absolute(picture.url, base_url)
        if url and not images.counts_readers(url):
            alt, credit = markup.plain(picture.alt), markup.plain(picture.credit)
            return replace(picture, url=url, alt=alt, credit=credit)
    return None

"""The sample site's feed: RSS 2.0 with everything WordPress and its usual plugins put into one.

Kept as awkward as the real thing on purpose: the whole text with share buttons, related posts and the
"appeared first on" tail in ``content:encoded``, an excerpt in ``description`` that is sometimes only the
start of the text, header images sometimes in the text and sometimes beside it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from html import escape, unescape

from digest.demo.sample_pages import Site, credit_note, header_figure, related_block, share_block
from digest.demo.sample_posts import LANGUAGE, NAME, TAGLINE, SamplePost

PAGE_SIZE = 20  # posts per page of the feed; WordPress answers older ones at ?paged=2
_EXCERPT_WORDS = 55  # where WordPress cuts an excerpt nobody wrote

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"
  xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:atom="http://www.w3.org/2005/Atom"
  xmlns:media="http://search.yahoo.com/mrss/"
  xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel>
"""


def feed(site: Site, posts: Sequence[SamplePost]) -> bytes:
    """The feed of these posts, given newest first, as UTF-8 XML."""
    built = format_datetime(posts[0].published_at(site.now), usegmt=True) if posts else ""
    channel = (
        f"<title>{escape(NAME)}</title>\n"
        f'<atom:link href="{site.url}/feed/" rel="self" type="application/rss+xml" />\n'
        f"<link>{site.url}</link>\n"
        f"<description>{escape(TAGLINE)}</description>\n"
        f"<lastBuildDate>{built}</lastBuildDate>\n"
        f"<language>{LANGUAGE}</language>\n"
        "<sy:updatePeriod>hourly</sy:updatePeriod>\n<sy:updateFrequency>1</sy:updateFrequency>\n"
    )
    items = "".join(_item(site, post) for post in posts)
    return f"{_HEAD}{channel}{items}</channel>\n</rss>\n".encode()


def last_modified(posts: Sequence[SamplePost], now: datetime) -> datetime:
    """When the newest of these posts came out; ``now`` when there is none."""
    return max((post.published_at(now) for post in posts), default=now)


def _item(site: Site, post: SamplePost) -> str:
    link = site.address(post)
    categories = "".join(f"<category>{_cdata(name)}</category>\n" for name in (post.theme, *post.also))
    return (
        "<item>\n"
        f"<title>{escape(post.title)}</title>\n"
        f"<link>{link}</link>\n"
        f"<dc:creator>{_cdata(post.author)}</dc:creator>\n"
        f"<pubDate>{format_datetime(post.published_at(site.now), usegmt=True)}</pubDate>\n"
        f"{categories}"
        f'<guid isPermaLink="false">{site.url}/?p={post.id}</guid>\n'
        f"{_media(site, post)}"
        f"<description>{_cdata(f'<p>{_excerpt(post)}</p>' + _tail(site, post))}</description>\n"
        f"<content:encoded>{_cdata(_content(site, post))}</content:encoded>\n"
        "</item>\n"
    )


def _content(site: Site, post: SamplePost) -> str:
    """The body as a plugin-laden WordPress sends it."""
    figure = "" if post.image_outside else header_figure(site, post)
    credit = credit_note(post) if post.image_outside else ""
    parts = (figure, site.resolve(post.body), credit, share_block(site, post), related_block(site, post))
    return "\n".join(part for part in (*parts, _tail(site, post)) if part)


def _tail(site: Site, post: SamplePost) -> str:
    return (
        f'<p>The post <a href="{site.address(post)}">{escape(post.title)}</a> '
        f'appeared first on <a href="{site.url}/">{escape(NAME)}</a>.</p>'
    )


def _excerpt(post: SamplePost) -> str:
    if not post.cut_excerpt:
        return escape(post.standfirst)
    words = unescape(re.sub(r"<[^>]+>", " ", post.body)).split()
    return escape(" ".join(words[:_EXCERPT_WORDS])) + " [&hellip;]"


def _media(site: Site, post: SamplePost) -> str:
    if not post.image_outside:
        return ""
    # No media:description: some feed readers, feedparser among them, take it for the post's own.
    return (
        f'<media:content url="{site.url}/images/{post.image}" medium="image" type="image/jpeg" '
        f'width="1200" height="600"><media:title type="plain">{escape(post.image_alt)}</media:title>'
        f"<media:credit>{escape(post.image_credit)}</media:credit></media:content>\n"
    )


def _cdata(text: str) -> str:
    """The text as a CDATA section; ``]]>`` inside is split over two (XML 1.0 §2.7)."""
    return f"<![CDATA[{text.replace(']]>', ']]]]><![CDATA[>')}]]>"

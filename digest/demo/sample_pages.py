"""The pages of the sample site, as a small blog would show them. Pure: posts in, HTML out.

The pieces that a feed repeats (header figure, share buttons, related posts) are made here once and used
by ``sample_feed`` too, with the class names that common WordPress plugins give them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from urllib.parse import quote

from digest.demo.sample_posts import (
    AUTHOR,
    LANGUAGE,
    NAME,
    PLACEHOLDER,
    TAGLINE,
    THEMES,
    SamplePost,
    theme_key,
)
from digest.model import Sponsor

SUBSCRIBE_PROMISE = "Get every post by email for free"
_RELATED = 3  # posts in the "Related posts" block
# What a lazy-loading plugin adds to every page: the picture's true address is in `data-src`.
_LAZY_SCRIPT = 'document.querySelectorAll("img.lazyload").forEach(i => { i.src = i.dataset.src })'


@dataclass(frozen=True, kw_only=True)
class Site:
    """What every page needs to know."""

    url: str  # scheme, host and port; no trailing slash
    now: datetime  # the instant all dates are counted back from
    posts: tuple[SamplePost, ...]  # those published, oldest first
    sponsor: Sponsor
    subscribe_url: str  # where the subscribe button leads

    def address(self, post: SamplePost) -> str:
        """The absolute address of the post's page."""
        return self.url + post.path(self.now)

    def resolve(self, body: str) -> str:
        """The body with every placeholder turned into an absolute address."""
        addresses = {post.slug: self.address(post) for post in self.posts}

        def address(found: re.Match[str]) -> str:
            kind, name = found.groups()
            if kind == "post":
                return addresses[name]
            return f"{self.url}/images/{name}" if kind == "image" else f"{self.url}/watch/{name}/"

        return PLACEHOLDER.sub(address, body)


def home_page(site: Site) -> str:
    """The front page: the newest post large, the others as a list."""
    newest_first = site.posts[::-1]
    if not newest_first:
        return _page(site, title=NAME, main="<p>Nothing published yet.</p>")
    lead, *rest = newest_first
    main = _card(site, lead, lead=True) + _cards(site, rest)
    return _page(site, title=f"{NAME}: {TAGLINE}", main=main)


def theme_page(site: Site, theme: str) -> str:
    """Every post of one theme, newest first."""
    posts = [post for post in site.posts[::-1] if post.theme == theme]
    main = f"<h1>{escape(theme)}</h1>{_sponsor_box(site, theme)}{_cards(site, posts)}"
    return _page(site, title=f"{theme} – {NAME}", main=main)


def post_page(site: Site, post: SamplePost) -> str:
    """One post as its readers see it."""
    figure = header_figure(site, post)
    main = (
        f'<article class="post"><header>{_kicker(site, post)}<h1>{escape(post.title)}</h1>'
        f'<p class="standfirst">{escape(post.standfirst)}</p>{_byline(site, post)}</header>'
        f'{figure}<div class="entry-content">{site.resolve(post.body)}</div></article>'
        f"{share_block(site, post)}{_sponsor_box(site, post.theme)}{related_block(site, post)}"
    )
    return _page(site, title=f"{post.title} – {NAME}", main=main, description=post.standfirst)


def about_page(site: Site) -> str:
    """Who writes, and that all of it is made up."""
    return _page(
        site,
        title=f"About – {NAME}",
        main=(
            f"<h1>About</h1><p>{AUTHOR} spent eleven years as a probation officer in the county of "
            "Northmere before she began to read research for a living. She writes about what happens to "
            "people after sentence, and about the people whose work that is.</p>"
            "<p>None of this exists. The country of Aldermark, its counties, courts, prisons, reports, "
            "researchers and numbers were invented so that Everypost has a site to show itself with. "
            "Any likeness to real places or people is an accident.</p>"
        ),
    )


def subscribe_page(site: Site) -> str:
    """What the subscribe button leads to while no newsletter is attached to the site."""
    return _page(
        site,
        title=f"Subscribe – {NAME}",
        main=(
            f"<h1>{SUBSCRIBE_PROMISE}</h1><p>No newsletter is attached to this sample site at the moment. "
            f'You can follow it with a feed reader: <a href="{site.url}/feed/">{site.url}/feed/</a>.</p>'
        ),
    )


def watch_page(site: Site, post: SamplePost) -> str:
    """Stands for the video player that a post embeds."""
    return (
        f'<!DOCTYPE html><html lang="{LANGUAGE}"><meta charset="utf-8"><title>{escape(post.title)}</title>'
        f'<link rel="stylesheet" href="{site.url}/style.css"><body class="player">'
        f"<p><strong>Recording</strong><br>{escape(post.title)}</p></body></html>"
    )


def missing_page(site: Site) -> str:
    """The answer for an address the site does not have."""
    return _page(
        site,
        title=f"Not found – {NAME}",
        main=f'<h1>Nothing here</h1><p>See <a href="{site.url}/">the latest posts</a>.</p>',
    )


# --- Pieces that the feed repeats --------------------------------------------------------------------


def header_figure(site: Site, post: SamplePost) -> str:
    """The header image with its credit; empty where the post has none."""
    if not post.image:
        return ""
    return (
        f'<figure class="wp-block-image size-large"><img src="{site.url}/images/{post.image}" '
        f'alt="{escape(post.image_alt)}" width="1200" height="600" />'
        f"<figcaption>{escape(post.image_credit)}</figcaption></figure>"
    )


def credit_note(post: SamplePost) -> str:
    """The credit as a last paragraph, the way sites do that keep the image outside the text."""
    return f"<p><em>{escape(post.image_credit)}</em></p>" if post.image else ""


def share_block(site: Site, post: SamplePost) -> str:
    """Links to pass the post on by mail."""
    target = f"mailto:?subject={quote(post.title)}&amp;body={quote(site.address(post))}"
    return (
        '<div class="sharedaddy sd-sharing-enabled"><h3 class="sd-title">Share this post</h3>'
        f'<ul><li><a class="share-email" rel="nofollow" href="{target}">Email</a></li>'
        f'<li><a class="share-link" rel="nofollow" href="{site.address(post)}">'
        "Copy the link</a></li></ul></div>"
    )


def related_block(site: Site, post: SamplePost) -> str:
    """Up to three older posts, those of the same theme first; empty for the oldest post."""
    older = [other for other in site.posts[::-1] if other.number < post.number]
    related = sorted(older, key=lambda other: other.theme != post.theme)[:_RELATED]
    if not related:
        return ""
    rows = "".join(
        f'<li><a href="{site.address(other)}">{escape(other.title)}</a> '
        f'<span class="muted">in {escape(other.theme)}</span></li>'
        for other in related
    )
    return f'<div class="jp-relatedposts"><h3>Related posts</h3><ul>{rows}</ul></div>'


# --- Pieces of a page --------------------------------------------------------------------------------


def _cards(site: Site, posts: Sequence[SamplePost]) -> str:
    return f'<div class="cards">{"".join(_card(site, post) for post in posts)}</div>'


def _card(site: Site, post: SamplePost, *, lead: bool = False) -> str:
    link = site.address(post)
    picture = (
        f'<a class="picture" href="{link}" tabindex="-1" aria-hidden="true">'
        f'<img src="{site.url}/images/{post.image}" alt="" width="1200" height="600" loading="lazy"></a>'
        if post.image
        else ""
    )
    return (
        f'<article class="card{" lead" if lead else ""}">{picture}<div>{_kicker(site, post)}'
        f'<h2><a href="{link}">{escape(post.title)}</a></h2><p>{escape(post.standfirst)}</p>'
        f"{_byline(site, post)}</div></article>"
    )


def _kicker(site: Site, post: SamplePost) -> str:
    address = f"{site.url}/theme/{theme_key(post.theme)}/"
    return f'<p class="kicker"><a href="{address}">{escape(post.theme)}</a></p>'


def _byline(site: Site, post: SamplePost) -> str:
    day = post.published_at(site.now)
    return (
        f'<p class="byline">{escape(post.author)} · <time datetime="{day.isoformat()}">'
        f"{day.day} {day:%B %Y}</time></p>"
    )


def _sponsor_box(site: Site, theme: str) -> str:
    sponsor = site.sponsor
    if theme_key(theme) != sponsor.theme_key:
        return ""
    return (
        f'<aside class="sponsor"><p class="label">{escape(theme)} posts are sponsored by</p>'
        f"<p><strong>{escape(sponsor.name)}</strong> {escape(sponsor.text)} "
        f'<a rel="sponsored nofollow" href="{escape(sponsor.link)}">{escape(sponsor.link_text)}</a>'
        "</p></aside>"
    )


def _subscribe_box(site: Site) -> str:
    return (
        f'<aside class="subscribe"><h2>{SUBSCRIBE_PROMISE}</h2>'
        "<p>Every post as it appears, or one digest a week: you choose, and leave with one click.</p>"
        f'<p><a class="button" href="{escape(site.subscribe_url)}">Subscribe</a></p></aside>'
    )


def _page(site: Site, *, title: str, main: str, description: str = TAGLINE) -> str:
    menu = "".join(f'<a href="{site.url}/theme/{theme_key(name)}/">{escape(name)}</a>' for name in THEMES)
    return f"""<!DOCTYPE html>
<html lang="{LANGUAGE}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<meta name="description" content="{escape(description)}">
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{site.url}/style.css">
<link rel="alternate" type="application/rss+xml" title="{escape(NAME)} feed" href="{site.url}/feed/">
</head>
<body>
<a class="skip" href="#main">Skip to the text</a>
<header class="masthead"><div><a class="name" href="{site.url}/">{escape(NAME)}</a>
<p>{escape(TAGLINE)}</p></div><nav>{menu}<a href="{site.url}/about/">About</a></nav></header>
<main id="main">{main}</main>
{_subscribe_box(site)}
<footer><p>{escape(NAME)} is made up, like everyone and everything in it.
<a href="{site.url}/about/">About</a> · <a href="{site.url}/feed/">Feed</a></p></footer>
<script>{_LAZY_SCRIPT}</script>
</body>
</html>
"""

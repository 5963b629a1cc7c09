"""Whether a post is one we know: by guid, else by link, else by content.

Pure. The rule, measured over 17,315 states of real feeds: a post is known when its guid was seen for this
feed, or when its normalised link was seen and that link is *discriminating* (it belongs to one entry of
this fetch, and is not the site itself). Guid alone re-sends a whole window when a site moves; link alone
re-sends updated posts and swallows feeds whose entries all link to the home page. Titles, dates and
positions are never keys. Neighbours: ``parse`` makes the posts, ``pipeline.collect`` keeps the aliases,
for ever: posts were seen to come back after 477 days.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from digest.model import Alias, AliasKind, FoundPost

_TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "piwik_", "hsa_", "oly_", "vero_")
# fmt: off
_TRACKING = frozenset({
    "fbclid", "gclid", "dclid", "gbraid", "wbraid", "msclkid", "yclid", "twclid", "igshid",
    "mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "ref_src", "cmpid", "at_medium",
    "at_campaign", "ns_mchannel", "ns_source", "ns_campaign", "ns_linkname", "xtor", "wt_mc",
    "wt_zmc",
})
# fmt: on


@dataclass(frozen=True, kw_only=True)
class Recognised:
    """A post of a fetch, and which one it is."""

    found: FoundPost
    post_id: int | None  # None: a post we do not know
    new_aliases: tuple[Alias, ...]  # names to remember for it from now on
    elsewhere: bool = False  # known only by its link in another feed


@lru_cache(maxsize=4096)  # a fetch compares each of its links several times
def normalise_link(url: str) -> str:
    """Return what stays the same when a link is respelled: bare of all that varies.

    Dropped are the scheme, ``www.``, the fragment, a last slash and tracking parameters.

    Other query parameters are kept (``?p=7`` is an identity) in their order. For comparing only: the
    result is not an address. Empty for what is no web address.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not parts.hostname:
        return ""
    host = parts.hostname.removeprefix("www.").rstrip(".")
    if port not in (None, 80, 443):
        host += f":{port}"
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _tracks(pair[0])]
    query = f"?{urlencode(kept)}" if kept else ""
    path = quote(unquote(parts.path), safe="/")
    return host + path.rstrip("/") + query


def content_hash(found: FoundPost) -> str:
    """Return the SHA-256, in hex, of what a reader would see of a post: the key of its summary."""
    seen = {
        "title": found.title,
        "author": found.author,
        "excerpt": found.excerpt,
        "html": found.html,
        "image": None if found.image is None else asdict(found.image),
    }
    return _digest(seen)


def aliases_of_all(posts: Sequence[FoundPost], site_url: str) -> tuple[tuple[Alias, ...], ...]:
    """Return, for each post of one fetch in its order, the names by which it lets us know that post."""
    fetch = _Fetch(posts, site_url)
    return tuple(fetch.aliases(found) for found in posts)


def recognise(
    posts: Sequence[FoundPost],
    known: Mapping[Alias, int],
    *,
    site_url: str,
    elsewhere: Mapping[Alias, int] | None = None,
) -> tuple[Recognised, ...]:
    """Return each post of a fetch once, in the feed's order, with the id of the post it is, if known.

    ``known`` holds every alias ever stored for this feed; ``elsewhere`` links under which other feeds know
    a post: they count where this feed knows none of its names. Entries that are one post listed twice
    (the same link and title, or the same guid and title) come out as one, the first.
    """
    others = elsewhere or {}
    fetch = _Fetch(posts, site_url)
    results: list[Recognised] = []
    place_of: dict[int, int] = {}  # post id → index in results
    for found in fetch.posts:
        names = fetch.aliases(found)
        own = next((known[name] for name in names if name in known), None)
        post_id = own if own is not None else next((others[name] for name in names if name in others), None)
        fresh = tuple(name for name in names if name not in known)
        if post_id is not None and post_id in place_of:
            place = place_of[post_id]
            earlier = results[place]
            results[place] = replace(
                earlier,
                new_aliases=earlier.new_aliases + fresh,
                elsewhere=earlier.elsewhere and own is None,
            )
            continue
        if post_id is not None:
            place_of[post_id] = len(results)
        results.append(
            Recognised(
                found=found,
                post_id=post_id,
                new_aliases=fresh,
                elsewhere=post_id is not None and own is None,
            )
        )
    return tuple(results)


class _Fetch:
    """One answer of a feed: its entries without doubles, and how often each name occurs in it."""

    def __init__(self, posts: Iterable[FoundPost], site_url: str) -> None:
        self.posts = _without_doubles(posts)
        self._site = normalise_link(site_url)
        self._guids = Counter(post.guid for post in self.posts)
        self._links = Counter(normalise_link(post.link) for post in self.posts)

    def aliases(self, found: FoundPost) -> tuple[Alias, ...]:
        """Return the names that single out ``found``, the most trusted first."""
        names = []
        if found.guid and self._guids[found.guid] <= 1:
            names.append(Alias(kind=AliasKind.GUID, value=found.guid))
        link = normalise_link(found.link)
        if self._discriminates(link):
            names.append(Alias(kind=AliasKind.LINK, value=link))
        return tuple(names) or (_content_alias(found),)

    def _discriminates(self, link: str) -> bool:
        """Return whether a normalised link belongs to one post only."""
        bare_host = "/" not in link and "?" not in link
        return bool(link) and not bare_host and link != self._site and self._links[link] <= 1


def _without_doubles(posts: Iterable[FoundPost]) -> tuple[FoundPost, ...]:
    """Return the posts, in order, without those that are an earlier one listed again."""
    seen: set[tuple[str, str, str]] = set()
    kept = []
    for post in posts:
        names = {("link", normalise_link(post.link), post.title), ("guid", post.guid, post.title)}
        names = {name for name in names if name[1]}
        if not names:
            names = {("content", _content_alias(post).value, post.title)}
        if not names & seen:
            kept.append(post)
        seen |= names
    return tuple(kept)


def _content_alias(found: FoundPost) -> Alias:
    """Return the name of last resort: a hash of title and date. An edit of either makes a new post."""
    date = "" if found.published_at is None else found.published_at.isoformat()
    return Alias(kind=AliasKind.CONTENT, value=_digest([found.title, date]))


def _tracks(parameter: str) -> bool:
    """Return whether a query parameter only says where a reader came from."""
    name = parameter.lower()
    return name in _TRACKING or name.startswith(_TRACKING_PREFIXES)


def _digest(value: object) -> str:
    """Return the SHA-256, in hex, of a value as canonical JSON."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()

"""Looks at the pictures of the posts that the next issues show, and writes what was found into items.

    posts of what is due → pictures not looked at yet → each asked for once → kept → read when a draft is made

``look`` asks, where no transaction is open; ``settle`` only reads, so a draft, its preview and its mails show
the same. Neighbours: ``feeds.pictures`` looks at one, ``tick`` calls ``look`` right before issues are made.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from digest.editorial.pictures import Picture, Verdict, addresses, illustrated
from digest.feeds import pictures as asking
from digest.model import IssueKind, Item, Post
from digest.pipeline.tools import Tools
from digest.store import pictures

log = structlog.get_logger()

MOST_AT_ONCE = 60
"""Pictures asked for in one go, one after the other; the others stay as the publisher gave them."""

MOST_SECONDS = 60.0
"""When asking stops: mail must not wait for a slow site of pictures."""

AGAIN_AFTER = timedelta(hours=1)
"""When a picture that was not fine is looked at once more, if an issue still wants it."""

_WITH_BODY = frozenset({IssueKind.EVERY_POST, IssueKind.RESEND})


def look(
    tools: Tools,
    posts: Iterable[tuple[IssueKind, Post]],
    now: datetime,
    *,
    monotonic: Callable[[], float] = time.monotonic,
) -> list[Picture]:
    """Look at the pictures of these posts that nobody has seen yet, keep what was found, and return it."""
    how = tools.looking
    if how is None:
        return []
    urls = missing(tools, posts, now)[:MOST_AT_ONCE]
    found = seen(tools, urls, now, monotonic=monotonic)
    remember(tools, found)
    return found


def remember(tools: Tools, found: Sequence[Picture]) -> None:
    """Keep what looking at pictures found."""
    if found:
        with tools.db.transaction() as conn:
            for picture in found:
                pictures.keep(conn, picture)


def seen(
    tools: Tools, urls: Sequence[str], now: datetime, *, monotonic: Callable[[], float] = time.monotonic
) -> list[Picture]:
    """Return what there is to say of these pictures; nothing is stored but renditions."""
    how = tools.looking
    if how is None or not urls:
        return []
    found: list[Picture] = []
    ends = monotonic() + MOST_SECONDS
    with how.client() as client:
        for url in urls:
            if tools.stopping() or monotonic() >= ends:
                break
            picture = asking.look(client, how, url, now)
            log.info("picture.looked_at", verdict=picture.verdict.value, reason=picture.reason)
            found.append(picture)
    return found


def missing(tools: Tools, posts: Iterable[tuple[IssueKind, Post]], now: datetime) -> list[str]:
    """Return the pictures of these posts that are still to be looked at, in their order."""
    how = tools.looking
    if how is None:
        return []
    wanted = [url for kind, post in posts for url in addresses(post, with_body=kind in _WITH_BODY)]
    urls = list(dict.fromkeys(wanted))
    with tools.db.read() as conn:
        known = pictures.kept(conn, urls)
    return [url for url in urls if not _is_settled(known.get(url), how, now)]


def _is_settled(picture: Picture | None, how: asking.Looking, now: datetime) -> bool:
    if picture is None:
        return False
    if picture.verdict is not Verdict.FINE:
        return now - picture.looked_at < AGAIN_AFTER
    return not how.serve_here or (how.has(picture.wide) and how.has(picture.small))


def settle(tools: Tools, items: Sequence[Item], kind: IssueKind) -> tuple[Item, ...]:
    """Return items with their pictures as they were found; what nobody looked at stays as it is."""
    how = tools.looking
    if how is None:
        return tuple(items)
    with_body = kind in _WITH_BODY
    urls = [url for item in items for url in addresses(item, with_body=with_body)]
    with tools.db.read() as conn:
        known = pictures.kept(conn, list(dict.fromkeys(urls)))
    usable = {url: _as_shown(picture, how) for url, picture in known.items()}
    settled = tuple(illustrated(item, usable, folder_url=how.folder_url) for item in items)
    for item, after in zip(items, settled, strict=True):
        for url in addresses(item, with_body=with_body):
            if url in usable and usable[url].verdict is Verdict.LEFT_OUT:
                log.info("picture.left_out", post=after.post_id, reason=usable[url].reason)
    return settled


def _as_shown(picture: Picture, how: asking.Looking) -> Picture:
    """Return a picture as the settings of today show it: by its renditions only where we serve them."""
    if how.serve_here and how.has(picture.wide) and how.has(picture.small):
        return picture
    return replace(picture, wide="", small="")

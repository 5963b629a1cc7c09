"""Whether posts came and went between two polls, and which posts of older pages those are.

Pure. A feed lists its newest posts only. What it lists is new when we see it first; an older page also holds
the archive from before we knew the feed, which must never be mailed, so there dates have a say.
Neighbours: ``backfill`` fetches the pages, ``pipeline.catch_up`` asks both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model import FoundPost

_CLOCKS_DIFFER_BY = timedelta(hours=14)
"""A date written in local time and called UTC is wrong by up to this."""


@dataclass(frozen=True, kw_only=True)
class Sorted:
    """Posts of older pages, by what becomes of them; each in the order of the pages."""

    missed: tuple[FoundPost, ...]  # published since we know the feed: new
    archive: tuple[FoundPost, ...]  # older than that: to be known, never mailed


def may_have_missed(known: Sequence[bool]) -> bool:
    """Return whether an answer shows nothing that we know; ``known`` tells of each post it lists.

    Only of a feed that was read before: then more posts may have passed than it lists at once.
    """
    return bool(known) and not any(known)


def sort_out(older: Sequence[FoundPost], known: Sequence[bool], *, since: datetime | None) -> Sorted:
    """Return the unknown posts of older pages, parted into missed and archive.

    ``since`` is when the feed was first read; None: it is being read for the first time, and all is
    archive. Posts listed before one that we know are probably newer than it: an absent date counts for
    them, and a slightly wrong one is forgiven.
    """
    last_known = max((place for place, is_known in enumerate(known) if is_known), default=-1)
    missed: list[FoundPost] = []
    archive: list[FoundPost] = []
    for place, (post, is_known) in enumerate(zip(older, known, strict=True)):
        if is_known:
            continue
        new = since is not None and _is_newer(post, since, before_known=place < last_known)
        (missed if new else archive).append(post)
    return Sorted(missed=tuple(missed), archive=tuple(archive))


def _is_newer(post: FoundPost, since: datetime, *, before_known: bool) -> bool:
    """Return whether a post that no answer listed was published after ``since``."""
    if post.published_at is None:
        return before_known
    return post.published_at > (since - _CLOCKS_DIFFER_BY if before_known else since)

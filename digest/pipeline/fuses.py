"""Fuses: a feed's posts came back under new names, or so it looks; a person says what they are.

    blow (take_in) → the operator is told once → show → accept: they are the known ones, nothing is mailed
                                                      → discard: they are new, and mailable from now on

A feed has at most one open fuse; what arrives later joins it. Neighbour: ``feeds.burst`` guesses which post
is which.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import Connection

from digest.errors import NotAllowed, UnknownName
from digest.feeds import admission, burst
from digest.model import Feed, KnownPost, PostState
from digest.pipeline.tools import Tools
from digest.store import feeds, fuses, notices, posts, recognition
from digest.store.fuses import Fuse, FuseState

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class HeldPost:
    """A post under a fuse, and which known post it seems to be."""

    post: KnownPost
    seems: KnownPost | None  # None: nothing known is like it
    by: str  # what the two share, in words; empty where nothing is


@dataclass(frozen=True, kw_only=True)
class FuseDetail:
    """What ``digest fuse show`` shows."""

    fuse: Fuse
    feed_url: str
    posts: tuple[HeldPost, ...]  # empty once it is settled

    @property
    def recognised(self) -> int:
        """How many of its posts seem to be known ones."""
        return sum(held.seems is not None for held in self.posts)


def blow(conn: Connection, feed: Feed, reason: str, count: int, now: datetime) -> Fuse:
    """Open a fuse for a feed and tell the operator, once."""
    opened = fuses.start(conn, feed.id, reason, now)
    notices.alert(
        conn,
        nonce=f"fuse-{opened.id}",
        problem=f"The feed {feed.url} seems to have given its posts new names.",
        detail=f"{reason[0].upper()}{reason[1:]}. All {count} are held; nobody was mailed.",
        what_to_do=f"Look at them with `digest fuse show {opened.id}`. `digest fuse accept` says that they "
        "are the known posts, and nothing is mailed; `digest fuse discard` says that they are new, and "
        "mails them to readers.",
        now=now,
    )
    log.warning("fuse.blown", fuse=opened.id, feed=feed.id, posts=count, reason=reason)
    return opened


def listing(tools: Tools) -> list[FuseDetail]:
    """Return every fuse, newest first."""
    with tools.db.read() as conn:
        return [_detail(conn, one) for one in fuses.every(conn)]


def show(tools: Tools, wanted: int | None) -> FuseDetail:
    """Return one fuse, or the only open one. Raises UnknownName, and NotAllowed where none or several are."""
    with tools.db.read() as conn:
        return _detail(conn, _chosen(conn, wanted))


def accept(tools: Tools, wanted: int | None, now: datetime) -> FuseDetail:
    """Say that a fuse's posts are known ones: each lends its names to the post it seems to be.

    Nothing is mailed. Those that are like no known post count as known from the start. Returns the fuse as
    it was before.
    """
    with tools.db.transaction() as conn:
        before = _detail(conn, _still_open(_chosen(conn, wanted)))
        for held in before.posts:
            if held.seems is None:
                posts.decide(conn, held.post.id, PostState.BASELINE)
                continue
            recognition.merge(conn, held.post.id, held.seems.id)
            # The old address may lead nowhere by now.
            posts.follow(conn, held.seems.id, held.post.link or held.seems.link)
        fuses.settle(conn, before.fuse.id, FuseState.ACCEPTED, now)
    log.info("fuse.accepted", fuse=before.fuse.id, aliases=before.recognised, posts=len(before.posts))
    return before


def discard(tools: Tools, wanted: int | None, now: datetime) -> FuseDetail:
    """Say that a fuse's posts are new: they become mailable, those dated ahead when their time comes.

    Returns the fuse as it was before.
    """
    with tools.db.transaction() as conn:
        before = _detail(conn, _still_open(_chosen(conn, wanted)))
        for held in before.posts:
            admitted = admission.when_due(held.post.published_at, rules=admission.Rules(), now=now)
            if admitted.state is PostState.MAILABLE:
                posts.let_in(conn, held.post.id)
            else:
                posts.decide(
                    conn, held.post.id, admitted.state, because=admitted.because, until=admitted.until
                )
        fuses.settle(conn, before.fuse.id, FuseState.DISCARDED, now)
    log.info("fuse.discarded", fuse=before.fuse.id, posts=len(before.posts))
    return before


def _chosen(conn: Connection, wanted: int | None) -> Fuse:
    if wanted is not None:
        found = fuses.by_id(conn, wanted)
        if found is None:
            raise UnknownName(f"There is no fuse {wanted}; `digest fuse list` shows them.")
        return found
    waiting = [one for one in fuses.every(conn) if one.state is FuseState.OPEN]
    if not waiting:
        raise NotAllowed("No fuse is open: nothing waits for you. `digest fuse list` shows earlier ones.")
    if len(waiting) > 1:
        names = ", ".join(str(one.id) for one in reversed(waiting))
        raise NotAllowed(f"Several fuses are open: say which, {names}.")
    return waiting[0]


def _still_open(fuse: Fuse) -> Fuse:
    if fuse.state is not FuseState.OPEN:
        raise NotAllowed(f"Fuse {fuse.id} was {fuse.state.value} before; nothing was changed.")
    return fuse


def _detail(conn: Connection, fuse: Fuse) -> FuseDetail:
    feed = feeds.by_id(conn, fuse.feed_id)
    held = fuses.posts_of(conn, fuse.id)
    ids = {post.id for post in held}
    known = [post for post in recognition.of_feed(conn, fuse.feed_id) if post.id not in ids] if held else []
    seems = burst.guesses(held, known)
    return FuseDetail(
        fuse=fuse,
        feed_url=feed.url if feed else "",
        posts=tuple(
            HeldPost(post=post, seems=seems[post.id].post, by=seems[post.id].by)
            if post.id in seems
            else HeldPost(post=post, seems=None, by="")
            for post in held
        ),
    )

"""What an editor can say about single posts and about fuses: never, now, once more; known, or new.

``app`` offers this to the command line. Each answer says what really happened, the part that came too late
included. Neighbours: ``fuses`` and ``resend`` do their part, ``explain`` answers why.
"""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from sqlalchemy import Connection

from digest.errors import NotAllowed, UnknownName
from digest.feeds.admission import BY_EDITOR
from digest.model import KnownPost, Post, PostState
from digest.pipeline import fuses as at_fuses
from digest.pipeline import resend
from digest.pipeline.fuses import FuseDetail
from digest.pipeline.tools import Tools
from digest.store import appearances, feeds, issues, posts, recognition
from digest.store.appearances import Appearance
from subscribers.model import Cadence

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """What skipping a post did."""

    post: KnownPost  # as it was before
    too_late: tuple[Appearance, ...]  # issues whose readers get it, or have it, all the same
    redrafted: tuple[str, ...]  # approved issues that are made anew without it


@dataclass(frozen=True, kw_only=True)
class Released:
    """What releasing a post did."""

    post: KnownPost  # as it was before
    number: int
    had: int  # readers who have had it before, who do not get it again


@dataclass(frozen=True, kw_only=True)
class Editors:
    """What an editor can do, on these tools."""

    tools: Tools

    # --- Posts ---

    def posts(self, *, state: PostState | None, feed: str, limit: int) -> list[KnownPost]:
        """Return posts, newest first. ``feed`` is an id or an address; empty for all. Raises UnknownName."""
        with self.tools.db.read() as conn:
            feed_id = _feed_id(conn, feed) if feed else None
            return recognition.listing(conn, state=state, feed_id=feed_id, limit=limit)

    def skip(self, post_id: int) -> Skipped:
        """Leave a post out of every issue that is not frozen yet.

        Raises UnknownName, and NotAllowed where there is nothing to skip.
        """
        with self.tools.db.transaction() as conn:
            post = _post(conn, post_id)
            if post.state is PostState.SKIPPED:
                raise NotAllowed(f"Post {post.id} is skipped already ({post.held_because}).")
            if post.state is PostState.BASELINE:
                raise NotAllowed(f"Post {post.id} was known from the start: it is never mailed anyway.")
            posts.decide(conn, post.id, PostState.SKIPPED, because=BY_EDITOR)
            reason = f"post {post.id} was skipped"
            redrafted = issues.back_to_draft(conn, post.number, reason) if post.number else []
            been = appearances.of_number(conn, post.number) if post.number else []
        log.info("post.skipped", post=post.id)
        return Skipped(
            post=post, too_late=tuple(one for one in been if one.readers), redrafted=tuple(redrafted)
        )

    def release(self, post_id: int) -> Released:
        """Let in a post that waits, was skipped, or was known from the start.

        It gets a number now, and so goes into the next issue of each cadence. One that some readers have had
        keeps its number, so that they do not get it twice. Raises UnknownName, and NotAllowed.
        """
        with self.tools.db.transaction() as conn:
            post = _post(conn, post_id)
            if post.state is PostState.MAILABLE:
                raise NotAllowed(
                    f"Post {post.id} is mailable already; `digest why post {post.id}` tells where it went."
                )
            been = appearances.of_number(conn, post.number) if post.number else []
            number = post.number if any(one.readers for one in been) else None
            if number is None:
                number = posts.let_in(conn, post.id)
            else:
                posts.let_in_again(conn, post.id)
        log.info("post.released", post=post.id, number=number, reason=post.held_because or post.state.value)
        return Released(post=post, number=number, had=sum(one.had for one in been))

    def plan_resend(self, post_id: int, cadence: Cadence | None) -> resend.Resend:
        """Return what a resend would be. Raises UnknownName and NotAllowed."""
        return resend.planned(self.tools, self._whole(post_id), cadence)

    def resend(
        self, post_id: int, cadence: Cadence | None, *, despite_findings: bool = False
    ) -> resend.Resend:
        """Queue a post, marked as updated, for readers who had it. Raises UnknownName and NotAllowed."""
        whole = self._whole(post_id)
        return resend.resend(self.tools, whole, cadence, despite_findings=despite_findings)

    def _whole(self, post_id: int) -> Post:
        with self.tools.db.read() as conn:
            found = posts.by_id(conn, post_id)
        if found is None:
            raise _unknown(post_id)
        return found

    # --- Fuses ---

    def fuses(self) -> list[FuseDetail]:
        """Return every fuse, newest first."""
        return at_fuses.listing(self.tools)

    def fuse(self, wanted: int | None) -> FuseDetail:
        """Return one fuse, or the only open one. Raises UnknownName and NotAllowed."""
        return at_fuses.show(self.tools, wanted)

    def accept_fuse(self, wanted: int | None) -> FuseDetail:
        """Say that a fuse's posts are known ones; nothing is mailed. Raises UnknownName and NotAllowed."""
        return at_fuses.accept(self.tools, wanted, self.tools.clock())

    def discard_fuse(self, wanted: int | None) -> FuseDetail:
        """Say that a fuse's posts are new and mailable. Raises UnknownName and NotAllowed."""
        return at_fuses.discard(self.tools, wanted, self.tools.clock())


def _post(conn: Connection, post_id: int) -> KnownPost:
    found = recognition.by_id(conn, post_id)
    if found is None:
        raise _unknown(post_id)
    return found


def _unknown(post_id: int) -> UnknownName:
    return UnknownName(f"There is no post {post_id}; `digest post list` shows them.")


def _feed_id(conn: Connection, named: str) -> int:
    found = feeds.by_id(conn, int(named)) if named.isdigit() else feeds.by_url(conn, named)
    if found is None:
        raise UnknownName(f"There is no feed {named!r}; `digest feed list` shows them.")
    return found.id

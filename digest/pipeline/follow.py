"""What a feed says later of a post that is known: edits, a new address, a fuller text, a tag, another date.

Until an issue is frozen the newest text counts; what was mailed is never mailed again for an edit. Runs in
the caller's transaction. Neighbours: ``take_in`` calls this, ``feeds.admission`` decides what still changes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection

from digest.feeds import admission, identity
from digest.feeds.admission import Rules
from digest.model import Feed, FoundPost, KnownPost, PostState
from digest.store import issues, posts, recognition
from digest.text.blocks import plain

FULLER = 1.5
"""How many times longer another feed's text must be to take the place of the first one's."""


@dataclass(kw_only=True)
class Follower:
    """Follows known posts through one answer of a feed."""

    conn: Connection
    feed: Feed
    now: datetime
    rules: Rules

    def follow(self, known: KnownPost, said: FoundPost) -> None:
        """Write down what the feed says of a known post now."""
        found = admission.dependable(said, self.now)
        is_own = known.feed_id == self.feed.id
        if is_own or self._is_fuller(known, found):
            self._write(known, found)
        changed = admission.reconsidered(
            known, found, frozen=self._is_frozen(known), rules=self.rules, now=self.now
        )
        if changed is not None and is_own:
            posts.decide(self.conn, known.id, changed.state, because=changed.because, until=changed.until)

    def _write(self, known: KnownPost, found: FoundPost) -> None:
        content_hash = identity.content_hash(found)
        if content_hash != known.content_hash:
            recognition.add_edit(self.conn, known, self.now)
            posts.update_found(
                self.conn, known.id, found, feed_id=self.feed.id, content_hash=content_hash, now=self.now
            )
        elif _has_moved(found.link, known.link):
            posts.follow(self.conn, known.id, found.link)

    def _is_fuller(self, known: KnownPost, found: FoundPost) -> bool:
        """Return whether another feed's text takes the place of the first one's, which may be cut off."""
        waits = known.state in (PostState.HELD, PostState.MAILABLE) and not self._is_frozen(known)
        if not waits or identity.content_hash(found) == known.content_hash:
            return False
        before = posts.by_id(self.conn, known.id)
        assert before is not None
        return len(plain(found.html)) > FULLER * len(plain(before.html))

    def _is_frozen(self, known: KnownPost) -> bool:
        return known.number is not None and known.number <= self._frozen_through

    @cached_property
    def _frozen_through(self) -> int:
        return issues.frozen_through(self.conn)


def _has_moved(link: str, before: str) -> bool:
    """Return whether a post's address changed by more than a tracking parameter, or to https."""
    if not link:
        return False
    secured = link.startswith("https:") and before.startswith("http:")
    return secured or identity.normalise_link(link) != identity.normalise_link(before)

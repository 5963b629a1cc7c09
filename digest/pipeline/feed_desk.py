"""What an operator can do with feeds: add, bring in a list, show, poll, stop, start.

``App`` exposes it as ``app.feed_desk``; the commands know nothing else of feeds. Neighbours: ``add_feeds``,
``collect``, ``feed_health``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sqlalchemy import Connection

from digest.errors import NotAllowed, UnknownName
from digest.model import Feed, FeedState, Post
from digest.pipeline import add_feeds, collect, tick
from digest.pipeline.hooks import HookDetail, Hooks
from digest.pipeline.tools import Tools
from digest.store import feeds, posts

_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class FeedDetail:
    """What ``digest feed show`` shows."""

    feed: Feed
    login: str  # the kind of credential that goes with its address; empty when none does
    posts: int  # that it ever brought
    newest: tuple[Post, ...]
    answers: tuple[feeds.Answered, ...]  # newest first
    hooks: HookDetail  # how a hub and the site may tell of news


class FeedDesk:
    """The actions on feeds."""

    def __init__(
        self, tools: Callable[[], Tools], *, lock: Callable[[], AbstractContextManager[None]]
    ) -> None:
        """``lock`` holds the one right to run the pipeline; polls that store something need it."""
        self._tools = tools
        self._lock = lock

    def add(self, url: str, *, newest: int = 0) -> add_feeds.Added:
        """Find the feed behind an address, store it and take its baseline, but for its ``newest`` posts."""
        tools = self._tools()
        return add_feeds.add(tools, url, tools.clock(), newest=newest)

    def bring_in(self, opml_file: bytes) -> list[add_feeds.Imported]:
        """Add every feed of an OPML file. Raises NotAFeed when it is none."""
        tools = self._tools()
        return add_feeds.bring_in(tools, opml_file, tools.clock())

    def every(self) -> list[Feed]:
        """Return every feed."""
        with self._tools().db.read() as conn:
            return feeds.every(conn)

    def show(self, named: str) -> FeedDetail:
        """Return a feed, by id or address, with all there is to know; raise UnknownName."""
        tools = self._tools()
        with tools.db.read() as conn:
            feed = _named(conn, named)
            return FeedDetail(
                feed=feed,
                login=tools.login_kind(feed.url),
                posts=posts.count_of_feed(conn, feed.id),
                newest=tuple(posts.newest_of_feed(conn, feed.id, _SHOWN)),
                answers=tuple(feeds.answers(conn, feed.id, _SHOWN)),
                hooks=Hooks(tools).detail(conn, feed.id),
            )

    def poll(self, named: str | None = None, *, backfill: bool = False) -> list[collect.Collected]:
        """Poll one feed, or every feed that is not stopped, due or not; nothing is sent.

        With ``backfill``, older pages are read too, and what was missed is found.
        """
        with self._lock():
            return tick.poll(self._tools(), wanted=list(self._wanted(named)), backfill=backfill)

    def stop(self, named: str) -> Feed:
        """Leave a feed alone until ``start``; its posts stay as they are."""
        tools = self._tools()
        with tools.db.transaction() as conn:
            feed = _named(conn, named)
            if feed.state is FeedState.STOPPED:
                raise NotAllowed(f"Feed {feed.id} is stopped already: {feed.last_answer}.")
            return self._change(conn, feed, "stopped by the operator", state=FeedState.STOPPED, cause="")

    def start(self, named: str) -> Feed:
        """Let a stopped feed be asked again, at the next run."""
        tools = self._tools()
        with tools.db.transaction() as conn:
            feed = _named(conn, named)
            if feed.state is not FeedState.STOPPED:
                raise NotAllowed(f"Feed {feed.id} is not stopped: it is {feed.state.value}.")
            state = FeedState.HEALTHY if feed.baseline_at else FeedState.NEW
            line = "started by the operator"
            return self._change(
                conn, feed, line, state=state, cause="", failures=0, next_poll_at=None, moved_seen=0
            )

    def _change(self, conn: Connection, feed: Feed, line: str, **changes: object) -> Feed:
        feeds.record(conn, feed.id, last_answer=line, **changes)
        feeds.keep_answer(conn, feed.id, ok=True, line=line, now=self._tools().clock())
        return feeds.by_id(conn, feed.id) or feed

    def _wanted(self, named: str | None) -> Iterator[Feed]:
        if named is None:
            yield from (feed for feed in self.every() if feed.state is not FeedState.STOPPED)
            return
        with self._tools().db.read() as conn:
            feed = _named(conn, named)
        if feed.state is FeedState.STOPPED:
            raise NotAllowed(f"Feed {feed.id} is stopped; `digest feed start {feed.id}` lets it be asked.")
        yield feed


def _named(conn: Connection, named: str) -> Feed:
    """Return a feed by id or address; raise UnknownName."""
    found = feeds.by_id(conn, int(named)) if named.isdecimal() else feeds.by_url(conn, named)
    if found is None:
        raise UnknownName(f"There is no feed {named!r}; `digest feed list` shows them.")
    return found

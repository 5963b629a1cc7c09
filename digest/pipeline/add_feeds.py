"""Adding feeds: find what is behind an address, store it, and take its baseline, all or nothing.

What a feed holds when it is added is known from then on and never mailed, but for the newest few where the
operator asks for them. Neighbours: ``feeds.discover`` finds, ``collect`` keeps the first answer like any
other, ``feed_desk`` is what the commands call.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from digest.errors import AddressRefused, EverypostError, FetchFailed, NotAFeed, NotAllowed
from digest.feeds import discover, opml
from digest.feeds.fetch import fetch
from digest.model import Feed
from digest.net.client import Client
from digest.pipeline import collect
from digest.pipeline.feed_health import cause_of
from digest.pipeline.tools import Tools
from digest.store import feeds, posts


@dataclass(frozen=True, kw_only=True)
class Added:
    """A feed that was added, and why this address."""

    feed: Feed
    why: str  # one sentence: how it was found
    line: str  # what its first poll said
    known: int = 0  # posts taken as known and not mailed
    new: tuple[str, ...] = ()  # titles of the posts let through at once, oldest first


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What became of one line of an OPML file."""

    line: int  # of the file, from 1
    url: str  # as written there
    result: str  # "added", "known" or "failed"
    detail: str  # the feed that was found, or what is wrong, in one sentence
    cause: str = ""  # the stable word for a failure


def add(tools: Tools, url: str, now: datetime, *, newest: int = 0) -> Added:
    """Find the feed behind an address, store it with its baseline, and let its ``newest`` posts through.

    What is published from here on is new. Raises AddressRefused, FetchFailed or NotAFeed when there is no
    feed to be found, and NotAllowed when it was added before; then nothing is stored.
    """
    return _store(tools, _find(tools, url, now), now, newest=newest)


def bring_in(tools: Tools, opml_file: bytes, now: datetime) -> list[Imported]:
    """Add every feed of an OPML file, each by itself; return what became of each, in the file's order.

    Raises NotAFeed when the file is no OPML; then nothing is stored.
    """
    listed = opml.read(opml_file)
    if not listed:
        return []
    with ThreadPoolExecutor(collect.AT_ONCE, thread_name_prefix="feed") as pool:
        found = list(pool.map(lambda one: _find_or_fail(tools, one.url, now), listed))
    return [_settled(tools, one, outcome, now) for one, outcome in zip(listed, found, strict=True)]


def _find(tools: Tools, url: str, now: datetime) -> discover.Found:
    """Return the feed behind an address, whole. No transaction is open."""
    with tools.client() as client:
        found = discover.find(client, url, now=now)
        if found.parsed.cut_off:
            _refuse_unless_always_so(client, found, now)
        return found


def _refuse_unless_always_so(client: Client, found: discover.Found, now: datetime) -> None:
    """Raise FetchFailed unless a feed without an end comes out the same when it is asked again.

    A baseline of half a feed would make the other half look new, and mail it.
    """
    if fetch(client, found.url, now=now).body != found.answer.body:
        raise FetchFailed(
            f"{found.url} ended in the middle; run the command again for a whole answer.", cause="cut_off"
        )


def _find_or_fail(tools: Tools, url: str, now: datetime) -> discover.Found | EverypostError:
    try:
        return _find(tools, url, now)
    except (FetchFailed, NotAFeed, AddressRefused) as error:
        return error


def _store(tools: Tools, found: discover.Found, now: datetime, *, newest: int) -> Added:
    """Store a feed and take its baseline from the answer it was found by: it is not asked twice."""
    with tools.db.transaction() as conn:
        known = feeds.by_url(conn, found.url)
        if known:
            raise NotAllowed(
                f"The feed {found.url} was added before, as feed {known.id}; "
                f"`digest feed show {known.id}` shows it."
            )
        feed = feeds.add(
            conn, url=found.url, title=found.parsed.title, site_url=found.parsed.site_url, now=now
        )
        polled = collect.Polled(feed=feed, answer=found.answer, parsed=found.parsed)
        first = collect.keep_in(conn, tools, polled, now, whole=True)
        let_in = posts.let_in_newest(conn, feed.id, newest, now=now) if newest else ()
        feed = feeds.by_id(conn, feed.id) or feed
    known_posts = first.baseline - len(let_in)
    return Added(feed=feed, why=found.why, line=first.line, known=known_posts, new=tuple(let_in))


def _settled(
    tools: Tools, one: opml.Listed, outcome: discover.Found | EverypostError, now: datetime
) -> Imported:
    """Store what was found for one line, and say what became of it."""
    if isinstance(outcome, EverypostError):
        cause = cause_of(outcome)
        return Imported(line=one.line, url=one.url, result="failed", detail=str(outcome), cause=cause)
    try:
        added = _store(tools, outcome, now, newest=0)
    except NotAllowed as error:
        return Imported(line=one.line, url=one.url, result="known", detail=str(error))
    detail = f"feed {added.feed.id}, {added.feed.url}: {added.line}"
    return Imported(line=one.line, url=one.url, result="added", detail=detail)

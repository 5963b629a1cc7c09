"""How a feed is doing: what a poll's answer means for its state, its next poll and the operator's sleep.

One alert when a feed breaks and one when it is back, each naming the cause; in between nothing but the
record. Neighbours: ``collect`` calls this with every answer, ``take_in`` deals with the posts in it,
``feeds.pace`` says how often to ask.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest.errors import EverypostError, FetchFailed, NotAFeed
from digest.feeds import pace
from digest.model import Feed, FeedState
from digest.pipeline.tools import Tools
from digest.store import feeds, notices

ALERT_AFTER = 3
"""Polls that fail in a row before the operator is told, once."""

MOVED_AFTER = 3
"""Polls in a row that must be redirected to the same place for good before that is the feed's address."""

LONGEST_BACK_OFF = timedelta(hours=24)


def cause_of(error: EverypostError) -> str:
    """Return the one stable word by which logs, alerts and ``digest feed show`` name a failure."""
    if isinstance(error, FetchFailed):
        return error.cause
    return f"not_a_feed:{error.reason}" if isinstance(error, NotAFeed) else "address_refused"


def record_failure(conn: Connection, tools: Tools, feed: Feed, error: EverypostError, now: datetime) -> str:
    """Write down a failed poll and return it in one line. The last good state is kept."""
    failures = feed.failures + 1
    cause = cause_of(error)
    gone = cause == "http_410"
    line = f"{cause}: {error}"
    broken = FeedState.FAILING if feed.baseline_at else FeedState.NEW
    feeds.record(
        conn,
        feed.id,
        state=FeedState.STOPPED if gone else broken,
        failures=failures,
        cause=cause,
        last_polled_at=now,
        next_poll_at=now + _back_off(tools, failures, error),
        last_answer=line,
    )
    feeds.keep_answer(conn, feed.id, ok=False, line=line, now=now)
    if gone:
        _tell_gone(conn, feed, line, now)
    elif failures == ALERT_AFTER:
        _tell_broken(conn, feed, cause, line, now)
    return line


def record_success(
    conn: Connection,
    tools: Tools,
    feed: Feed,
    line: str,
    *,
    now: datetime,
    moved_to: str,
    found_pace: pace.Pace | None = None,
    **learned: object,
) -> None:
    """Write down a good poll with what was learned from it.

    ``found_pace`` is None where the feed was not modified: then the pace found before goes on.
    """
    if feed.failures >= ALERT_AFTER:
        _tell_back(conn, feed, now)
    if found_pace is not None:
        learned |= {"poll_every_s": found_pace.every_s, "poll_because": found_pace.because}
    every_s = found_pace.every_s if found_pace else feed.poll_every_s
    wait = tools.poll_every if every_s is None else timedelta(seconds=every_s)
    feeds.record(
        conn,
        feed.id,
        state=FeedState.HEALTHY,
        failures=0,
        cause="",
        last_polled_at=now,
        last_ok_at=now,
        next_poll_at=now + pace.jittered(wait, tools.jitter()),
        last_answer=line,
        **learned,
    )
    feeds.keep_answer(conn, feed.id, ok=True, line=line, now=now)
    _follow(conn, feed, moved_to, now)


def _back_off(tools: Tools, failures: int, error: EverypostError) -> timedelta:
    """Return how long to leave a failing feed alone: twice as long each time, and as long as it asks."""
    wait = pace.jittered(min(LONGEST_BACK_OFF, tools.poll_every * 2 ** min(failures - 1, 5)), tools.jitter())
    if isinstance(error, FetchFailed) and error.retry_after_s:
        wait = max(wait, timedelta(seconds=error.retry_after_s))
    return min(LONGEST_BACK_OFF, wait)


# --- A feed that moves -----------------------------------------------------------------------------


def _follow(conn: Connection, feed: Feed, moved_to: str, now: datetime) -> None:
    """Count the answers that name the same new address, and take it over when there are enough.

    One mistaken redirect at the site must not carry the feed away. Posts are known by feed, not by its
    address: their aliases stay as they are.
    """
    if not moved_to or moved_to == feed.url:
        if feed.moved_to:
            feeds.record(conn, feed.id, moved_to="", moved_seen=0)
        return
    seen = feed.moved_seen + 1 if moved_to == feed.moved_to else 1
    other = feeds.by_url(conn, moved_to)
    if seen < MOVED_AFTER or other is not None:
        feeds.record(conn, feed.id, moved_to=moved_to, moved_seen=seen)
        if seen == MOVED_AFTER and other is not None:
            _tell_doubled(conn, feed, other, now)
        return
    feeds.record(conn, feed.id, url=moved_to, moved_to="", moved_seen=0)
    line = f"moved: {MOVED_AFTER} polls in a row were redirected for good from {feed.url} to {moved_to}"
    feeds.keep_answer(conn, feed.id, ok=True, line=line, now=now)
    notices.alert(
        conn,
        nonce=f"feed-{feed.id}-moved-{now.isoformat()}",
        problem=f"The feed {feed.url} has moved.",
        detail=f"It is read at {moved_to} from now on: {MOVED_AFTER} polls in a row were redirected there "
        "for good.",
        what_to_do="Nothing to do: no post is lost or mailed twice. If you do not know the new address, "
        f"stop it with `digest feed stop {feed.id}`.",
        now=now,
    )


def _tell_doubled(conn: Connection, feed: Feed, other: Feed, now: datetime) -> None:
    """Tell the operator that two feeds have become one."""
    notices.alert(
        conn,
        nonce=f"feed-{feed.id}-doubled-{other.id}",
        problem=f"The feed {feed.url} has moved to one that is read already.",
        detail=f"It leads to {other.url}, which is feed {other.id}.",
        what_to_do=f"`digest feed stop {feed.id}` saves the site from being asked twice.",
        now=now,
    )


# --- What the operator is told ---------------------------------------------------------------------


def _tell_gone(conn: Connection, feed: Feed, line: str, now: datetime) -> None:
    """Tell the operator that a feed is not asked any more."""
    notices.alert(
        conn,
        nonce=_outage(feed, "gone"),
        problem=f"The feed {feed.url} is gone for good and was stopped.",
        detail=line,
        what_to_do="Add its new address with `digest feed add`. If this is a mistake of the site, "
        f"`digest feed start {feed.id}` asks it again.",
        now=now,
    )


def _tell_broken(conn: Connection, feed: Feed, cause: str, line: str, now: datetime) -> None:
    """Tell the operator, once per outage, that a feed broke."""
    notices.alert(
        conn,
        nonce=_outage(feed, "broken"),
        problem=f"The feed {feed.url} cannot be read ({cause}).",
        detail=line,
        what_to_do="Nothing is lost: polling goes on, and posts that appear meanwhile are found later. "
        f"`digest feed show {feed.id}` tells what it answered.",
        now=now,
    )


def _tell_back(conn: Connection, feed: Feed, now: datetime) -> None:
    """Tell the operator, once per outage, that a feed is back."""
    notices.alert(
        conn,
        nonce=_outage(feed, "back"),
        problem=f"The feed {feed.url} can be read again.",
        detail=f"It had failed {feed.failures} times in a row, at last with {feed.cause}.",
        what_to_do="Nothing to do.",
        now=now,
    )


def _outage(feed: Feed, what: str) -> str:
    return f"feed-{feed.id}-{what}-{(feed.last_ok_at or feed.added_at).isoformat()}"

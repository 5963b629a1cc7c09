"""How a feed is doing: what a poll's answer means for its state, its next poll and the operator's sleep.

One alert when a feed breaks and one when it is back; in between nothing but the record. Neighbours:
``collect`` calls this with every answer, ``take_in`` deals with the posts in it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest.errors import EverypostError, FetchFailed
from digest.model import Feed, FeedState
from digest.store import feeds, notices

ALERT_AFTER = 3
"""Polls that fail in a row before the operator is told, once."""

LONGEST_BACK_OFF = timedelta(hours=24)


def record_failure(
    conn: Connection, feed: Feed, error: EverypostError, *, poll_every: timedelta, now: datetime
) -> str:
    """Write down a failed poll and return it in one line. The last good state is kept."""
    failures = feed.failures + 1
    wait = min(LONGEST_BACK_OFF, poll_every * 2 ** min(failures - 1, 5))
    if isinstance(error, FetchFailed) and error.retry_after_s:
        wait = min(LONGEST_BACK_OFF, max(wait, timedelta(seconds=error.retry_after_s)))
    gone = isinstance(error, FetchFailed) and error.cause == "http_410"
    line = str(error)
    broken = FeedState.FAILING if feed.baseline_at else FeedState.NEW
    feeds.record(
        conn,
        feed.id,
        state=FeedState.STOPPED if gone else broken,
        failures=failures,
        last_polled_at=now,
        next_poll_at=now + wait,
        last_answer=line,
    )
    feeds.keep_answer(conn, feed.id, ok=False, line=line, now=now)
    if failures == ALERT_AFTER or gone:
        _tell_broken(conn, feed, line, now, stopped=gone)
    return line


def record_success(
    conn: Connection, feed: Feed, line: str, *, poll_every: timedelta, now: datetime, **learned: object
) -> None:
    """Write down a good poll with what was learned from it."""
    if feed.failures >= ALERT_AFTER:
        _tell_back(conn, feed, now)
    feeds.record(
        conn,
        feed.id,
        state=FeedState.HEALTHY,
        failures=0,
        last_polled_at=now,
        last_ok_at=now,
        next_poll_at=now + poll_every,
        last_answer=line,
        **learned,
    )
    feeds.keep_answer(conn, feed.id, ok=True, line=line, now=now)


def _tell_broken(conn: Connection, feed: Feed, detail: str, now: datetime, *, stopped: bool) -> None:
    """Tell the operator, once per outage, that a feed broke."""
    mend = (
        "It says it is gone for good (410). Add the new address with `digest feed add`."
        if stopped
        else "Nothing is lost: polling goes on, and posts that appear meanwhile are found later. "
        "`digest feed show` tells what it answered."
    )
    notices.alert(
        conn,
        nonce=_outage(feed, "broken"),
        problem=f"The feed {feed.url} has stopped answering.",
        detail=detail,
        what_to_do=mend,
        now=now,
    )


def _tell_back(conn: Connection, feed: Feed, now: datetime) -> None:
    """Tell the operator, once per outage, that a feed is back."""
    notices.alert(
        conn,
        nonce=_outage(feed, "back"),
        problem=f"The feed {feed.url} answers again.",
        detail=f"It had failed {feed.failures} times in a row.",
        what_to_do="Nothing to do.",
        now=now,
    )


def _outage(feed: Feed, what: str) -> str:
    return f"feed-{feed.id}-{what}-{(feed.last_ok_at or feed.added_at).isoformat()}"

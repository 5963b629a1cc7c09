"""Feeds: what we remember of each for the next poll."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from digest.model import Feed, FeedState
from digest.store.tables import feed, feed_answer

ANSWERS_KEPT = 20


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One poll's answer, or a change of a feed that a person or its server made."""

    at: datetime
    ok: bool
    line: str  # for people; a failure begins with its cause


def _feed(row: Row[Any]) -> Feed:
    values = dict(row._mapping)
    values["state"] = FeedState(values["state"])
    values["warnings"] = tuple(values["warnings"])
    return Feed(**values)


def add(conn: Connection, *, url: str, title: str, site_url: str, now: datetime) -> Feed:
    """Store a feed that was never polled; its first successful poll is its baseline."""
    statement = insert(feed).values(
        url=url, title=title, site_url=site_url, state=FeedState.NEW, added_at=now, warnings=[]
    )
    conn.execute(statement)
    found = by_url(conn, url)
    assert found is not None
    return found


def by_url(conn: Connection, url: str) -> Feed | None:
    """Return the feed of exactly this address, or None."""
    row = conn.execute(select(feed).where(feed.c.url == url)).one_or_none()
    return _feed(row) if row else None


def by_id(conn: Connection, feed_id: int) -> Feed | None:
    """Return the feed with this number, or None."""
    row = conn.execute(select(feed).where(feed.c.id == feed_id)).one_or_none()
    return _feed(row) if row else None


def locked(conn: Connection, feed_id: int) -> Feed | None:
    """Return the feed as it is now, and let nobody else change it until this transaction ends."""
    row = conn.execute(select(feed).where(feed.c.id == feed_id).with_for_update()).one_or_none()
    return _feed(row) if row else None


def every(conn: Connection) -> list[Feed]:
    """Return all feeds, oldest first."""
    return [_feed(row) for row in conn.execute(select(feed).order_by(feed.c.id))]


def due(conn: Connection, now: datetime) -> list[Feed]:
    """Return the feeds whose next poll is due, oldest first."""
    statement = (
        select(feed)
        .where(feed.c.state != FeedState.STOPPED)
        .where(or_(feed.c.next_poll_at.is_(None), feed.c.next_poll_at <= now))
        .order_by(feed.c.id)
    )
    return [_feed(row) for row in conn.execute(statement)]


def keep_answer(conn: Connection, feed_id: int, *, ok: bool, line: str, now: datetime) -> None:
    """Remember one poll's answer; the newest ANSWERS_KEPT stay."""
    conn.execute(insert(feed_answer).values(feed_id=feed_id, at=now, ok=ok, line=line))
    newest = (
        select(feed_answer.c.id)
        .where(feed_answer.c.feed_id == feed_id)
        .order_by(feed_answer.c.id.desc())
        .limit(ANSWERS_KEPT)
    )
    conn.execute(delete(feed_answer).where(feed_answer.c.feed_id == feed_id, feed_answer.c.id.not_in(newest)))


def answers(conn: Connection, feed_id: int, limit: int) -> list[Answered]:
    """Return what a feed answered last, newest first."""
    columns = feed_answer.c.at, feed_answer.c.ok, feed_answer.c.line
    statement = select(*columns).where(feed_answer.c.feed_id == feed_id).order_by(feed_answer.c.id.desc())
    return [Answered(**row._mapping) for row in conn.execute(statement.limit(limit))]


def record(conn: Connection, feed_id: int, **changes: Any) -> None:
    """Write what a poll learned."""
    conn.execute(update(feed).where(feed.c.id == feed_id).values(**changes))

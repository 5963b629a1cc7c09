"""Fuses: feeds that seem to have renamed their posts, which wait until a person says what they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from digest.model import KnownPost
from digest.store import recognition
from digest.store.tables import fuse, post


class FuseState(StrEnum):
    """What became of a fuse."""

    OPEN = "open"  # waits for a person
    ACCEPTED = "accepted"  # its posts were known ones under new names
    DISCARDED = "discarded"  # its posts were new


@dataclass(frozen=True, kw_only=True)
class Fuse:
    """One burst that waits, or waited."""

    id: int
    feed_id: int
    state: FuseState
    reason: str  # what looked odd, as a clause
    opened_at: datetime
    settled_at: datetime | None


def _fuse(row: Row[Any]) -> Fuse:
    values = dict(row._mapping)
    return Fuse(**values | {"state": FuseState(values["state"])})


def open_of(conn: Connection, feed_id: int) -> Fuse | None:
    """Return the one open fuse of a feed, or None."""
    statement = select(fuse).where(fuse.c.feed_id == feed_id, fuse.c.state == FuseState.OPEN)
    row = conn.execute(statement).one_or_none()
    return _fuse(row) if row else None


def start(conn: Connection, feed_id: int, reason: str, now: datetime) -> Fuse:
    """Open a fuse."""
    values = {"feed_id": feed_id, "state": FuseState.OPEN.value, "reason": reason, "opened_at": now}
    fuse_id = conn.execute(insert(fuse).values(**values).returning(fuse.c.id)).scalar_one()
    found = by_id(conn, fuse_id)
    assert found is not None
    return found


def by_id(conn: Connection, fuse_id: int) -> Fuse | None:
    """Return a fuse, or None."""
    row = conn.execute(select(fuse).where(fuse.c.id == fuse_id)).one_or_none()
    return _fuse(row) if row else None


def every(conn: Connection) -> list[Fuse]:
    """Return all fuses, newest first."""
    return [_fuse(row) for row in conn.execute(select(fuse).order_by(fuse.c.id.desc()))]


def settle(conn: Connection, fuse_id: int, state: FuseState, now: datetime) -> None:
    """Write down what a person decided."""
    conn.execute(update(fuse).where(fuse.c.id == fuse_id).values(state=state, settled_at=now))


def posts_of(conn: Connection, fuse_id: int) -> list[KnownPost]:
    """Return the posts a fuse holds, in the order in which they would get numbers."""
    ids = conn.execute(select(post.c.id).where(post.c.fuse_id == fuse_id).order_by(post.c.id)).scalars().all()
    found = recognition.by_ids(conn, list(ids))
    return [found[post_id] for post_id in ids]

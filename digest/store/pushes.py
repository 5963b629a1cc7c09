"""WebSub subscriptions: one for each feed whose hub was asked."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select, update

from digest.hubs import Push, PushState
from digest.store import dialect
from digest.store.tables import push


def by_feed(conn: Connection, feed_id: int) -> Push | None:
    """Return a feed's subscription, or None when no hub was ever asked."""
    row = conn.execute(select(push).where(push.c.feed_id == feed_id)).one_or_none()
    return Push(**dict(row._mapping) | {"state": PushState(row.state)}) if row else None


def keep(conn: Connection, subscription: Push) -> None:
    """Store a subscription in place of the feed's earlier one."""
    row = {name: getattr(subscription, name) for name in Push.__dataclass_fields__}
    dialect.upsert(conn, push, row, key=["feed_id"])


def record(conn: Connection, feed_id: int, **changes: Any) -> None:
    """Write what became of a subscription."""
    conn.execute(update(push).where(push.c.feed_id == feed_id).values(**changes))

"""What is known of lanes for every process: which are slowed, and since when a warm-up runs.

Facts of the installation, as the breaker is: few at a time, read by every claim. Neighbours:
``delivery.lanes`` and ``delivery.warm_up`` decide, ``claims`` takes by lane.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from sqlalchemy import Connection, and_, func, or_, select, update

from digest.delivery.lanes import Slowed
from digest.delivery.states import DeliveryState
from digest.store import dialect
from digest.store.tables import delivery, installation

_SLOWED = "lanes"
_STARTED = "warm_up_since"


def slowed(conn: Connection) -> dict[str, Slowed]:
    """Return the lanes that are slowed, by name; some may have recovered."""
    statement = select(installation.c.value).where(installation.c.key == _SLOWED)
    return _read(conn.execute(statement).scalar_one_or_none())


def slowed_to_change(conn: Connection) -> dict[str, Slowed]:
    """Return them, and let no other transaction change them before this one ends."""
    return _read(_locked(conn, _SLOWED))


def keep_slowed(conn: Connection, lanes: Mapping[str, Slowed], now: datetime) -> None:
    """Store the slowed lanes, without those that have recovered."""
    facts = {
        name: {"until": lane.until.isoformat(), "halvings": lane.halvings, "base": lane.base, "why": lane.why}
        for name, lane in lanes.items()
        if not lane.has_recovered(now)
    }
    value = json.dumps(facts) if facts else ""
    dialect.upsert(conn, installation, {"key": _SLOWED, "value": value}, key=["key"])


def warm_up_since(conn: Connection) -> datetime | None:
    """Return when the warm-up began; None: it has not."""
    statement = select(installation.c.value).where(installation.c.key == _STARTED)
    value = conn.execute(statement).scalar_one_or_none()
    return datetime.fromisoformat(value) if value else None


def begin_warm_up(conn: Connection, now: datetime) -> None:
    """Let the warm-up begin now, whenever it began before."""
    value = now.astimezone(UTC).isoformat()
    dialect.upsert(conn, installation, {"key": _STARTED, "value": value}, key=["key"])


def warm_up_for_claim(conn: Connection, now: datetime) -> datetime:
    """Return when the warm-up began, which is now where it had not; claims take turns from here on."""
    value = _locked(conn, _STARTED)
    if value:
        return datetime.fromisoformat(value)
    begin_warm_up(conn, now)
    return now


def sent_since(conn: Connection, since: datetime) -> int:
    """Return how many mails to readers have passed the commit point since then, or are about to.

    It looks at the whole ledger: only a warm-up asks, while few mails go.
    """
    passed = and_(delivery.c.submitted_at >= since, ~delivery.c.test_mode)
    statement = select(func.count()).where(or_(passed, delivery.c.state == DeliveryState.CLAIMED))
    number: int = conn.execute(statement).scalar_one()
    return number


def queued_in(conn: Connection, lanes: Collection[str]) -> dict[str, int]:
    """Return how many mails wait in each of these lanes."""
    statement = (
        select(delivery.c.lane, func.count())
        .where(delivery.c.state == DeliveryState.QUEUED, delivery.c.lane.in_(sorted(lanes)))
        .group_by(delivery.c.lane)
    )
    return {lane: count for lane, count in conn.execute(statement)} if lanes else {}  # noqa: C416 - rows


def forget(conn: Connection, subscriber_id: int) -> None:
    """Leave no domain of an erased reader's behind."""
    conn.execute(update(delivery).where(delivery.c.subscriber_id == subscriber_id).values(lane=""))


def _locked(conn: Connection, key: str) -> str:
    dialect.insert_or_ignore(conn, installation, [{"key": key, "value": ""}])
    statement = select(installation.c.value).where(installation.c.key == key).with_for_update()
    value: str = conn.execute(statement).scalar_one()
    return value


def _read(value: str | None) -> dict[str, Slowed]:
    found = json.loads(value) if value else {}
    return {
        name: Slowed(**facts | {"until": datetime.fromisoformat(facts["until"])})
        for name, facts in found.items()
    }

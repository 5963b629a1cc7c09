"""The breaker of each way out, kept as a fact of the installation: every process and connection sees the
same one."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, String, bindparam, select, update

from digest.delivery.breaker import CLOSED, Breaker, Way
from digest.store import dialect
from digest.store.tables import installation

_KEYS = {Way.FIRST: "breaker", Way.SECOND: "breaker.second"}


def read(conn: Connection, way: Way = Way.FIRST) -> Breaker:
    """Return the breaker as it stands."""
    statement = select(installation.c.value).where(installation.c.key == _KEYS[way])
    return _breaker(conn.execute(statement).scalar_one_or_none())


def read_to_change(conn: Connection, way: Way = Way.FIRST) -> Breaker:
    """Return the breaker, and let no other transaction change it before this one ends."""
    dialect.insert_or_ignore(conn, installation, [{"key": _KEYS[way], "value": ""}])
    statement = select(installation.c.value).where(installation.c.key == _KEYS[way]).with_for_update()
    return _breaker(conn.execute(statement).scalar_one())


def keep(conn: Connection, breaker: Breaker, way: Way = Way.FIRST) -> None:
    """Store the breaker."""
    dialect.upsert(conn, installation, {"key": _KEYS[way], "value": _value(breaker)}, key=["key"])


def close(conn: Connection, way: Way = Way.FIRST) -> None:
    """Let mail go; one statement, which changes something only where there was trouble."""
    conn.execute(_CLOSE, {"which": _KEYS[way]})


def _value(breaker: Breaker) -> str:
    facts = {
        "since": breaker.since.isoformat() if breaker.since else None,
        "until": breaker.until.isoformat() if breaker.until else None,
        "why": breaker.why,
        "lost": breaker.lost,
        "waits": breaker.waits,
    }
    return json.dumps(facts)


_CLOSE = (
    update(installation)
    .where(
        installation.c.key == bindparam("which", type_=String()),
        installation.c.value.not_in(["", _value(CLOSED)]),
    )
    .values(value=_value(CLOSED))
)


def _breaker(value: str | None) -> Breaker:
    if not value:
        return CLOSED
    facts = json.loads(value)
    instants = {name: datetime.fromisoformat(facts[name]) if facts[name] else None for name in _INSTANTS}
    return Breaker(**facts | instants)


_INSTANTS = ("since", "until")

"""Facts about this installation: one row per fact."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Connection, Integer, bindparam, cast, select, update
from sqlalchemy.types import String

from digest.store import dialect
from digest.store.tables import installation

_NUMBER = "last_number"
_MODE = "mode"
_PAUSED = "paused_at"
_SINCE = "installed_at"
_EPOCH = "epoch"
_MAILBOX = "mailbox_read_at"


_FACT = select(installation.c.value).where(installation.c.key == bindparam("fact", type_=String()))


def _get(conn: Connection, key: str) -> str | None:
    found: str | None = conn.execute(_FACT, {"fact": key}).scalar_one_or_none()
    return found


def _set(conn: Connection, key: str, value: str) -> None:
    dialect.upsert(conn, installation, {"key": key, "value": value}, key=["key"])


def begin(conn: Connection, now: datetime) -> None:
    """Write the first facts, once: test mode, no number given, installed now."""
    first = {_MODE: "test", _NUMBER: "0", _SINCE: now.astimezone(UTC).isoformat(), _EPOCH: "0"}
    dialect.insert_or_ignore(
        conn, installation, [{"key": key, "value": value} for key, value in first.items()]
    )


def is_live(conn: Connection) -> bool:
    """Return whether mail goes to readers; otherwise all of it goes to the operator."""
    return _get(conn, _MODE) == "live"


def go_live(conn: Connection) -> None:
    """From now on mail goes to readers."""
    _set(conn, _MODE, "live")


def paused_since(conn: Connection) -> datetime | None:
    """Return since when everything is paused, or None."""
    value = _get(conn, _PAUSED)
    return datetime.fromisoformat(value) if value else None


def pause(conn: Connection, now: datetime) -> None:
    """Stop everything until ``resume``."""
    _set(conn, _PAUSED, now.astimezone(UTC).isoformat())


def resume(conn: Connection) -> None:
    """Let everything go on."""
    _set(conn, _PAUSED, "")


def installed_at(conn: Connection) -> datetime:
    """Return when this installation began: nothing is due before it."""
    value = _get(conn, _SINCE)
    assert value is not None, "begin() has run"
    return datetime.fromisoformat(value)


def epoch(conn: Connection) -> int:
    """Return how often the ledger was taken further (``store.epoch``)."""
    return int(_get(conn, _EPOCH) or 0)


def epoch_to_change(conn: Connection) -> int:
    """Return the same; the row stays locked until commit, so that it never goes back."""
    found = conn.execute(
        select(installation.c.value).where(installation.c.key == _EPOCH).with_for_update()
    ).scalar_one_or_none()
    return int(found or 0)


def set_epoch(conn: Connection, number: int) -> None:
    """Write how far the ledger has come."""
    _set(conn, _EPOCH, str(number))


def mailbox_read_at(conn: Connection) -> datetime | None:
    """Return when the mailbox was last looked into, or None."""
    value = _get(conn, _MAILBOX)
    return datetime.fromisoformat(value) if value else None


def mailbox_was_read(conn: Connection, now: datetime) -> None:
    """Write down that the mailbox is being looked into."""
    _set(conn, _MAILBOX, now.astimezone(UTC).isoformat())


def next_number(conn: Connection) -> int:
    """Return the next post number. The row stays locked until commit, so numbers appear in order (rule a)."""
    value = cast(cast(installation.c.value, Integer) + 1, String)
    statement = (
        update(installation)
        .where(installation.c.key == _NUMBER)
        .values(value=value)
        .returning(installation.c.value)
    )
    return int(conn.execute(statement).scalar_one())


def last_number(conn: Connection) -> int:
    """Return the newest post number given so far; 0 when there is none."""
    return int(_get(conn, _NUMBER) or 0)

"""The few statements that SQLite and PostgreSQL spell differently. Everything else is one SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, text
from sqlalchemy.dialects import postgresql, sqlite


def insert(conn: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that knows ON CONFLICT: each dialect has its own class for the same words."""
    return postgresql.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


def insert_or_ignore(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows whose unique keys are new; return how many were."""
    added = 0
    for row in rows:
        # Row by row: a many-row execute reports no reliable count, and callers need it. For an INSERT the
        # count is kept only on demand; psycopg's would be -1.
        statement = insert(conn, table).values(**row).on_conflict_do_nothing()
        added += conn.execute(statement, execution_options={"preserve_rowcount": True}).rowcount
    return added


def insert_new(conn: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert the rows whose unique keys are new, all in one go; ``insert_or_ignore`` also counts them."""
    if rows:
        conn.execute(insert(conn, table).on_conflict_do_nothing(), list(rows))


def upsert(conn: Connection, table: Table, row: Mapping[str, Any], *, key: Sequence[str]) -> None:
    """Insert the row, or update the one with the same key."""
    statement = insert(conn, table).values(**row)
    values = {name: statement.excluded[name] for name in row if name not in key}
    conn.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def lease_clock(conn: Connection, now: datetime) -> datetime:
    """Return the clock that leases are measured by: the database's on PostgreSQL, where senders may sit on
    several machines whose clocks disagree; the caller's on SQLite, where there is one machine."""
    if conn.dialect.name != "postgresql":
        return now
    moment: datetime = conn.execute(text("SELECT clock_timestamp()")).scalar_one()
    return moment

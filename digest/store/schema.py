"""The schema's version: created, upgraded, or refused.

Alembic takes a second and a half to import, so the version is read without it and Alembic is only loaded
when there is something to do.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from digest.errors import SchemaTooNew
from digest.store import installation
from digest.store.engine import Database

HEAD = "0001"
"""The newest revision this version of Everypost knows."""

_ADVISORY_KEY = 0x73_6368_656D61  # "schema" in ASCII


def current(database: Database) -> str | None:
    """Return the revision the database is at; None when it is empty. Raises DatabaseBusy."""
    with database.read() as conn:
        if not inspect(conn).has_table("alembic_version"):
            return None
        revision: str | None = conn.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return revision


def ensure(database: Database, now: datetime) -> bool:
    """Make the schema the one this version needs; return whether the database was empty.

    Raises SchemaTooNew, and DatabaseBusy where the database cannot be used.
    """
    found = current(database)
    if found == HEAD:
        return False
    if found is not None and found > HEAD:
        raise SchemaTooNew(
            f"The database is at schema {found}, this Everypost knows {HEAD}: install the newer version."
        )
    with database.transaction() as conn:
        _wait_for_others(conn)
        _upgrade(conn)
        installation.begin(conn, now)
    return found is None


def _wait_for_others(conn: Connection) -> None:
    """Let one process at a time change the schema; whoever comes second finds nothing to do.

    `digest serve` starts two processes at once. On SQLite the transaction itself keeps others out.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_KEY})


def _upgrade(conn: Connection) -> None:
    from alembic import command  # noqa: PLC0415 - a second and a half, wanted only here
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = conn
    command.upgrade(config, "head")

"""The database: opened with the settings its promises rest on, and its short transactions.

SQLite: ``BEGIN IMMEDIATE`` for everything that writes (the driver's own mode loses updates silently, see
``tests/contracts/test_store.py``), ``synchronous=FULL`` with WAL where the library is free of the WAL-reset
race (https://sqlite.org/wal.html, "WAL-reset bug"; fixed in 3.51.3, 3.50.7 and 3.44.6), else
``journal_mode=DELETE`` with ``synchronous=EXTRA``. PostgreSQL: its defaults.

A transaction is never open across a network call. Functions elsewhere in ``store`` take the Connection.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import OperationalError

from digest.errors import DatabaseBusy

BUSY_TIMEOUT_MS = 10_000
"""How long a writer waits for another process's SQLite transaction before it gives up."""


class Transactions(Protocol):
    """What the pipeline needs of a database: transactions that write and transactions that read."""

    def transaction(self) -> AbstractContextManager[Connection]:
        """Open a transaction that writes; commit at the end, roll back on an exception."""
        ...

    def read(self) -> AbstractContextManager[Connection]:
        """Open a transaction that only reads."""
        ...


class Database:
    """One database, shared by all threads of a process."""

    def __init__(self, url: str, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS) -> None:
        """Open ``url`` (SQLAlchemy's form); nothing is read or created yet."""
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        if self.dialect == "sqlite":
            self._writer = _sqlite_engine(url, begin="BEGIN IMMEDIATE", busy_timeout_ms=busy_timeout_ms)
            self._reader = _sqlite_engine(url, begin="BEGIN", busy_timeout_ms=busy_timeout_ms)
        else:
            self._writer = self._reader = create_engine(
                self.url.set(drivername="postgresql+psycopg"), pool_pre_ping=True, pool_size=10
            )

    @property
    def engine(self) -> Engine:
        """The engine that writes, for migrations and the run lock."""
        return self._writer

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database; None for a server."""
        return Path(self.url.database) if self.dialect == "sqlite" and self.url.database else None

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a transaction that writes; commit at the end, roll back on an exception."""
        with _named_failures(), self._writer.begin() as conn:
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads; it never waits for a writer's turn."""
        with _named_failures(), self._reader.connect() as conn:
            yield conn

    @contextmanager
    def rehearsal(self) -> Iterator[Rehearsal]:
        """Open a stand-in on which everything works and nothing lasts."""
        with _named_failures(), self._writer.connect() as conn, conn.begin() as outer:
            try:
                yield Rehearsal(conn)
            finally:
                outer.rollback()

    def close(self) -> None:
        """Close every connection."""
        self._writer.dispose()
        self._reader.dispose()


class Rehearsal:
    """A database whose every transaction is a savepoint of one that is rolled back in the end."""

    def __init__(self, conn: Connection) -> None:
        self._conn = conn

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a savepoint."""
        with self._conn.begin_nested():
            yield self._conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Read what the rehearsal has written so far."""
        yield self._conn


@contextmanager
def _named_failures() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise DatabaseBusy(f"The database cannot be used right now: {_first_line(error)}.") from error


def _first_line(error: OperationalError) -> str:
    return str(error.orig).strip().splitlines()[0].rstrip(".")


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Return whether this SQLite version is free of the WAL-reset race."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def _sqlite_engine(url: str, *, begin: str, busy_timeout_ms: int) -> Engine:
    engine = create_engine(url)
    pragmas = [
        f"busy_timeout={busy_timeout_ms}",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "journal_size_limit=67108864",
    ]
    if wal_is_safe(sqlite3.sqlite_version_info):
        pragmas += ["journal_mode=WAL", "synchronous=FULL"]
    else:
        pragmas += ["journal_mode=DELETE", "synchronous=EXTRA"]

    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _record: Any) -> None:
        # Without this the driver opens transactions by itself, later than we ask, and loses updates.
        dbapi.isolation_level = None
        for pragma in pragmas:
            dbapi.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql(begin)

    return engine

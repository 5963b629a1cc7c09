"""The database: opened with the settings its promises rest on, and its short transactions.

SQLite: ``BEGIN IMMEDIATE`` for everything that writes (the driver's own mode loses updates silently, see
``tests/contracts/test_store.py``) and WAL with ``synchronous=FULL``. Where the library is not free of the
WAL-reset race (https://sqlite.org/wal.html, "WAL-reset bug"; fixed in 3.51.3, 3.50.7 and 3.44.6), writers and
checkpoints take turns: see ``turns``. PostgreSQL: its defaults.

A transaction is never open across a network call. Functions elsewhere in ``store`` take the Connection.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DatabaseError, DataError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.pool import StaticPool

from digest.errors import DatabaseBusy
from digest.failpoints import Passing, nothing_fails
from digest.store.turns import Turn, take_turns

BUSY_TIMEOUT_MS = 10_000
"""How long a writer waits for another process's SQLite transaction before it gives up."""


_PAUSE_S = 0.005  # between two tries to switch to the write-ahead log


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

    def __init__(
        self, url: str, *, busy_timeout_ms: int = BUSY_TIMEOUT_MS, passing: Passing = nothing_fails
    ) -> None:
        """Open ``url`` (SQLAlchemy's form); nothing is read or created yet."""
        self._passing = passing
        self.url = make_url(url)
        self.dialect = self.url.get_backend_name()
        self._turn: Turn | None = None
        if self.dialect == "sqlite":
            _keep_private(self.path)
            self._turn = _turn(self.path, busy_timeout_ms)
            self._writer = _sqlite_engine(
                url, begin="BEGIN IMMEDIATE", turn=self._turn, busy_timeout_ms=busy_timeout_ms
            )
            self._reader = _sqlite_engine(url, begin="BEGIN", busy_timeout_ms=busy_timeout_ms)
        else:
            self._writer = self._reader = create_engine(
                self.url.set(drivername="postgresql+psycopg"),
                pool_pre_ping=True,
                pool_size=10,
                hide_parameters=True,  # they are readers' addresses: no error message may show them
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
        with self.named_failures(), self._writer.begin() as conn:
            yield conn
            self._passing("db.commit")
        self._passing("db.committed")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads; it never waits for a writer's turn."""
        with self.named_failures(), self._reader.connect() as conn:
            yield conn

    @contextmanager
    def rehearsal(self) -> Iterator[Rehearsal]:
        """Open a stand-in on which everything works and nothing lasts.

        SQLite: a copy in memory, so that neither the run nor the pages wait for it, and nothing of readers
        is left on a disk. PostgreSQL: a transaction that is rolled back; only what needs a post number waits.
        """
        with (
            self.named_failures(),
            self._stage() as engine,
            engine.connect() as conn,
            conn.begin() as outer,
        ):
            try:
                yield Rehearsal(conn)
            finally:
                outer.rollback()

    @contextmanager
    def _stage(self) -> Iterator[Engine]:
        """Open the engine a rehearsal plays on."""
        if self.dialect != "sqlite":
            yield self._writer
            return
        with closing(sqlite3.connect(":memory:", check_same_thread=False)) as copy:
            with self._reader.connect() as conn:
                original = conn.connection.driver_connection
                assert isinstance(original, sqlite3.Connection)
                original.backup(copy)
            yield _sqlite_engine("sqlite://", begin="BEGIN", creator=lambda: copy, poolclass=StaticPool)

    @contextmanager
    def named_failures(self) -> Iterator[None]:
        """Raise DatabaseBusy where the database cannot be used; our own faults go through as they are."""
        try:
            yield
        except (IntegrityError, ProgrammingError, DataError, NotSupportedError):
            raise
        except DatabaseError as error:
            reason = str(error.orig).strip().splitlines()[0].rstrip(".")
            raise DatabaseBusy(
                f"The database {self._where} cannot be used right now: {reason}.{_mend(reason)}"
            ) from error

    @property
    def _where(self) -> str:
        """Where the database is, for messages: never a password."""
        if self.dialect == "sqlite":
            return str(self.url.database)
        return f"{self.url.database} on {self.url.host or 'this machine'}"

    def close(self) -> None:
        """Close every connection."""
        self._writer.dispose()
        self._reader.dispose()
        if self._turn is not None:
            self._turn.close()


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


def _keep_private(path: Path | None) -> None:
    """Make a new database file readable by this user only: it holds every reader's address."""
    if path is not None and path.parent.is_dir() and not path.exists():
        path.touch(mode=0o600)


_MENDS = {
    "unable to open database file": "Its folder must exist and this user must be allowed to use it.",
    "attempt to write a readonly database": "This user must be allowed to write the file and its folder.",
    "database disk image is malformed": "Put a backup in its place, then run `digest recover --restored`.",
    "file is not a database": "Let database.url name another file, or put the right one back.",
}


def _mend(reason: str) -> str:
    """Return what to do about a failure, as a further sentence; empty where waiting may be all."""
    return f" {_MENDS[reason]}" if reason in _MENDS else ""


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Return whether this SQLite version is free of the WAL-reset race."""
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def _turn(path: Path | None, busy_timeout_ms: int) -> Turn | None:
    """Return the turn that writers of this file take; None where SQLite needs none."""
    if path is None or wal_is_safe(sqlite3.sqlite_version_info):
        return None
    return Turn(path, timeout_s=busy_timeout_ms / 1000)


def _use_write_ahead_log(dbapi: sqlite3.Connection, busy_timeout_ms: int) -> None:
    """Switch the file to WAL, where it stays. SQLite does not wait for another process that does the same."""
    deadline = time.monotonic() + busy_timeout_ms / 1000
    while True:
        try:
            dbapi.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_S)
        else:
            return


def _sqlite_engine(
    url: str,
    *,
    begin: str,
    turn: Turn | None = None,
    busy_timeout_ms: int = BUSY_TIMEOUT_MS,
    **options: Any,
) -> Engine:
    engine = create_engine(url, hide_parameters=True, **options)
    pragmas = [
        f"busy_timeout={busy_timeout_ms}",
        "foreign_keys=ON",
        "temp_store=MEMORY",
        "journal_size_limit=67108864",
        "synchronous=FULL",
    ]
    if not wal_is_safe(sqlite3.sqlite_version_info):
        pragmas.append("wal_autocheckpoint=0")
    if turn is not None:
        take_turns(engine, turn)

    @event.listens_for(engine, "connect")
    def _connect(dbapi: Any, _record: Any) -> None:
        # Without this the driver opens transactions by itself, later than we ask, and loses updates.
        dbapi.isolation_level = None
        for pragma in pragmas:
            dbapi.execute(f"PRAGMA {pragma}")
        _use_write_ahead_log(dbapi, busy_timeout_ms)

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        conn.exec_driver_sql(begin)

    return engine

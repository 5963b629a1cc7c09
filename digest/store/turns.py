"""SQLite's write-ahead log where the library has the WAL-reset race: writers and checkpoints take turns.

SQLite 3.7.0 to 3.51.2 can lose a committed transaction when a checkpoint runs while another connection
commits and resets the log (https://sqlite.org/wal.html, "WAL-reset bug", read in November 2026). Neither can
happen here: every transaction that writes, and every checkpoint, is done by whoever holds one lock, over all
threads and processes; SQLite's own automatic checkpoints are off. What SQLite still does by itself, a
checkpoint when the last connection closes, it does under an exclusive lock on the whole file. Neighbours:
``engine`` opens databases.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

LOG_BYTES = 8 * 1024 * 1024
"""How long the log may grow before it is brought into the database file."""

_HELD = "has the turn"
_PAUSE_S = 0.001  # between two looks at a lock that another process holds


class Turn:
    """The one right to write a database file, freed by the kernel when its holder dies."""

    def __init__(self, database: Path, *, timeout_s: float) -> None:
        """Name the lock beside the database; nothing is opened yet."""
        self._path = database.with_name(database.name + ".turn")
        self._log = database.with_name(database.name + "-wal")
        self._timeout_s = timeout_s
        self._threads = threading.Lock()
        self._file: int | None = None
        self._checkpoint_at = LOG_BYTES

    def take(self) -> None:
        """Wait for the turn. Raises OperationalError, as SQLite's own lock does, when it takes too long."""
        deadline = time.monotonic() + self._timeout_s
        if not self._threads.acquire(timeout=self._timeout_s):
            raise _locked()
        try:
            if self._file is None:
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            self._wait_for_processes(self._file, deadline)
        except OSError as error:
            self._threads.release()
            raise _refused(error) from error
        except BaseException:
            self._threads.release()
            raise

    def give(self, dbapi: Any) -> None:
        """Bring a long log into the file, and let the next one write."""
        assert self._file is not None
        try:
            if dbapi is not None and self._log_bytes() > self._checkpoint_at:
                self._checkpoint(dbapi)
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
            self._threads.release()

    def close(self) -> None:
        """Close the lock's file."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _wait_for_processes(self, file: int, deadline: float) -> None:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise _locked() from None
                time.sleep(_PAUSE_S)
            else:
                return

    def _log_bytes(self) -> int:
        try:
            return self._log.stat().st_size
        except FileNotFoundError:
            return 0

    def _checkpoint(self, dbapi: Any) -> None:
        """Write the log into the database file; readers of older states may put it off, nothing else can."""
        (patience,) = dbapi.execute("PRAGMA busy_timeout").fetchone()
        dbapi.execute("PRAGMA busy_timeout = 0")
        put_off, _, _ = dbapi.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        dbapi.execute(f"PRAGMA busy_timeout = {patience}")
        self._checkpoint_at = self._log_bytes() + LOG_BYTES if put_off else LOG_BYTES


def _locked() -> OperationalError:
    return OperationalError("BEGIN", None, sqlite3.OperationalError("database is locked"))


def _refused(error: OSError) -> OperationalError:
    reason = f"its lock file cannot be used ({error.strerror})"
    return OperationalError("BEGIN", None, sqlite3.OperationalError(reason))


def take_turns(engine: Engine, turn: Turn) -> None:
    """Let every transaction of this engine hold the turn from its BEGIN until its connection is given back.

    To be called before the listener that says BEGIN is added: the turn comes first.
    """

    @event.listens_for(engine, "begin")
    def _take(conn: Connection) -> None:
        if not conn.info.get(_HELD):  # a connection may carry several transactions, one after the other
            turn.take()
            conn.info[_HELD] = True

    @event.listens_for(engine, "checkin")
    def _give(dbapi: Any, entry: ConnectionPoolEntry) -> None:
        if entry.info.pop(_HELD, False):
            turn.give(dbapi)

"""One running pipeline per database.

SQLite: an exclusive lock on a file beside the database; the kernel frees it when its holder dies, so
holding it proves every earlier holder on this machine dead. PostgreSQL: a session advisory lock, freed
when the holder's connection ends.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from digest.errors import AlreadyRunning, DatabaseBusy
from digest.store.engine import Database

_ADVISORY_KEY = 0x6469_6765_7374  # "digest" in ASCII

_MESSAGE = "Another `digest run` is at work on this database; nothing was touched."


@contextmanager
def run_lock(database: Database) -> Iterator[None]:
    """Hold the one right to run the pipeline; raise AlreadyRunning when somebody else does.

    Raises DatabaseBusy where the lock can be neither had nor refused.
    """
    if database.path is not None:
        with _file_lock(database.path.with_name(database.path.name + ".lock")):
            yield
        return
    with database.named_failures(), database.engine.connect() as conn:
        held = conn.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}).scalar_one()
        conn.commit()
        if not held:
            raise AlreadyRunning(_MESSAGE)
        try:
            yield
        finally:
            conn.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _ADVISORY_KEY})
            conn.commit()


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    try:
        file = path.open("a")
    except OSError as error:
        raise DatabaseBusy(
            f"{path} cannot be written ({error.strerror}). This user must be allowed to write that folder."
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(_MESSAGE) from None
        yield

"""How far a database has come, told a second time in a file outside it: so that a restored backup is noticed.

A backup has forgotten what was sent since, and would send it again. Each claim and the end of each delivery
run raise the database's epoch; the file follows. A crash leaves the file behind the database, never before
it: a file that is ahead, or of another installation, means that the database was put back, or that a copy
which lags behind took over. Nothing is sent then, until ``digest recover --restored``
(``pipeline.restored``).

A file that cannot be read says nothing: where the whole machine was put back, the operator alone can know.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import structlog
from sqlalchemy import Connection

from digest.store import installation
from digest.store.engine import Database

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Epoch:
    """A place in the history of one installation."""

    lineage: str  # when the installation began: its name among others
    number: int

    def is_ahead_of(self, other: Epoch) -> bool:
        """Return whether ``other`` has forgotten what this one knows, or is another installation's."""
        return self.lineage != other.lineage or self.number > other.number


RESTORED = (
    "This database has been further than it is now: it was restored, or a copy that lags behind took over. "
    "Nothing is sent, as it may have been sent already. `digest recover --restored` holds what is in doubt."
)


def current(conn: Connection) -> Epoch:
    """Return how far the database has come."""
    return Epoch(lineage=installation.installed_at(conn).isoformat(), number=installation.epoch(conn))


def advance(conn: Connection, *, beyond: Epoch | None = None) -> Epoch:
    """Raise the database's epoch, past ``beyond`` too, and return it; to be kept once that is committed."""
    number = 1 + max(installation.epoch_to_change(conn), beyond.number if beyond else 0)
    installation.set_epoch(conn, number)
    return Epoch(lineage=current(conn).lineage, number=number)


class EpochFile:
    """The file beside a database. Every method may be called from any thread."""

    def __init__(self, path: Path | None) -> None:
        """Use this file; None, for a database in memory: keep nothing."""
        self._path = path
        self._lock = threading.Lock()
        self._kept = 0
        self._is_told = False

    def read(self) -> Epoch | None:
        """Return what the file says; None where there is none, or none that can be read."""
        if self._path is None:
            return None
        try:
            lineage, number = self._path.read_text(encoding="ascii").split()
            return Epoch(lineage=lineage, number=int(number))
        except (OSError, ValueError):
            return None

    def keep(self, epoch: Epoch) -> None:
        """Write it down, unless a later one is. Where that cannot be done it is logged once: mail goes on."""
        if self._path is None:
            return
        with self._lock:
            if epoch.number <= self._kept:
                return
            draft = self._path.with_name(f"{self._path.name}.new")
            try:
                draft.write_text(f"{epoch.lineage} {epoch.number}\n", encoding="ascii")
                draft.replace(self._path)
            except OSError as error:
                if not self._is_told:
                    log.warning("epoch.not_kept", file=str(self._path), error=error.strerror)
                self._is_told = True
                return
            self._kept = epoch.number

    def forget(self) -> None:
        """Remove the file: a new database begins."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)


def is_restored(conn: Connection, file: EpochFile) -> bool:
    """Return whether the file knows more than the database does."""
    kept = file.read()
    return kept is not None and kept.is_ahead_of(current(conn))


def file_of(database: Database, folder: Path) -> EpochFile:
    """Return the file beside an SQLite database; in ``folder`` for one on a server."""
    path = database.path or folder / (database.url.database or "digest")
    return EpochFile(path.with_name(f"{path.name}.epoch"))

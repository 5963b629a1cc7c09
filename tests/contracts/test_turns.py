"""Writers and checkpoints of a SQLite file take turns, over threads and processes."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from digest.errors import DatabaseBusy
from digest.store import turns
from digest.store.engine import Database
from digest.store.turns import Turn

_HOLD = """
import sys
from pathlib import Path
from digest.store.turns import Turn
turn = Turn(Path(sys.argv[1]), timeout_s=5)
turn.take()
print("held", flush=True)
sys.stdin.readline()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "digest.db"


@pytest.fixture(autouse=True)
def with_an_old_library(monkeypatch):
    """Turns are taken where the library has the race, whichever this machine has."""
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))


def a_database(path: Path, **options: int) -> Database:
    database = Database(f"sqlite:///{path}", **options)
    with database.transaction() as conn:
        conn.execute(text("CREATE TABLE IF NOT EXISTS note (words TEXT)"))
    return database


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_row_72_nobody_writes_while_another_process_has_the_turn(path):
    database = a_database(path, busy_timeout_ms=50)
    process = holder(path)
    with pytest.raises(DatabaseBusy, match="database is locked"), database.transaction():
        pass
    with database.read() as conn:  # reading needs no turn
        assert conn.execute(text("SELECT count(*) FROM note")).scalar_one() == 0
    process.communicate("\n")
    with database.transaction() as conn:
        conn.execute(text("INSERT INTO note VALUES ('written')"))
    database.close()


def test_row_72_the_turn_of_a_killed_process_is_free(path):
    process = holder(path)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    turn = Turn(path, timeout_s=0)
    turn.take()
    turn.give(None)
    turn.close()


def test_a_transaction_that_fails_gives_its_turn_back(path):
    database = a_database(path, busy_timeout_ms=50)
    with pytest.raises(ZeroDivisionError), database.transaction():
        1 / 0  # noqa: B018
    with database.transaction() as conn:
        conn.execute(text("INSERT INTO note VALUES ('after')"))
    database.close()


def test_two_transactions_of_one_connection_hold_one_turn(path):
    database = a_database(path)
    with database.engine.connect() as conn:
        for _ in range(2):
            with conn.begin():
                conn.execute(text("INSERT INTO note VALUES ('x')"))
    with database.transaction():
        pass
    database.close()


def test_a_long_log_is_brought_into_the_file(path, monkeypatch):
    monkeypatch.setattr(turns, "LOG_BYTES", 100_000)
    database = a_database(path)
    log = path.with_name("digest.db-wal")
    sizes = []
    for _ in range(10):
        with database.transaction() as conn:
            conn.execute(text("INSERT INTO note VALUES (:words)"), {"words": "x" * 60_000})
        sizes.append(log.stat().st_size)
    assert max(sizes) < 300_000
    assert 0 in sizes
    with database.read() as conn:
        assert conn.execute(text("SELECT count(*) FROM note")).scalar_one() == 10
    database.close()


def test_a_reader_of_an_older_state_only_puts_the_checkpoint_off(path, monkeypatch):
    monkeypatch.setattr(turns, "LOG_BYTES", 100_000)
    database = a_database(path)
    with database.read() as reader:
        assert reader.execute(text("SELECT count(*) FROM note")).scalar_one() == 0
        for _ in range(5):
            with database.transaction() as conn:
                conn.execute(text("INSERT INTO note VALUES (:words)"), {"words": "x" * 60_000})
        assert reader.execute(text("SELECT count(*) FROM note")).scalar_one() == 0
    with database.read() as conn:
        assert conn.execute(text("SELECT count(*) FROM note")).scalar_one() == 5
    database.close()


def test_a_lock_file_that_cannot_be_made_is_told(tmp_path):
    turn = Turn(tmp_path / "missing" / "digest.db", timeout_s=0)
    with pytest.raises(OperationalError, match="lock file cannot be used"):
        turn.take()


def test_row_72_automatic_checkpoints_are_off(path):
    database = a_database(path)
    with database.transaction() as conn:
        assert conn.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one() == 0
        assert conn.exec_driver_sql("PRAGMA journal_mode").scalar_one() == "wal"
        assert conn.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
    database.close()

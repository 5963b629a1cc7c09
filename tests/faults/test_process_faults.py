"""Faults of the machine and its disk, met by the real ``digest run``: too few files, no room, no right.

The mail server's own list says what was sent. A disk that is full is played by the kernel's limit on the size
of a file, at many sizes, so that writes fail before the first mail, between mails and after the last.
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.installation import Clock, installation
from tests.newsroom import ROOT, Newsroom, newsroom

READERS = [f"reader{number:02d}@example.org" for number in range(1, 13)]
ISSUE = "post-1"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """Twelve readers of every post, live, and one post to send."""
    with newsroom(tmp_path) as room:
        with room.opened() as app:
            app.add_feed(room.feed_url)
        room.join(*READERS)
        room.go_live()
        room.publish("The door that did not lock")
        with room.opened() as app:
            app.feed_desk.poll()
        yield room


def under(room: Newsroom, limit: str) -> subprocess.CompletedProcess[str]:
    """Run once under a limit of the shell, such as ``ulimit -n 20``."""
    return subprocess.run(
        ["bash", "-c", f'{limit}; exec "$@"', "limited", sys.executable, "-m", "digest", "run"],
        cwd=room.folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DIGEST_LOG": "error"},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )


def told_plainly(done: subprocess.CompletedProcess[str]) -> None:
    """One sentence on stderr, which names what could not be used, and exit code 1."""
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert done.stderr.startswith("digest: The database ") or "Too many open files" in done.stderr


def everybody_was_sent_one(room: Newsroom) -> None:
    for _ in range(3):
        done = room.digest("run")
        assert "Traceback" not in done.stderr
    shown = room.issue(ISSUE)
    flagged = sum(row["possible_duplicate"] for row in shown["notable"])
    copies = Counter(address for mail in room.sink.accepted for address in mail.recipients)
    assert set(READERS) <= set(copies)
    assert sum(copies[reader] - 1 for reader in READERS) <= flagged
    assert shown["issue"]["state"] == "done"


def make_due(room: Newsroom) -> None:
    """Let mail that waits after a fault be tried at once."""
    with room.opened() as app:
        app.resume()
        with app.database.transaction() as conn:
            conn.exec_driver_sql("UPDATE delivery SET not_before = '2026-01-01T00:00:00.000000Z'")


def test_row_17_too_few_files_are_told_and_the_next_run_goes_on(room: Newsroom) -> None:
    for files in (8, 9, 10):  # from about a dozen on it can begin
        told_plainly(under(room, f"ulimit -n {files}"))
    assert room.sink.accepted == []
    make_due(room)
    everybody_was_sent_one(room)


@pytest.mark.parametrize("kilobytes", [0, 8, 24, 48, 96, 160, 256])
def test_rows_68_to_70_a_full_disk_sends_nothing_unwritten(room: Newsroom, kilobytes: int) -> None:
    """Before the commit point: no dot. After it: flagged. With room again everything goes on."""
    told_plainly(under(room, f"ulimit -f {kilobytes}"))
    make_due(room)
    everybody_was_sent_one(room)


def test_row_20_a_process_is_named_at_random_so_a_number_used_again_means_nothing(tmp_path: Path) -> None:
    owners = set()
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        with installation(folder, clock=Clock()) as app:
            owners.add(app.tools.owner)
    assert len(owners) == 2
    assert str(os.getpid()) not in owners


def test_row_21_on_a_read_only_file_system_nothing_begins(room: Newsroom) -> None:
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False).returncode:
        pytest.skip("needs the right to mount: a read-only file system was not tried")
    mount = f"mount --bind {room.folder} {room.folder} && mount -o remount,ro,bind {room.folder}"
    command = [sys.executable, "-m", "digest", "--config", str(room.config), "run"]
    done = subprocess.run(
        ["unshare", "-m", "bash", "-c", f'{mount} && exec "$@"', "ro", *command],
        cwd=room.folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert room.sink.accepted == []
    everybody_was_sent_one(room)


def test_row_71_a_broken_page_is_told_in_one_sentence_and_sends_nothing(room: Newsroom) -> None:
    path = room.folder / "digest.db"
    with closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = raw.execute("SELECT rootpage FROM sqlite_master WHERE name = 'delivery'").fetchone()
        (size,) = raw.execute("PRAGMA page_size").fetchone()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\x55" * size)
    done = room.digest("run")
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "malformed" in done.stderr
    assert "digest recover --restored" in done.stderr
    assert room.sink.accepted == []


def test_row_79_an_upgrade_that_was_killed_is_made_again(tmp_path: Path) -> None:
    with newsroom(tmp_path) as room:
        killed = room.digest("status", DIGEST_FAILPOINT="db.commit:1")
        assert killed.returncode == -signal.SIGKILL
        assert room.digest("status").returncode == 0


def test_row_81_a_backup_made_while_mail_goes_is_whole_and_costs_none(room: Newsroom) -> None:
    copies: list[Path] = []

    def overheard(moment: str, _address: str) -> None:
        if moment == "RCPT" and len(copies) < 5:
            copies.append(room.folder / f"backup{len(copies)}.db")
            with (
                closing(sqlite3.connect(room.folder / "digest.db")) as source,
                closing(sqlite3.connect(copies[-1])) as target,
            ):
                source.backup(target)

    room.sink.overheard = overheard
    assert room.digest("run").returncode == 0
    room.sink.overheard = lambda _moment, _address: None
    assert len(copies) == 5
    for copy in copies:
        with closing(sqlite3.connect(copy)) as raw:
            assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
            (count,) = raw.execute("SELECT count(*) FROM delivery WHERE issue_id IS NOT NULL").fetchone()
            assert count == len(READERS)
    assert Counter(address for mail in room.sink.accepted for address in mail.recipients) == Counter(READERS)

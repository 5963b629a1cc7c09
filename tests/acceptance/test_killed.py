"""``digest run`` killed at any moment: the next run goes on, and nobody is skipped (promises P1 and P2)."""

from __future__ import annotations

import random
import resource
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.newsroom import Newsroom, ended, kill, newsroom

READERS = [f"reader{number:02d}@example.org" for number in range(1, 31)]
ISSUE = "post-1"
CONNECTIONS = 4


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """Thirty readers of every post, live, and one post that is known but not sent yet."""
    with newsroom(tmp_path, connections=CONNECTIONS) as room:
        with room.opened() as app:
            app.add_feed(room.feed_url)
        room.join(*READERS)
        room.go_live()
        room.publish("The door that did not lock")
        with room.opened() as app:
            app.feed_desk.poll()
        yield room


class Trap:
    """Acts once, at the given count of a moment the mail server overhears."""

    def __init__(self, moment: str, count: int) -> None:
        self.moment, self.count = moment, count
        self.process: subprocess.Popen[str] | None = None
        self.signal = signal.SIGKILL

    def __call__(self, moment: str, _address: str) -> None:
        if moment != self.moment:
            return
        self.count -= 1
        if self.count == 0:
            assert self.process is not None
            self.process.send_signal(self.signal)
            if self.signal is signal.SIGKILL:
                self.process.wait()  # dead before it hears another word


def run_into(room: Newsroom, trap: Trap, *arguments: str) -> tuple[int, str, str]:
    """Run until the trap goes off or the run ends."""
    room.sink.overheard = trap
    trap.process = room.start("run", *arguments)
    found = ended(trap.process)
    room.sink.overheard = lambda _moment, _address: None
    return found


def run_to_the_end(room: Newsroom) -> dict[str, Any]:
    """Run again as cron would, until the issue has ended."""
    for _ in range(3):
        done = room.digest("run")
        assert "Traceback" not in done.stderr
        shown = room.issue(ISSUE)
        if shown["issue"]["state"].startswith("done"):
            return shown
    raise AssertionError(shown)


@pytest.mark.parametrize("megabytes", [80, 95, 105, 115, 125, 140])
def test_row_16_a_run_without_enough_memory_skips_nobody(room: Newsroom, megabytes: int) -> None:
    """Somewhere between its first import and its last mail there is no more memory to be had."""
    process = room.start("run")
    resource.prlimit(process.pid, resource.RLIMIT_AS, (megabytes * 1_000_000, megabytes * 1_000_000))
    ended(process)
    shown = run_to_the_end(room)
    nobody_is_missing_and_every_doubt_is_shown(room, shown)


def copies(room: Newsroom) -> Counter[str]:
    return Counter(address for mail in room.sink.accepted for address in mail.recipients)


def nobody_is_missing_and_every_doubt_is_shown(room: Newsroom, shown: dict[str, Any]) -> None:
    """P1: final rows equal the frozen audience. P2: whoever may have two is named."""
    assert shown["issue"]["expected"] == len(READERS) == sum(shown["deliveries"].values())
    with room.opened() as app:
        public_ids = {address: app.readers.find(address).public_id for address in READERS}
    flagged = {
        row["reader"] for row in shown["notable"] if row["possible_duplicate"] or row["state"] == "held"
    }
    received = copies(room)
    for address in READERS:
        assert received[address] == 1 or public_ids[address] in flagged, (address, received[address])
    assert sum(received.values()) <= len(READERS) + len(flagged)


MOMENTS = ["MAIL", "RCPT", "DATA", "KEPT"]


@pytest.mark.parametrize("seed", range(3))
def test_row_09_killed_at_any_moment_of_sending(room: Newsroom, seed: int) -> None:
    """Everybody is sent it; only a mail in hand at both kills is held, since none is sent a third time."""
    chance = random.Random(seed)
    for _ in range(2):
        trap = Trap(chance.choice(MOMENTS), chance.randint(1, 12))
        code, _, _ = run_into(room, trap)
        assert code == -signal.SIGKILL
    shown = run_to_the_end(room)
    nobody_is_missing_and_every_doubt_is_shown(room, shown)
    doubted_twice = {
        row["reader"] for row in shown["notable"] if row["state"] == "held" and row["possible_duplicate"]
    }
    assert shown["deliveries"]["accepted"] == len(READERS) - len(doubted_twice)
    assert len(doubted_twice) <= CONNECTIONS


def test_row_10_a_machine_that_goes_down_again_and_again_still_sends_to_everybody(room: Newsroom) -> None:
    """Only the mail in hand can be what kills a sender; those that waited beside it are innocent."""
    for _ in range(4):
        code, _, _ = run_into(room, Trap("RCPT", CONNECTIONS + 1))
        assert code == -signal.SIGKILL
    shown = run_to_the_end(room)
    nobody_is_missing_and_every_doubt_is_shown(room, shown)
    assert shown["deliveries"].get("held", 0) <= CONNECTIONS


def test_row_07_killed_right_after_the_dot(room: Newsroom) -> None:
    """The server has the mail and we never hear of it: its reader gets a second one, and we say so."""
    code, _, _ = run_into(room, Trap("KEPT", 5))
    assert code == -signal.SIGKILL
    shown = run_to_the_end(room)
    nobody_is_missing_and_every_doubt_is_shown(room, shown)
    doubled = [address for address, count in copies(room).items() if count > 1]
    flagged = [row for row in shown["notable"] if row["possible_duplicate"]]
    assert 1 <= len(doubled) <= len(flagged) <= CONNECTIONS


@pytest.mark.parametrize("path", ["/feed", "/healthz"])
def test_row_01_killed_before_sending(room: Newsroom, path: str) -> None:
    """While the feed is asked, or between approval and freeze: nothing was sent, and nothing is forgotten."""
    with room.opened() as app, app.database.transaction() as conn:
        conn.exec_driver_sql("UPDATE feed SET next_poll_at = NULL")
    process: list[subprocess.Popen[str]] = []

    def body() -> Iterator[bytes]:
        kill(process[0])
        process[0].wait()
        yield b"too late"

    room.site.route(path, chunks=body())
    process.append(room.start("run"))
    code, _, _ = ended(process[0])
    assert (code, room.sink.accepted) == (-signal.SIGKILL, [])
    room.site.route("/healthz", "ok")
    room.publish()
    shown = run_to_the_end(room)
    assert copies(room) == Counter(READERS)
    assert shown["notable"] == []


def test_row_11_asked_to_stop_it_finishes_what_is_in_flight(room: Newsroom) -> None:
    for arguments in (["--forever"], []):
        trap = Trap("RCPT", 6)
        trap.signal = signal.SIGTERM
        code, _, err = run_into(room, trap, *arguments)
        assert (code, err) == (0, "")
        shown = room.issue(ISSUE)
        assert set(shown["deliveries"]) <= {"accepted", "queued"}
        assert shown["deliveries"]["accepted"] == len(room.sink.accepted) < len(READERS)
    shown = run_to_the_end(room)
    assert copies(room) == Counter(READERS)
    assert shown["notable"] == []


def test_row_18_a_second_run_beside_the_first_is_turned_away(room: Newsroom) -> None:
    beside: list[subprocess.CompletedProcess[str]] = []

    def overheard(moment: str, _address: str) -> None:
        if moment == "MAIL" and not beside:
            beside.append(room.digest("run"))

    room.sink.overheard = overheard
    first = room.digest("run")
    assert (first.returncode, beside[0].returncode, beside[0].stdout) == (0, 3, "")
    assert beside[0].stderr == (
        "digest: Another `digest run` is at work on this database; nothing was touched.\n"
    )
    assert copies(room) == Counter(READERS)

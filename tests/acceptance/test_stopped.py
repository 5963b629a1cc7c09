"""``digest serve`` told to stop as a terminal, systemd or an operator tells it: nothing is in doubt."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.newsroom import Newsroom, ended, newsroom

READERS = [f"reader{number:02d}@example.org" for number in range(1, 21)]
ISSUE = "post-1"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """Twenty readers of every post, live, one post to send, and pages of our own on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    with newsroom(tmp_path, more=f"\n[web]\nport = {port}\n") as room:
        with room.opened() as app:
            app.add_feed(room.feed_url)
        room.join(*READERS)
        room.go_live()
        room.publish("The door that did not lock")
        with room.opened() as app:
            app.feed_desk.poll()
        yield room


def children_of(pid: int) -> list[int]:
    """Return the processes a process has started."""
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=True)
    return [int(line) for line in found.stdout.split()]


def by_ctrl_c(pid: int) -> None:
    """As a terminal does: the whole process group hears SIGINT."""
    os.killpg(pid, signal.SIGINT)


def by_systemd(pid: int) -> None:
    """As systemd does (KillMode=control-group): every process hears SIGTERM, whatever its group."""
    for each in [*children_of(pid), pid]:
        os.kill(each, signal.SIGTERM)


def by_everybody(pid: int) -> None:
    """The same wish from several sides at once."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        for each in [*children_of(pid), pid]:
            os.kill(each, number)


@pytest.mark.parametrize("stop", [by_ctrl_c, by_systemd, by_everybody])
def test_row_11_stopped_while_the_server_is_slow_at_the_dot_nothing_is_in_doubt(
    room: Newsroom, stop: Callable[[int], None]
) -> None:
    """Whatever the signals reach, the mails in hand are finished and recorded, and the others wait."""
    kept: list[str] = []
    at_the_dot, answer = threading.Event(), threading.Event()

    def overheard(moment: str, address: str) -> None:
        if moment == "KEPT":
            kept.append(address)
            if len(kept) == 5:
                at_the_dot.set()
                answer.wait(60)

    room.sink.overheard = overheard
    serving = room.start("serve", own_group=True)
    try:
        assert at_the_dot.wait(60), "nothing was sent"
        stop(serving.pid)
    finally:
        answer.set()
    code, _, err = ended(serving)
    assert (code, err) == (0, "")
    shown = room.issue(ISSUE)
    assert set(shown["deliveries"]) == {"accepted", "queued"}
    assert shown["deliveries"]["accepted"] == len(room.sink.accepted) < len(READERS)
    assert room.digest("run").returncode == 0
    assert Counter(address for mail in room.sink.accepted for address in mail.recipients) == Counter(READERS)
    assert room.issue(ISSUE)["notable"] == []

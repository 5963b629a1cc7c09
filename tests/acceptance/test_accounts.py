"""``digest report`` and ``digest recover``, as an operator types them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.newsroom import Newsroom, newsroom

READERS = ["ann@example.org", "ben@example.org"]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """Two readers of every post, live, who were sent one."""
    with newsroom(tmp_path) as room:
        with room.opened() as app:
            app.add_feed(room.feed_url)
        room.join(*READERS)
        room.go_live()
        room.publish("The door that did not lock")
        with room.opened() as app:
            app.feed_desk.poll()
        assert room.digest("run").returncode == 0
        yield room


def test_a_report_adds_up_and_says_so(room: Newsroom) -> None:
    shown = room.digest("report", "post-1")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "together 2: as frozen" in shown.stdout
    told = json.loads(room.digest("report", "post-1", "--json").stdout)
    assert (told["expected"], told["counts"], told["held"]) == (2, {"accepted": 2}, 0)
    unknown = room.digest("report", "weekly-1999-01-01")
    assert (unknown.returncode, unknown.stdout) == (1, "")


def test_row_23_a_restored_database_is_refused_until_it_was_recovered(room: Newsroom) -> None:
    (room.folder / "digest.db.epoch").write_text(
        (room.folder / "digest.db.epoch").read_text().rsplit(" ", 1)[0] + " 999\n"
    )
    refused = room.digest("run")
    assert refused.returncode == 1
    assert refused.stdout.startswith("STOP   This database has been further than it is now")
    assert room.digest("recover").returncode == 2
    asked = room.digest("recover", "--restored")
    assert asked.returncode == 1
    recovered = room.digest("recover", "--restored", "--yes")
    assert (recovered.returncode, recovered.stderr) == (0, "")
    assert "Paused; `digest resume` goes on." in recovered.stdout
    assert room.digest("resume").returncode == 0
    assert room.digest("run").returncode == 0
    assert len(room.sink.accepted) == 2

"""``digest chaos``: the command, its figures, and that it finds a promise broken where one is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from digest.chaos.drive import SCENARIOS, Round, sweep
from digest.chaos.stage import Stage
from digest.errors import NotAllowed
from tests.databases import Maker
from tests.newsroom import ROOT


def halfway(low: float, high: float) -> float:
    return (low + high) / 2


def chaos(*arguments: str) -> tuple[int, dict[str, Any], str]:
    done = subprocess.run(
        [sys.executable, "-m", "digest", "chaos", "--json", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


def test_row_09_killed_at_random_moments_nobody_is_skipped_and_every_second_copy_is_flagged(
    maker: Maker,
) -> None:
    code, figures, said = chaos("--kills", "3", "--readers", "30", "--database", maker.blank())
    assert (code, figures["said"], figures["total"]["broken"]) == (0, "", [])
    assert figures["random"]["kills"] == 3
    assert figures["random"]["deliveries"] >= 30 - figures["random"]["left"] - figures["random"]["held"]
    assert "killed at random: 3 of 3" in said


@pytest.mark.parametrize("point", ["smtp.body", "smtp.allowed", "smtp.dot", "smtp.answered"])
def test_each_side_of_the_dot(point: str) -> None:
    """Rows 5 to 8: before the commit point nothing is in doubt; after it one mail a connection is."""
    readers = {"ann@example.org", "ben@example.org"}
    with Stage(database="", connections=1, between=halfway) as stage:
        stage.join(sorted(readers))
        one = Round(stage=stage, readers=readers, hold=False)
        assert one.run(failpoint=f"{point}:1")
        assert one.finish()
        verdict = one.verdict()
    doubtful = point != "smtp.body"
    doubled = point in {"smtp.dot", "smtp.answered"}
    assert verdict.broken == ()
    assert (verdict.flagged, verdict.duplicated, verdict.deliveries) == (doubtful, doubled, 2 + doubled)


def test_a_sweep_finds_a_sender_that_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check can fail: a mail server's record that lacks a mail is a reader lost."""
    readers = {"ann@example.org"}
    with Stage(database="", connections=1, between=halfway) as stage:
        stage.join(sorted(readers))
        monkeypatch.setattr(stage.sink, "taken", lambda since=0: [])
        monkeypatch.setattr(stage, "start", _first_two_die(stage))
        points, verdict = sweep(stage, readers, SCENARIOS[0], lambda _count: None, lambda: False)
    assert points == 2
    assert verdict.lost == 3
    assert verdict.broken[0] == "P1: 1 readers were skipped (post-1) at point 1"


def _first_two_die(stage: Stage) -> Any:
    """Return a start that lets runs die at their first two points, and live from the third on."""
    start = stage.start

    def shorter(*, failpoint: str = "", hold: bool = False) -> subprocess.Popen[bytes]:
        return start(failpoint="" if failpoint == "any:3" else failpoint, hold=hold)

    return shorter


def test_a_database_in_use_is_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/digest.db"
    with Stage(database=url, connections=1, between=halfway):
        pass
    with (
        pytest.raises(NotAllowed, match="in use by a newsletter"),
        Stage(database=url, connections=1, between=halfway),
    ):
        pass
    assert [path.name for path in tmp_path.glob("digest.db")] == ["digest.db"]


def test_whoever_leaves_between_two_runs_is_sent_nothing() -> None:
    """Promise P4, by the mail server's record: the pick is the middle one of those still waiting."""
    readers = {f"reader{number}@example.org" for number in range(5)}
    with Stage(database="", connections=1, between=halfway) as stage:
        stage.join(sorted(readers))
        one = Round(stage=stage, readers=set(readers), hold=False)
        assert one.run(failpoint="smtp.body:2")
        one.lose_a_reader(halfway)
        assert one.finish()
        verdict = one.verdict()
    assert verdict.broken == ()
    # The first mail was accepted, and its acceptance was to be written with the second's commit point.
    assert (verdict.left, verdict.mailed_after_leaving) == (1, 0)
    assert (verdict.deliveries, verdict.duplicated, verdict.flagged) == (5, 1, 1)

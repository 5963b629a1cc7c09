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
from digest.chaos.verdict import Verdict
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


def killed_at(point: str) -> Verdict:
    """Return what became of an issue of two readers whose first run died there."""
    readers = {"ann@example.org", "ben@example.org"}
    with Stage(database="", connections=1, between=halfway) as stage:
        stage.join(sorted(readers))
        one = Round(stage=stage, readers=readers, hold=False)
        assert one.run(failpoint=point)
        assert one.finish()
        return one.verdict()


@pytest.mark.parametrize("count", range(1, 8))
def test_rows_01_to_03_killed_in_any_transaction_before_the_first_mail(count: int) -> None:
    """Poll, draft, audience, rendering: each is whole or not there, and nobody is mailed early or twice."""
    assert killed_at(f"db.commit:{count}") == Verdict(deliveries=2, kills=1)


def test_row_04_killed_with_claims_in_hand_before_the_first_command() -> None:
    assert killed_at("smtp.reply:1") == Verdict(deliveries=2, kills=1)


def test_row_05_killed_after_the_body_before_the_commit_point() -> None:
    assert killed_at("smtp.body:1") == Verdict(deliveries=2, kills=1)


def test_row_06_killed_after_the_commit_point_before_the_dot() -> None:
    """It was not sent, and nobody can know: flagged, one copy."""
    assert killed_at("smtp.allowed:1") == Verdict(deliveries=2, kills=1, flagged=1)


def test_row_07_killed_after_the_dot_before_its_reply() -> None:
    doubled = Verdict(deliveries=3, kills=1, duplicated=1, flagged=1, worst_per_kill=1)
    assert killed_at("smtp.dot:1") == doubled


def test_row_08_killed_after_the_reply_before_it_was_written_down() -> None:
    doubled = Verdict(deliveries=3, kills=1, duplicated=1, flagged=1, worst_per_kill=1)
    assert killed_at("smtp.answered:1") == doubled


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
        one = Round(stage=stage, readers=readers, hold=False)
        assert one.run(failpoint="smtp.body:2")
        one.lose_a_reader(halfway)
        assert one.finish()
        verdict = one.verdict()
        another = Round(stage=stage, readers=readers, hold=False)
        assert another.finish()
        next_verdict = another.verdict()
    assert verdict.broken == ()
    # The first mail was accepted, and its acceptance was to be written with the second's commit point.
    assert (verdict.left, verdict.mailed_after_leaving) == (1, 0)
    assert (verdict.deliveries, verdict.duplicated, verdict.flagged) == (5, 1, 1)
    assert next_verdict == Verdict(deliveries=4)

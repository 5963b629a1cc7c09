"""``digest demo --once``: the first thing anybody runs; it needs nothing and says what it did."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.newsroom import ROOT, ended


def started(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "digest", "demo", "--once"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_demonstration_plays_through_and_says_what_it_did(tmp_path: Path) -> None:
    code, out, err = ended(started(tmp_path))
    assert (code, err) == (0, "")
    for told in (
        "Three readers sign up, and confirm by mail",
        "the weekly issue is due",
        "The same run again: 0 mails",
        "1 to ben@reader.example, 1 to cai@reader.example",
    ):
        assert told in out
    assert "NOT AS IT SHOULD BE" not in out
    assert list(tmp_path.iterdir()) == []


def test_demonstrations_started_at_once_do_not_stand_in_each_others_way(tmp_path: Path) -> None:
    """They wish for the same ports; whoever comes late takes others."""
    together = [started(tmp_path) for _ in range(3)]
    assert [ended(demonstration)[::2] for demonstration in together] == [(0, "")] * 3

"""``digest demo --once``: the first thing anybody runs; it needs nothing and says what it did."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.newsroom import ROOT


def test_the_demonstration_plays_through_and_says_what_it_did(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "digest", "demo", "--once"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "DIGEST_LOG": "warning"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    for told in (
        "Three readers sign up, and confirm by mail",
        "the weekly issue is due",
        "The same run again: 0 mails",
        "1 to ben@reader.example, 1 to cai@reader.example",
    ):
        assert told in done.stdout
    assert "NOT AS IT SHOULD BE" not in done.stdout
    assert list(tmp_path.iterdir()) == []

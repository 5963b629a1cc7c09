"""Signals end real processes, so each case is a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest

_ASKED = """
import signal, threading
from digest.cli import signals
signals.SAME_WISH_S = {same_wish_s}
if {ignored}: signal.signal(signal.SIGHUP, signal.SIG_IGN)
stop = threading.Event()
signals.stop_on_signals(stop, before_the_end=lambda: print("took the others along", flush=True))
for name in {names}: signal.raise_signal(getattr(signal, name))
print("asked" if stop.is_set() else "not asked")
"""


def asked(*names: str, same_wish_s: float = 60, ignored: bool = False) -> tuple[int, str]:
    script = _ASKED.format(same_wish_s=same_wish_s, ignored=ignored, names=names)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    return done.returncode, done.stdout


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_the_first_signal_asks_to_finish(name: str) -> None:
    assert asked(name) == (0, "asked\n")


def test_signals_close_together_are_one_wish() -> None:
    """Ctrl-C in a terminal, and what a parent or systemd adds to it."""
    assert asked("SIGINT", "SIGTERM", "SIGTERM") == (0, "asked\n")


def test_row_12_a_later_signal_ends_at_once() -> None:
    assert asked("SIGINT", "SIGTERM", same_wish_s=-1) == (128 + 15, "took the others along\n")


def test_what_nohup_ignores_stays_ignored() -> None:
    assert asked("SIGHUP", ignored=True) == (0, "not asked\n")

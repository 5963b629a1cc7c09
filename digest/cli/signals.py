"""SIGTERM, SIGINT and SIGHUP: the first asks to finish; one that comes later stops at once.

One wish to stop often arrives as several signals: Ctrl-C reaches every process of a terminal, systemd signals
a whole control group, and ``digest serve`` tells its children besides. What comes within SAME_WISH_S of the
first is therefore the same wish.
"""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

SAME_WISH_S = 2.0
"""Seconds in which further signals repeat the first; a person who is impatient presses again later."""


def stop_on_signals(stop: threading.Event, *, before_the_end: Callable[[], None] = lambda: None) -> None:
    """Set ``stop`` on the first signal; a later one ends the process like a crash, which is safe.

    ``before_the_end`` is called before such an end: the last chance to take others along.
    """
    asked_at: list[float] = []

    def handle(number: int, _frame: FrameType | None) -> None:
        if not asked_at:
            asked_at.append(time.monotonic())
        elif time.monotonic() - asked_at[0] > SAME_WISH_S:
            before_the_end()
            os._exit(128 + number)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as `nohup` asks for
            signal.signal(number, handle)

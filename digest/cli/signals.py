"""SIGTERM and SIGINT: the first asks to finish, the second stops at once."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType


def stop_on_signals(stop: threading.Event) -> None:
    """Set ``stop`` on the first signal; a second one ends the process like a crash, which is safe."""

    def handle(number: int, _frame: FrameType | None) -> None:
        if stop.is_set():
            os._exit(128 + number)
        stop.set()

    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGINT, handle)

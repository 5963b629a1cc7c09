"""The scheduler's clockwork: a tick that comes late is made, and two are never made at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from digest import scheduler
from digest.scheduler import run_forever

IN_TIME_S = 60
"""How long a tick may be waited for before a test gives up: an error, never an expectation."""


class Ticks:
    """What the scheduler asks of an App, and how many ticks were at work at once."""

    def __init__(self, tick: Callable[[], None], late: timedelta = timedelta()) -> None:
        self._tick, self._late = tick, late
        self._at_work = threading.Semaphore(1)
        self.count = 0
        self.overlapped = False

    def lock(self) -> nullcontext[None]:
        return nullcontext()

    def clock(self) -> datetime:
        return datetime.now(UTC) - self._late

    def tick(self) -> None:
        if not self._at_work.acquire(blocking=False):
            self.overlapped = True
            return
        self.count += 1
        self._tick()
        self._at_work.release()


@contextmanager
def running(ticks: Ticks) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=run_forever, args=(ticks, stop))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_row_85_a_tick_that_comes_an_hour_late_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The library's own default lets a tick fall that is a second late."""
    monkeypatch.setattr(scheduler, "TICK_S", 4 * 3600)
    made = threading.Event()
    ticks = Ticks(made.set, late=timedelta(hours=1))
    with running(ticks):
        assert made.wait(IN_TIME_S)
    assert ticks.count == 1


def test_row_87_while_a_tick_takes_long_the_next_waits_and_then_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scheduler, "TICK_S", 1)
    go_on, again = threading.Event(), threading.Event()

    def tick() -> None:
        if ticks.count == 1:
            go_on.wait(IN_TIME_S)
        else:
            again.set()

    ticks = Ticks(tick)
    with capture_logs() as logs, running(ticks):
        for _ in range(IN_TIME_S * 20):
            if any(line["event"] == "scheduler.trouble" for line in logs):
                break
            again.wait(0.05)
        assert ticks.count == 1, "others were due meanwhile, and were not begun"
        go_on.set()
        assert again.wait(IN_TIME_S)
    assert not ticks.overlapped

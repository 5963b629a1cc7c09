"""One pace for all threads, on a clock that stands still until it is slept on."""

import pytest

from digest.errors import BackendUnavailable
from digest.providers.pace import Pace


class Standing:
    """A clock that sleeping moves."""

    def __init__(self):
        self.now = 100.0

    def sleep(self, seconds):
        self.now += seconds


def paced(per_second=0.0):
    clock = Standing()
    return clock, Pace(per_second, monotonic=lambda: clock.now, sleep=clock.sleep)


def test_calls_are_spread_over_the_second():
    clock, pace = paced(2.0)
    at = []
    for _ in range(4):
        pace.wait("Resend")
        at.append(clock.now)
    assert at == [100.0, 100.5, 101.0, 101.5]


def test_without_a_figure_nobody_waits():
    clock, pace = paced()
    for _ in range(100):
        pace.wait("Mailgun")
    assert clock.now == 100.0


def test_a_short_request_to_wait_is_slept_out_and_a_long_one_is_left_to_the_breaker():
    """A sender must not sit on its claims."""
    clock, pace = paced()
    pace.hold(7)
    pace.wait("Mailgun")
    assert clock.now == 107.0
    pace.hold(600)
    with pytest.raises(BackendUnavailable, match="Mailgun asks us to wait") as caught:
        pace.wait("Mailgun")
    assert caught.value.retry_after_s == 601
    assert clock.now == 107.0

"""When a delivery that was refused for now is tried again. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

FIRST_WAIT_S = 300  # seconds; Postfix's minimal_backoff_time
LONGEST_WAIT_S = 4000  # seconds; Postfix's maximal_backoff_time


def next_try(attempts: int, now: datetime, *, asked_s: int = 0) -> datetime:
    """Return the earliest next attempt after ``attempts`` refusals: 300 s, doubling, at most 4000 s.

    Where the far side named a time (``asked_s``), that; but never more than 4000 s, whatever it said.
    """
    if asked_s > 0:
        return now + timedelta(seconds=min(asked_s, LONGEST_WAIT_S))
    wait_s = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2 ** min(attempts - 1, 10)) if attempts > 0 else 0
    return now + timedelta(seconds=wait_s)

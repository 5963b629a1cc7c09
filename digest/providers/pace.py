"""How fast a provider may be called: one pace for all sender threads of a process.

Providers answer 429 to callers that are too fast; whoever keeps calling is slowed down further. Neighbour:
``by_http`` waits here before each commit point, so a mail that waits can still be withdrawn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from digest.errors import BackendUnavailable

WAIT_MAX_S: Final = 10.0
"""A longer wait than this is left to the breaker: a sender must not sit on its claims."""


class Pace:
    """Grants calls one by one. Shared by threads."""

    def __init__(
        self,
        per_second: float = 0.0,
        *,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._gap_s = 1 / per_second if per_second else 0.0
        self._monotonic = monotonic
        self._sleep = sleep
        self._next_at = 0.0
        self._lock = threading.Lock()

    def wait(self, who: str) -> None:
        """Return when the next call may be made; raise BackendUnavailable where that is not soon."""
        with self._lock:
            now = self._monotonic()
            at = max(now, self._next_at)
            if at - now > WAIT_MAX_S:
                seconds = int(at - now) + 1
                raise BackendUnavailable(
                    f"{who} asks us to wait {seconds} seconds. It is tried again then.", retry_after_s=seconds
                )
            self._next_at = at + self._gap_s
        if at > now:
            self._sleep(at - now)

    def hold(self, seconds: float) -> None:
        """Let nobody call for so long."""
        with self._lock:
            self._next_at = max(self._next_at, self._monotonic() + seconds)

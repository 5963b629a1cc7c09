"""What one issue may spend on a language model: tokens, money and time. Shared by the threads that ask.

Neighbour: ``llm``, which asks for a share before each call and says afterwards what it came to.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

_BYTES_PER_TOKEN = 3  # of text in any script: on the cautious side


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The most one issue may use."""

    tokens: int = 200_000  # in and out
    cost: float = 0.0  # in the currency of the prices; 0: no limit
    price_in: float = 0.0  # of a million tokens sent; 0: not known
    price_out: float = 0.0  # of a million tokens received
    seconds: float = 120.0


@dataclass(frozen=True, kw_only=True)
class Tokens:
    """Tokens of one call, counted or estimated."""

    sent: int
    received: int


def estimated(text: bytes, most_received: int) -> Tokens:
    """Return about how many tokens a call will come to, at most."""
    return Tokens(sent=len(text) // _BYTES_PER_TOKEN + 1, received=most_received)


class Budget:
    """What is left for one issue. May be used by several threads."""

    def __init__(self, limits: Limits, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._limits = limits
        self._monotonic = monotonic
        self._ends_at = monotonic() + limits.seconds
        self._lock = threading.Lock()
        self._sent = self._received = self._calls = 0

    def seconds_left(self) -> float:
        """Return the seconds that are left for the whole issue, never below 0."""
        return max(0.0, self._ends_at - self._monotonic())

    def take(self, share: Tokens) -> bool:
        """Set a share aside for one call; return whether there was enough left."""
        with self._lock:
            sent, received = self._sent + share.sent, self._received + share.received
            too_dear = self._limits.cost > 0 and self._cost(sent, received) > self._limits.cost
            if sent + received > self._limits.tokens or too_dear:
                return False
            self._sent, self._received, self._calls = sent, received, self._calls + 1
            return True

    def settle(self, share: Tokens, came_to: Tokens) -> None:
        """Replace a share by what the call came to."""
        with self._lock:
            self._sent += came_to.sent - share.sent
            self._received += came_to.received - share.received

    @property
    def spent(self) -> Tokens:
        """What was used so far."""
        return Tokens(sent=self._sent, received=self._received)

    @property
    def calls(self) -> int:
        """Calls that were begun."""
        return self._calls

    @property
    def cost(self) -> float:
        """What it cost so far, in the currency of the prices; 0 where they are not known."""
        return self._cost(self._sent, self._received)

    def _cost(self, sent: int, received: int) -> float:
        return (sent * self._limits.price_in + received * self._limits.price_out) / 1_000_000

"""The one contract every backend keeps.

A backend hands messages on and reports an outcome for each. It decides nothing about retries, pauses
or subscribers: ``delivery.states`` does. Neighbours: ``memory``, ``file`` and ``smtp`` implement it,
``pipeline.deliver`` calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from digest.model import Message, Outcome

Commit = Callable[[Sequence[int]], frozenset[int]]
"""Called with delivery ids at the last safe moment; answers which of them may still be sent.

The call is durable when it returns: after it, an attempt without an outcome counts as uncertain. It may
raise; then nothing was allowed and nothing must be sent.
"""


class Backend(Protocol):
    """Hands messages on. One instance belongs to one thread and may keep a connection open."""

    name: str  # "smtp", "file", "memory": shown in logs and kept with each delivery
    batch_size: int  # messages per hand_over call; 1 for SMTP

    def hand_over(self, batch: Sequence[Message], commit: Commit) -> Iterator[Outcome]:
        """Yield one outcome per message, in any order.

        ``commit`` is called exactly once for each message that gets that far, at the last moment at
        which nothing has been handed over yet (SMTP: after the body, before the final dot). Raises
        BackendUnavailable before the commit point when the far side cannot be used at all; after it,
        trouble is an UNCERTAIN outcome and never an exception.
        """
        ...

    def close(self) -> None:
        """Let go of the connection. Never raises."""
        ...

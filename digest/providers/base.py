"""The one contract every backend keeps.

A backend hands messages on and reports an outcome for each. It decides nothing about retries, pauses
or subscribers: ``delivery.states`` does. Neighbours: ``memory``, ``file``, ``smtp``, ``by_http``, ``ses`` and
``anymail`` implement it, ``pipeline.sender`` calls it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

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
        which nothing has been handed over yet (SMTP: after the body, before the final dot; HTTP: before
        the first byte, the call then built from the survivors alone). Raises BackendUnavailable before the
        commit point when the far side cannot be used at all; after it, trouble is an outcome. A far side
        that turns out to refuse us only then is told of last: BackendUnavailable after the outcomes of all
        messages that passed the commit point. Messages without an outcome were not handed over.
        """
        ...

    def close(self) -> None:
        """Let go of the connection. Never raises."""
        ...


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A message that passed the commit point and had no answer."""

    delivery_id: int
    message: Message | None  # as it is made now; None: it cannot be made any more (the reader was erased)
    may_replay: bool  # it is byte for byte what was sent, and would be sent today
    chunk: str  # the key of the call it was in
    submitted_at: datetime
    age_s: float  # since then


@dataclass(frozen=True, kw_only=True)
class Patience:
    """When a backend can be asked about a message without an answer, counted from its commit point."""

    settle: timedelta  # before, asking makes no sense
    give_up: timedelta  # after, nothing more is to be found out, and ``delivery.on_uncertain`` decides


@runtime_checkable
class Reconciles(Protocol):
    """A backend that can find out later what became of a message without an answer."""

    name: str

    def reconcile(self, doubts: Sequence[Doubt]) -> Iterator[Outcome]:
        """Yield what became of doubtful messages; those left out are asked about again later.

        ACCEPTED: the far side has it, or took it now under the key it was first sent with. REJECTED and
        UNSENDABLE: it was refused. TEMPORARY: the far side does not have it, as far as can be known.
        UNCERTAIN: not known yet. Asking never sends a message a second time.
        """
        ...

    def close(self) -> None:
        """Let go of the connection. Never raises."""
        ...

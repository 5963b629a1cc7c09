"""A backend that keeps what it is given: for tests, and for looking without sending.

Neighbours: ``base`` holds the contract, which this keeps like any other backend.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from digest.model import Message, Outcome, OutcomeKind
from digest.providers.base import Commit

_PASSED_COMMIT = frozenset({OutcomeKind.ACCEPTED, OutcomeKind.UNCERTAIN})


def accept_all(message: Message) -> OutcomeKind:  # noqa: ARG001
    """Return ACCEPTED for every message."""
    return OutcomeKind.ACCEPTED


class MemoryBackend:
    """Keeps accepted messages in ``messages``, in the order they came.

    ``judge`` scripts the far side: it names the outcome of each message, or raises BackendUnavailable.
    ACCEPTED and UNCERTAIN pass the commit point and are kept (for UNCERTAIN only the reply is lost);
    every other kind is a refusal before it.
    """

    name = "memory"

    def __init__(self, judge: Callable[[Message], OutcomeKind] = accept_all, *, batch_size: int = 1) -> None:
        self.messages: list[Message] = []
        self.batch_size = batch_size
        self._judge = judge

    def hand_over(self, batch: Sequence[Message], commit: Commit) -> Iterator[Outcome]:
        """Yield one outcome per message; ``commit`` is asked once about all that were not refused."""
        verdicts = {message.delivery_id: self._judge(message) for message in batch}
        welcome = [id_ for id_, kind in verdicts.items() if kind in _PASSED_COMMIT]
        allowed = commit(welcome) if welcome else frozenset()
        for message in batch:
            kind = verdicts[message.delivery_id]
            if kind in _PASSED_COMMIT:
                if message.delivery_id in allowed:
                    self.messages.append(message)
                else:
                    kind = OutcomeKind.WITHDRAWN
            yield Outcome(delivery_id=message.delivery_id, kind=kind)

    def close(self) -> None:
        """Nothing to let go of; the messages stay."""

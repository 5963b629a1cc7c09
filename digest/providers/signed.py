"""A backend whose mails are signed before they are handed over.

Providers sign themselves; a mail server may, and then this is not used. Neighbours: ``dkim`` signs, ``base``
holds the contract, which this keeps by leaving everything else to the backend it was given.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from digest.model import Message, Outcome
from digest.providers import dkim
from digest.providers.base import Backend, Commit


class SignedBackend:
    """Signs each mail with every key, and hands it to ``backend``."""

    def __init__(self, backend: Backend, keys: Sequence[dkim.Key]) -> None:
        self.name = backend.name
        self.batch_size = backend.batch_size
        self._backend = backend
        self._keys = tuple(keys)

    def hand_over(self, batch: Sequence[Message], commit: Commit) -> Iterator[Outcome]:
        """Yield what the backend says of the signed mails."""
        ready = [replace(message, data=dkim.signed(message.data, self._keys)) for message in batch]
        return self._backend.hand_over(ready, commit)

    def close(self) -> None:
        """Let go of the connection. Never raises."""
        self._backend.close()

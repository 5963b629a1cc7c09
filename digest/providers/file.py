"""A backend that writes each message as an ``.eml`` file, which any mail program opens.

The name comes from the delivery, so handing the same delivery over twice leaves one file. Neighbours:
``base`` holds the contract, ``folders`` writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from digest.model import Message, Outcome
from digest.providers.base import Commit
from digest.providers.folders import put


class FileBackend:
    """Writes to ``folder``, which is made when it is missing."""

    name = "file"
    batch_size = 1

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def hand_over(self, batch: Sequence[Message], commit: Commit) -> Iterator[Outcome]:
        """Yield one outcome per message: ACCEPTED once the file is durable under its name.

        Raises BackendUnavailable when the folder cannot be written to.
        """
        for message in batch:
            name = _file_name(message)
            yield put(message, commit, aside=self.folder / f".{name}.part", final=self.folder / name)

    def close(self) -> None:
        """Nothing to let go of."""


def _file_name(message: Message) -> str:
    """Return the file's name; padded, so that a listing is in order of delivery."""
    return f"delivery-{message.delivery_id:08d}.eml"

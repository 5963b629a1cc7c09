"""A backend that writes each message as an ``.eml`` file, which any mail program opens.

A file appears under its final name complete or not at all. The name comes from the delivery, so handing
the same delivery over twice leaves one file. Neighbours: ``base`` holds the contract.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from digest.errors import BackendUnavailable
from digest.model import Message, Outcome, OutcomeKind
from digest.providers.base import Commit


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
            yield self._hand_over(message, commit)

    def close(self) -> None:
        """Nothing to let go of."""

    def _hand_over(self, message: Message, commit: Commit) -> Outcome:
        """Write aside and sync, ask, then rename: all that can fill a disk comes before the commit point."""
        aside = self.folder / f".{_file_name(message)}.part"
        try:
            _write_synced(aside, message.data)
        except OSError as error:
            _remove(aside)
            raise BackendUnavailable(
                f"Cannot write mail to {self.folder}: {error.strerror}. Check the folder's rights and space.",
                operator_must_act=True,
            ) from error
        try:
            allowed = commit([message.delivery_id])
            if message.delivery_id not in allowed:
                return Outcome(delivery_id=message.delivery_id, kind=OutcomeKind.WITHDRAWN)
            return self._publish(aside, message)
        finally:
            _remove(aside)

    def _publish(self, aside: Path, message: Message) -> Outcome:
        """Give the finished file its name. Past the commit point: trouble is an outcome, not an exception."""
        try:
            aside.replace(self.folder / _file_name(message))
        except OSError as error:  # rename is all or nothing: the message is not there
            return Outcome(
                delivery_id=message.delivery_id, kind=OutcomeKind.TEMPORARY, detail=error.strerror or ""
            )
        try:
            _sync_folder(self.folder)
        except OSError as error:  # the name may or may not outlive a power cut
            return Outcome(
                delivery_id=message.delivery_id, kind=OutcomeKind.UNCERTAIN, detail=error.strerror or ""
            )
        return Outcome(
            delivery_id=message.delivery_id, kind=OutcomeKind.ACCEPTED, provider_id=_file_name(message)
        )


def _file_name(message: Message) -> str:
    """Return the file's name; padded, so that a listing is in order of delivery."""
    return f"delivery-{message.delivery_id:08d}.eml"


def _remove(path: Path) -> None:
    """Remove the file where that is possible; a leftover ``.part`` is overwritten by the next attempt."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _write_synced(path: Path, data: bytes) -> None:
    """Write the file and wait until the disk has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's entries: a rename is durable only then."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

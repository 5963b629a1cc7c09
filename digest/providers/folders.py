"""One file for each mail, complete under its name or not there at all.

The order is the promise: write aside, wait for the disk, ``commit``, rename, wait for the disk. All that can
fill a disk comes before the commit point. Neighbours: ``file`` and ``maildir`` choose the names.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from digest.errors import BackendUnavailable
from digest.model import Message, Outcome, OutcomeKind
from digest.providers.base import Commit


def put(message: Message, commit: Commit, *, aside: Path, final: Path, mode: int = 0o666) -> Outcome:
    """Return what became of one mail: ACCEPTED once ``final`` is durable.

    ``aside`` is where it is written first, on the same file system; its folder is made when missing. The
    folder of ``final`` is not. Raises BackendUnavailable where it cannot be written.
    """
    try:
        _write_synced(aside, message.data, mode)
    except OSError as error:
        _remove(aside)
        raise BackendUnavailable(
            f"Cannot write mail to {aside.parent}: {error.strerror}. Check the folder's rights and space.",
            operator_must_act=True,
        ) from error
    try:
        if message.delivery_id not in commit([message.delivery_id]):
            return Outcome(delivery_id=message.delivery_id, kind=OutcomeKind.WITHDRAWN)
        return _name(message, aside, final)
    finally:
        _remove(aside)


def _name(message: Message, aside: Path, final: Path) -> Outcome:
    """Give the finished file its name. Past the commit point: trouble is an outcome, not an exception."""
    try:
        aside.replace(final)
    except OSError as error:  # rename is all or nothing: the message is not there
        return Outcome(
            delivery_id=message.delivery_id, kind=OutcomeKind.TEMPORARY, detail=error.strerror or ""
        )
    try:
        _sync_folder(final.parent)
    except OSError as error:  # the name may or may not outlive a power cut
        return Outcome(
            delivery_id=message.delivery_id, kind=OutcomeKind.UNCERTAIN, detail=error.strerror or ""
        )
    return Outcome(delivery_id=message.delivery_id, kind=OutcomeKind.ACCEPTED, provider_id=final.name)


def _remove(path: Path) -> None:
    """Remove the file where that is possible; a leftover is overwritten by the next attempt."""
    with suppress(OSError):
        path.unlink(missing_ok=True)


def _write_synced(path: Path, data: bytes, mode: int) -> None:
    """Write the file and wait until the disk has it."""
    make_folder(path.parent)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    with open(descriptor, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make a folder, and those above it, where they are missing; they outlive a power cut then."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=mode, exist_ok=True)
    _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    """Wait until the disk has the folder's entries: a rename is durable only then."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

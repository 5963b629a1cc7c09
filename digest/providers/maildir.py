"""A backend that delivers into a Maildir, from which mail programs and mail servers read.

Each mail is written to ``tmp`` and renamed into ``new`` (https://cr.yp.to/proto/maildir.html). Its name holds
the second of its Date, a hash of its bytes and this machine's name: unique as Maildirs want it, and the same
when the same mail is handed over again, so a second copy takes the first one's place while that is unread.
Neighbours: ``base`` holds the contract, ``folders`` writes, ``mailboxes`` reads the Maildir of bounces.
"""

from __future__ import annotations

import hashlib
import re
import socket
from collections.abc import Iterator, Sequence
from email.utils import parsedate_to_datetime
from pathlib import Path

from digest.errors import BackendUnavailable
from digest.model import Message, Outcome
from digest.providers.base import Commit
from digest.providers.folders import make_folder, put

_DATE = re.compile(rb"^Date:[ \t]*([^\r\n]+)", re.MULTILINE | re.IGNORECASE)


class MaildirBackend:
    """Delivers into the Maildir ``folder``; it, ``tmp``, ``new`` and ``cur`` are made when missing."""

    name = "maildir"
    batch_size = 1

    def __init__(self, folder: Path, *, host: str = "") -> None:
        """``host`` is this machine's name in the files' names; empty: as the machine says."""
        self.folder = folder
        self._host = _safe(host or socket.gethostname())

    def hand_over(self, batch: Sequence[Message], commit: Commit) -> Iterator[Outcome]:
        """Yield one outcome per message: ACCEPTED once it is durable in ``new``.

        Raises BackendUnavailable when the Maildir cannot be written to.
        """
        self.make()
        for message in batch:
            name = self._name(message)
            yield put(
                message,
                commit,
                aside=self.folder / "tmp" / name,
                final=self.folder / "new" / name,
                mode=0o600,
            )

    def make(self) -> None:
        """Make the Maildir where it is missing. Raises BackendUnavailable where that cannot be."""
        try:
            for place in ("tmp", "new", "cur"):
                make_folder(self.folder / place, mode=0o700)
        except OSError as error:
            raise BackendUnavailable(
                f"Cannot use the Maildir {self.folder}: {error.strerror}. Check mail.folder and its rights.",
                operator_must_act=True,
            ) from error

    def close(self) -> None:
        """Nothing to let go of."""

    def _name(self, message: Message) -> str:
        digest = hashlib.sha256(message.data).hexdigest()[:16]
        return f"{_second(message.data)}.D{message.delivery_id}H{digest}.{self._host}"


def _second(data: bytes) -> int:
    """Return the Date of a mail in seconds since 1970; 0 where it has none."""
    found = _DATE.search(data, 0, max(data.find(b"\r\n\r\n"), 0))
    return int(parsedate_to_datetime(found[1].decode("ascii", "replace")).timestamp()) if found else 0


def _safe(host: str) -> str:
    """Return the machine's name without the two characters that mean something in a Maildir."""
    return host.replace("/", r"\057").replace(":", r"\072")

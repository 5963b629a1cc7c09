"""Where bounces, complaints and mails to leave arrive: an IMAP folder or a Maildir. The one home of imaplib.

A mailbox gives out each mail once, and only its beginning. Nothing is deleted and nothing is answered: what
was dealt with is marked as read, what a person should see stays unread. Neighbours: ``mail_events`` says
what a mail means, ``pipeline.mailbox`` reads.
"""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from digest.errors import MailboxUnavailable
from digest.providers.incoming import MAX_BYTES

TIMEOUT_S: Final = 30.0
KEYWORD: Final = "EverypostRead"
"""The IMAP keyword of every mail that was looked at, dealt with or not."""


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail of a mailbox."""

    key: str  # the mailbox's own name for it
    raw: bytes = field(repr=False)  # its first MAX_BYTES


class Mailbox(Protocol):
    """Gives out each mail once."""

    def letters(self, limit: int) -> Iterator[Letter]:
        """Yield mails that were not looked at, oldest first. Raises MailboxUnavailable."""
        ...

    def looked_at(self, letter: Letter, *, dealt_with: bool) -> None:
        """Do not give this mail out again; mark it as read where it was dealt with."""
        ...

    def close(self) -> None:
        """Let go of the connection. Never raises."""
        ...


def _unreadable(path: Path, error: OSError) -> MailboxUnavailable:
    return MailboxUnavailable(f"{path} cannot be read or moved: {error.strerror}. See whose it is.")


MAILDIR = ("tmp", "new", "cur")
"""The folders of a Maildir, in the order in which servers make them; https://cr.yp.to/proto/maildir.html."""


class Maildir:
    """A Maildir: new mails are in ``new``, and those that were looked at in ``cur``."""

    def __init__(self, folder: Path) -> None:
        if not any((folder / part).is_dir() for part in MAILDIR):
            raise MailboxUnavailable(
                f"{folder} is no Maildir: it has none of {', '.join(MAILDIR)}. A mail server makes "
                "them with the first mail that comes; where mails came already, mend mailbox.folder."
            )
        self._folder = folder

    def letters(self, limit: int) -> Iterator[Letter]:
        """Yield the mails in ``new``; a server makes that folder once it has one to put there."""
        for path in self._waiting()[:limit]:
            try:
                with path.open("rb") as file:
                    raw = file.read(MAX_BYTES)
            except FileNotFoundError:
                continue  # a mail program took it meanwhile
            except OSError as error:
                raise _unreadable(path, error) from error
            yield Letter(key=path.name, raw=raw)

    def _waiting(self) -> list[Path]:
        new = self._folder / "new"
        try:
            return sorted(path for path in new.iterdir() if path.is_file())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise _unreadable(new, error) from error

    def looked_at(self, letter: Letter, *, dealt_with: bool) -> None:
        """Move the mail to ``cur``, with the flag S where it was dealt with."""
        name = f"{letter.key.partition(':')[0]}:2,{'S' if dealt_with else ''}"
        mail = self._folder / "new" / letter.key
        try:
            (self._folder / "cur").mkdir(exist_ok=True)
            mail.rename(self._folder / "cur" / name)
        except FileNotFoundError:
            return  # a mail program moved it
        except OSError as error:
            raise _unreadable(mail, error) from error

    def close(self) -> None:
        """Nothing is held open."""


@dataclass(frozen=True, kw_only=True)
class ImapConfig:
    """Where the mailbox is and how to log in."""

    host: str
    port: int = 993
    security: str = "tls"  # "tls" from the first byte, "starttls", or "none" on this machine
    username: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    ca_file: str = ""  # PEM file that replaces the system's authorities; empty: the system's
    timeout_s: float = TIMEOUT_S


class Imap:
    """An IMAP folder, read over one connection. Mails that were looked at have a keyword."""

    def __init__(self, config: ImapConfig) -> None:
        """Connect, log in and open the folder. Raises MailboxUnavailable."""
        self._host = config.host
        with self._faults_told():
            self._imap = _connect(config)
        try:
            with self._faults_told():
                self._imap.login(config.username, config.password)
                quoted = '"' + config.folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
                self._ask("there is no such folder", *self._imap.select(quoted))
        except MailboxUnavailable:
            self.close()
            raise

    def letters(self, limit: int) -> Iterator[Letter]:
        """Yield the mails without our keyword. They stay unread meanwhile (PEEK, RFC 3501 §6.4.5)."""
        with self._faults_told():
            (found,) = self._ask(
                "it cannot be searched", *self._imap.uid("SEARCH", "UNDELETED", "UNKEYWORD", KEYWORD)
            )[:1]
        for uid in (found or b"").decode("ascii", "replace").split()[:limit]:
            with self._faults_told():
                answer = self._ask(
                    "a mail cannot be read", *self._imap.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MAX_BYTES}>)")
                )
            parts = [part for part in answer if isinstance(part, tuple)]
            if parts:  # deleted meanwhile: nothing comes
                yield Letter(key=uid, raw=bytes(parts[0][1])[:MAX_BYTES])

    def looked_at(self, letter: Letter, *, dealt_with: bool) -> None:
        """Set our keyword, and \\Seen where it was dealt with."""
        flags = f"({KEYWORD} \\Seen)" if dealt_with else f"({KEYWORD})"
        with self._faults_told():
            self._ask("it keeps no keywords", *self._imap.uid("STORE", letter.key, "+FLAGS", flags))

    def close(self) -> None:
        """Log out."""
        with suppress(imaplib.IMAP4.error, OSError):
            self._imap.logout()
        with suppress(OSError):
            self._imap.shutdown()  # where the server was gone before the goodbye

    def _ask(self, trouble: str, status: str, answer: list[Any]) -> list[Any]:
        """Return what the server answered; raise MailboxUnavailable where it said no."""
        if status != "OK":
            raise MailboxUnavailable(f"The mailbox at {self._host} is of no use: {trouble}.")
        return answer

    @contextmanager
    def _faults_told(self) -> Iterator[None]:
        try:
            yield
        except imaplib.IMAP4.abort as error:
            raise MailboxUnavailable(f"The mailbox at {self._host} broke off.") from error
        except imaplib.IMAP4.error as error:
            # Its words are not told: some servers repeat the login.
            raise MailboxUnavailable(
                f"The mailbox at {self._host} refused us: check mailbox.username, mailbox_password."
            ) from error
        except OSError as error:
            raise MailboxUnavailable(
                f"The mailbox at {self._host} cannot be reached ({type(error).__name__}): "
                "check mailbox.host, mailbox.port and mailbox.security."
            ) from error


def _connect(config: ImapConfig) -> imaplib.IMAP4:
    context = ssl.create_default_context(cafile=config.ca_file or None)
    if config.security == "tls":
        return imaplib.IMAP4_SSL(config.host, config.port, ssl_context=context, timeout=config.timeout_s)
    imap = imaplib.IMAP4(config.host, config.port, timeout=config.timeout_s)
    if config.security == "starttls":
        imap.starttls(context)
    return imap

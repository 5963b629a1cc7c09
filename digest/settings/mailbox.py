"""The section of the mailbox that bounces come to, and the mailbox opened.

Neighbours: ``schema`` puts the sections together, ``app`` asks for the mailbox.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Literal

from digest.errors import ConfigurationError, Fault
from digest.providers.mailboxes import Imap, ImapConfig, Mailbox, Maildir
from digest.settings.section import Section, optional
from digest.settings.values import Line, Name, Port

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class MailboxSection(Section):
    """The mailbox of bounce_address: bounces, complaints and mails to leave are read from it."""

    kind: Literal["", "imap", "maildir"] = optional(
        "", '"imap" or "maildir"; empty: no mailbox is read, and mails offer no way to leave by mail.'
    )
    host: Line = optional("", "Name of the IMAP server.")
    port: Port = optional(993, "Its port: 993 with tls, 143 with starttls.")
    security: Literal["tls", "starttls", "none"] = optional(
        "tls", '"tls", "starttls", or "none" for a server on this machine.'
    )
    username: Line = optional("", "Who logs in. The password is mailbox_password in digest.secrets.toml.")
    folder: Name = optional("INBOX", "The IMAP folder; for a Maildir its folder, relative to digest.toml.")
    minutes: int = optional(15, "Minutes between two looks.", ge=1, le=1440)

    @property
    def every(self) -> timedelta:
        """Return the time between two looks."""
        return timedelta(minutes=self.minutes)


def opener(
    section: MailboxSection, password: str, path: Callable[[str], Path]
) -> Callable[[], Mailbox] | None:
    """Return what opens the mailbox, or None where none is read. Raises ConfigurationError."""
    if not section.kind:
        return None
    if section.kind == "maildir":
        return lambda: Maildir(path(section.folder))
    faults = [
        ("host is missing", 'Write host = "imap.example.org" below [mailbox].', not section.host),
        ("username is missing", "Write it below [mailbox].", not section.username),
        ("mailbox_password is missing", "Write it into digest.secrets.toml.", not password),
        (
            "the password would cross the network in the clear",
            'Write security = "tls" below [mailbox].',
            section.security == "none" and section.host not in _THIS_MACHINE,
        ),
    ]
    wrong = [Fault(where="[mailbox]", problem=what, mend=mend) for what, mend, is_so in faults if is_so]
    if wrong:
        raise ConfigurationError(wrong)
    config = ImapConfig(
        host=section.host,
        port=section.port,
        security=section.security,
        username=section.username,
        password=password,
        folder=section.folder,
    )
    return lambda: Imap(config)

"""Reading the mailbox: each mail once, each told for what it is, nothing answered.

    read → what does it mean → write it down and obey it → mark it as looked at

A crash between the last two steps reads the mail again, and the same event twice changes nothing. What is
unknown, or about no mail of ours, stays unread for a person and is counted.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

import structlog

from digest.errors import MailboxUnavailable
from digest.pipeline import hearing
from digest.pipeline.hearing import Heard
from digest.pipeline.tools import Tools
from digest.providers.mail_events import MailKind, ReadMail, read
from digest.providers.mailboxes import Mailbox
from digest.store import installation, provider_events
from subscribers import store as people
from subscribers.errors import BadToken, UnknownSubscriber
from subscribers.lifecycle import Event as Life
from subscribers.tokens import Purpose

log = structlog.get_logger()

AT_ONCE = 200
"""Mails read in one go; the next time goes on."""


@dataclass(frozen=True, kw_only=True)
class MailboxReport:
    """What reading the mailbox came to."""

    mails: dict[str, int] = field(default_factory=dict)  # by kind
    new: int = 0  # bounces, complaints and leavings that were written down
    known: int = 0  # told before
    left: int = 0  # unknown, or about no mail of ours: left unread for a person


def read_due(tools: Tools, now: datetime) -> None:
    """Read the mailbox where there is one and its time has come; trouble is told and stops nothing.

    Raw forms whose time is over are forgotten at the same pace of a tick, mailbox or not.
    """
    with tools.db.read() as conn:
        read_at = installation.mailbox_read_at(conn)
        is_due = tools.mailbox is not None and (read_at is None or read_at + tools.mailbox_every <= now)
        is_old = provider_events.holds_old(conn, now)
    if is_old:
        with tools.db.transaction() as conn:
            provider_events.forget_old(conn, now)
    if not is_due:
        return
    with tools.db.transaction() as conn:
        installation.mailbox_was_read(conn, now)  # before: a mailbox that hangs is not tried at every tick
    try:
        read_mailbox(tools, now)
    except MailboxUnavailable as error:
        log.warning("mailbox.unavailable", reason=str(error))


def read_mailbox(tools: Tools, now: datetime) -> MailboxReport:
    """Read what is new in the mailbox and obey it. Raises MailboxUnavailable, also half-way."""
    if tools.mailbox is None:
        raise MailboxUnavailable('No mailbox is read: write kind = "imap" or "maildir" below [mailbox].')
    box = tools.mailbox()
    try:
        report = _read(tools, box, now)
    finally:
        box.close()
    log.info("mailbox.read", mails=sum(report.mails.values()), new=report.new, left=report.left)
    return report


def _read(tools: Tools, box: Mailbox, now: datetime) -> MailboxReport:
    mails: Counter[str] = Counter()
    heard: Counter[Heard] = Counter()
    left = 0
    for letter in box.letters(AT_ONCE):
        mail = read(letter.raw)
        became = _obey(tools, mail, now)
        mails[mail.kind.value] += 1
        heard += became
        dealt_with = mail.kind is MailKind.AUTOMATIC or bool(became[Heard.NEW] or became[Heard.KNOWN])
        left += not dealt_with
        box.looked_at(letter, dealt_with=dealt_with)
    return MailboxReport(mails=dict(mails), new=heard[Heard.NEW], known=heard[Heard.KNOWN], left=left)


def _obey(tools: Tools, mail: ReadMail, now: datetime) -> Counter[Heard]:
    if mail.kind is MailKind.LEAVE:
        return Counter([_leave(tools, mail.leave_token, now)])
    return hearing.hear(tools, mail.events, now)


def _leave(tools: Tools, token: str, now: datetime) -> Heard:
    """Unsubscribe whoever the token is of, whoever sent the mail; nobody else can make one."""
    try:
        public_id = tools.signer.read(Purpose.UNSUBSCRIBE, token)
        with tools.db.transaction() as conn:
            person = people.by_public_id(conn, public_id, lock=True)
            left = people.apply(conn, person, Life.UNSUBSCRIBE, now=now, source="unsubscribe mail")
    except (BadToken, UnknownSubscriber):
        return Heard.UNMATCHED
    return Heard.KNOWN if left.status is person.status else Heard.NEW

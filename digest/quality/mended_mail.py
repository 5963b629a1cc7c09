"""A whole mail put right: its subject and both its parts; every other octet of the head stays.

Neighbour: ``mending`` puts right one text.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP

from digest.quality.facts import Facts
from digest.quality.mending import mended, mended_subject, mended_text


@dataclass(frozen=True, kw_only=True)
class MendedMail:
    """A mail put right, and what was done, by rule."""

    data: bytes
    changes: tuple[tuple[str, int], ...]


def mended_mail(data: bytes, facts: Facts) -> MendedMail:
    """Return the mail with everything put right that these facts allow; the same bytes where nothing is."""
    # Fields that are not touched are written as they came: the standard library would break long addresses.
    parsed: EmailMessage = message_from_bytes(data, policy=SMTP.clone(refold_source="none"))
    changes: Counter[str] = Counter()
    for kind, mend in (("html", mended), ("plain", mended_text)):
        part = parsed.get_body(preferencelist=(kind,))
        if not isinstance(part, EmailMessage):
            continue
        try:
            done = mend(part.get_content(), facts)
        except (LookupError, MessageError, UnicodeError):  # a character set or encoding nobody can read
            continue
        changes.update(dict(done.changes))
        if done.changes:
            part.set_content(done.text, subtype=kind, charset="utf-8", cte="quoted-printable")
    subject = mended_subject(str(parsed["Subject"] or ""))
    changes.update(dict(subject.changes))
    if subject.changes:
        parsed.replace_header("Subject", subject.text)
    return MendedMail(data=parsed.as_bytes() if changes else data, changes=tuple(sorted(changes.items())))

"""A finished mail taken apart, for providers that take fields instead of bytes.

Pure. Our mails have one shape (``rendering.personalise``): header fields and two alternatives. What does not
fit into a provider's fields is refused here, never dropped. Neighbours: the wires build their calls from
letters; those that take whole mails send ``raw``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.headerregistry import AddressHeader
from email.message import Message as Parsed
from typing import Final

from digest.model import Message

_ADDRESSES = policy.default.header_factory
_FOLD = re.compile(r"\r?\n(?=[ \t])")  # RFC 5322 §2.2.3: unfolding takes the line end, and leaves the space

HAS_A_FIELD: Final = frozenset({"from", "to", "reply-to", "subject"})
"""Header fields that every provider takes in a field of its own."""

MADE_BY_PROVIDERS: Final = frozenset(
    {"date", "message-id", "mime-version", "content-type", "content-transfer-encoding"}
)
"""Header fields that a provider writes itself when it builds the mail from its parts."""


class CannotExpress(ValueError):
    """The mail does not fit into what this provider takes; the text says why, without addresses."""


@dataclass(frozen=True, kw_only=True)
class Mailbox:
    """A name and an address."""

    address: str
    name: str = ""  # decoded; empty: none

    @property
    def text(self) -> str:
        """Name and address as one line, the name quoted (RFC 5322 §3.4)."""
        if not self.name:
            return self.address
        quoted = self.name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}" <{self.address}>'


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail, taken apart."""

    delivery_id: int
    key: str  # of the attempt group; empty: none
    reference: str  # names the delivery in the provider's events: letters, digits, hyphens
    message_id: str  # with its angle brackets; empty: the mail has none
    sender: Mailbox
    to: Mailbox  # the one recipient of the envelope
    reply_to: Mailbox | None
    subject: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]  # all other fields, as they stand in the mail, unfolded
    raw: bytes = field(repr=False)


def letter_of(message: Message) -> Letter:
    """Return a message as its parts; raise CannotExpress for any other shape than ours."""
    parsed = message_from_bytes(message.data, policy=policy.compat32)
    fields = {name.lower(): _unfolded(str(value)) for name, value in parsed.items()}
    if len(fields) < len(parsed.keys()):
        raise CannotExpress("the mail has a header field twice")
    sender = _mailbox(fields.get("from", ""))
    to = _mailbox(fields.get("to", ""))
    if sender is None or to is None:
        raise CannotExpress("the mail needs one address in From and one in To")
    text, html = _alternatives(parsed)
    message_id = fields.get("message-id", "")
    own = HAS_A_FIELD | MADE_BY_PROVIDERS
    return Letter(
        delivery_id=message.delivery_id,
        key=message.key,
        reference=reference_of(message_id) or f"d{message.delivery_id}",
        message_id=message_id,
        sender=sender,
        to=Mailbox(address=message.envelope_to, name=to.name),
        reply_to=_mailbox(fields.get("reply-to", "")),
        subject=str(_ADDRESSES("subject", fields.get("subject", ""))),
        text=text,
        html=html,
        headers=tuple(
            (name, _unfolded(str(value))) for name, value in parsed.items() if name.lower() not in own
        ),
        raw=message.data,
    )


def reference_of(message_id: str) -> str:
    """Return how a delivery is named at providers: ``<d17.4be1@example.org>`` is ``d17-4be1``.

    Amazon SES and Resend allow tags only letters, digits, underscores and hyphens (their pages on message
    tags, read 2026-11-25). Who reads an event finds the delivery in it, and proof that the name is ours.
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", message_id.strip("<> ").rpartition("@")[0])


def without_braces(letter: Letter, provider: str) -> Letter:
    """Return the letter; raise CannotExpress where the provider would fill in its own values."""
    if any("{{" in part or "{%" in part for part in (letter.subject, letter.text, letter.html)):
        raise CannotExpress(f"{provider} would take the “{{{{” in the text for a field to fill in")
    return letter


def headers_of(letter: Letter, *, besides: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
    """Return the other header fields as providers take them, and some besides."""
    return dict(letter.headers) | dict(besides)


def _unfolded(value: str) -> str:
    return _FOLD.sub("", value).strip()


def _mailbox(value: str) -> Mailbox | None:
    """Return the one mailbox of a field, or None where there is none."""
    field = _ADDRESSES("from", value) if value else None
    addresses = field.addresses if isinstance(field, AddressHeader) else ()
    if len(addresses) != 1 or "@" not in addresses[0].addr_spec:
        return None
    return Mailbox(address=addresses[0].addr_spec, name=addresses[0].display_name)


def _alternatives(parsed: Parsed) -> tuple[str, str]:
    """Return the text and the HTML of a mail that has just these two."""
    parts = parsed.get_payload() if parsed.get_content_type() == "multipart/alternative" else []
    kinds = [part.get_content_type() for part in parts if isinstance(part, Parsed)]
    if kinds != ["text/plain", "text/html"]:
        raise CannotExpress("the mail is no pair of plain text and HTML")
    text, html = (_decoded(part) for part in parts if isinstance(part, Parsed))
    return text, html


def _decoded(part: Parsed) -> str:
    payload = part.get_payload(decode=True)
    try:
        return bytes(payload).decode("utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise CannotExpress("a part of the mail is not UTF-8") from None

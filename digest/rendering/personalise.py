"""The only maker of headers and bytes: one rendering in, one finished mail per reader out.

Everything that is the same for all readers is encoded once by ``prepare``; ``personalise`` only joins.
The bytes are a pure function of rendering, publication, recipient and date: the same on every attempt.
Neighbours: ``header_fields`` writes fields, ``quoted_printable`` encodes bodies, ``slots`` names marks.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from html import escape
from typing import Literal

from digest.errors import UnsafeHeader
from digest.model import Message, Publication, Recipient, Rendering
from digest.rendering.header_fields import ascii_address, checked, exact, mailbox, phrase, unstructured
from digest.rendering.octets import are_sound
from digest.rendering.quoted_printable import last_piece, piece
from digest.rendering.slots import SLOTS, slot, split

__all__ = ["SLOTS", "Kind", "Prepared", "personalise", "prepare", "slot"]

Kind = Literal["issue", "notice"]

_TEST_PREFIX = "[Test] "
_BREAKING = re.compile(r"[^\S\u00a0\u202f]+")  # white space, but for the no-break spaces of a sentence


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A rendering with everything encoded that readers share."""

    kind: Kind
    envelope_from: str
    seed: str  # what the Message-ID is made of besides the delivery
    domain: str  # right side of the Message-ID
    nonce: str
    fields: bytes  # the header fields that are the same for all
    subject: bytes
    test_subject: bytes
    text: tuple[bytes | str, ...]  # encoded pieces and slot names in turn
    html: tuple[bytes | str, ...]
    sound: bool  # every part above is sound: what is made of it needs no further look


def prepare(
    rendering: Rendering, publication: Publication, *, kind: Kind, reference: str, language: str
) -> Prepared:
    """Return the rendering ready for any number of readers.

    ``reference`` is the issue's name, or the notice's kind; it goes into Feedback-ID and the Message-ID.
    Raises UnsafeHeader when a name, address or subject could smuggle another header.
    """
    from_address = ascii_address("From", publication.from_address)
    fields = _shared_fields(publication, kind, reference, language)
    text, html = (_pieces(part, rendering.nonce) for part in (rendering.text, rendering.html))
    encoded = [part for part in (*text, *html) if isinstance(part, bytes)]
    return Prepared(
        kind=kind,
        envelope_from=ascii_address("Return-Path", publication.bounce_address or publication.from_address),
        seed=seed_of(publication.list_id, reference),
        domain=from_address.rpartition("@")[2].lower(),
        nonce=rendering.nonce,
        fields=fields,
        subject=unstructured("Subject", rendering.subject),
        test_subject=unstructured("Subject", _TEST_PREFIX + rendering.subject),
        text=text,
        html=html,
        sound=all(map(are_sound, (fields, *encoded))),
    )


def octets_of_html(rendering: Rendering) -> int:
    """Return what the HTML of a rendering weighs as it travels, without what its slots will hold."""
    pieces = _pieces(rendering.html, rendering.nonce)
    return sum(len(one) for one in pieces if isinstance(one, bytes))


def personalise(
    prepared: Prepared, recipient: Recipient, date: datetime, *, envelope_from: str = "", key: str = ""
) -> Message:
    """Return the finished mail to one reader.

    ``date`` is an aware instant; ``envelope_from`` is where a bounce of this very mail goes, where that is
    not the publication's own address; ``key`` is the message's. Raises UnsafeHeader when the reader's name,
    address or links could smuggle another header, and when an issue would go out without its way out.
    """
    boundary = f"=_{prepared.nonce}.{recipient.delivery_id}".encode()
    values = _values(recipient)
    plain = {name: piece(value) for name, value in values.items()}
    marked_up = {
        name: plain[name] if (escaped := escape(value)) == value else piece(escaped)
        for name, value in values.items()
    }
    own = b"".join(_own_fields(prepared, recipient, date))
    opening, middle, closing = (part % {b"boundary": boundary} for part in (_OPENING, _MIDDLE, _CLOSING))
    own_parts = (own, opening, *plain.values(), middle, *marked_up.values(), closing)
    text, html = _filled(prepared.text, plain), _filled(prepared.html, marked_up)
    return Message(
        delivery_id=recipient.delivery_id,
        envelope_from=envelope_from or prepared.envelope_from,
        envelope_to=ascii_address("To", recipient.address),
        data=b"".join((own, prepared.fields, opening, *text, middle, *html, closing)),
        key=key,
        sound=prepared.sound and are_sound(b"".join(own_parts)),
    )


_PART_HEAD = b'Content-Type: text/%s; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
_OPENING = (
    b'Content-Type: multipart/alternative;\r\n boundary="%(boundary)s"\r\n\r\n--%(boundary)s\r\n'
    + _PART_HEAD % b"plain"
)
_MIDDLE = b"\r\n--%(boundary)s\r\n" + _PART_HEAD % b"html"
_CLOSING = b"\r\n--%(boundary)s--\r\n"


def _shared_fields(publication: Publication, kind: Kind, reference: str, language: str) -> bytes:
    """Return the fields every reader's mail carries alike."""
    fields = [mailbox("From", publication.from_name, publication.from_address)]
    if publication.reply_to:
        fields.append(mailbox("Reply-To", "", publication.reply_to))
    if kind == "issue":
        fields += [
            _list_id(publication),
            exact("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),  # RFC 8058 §3.1
            exact("List-Post", "NO"),  # RFC 2369 §3.4: nobody may post to this list
        ]
    else:
        fields.append(exact("Auto-Submitted", "auto-generated"))  # RFC 3834 §5
    return b"".join(
        (
            *fields,
            exact("Feedback-ID", _feedback_id(publication, kind, reference)),
            exact("X-Auto-Response-Suppress", "OOF, AutoReply"),
            exact("Content-Language", language),
            exact("MIME-Version", "1.0"),
        )
    )


def planned_fields(publication: Publication, kind: Kind, *, test: bool = False) -> tuple[str, ...]:
    """Return the names of every header field a mail is made with, each as often as it is written.

    Whoever reads a finished mail back compares: a field beyond these was smuggled in (RFC 5322 §3.6).
    """
    shared = ("From", "To", "Subject", "Date", "Message-ID", "Feedback-ID", "X-Auto-Response-Suppress",
              "Content-Language", "MIME-Version", "Content-Type")  # fmt: skip
    listed = ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Post")
    return (
        *shared,
        *(listed if kind == "issue" else ("Auto-Submitted",)),
        *(("Reply-To",) if publication.reply_to else ()),
        *(("X-Everypost-Test-For",) if test else ()),
    )


def _list_id(publication: Publication) -> bytes:
    """Return the List-Id field: a name for people, an identifier that never changes (RFC 2919 §3)."""
    exact("List-Id", publication.list_id)
    name = phrase("List-Id", publication.name)
    return b"List-Id: " + name + b"\r\n <" + publication.list_id.encode() + b">\r\n"


def _feedback_id(publication: Publication, kind: Kind, reference: str) -> str:
    """Return Gmail's four fields, ours last and constant; never a word about the reader."""
    sender = "ep" + hashlib.sha256(publication.list_id.encode()).hexdigest()[:10]
    stream = reference.partition("-")[0]
    return f"{reference}:{kind}:{stream}:{sender}"


def _own_fields(prepared: Prepared, recipient: Recipient, date: datetime) -> tuple[bytes, ...]:
    """Return the fields that name the reader, this delivery and its time."""
    test = bool(recipient.stands_for)
    shown = f"Test for {recipient.stands_for}" if test else recipient.name
    proof = proof_of(prepared.seed, recipient.public_id)
    fields = [
        mailbox("To", shown, recipient.address),
        prepared.test_subject if test else prepared.subject,
        _dated(date),
        exact("Message-ID", f"<d{recipient.delivery_id}.{proof}@{prepared.domain}>"),
    ]
    if test:
        fields.append(unstructured("X-Everypost-Test-For", recipient.stands_for))
    if prepared.kind == "issue":
        fields.append(exact("List-Unsubscribe", _ways_out(recipient)))
    return tuple(fields)


@lru_cache(maxsize=64)
def _dated(date: datetime) -> bytes:
    """Return the Date field; deliveries that were claimed together share it."""
    return exact("Date", format_datetime(date.astimezone(UTC)))


def _ways_out(recipient: Recipient) -> str:
    """Return the ways to leave, the web address first: RFC 8058 §3.1 allows just one of that kind."""
    web = f"<{_link('List-Unsubscribe', recipient.unsubscribe_url)}>"
    return f"{web}, <{recipient.unsubscribe_mailto}>" if recipient.unsubscribe_mailto else web


def seed_of(list_id: str, reference: str) -> str:
    """Return what the Message-IDs of an issue, or of a kind of notice, are made of besides the delivery."""
    return f"{list_id}:{reference}"


def proof_of(seed: str, public_id: str) -> str:
    """Return the part of a Message-ID that nobody can make who does not know the reader's public id."""
    return hashlib.sha256(f"{seed}:{public_id}".encode()).hexdigest()[:12]


def _link(header: str, url: str) -> str:
    """Return the URL, or refuse one that a header cannot hold in one piece (RFC 2369 §2)."""
    checked(header, url)
    if not url.startswith(("https://", "http://")) or any(character in url for character in ' <>"'):
        raise UnsafeHeader(
            "An issue needs the reader's own unsubscribe address as a web link: give one.", header=header
        )
    return url


def _values(recipient: Recipient) -> dict[str, str]:
    """Return what stands in each slot, as plain text on one line."""
    given: Mapping[str, str] = {
        "to": recipient.stands_for or recipient.address,
        "since": recipient.since,
        "choices": recipient.choices,
        "unsubscribe_url": recipient.unsubscribe_url,
        "preferences_url": recipient.preferences_url,
    }
    return {name: _BREAKING.sub(" ", value).strip(" ") for name, value in given.items()}


def _pieces(text: str, nonce: str) -> tuple[bytes | str, ...]:
    """Return encoded text and slot names in turn; the last piece is text."""
    *parts, end = split(text, nonce)
    pieces: list[bytes | str] = [
        part if place % 2 else piece(part) for place, part in enumerate(parts)
    ]  # odd places of a split are names
    return (*pieces, last_piece(end))


def _filled(pieces: tuple[bytes | str, ...], values: Mapping[str, bytes]) -> list[bytes]:
    return [values[part] if isinstance(part, str) else part for part in pieces]

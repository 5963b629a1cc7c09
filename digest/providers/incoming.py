"""A mail from outside, taken apart within bounds.

Pure. Whoever writes to the bounce mailbox chooses every byte, so size, depth and number of parts are judged
before the parser sees them. Neighbours: ``dsn``, ``loose_bounces`` and ``automatic`` read what this returns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message as Parsed
from typing import Final

MAX_BYTES: Final = 512 * 1024
"""More of a mail is never read: what matters of a report stands at its beginning."""

MAX_NESTED: Final = 20
"""Multiparts and mails within mails that a report may declare; usual are two."""

MAX_PARTS: Final = 100
MAX_TEXT_CHARS: Final = 65_536

_NESTS = re.compile(rb"boundary\*?[\d*]*[ \t\r\n]*=|content-type:\s*message/", re.IGNORECASE)
_DELIMITER = re.compile(rb"^--\S", re.MULTILINE)
_BARE_CR = re.compile(rb"\r(?!\n)")
_MAX_DELIMITERS: Final = 2000  # a signature or a rule of hyphens looks like one


class Unreadable(ValueError):
    """The mail is beyond the bounds; the text says which."""


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """One mail with its parts, those of mails within it apart."""

    head: Parsed  # the mail itself, for its header fields
    parts: tuple[Parsed, ...]  # leaves of its own, in order
    within: tuple[Parsed, ...]  # leaves of mails within it
    returned: str  # the quoted mail, or its header, as text; empty where none is quoted


def take_apart(raw: bytes) -> Incoming:
    """Return a mail as its parts; raise Unreadable where it is built to be a burden."""
    cut = _BARE_CR.sub(b"\n", raw[:MAX_BYTES])  # some gateways lose line feeds on the way
    if len(_NESTS.findall(cut)) > MAX_NESTED:
        raise Unreadable("mails within mails within mails")
    if len(_DELIMITER.findall(cut)) > _MAX_DELIMITERS:
        raise Unreadable("too many parts")
    head = message_from_bytes(cut, policy=policy.compat32)
    parts: list[Parsed] = []
    within: list[Parsed] = []
    returned: list[str] = []
    for part in _own_parts(head):
        if len(parts) >= MAX_PARTS:
            raise Unreadable("too many parts")
        kind = part.get_content_type()
        if kind in ("message/rfc822", "text/rfc822-headers", "message/rfc822-headers", "message/global"):
            returned.append(_quoted(part))
            within += _leaves_within(part)
        else:
            parts.append(part)
    return Incoming(head=head, parts=tuple(parts), within=tuple(within), returned="\n".join(returned))


def _own_parts(message: Parsed) -> Iterator[Parsed]:
    """Yield the leaves of a mail; a mail within it, and a report's blocks, are leaves too."""
    if not message.get_content_type().startswith("multipart/"):
        yield message
        return
    payload = message.get_payload()
    if not isinstance(payload, list):
        yield message
        return
    for part in (part for part in payload if isinstance(part, Parsed)):
        yield from _own_parts(part)


def _leaves_within(part: Parsed) -> list[Parsed]:
    """Return the leaves of a quoted mail: some gateways wrap a whole report up in one."""
    payload = part.get_payload()
    inner = payload[0] if isinstance(payload, list) and payload else None
    return list(_own_parts(inner))[:MAX_PARTS] if isinstance(inner, Parsed) else []


def _quoted(part: Parsed) -> str:
    payload = part.get_payload()
    if isinstance(payload, list):
        return "\n".join(str(inner) for inner in payload)[:MAX_TEXT_CHARS]
    return text_of(part)


def text_of(part: Parsed) -> str:
    """Return the text of a leaf, however wrongly it is encoded, shortened."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        whole = part.get_payload()
        return whole[:MAX_TEXT_CHARS] if isinstance(whole, str) else ""
    charset = str(part.get_content_charset() or "utf-8")
    try:
        text = payload.decode(charset, "replace")
    except (LookupError, ValueError):
        text = payload.decode("latin-1")
    return text[:MAX_TEXT_CHARS]


def blocks_of(part: Parsed) -> list[Parsed]:
    """Return the groups of fields of a machine-readable part (RFC 3464 §2.1, RFC 5965 §3)."""
    payload = part.get_payload()  # the standard library's parser makes a list of every message/*
    blocks = payload if isinstance(payload, list) else []
    return [block for block in blocks if isinstance(block, Parsed) and block.keys()]


def field(message: Parsed, name: str) -> str:
    """Return a header field on one line, decoded, shortened; empty where it is absent."""
    value = message.get(name)
    if value is None:
        return ""
    try:
        text = str(make_header(decode_header(str(value))))
    except (LookupError, ValueError, UnicodeError):
        text = str(value)
    return " ".join(text.split())[:2000]

"""DKIM signatures (RFC 6376): what of a mail is signed, in which form, and the field that says so.

Pure; the keys, and the one library that knows them, are in ``dkim_keys``. relaxed/relaxed, SHA-256, the
whole body. Every field that readers' programs act on is named once more than the mail has it, so that nobody
can add a second one (RFC 6376 §8.15). Neighbour: ``signed`` signs what a backend is given.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Final

OVERSIGNED: Final = (
    "From", "To", "Cc", "Reply-To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
    "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Post", "Feedback-ID", "Auto-Submitted",
    "In-Reply-To", "References",
)  # fmt: skip
"""Fields signed once more than they occur. RFC 8058 §4 wants both List-Unsubscribe fields signed."""

SIGNED: Final = ("Sender", "Content-Transfer-Encoding", "Content-Language")
"""Fields signed where they occur, and no further: a mail server on the way may add them in good faith."""

GOOD_FOR: Final = timedelta(days=14)
"""How long a signature holds: our own tries take up to five days, and the next server's as long again."""

_SPACES = re.compile(rb"[ \t]+")
_LINE_ENDS = re.compile(rb" \r\n")
_FOLDS = re.compile(rb"\r\n(?=[ \t])")
_WIDTH: Final = 72


@dataclass(frozen=True, kw_only=True)
class Key:
    """A private key as a mail is signed with it; ``dkim_keys`` makes them from files."""

    domain: str
    selector: str
    algorithm: str  # "rsa-sha256", or "ed25519-sha256" (RFC 8463)
    sign: Callable[[bytes], bytes]  # what is to be signed → the signature


def signed(data: bytes, keys: Sequence[Key]) -> bytes:
    """Return the mail with a DKIM-Signature of each key before it.

    ``data`` has CRLF line ends. The signature's time is the mail's Date, so that the same mail is signed
    alike on every attempt; without a Date it has no time.
    """
    head, _, body = data.partition(b"\r\n\r\n")
    fields = _fields(head)
    names, chosen = _chosen(fields)
    body_hash = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest())
    covered = b"".join(chosen)
    times = _times(fields)
    return b"".join([*(_signature(key, names, covered, body_hash, times) for key in keys), data])


def _signature(key: Key, names: bytes, covered: bytes, body_hash: bytes, times: bytes) -> bytes:
    """Return one DKIM-Signature field."""
    start = b"v=1; a=%s; c=relaxed/relaxed;\r\n d=%s; s=%s;" % (
        key.algorithm.encode(), key.domain.encode(), key.selector.encode()
    )  # fmt: skip
    unsigned = b"".join(
        (
            b"DKIM-Signature: ", start, times,
            b"\r\n h=", _folded(names, b":"), b";",
            b"\r\n bh=", body_hash, b";",
            b"\r\n b=",
        )
    )  # fmt: skip
    # The field signs itself with an empty b=, and without the line end behind it (RFC 6376 §3.7).
    given = covered + _relaxed_field(unsigned).removesuffix(b"\r\n")
    return unsigned + _folded(base64.b64encode(key.sign(given))) + b"\r\n"


def _fields(head: bytes) -> list[tuple[str, bytes]]:
    """Return the header fields in order: name in lower case, and the whole field as it stands."""
    fields: list[tuple[str, bytes]] = []
    for line in head.split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            name, field = fields[-1]
            fields[-1] = name, field + b"\r\n" + line
        else:
            fields.append((line.partition(b":")[0].decode("ascii", "replace").strip().lower(), line))
    return fields


def _chosen(fields: Sequence[tuple[str, bytes]]) -> tuple[bytes, list[bytes]]:
    """Return the names for ``h=`` and the fields they mean, relaxed: of one name the lowest comes first."""
    names: list[str] = []
    found: list[bytes] = []
    for name in (*OVERSIGNED, *SIGNED):
        mine = [field for own, field in fields if own == name.lower()]
        names += [name] * (len(mine) + (name in OVERSIGNED))
        found += [_relaxed_field(field) for field in reversed(mine)]
    return ":".join(names).encode(), found


def _relaxed_field(field: bytes) -> bytes:
    """Return a field in the relaxed form (RFC 6376 §3.4.2), with its line end."""
    name, _, value = field.partition(b":")
    value = _SPACES.sub(b" ", _FOLDS.sub(b"", value)).strip()
    return name.strip(b" \t").lower() + b":" + value + b"\r\n"


def relaxed_body(body: bytes) -> bytes:
    """Return a body in the relaxed form (RFC 6376 §3.4.4).

    Most of ours are in it already, and looking for what would have to change is far cheaper than the
    patterns.
    """
    if b"\t" in body or b"  " in body:
        body = _SPACES.sub(b" ", body)
    if b" \r\n" in body:
        body = _LINE_ENDS.sub(b"\r\n", body)
    if body.endswith(b" "):
        body = body[:-1]
    while body.endswith(b"\r\n"):
        body = body[:-2]
    return body + b"\r\n" if body else b""


def _times(fields: Sequence[tuple[str, bytes]]) -> bytes:
    """Return the tags that say from when and until when the signature holds; empty without a Date."""
    for name, field in fields:
        if name == "date":
            date = parsedate_to_datetime(field.partition(b":")[2].decode("ascii", "replace").strip())
            start = int(date.timestamp())
            return b"\r\n t=%d; x=%d;" % (start, start + int(GOOD_FOR.total_seconds()))
    return b""


def _folded(text: bytes, after: bytes = b"") -> bytes:
    """Return text on lines of at most 72 octets: anywhere, or after the given octet only."""
    if not after:
        return b"\r\n  ".join(text[start : start + _WIDTH] for start in range(0, len(text), _WIDTH))
    lines = [b""]
    for word in text.split(after):
        if len(lines[-1]) + len(word) >= _WIDTH:
            lines.append(b"")
        lines[-1] += word + after
    return b"\r\n  ".join(lines).removesuffix(after)


def dns_name(selector: str, domain: str) -> str:
    """Return the name under which a key is published (RFC 6376 §3.6.2.1)."""
    return f"{selector}._domainkey.{domain}"


def dns_text(kind: str, public: bytes) -> str:
    """Return the TXT record that publishes a key of kind "rsa" or "ed25519" (RFC 6376 §3.6.1, RFC 8463)."""
    return f"v=DKIM1; k={kind}; p={base64.b64encode(public).decode('ascii')}"

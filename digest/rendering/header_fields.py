"""Header fields as bytes: checked, encoded and folded by rules of our own.

The standard library's folding RFC 2047-encodes a long ``List-Unsubscribe``, which destroys one-click,
and lets an encoded-word display name grow a header of its own on some versions (CVE-2024-6923). Here
every value is checked before it is written, only free text is ever encoded, and addresses never fold.
"""

from __future__ import annotations

import re
from base64 import b64encode

from email_validator import EmailNotValidError, validate_email

from digest.errors import UnsafeHeader

LINE = 76  # octets of a line with encoded words (RFC 2047 §2); also a comfortable width for the rest
LIMIT = 998  # octets of any line, without CRLF (RFC 5322 §2.1.1)
_WORD_OCTETS = 45  # of UTF-8 text in one encoded word: 60 of base64, within the limit of 75

# C0 and C1 controls, DEL, the Unicode line and paragraph separators, and lone surrogates.
_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_PLAIN_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_ADDRESS = re.compile(r"[!#-'*+/-9=?A-Z^-~.-]+@[A-Za-z0-9.-]+")


def checked(header: str, value: str) -> str:
    """Return the value unchanged, or raise UnsafeHeader where it could smuggle another header."""
    # Nearly every value is plain, and known to be by one look.
    found = None if value.isascii() and value.isprintable() else _UNSAFE.search(value)
    if found:
        raise UnsafeHeader(
            f"The {header} header would hold a control character (U+{ord(found[0]):04X}): "
            "take it out of the text.",
            header=header,
        )
    if "=?" in value:
        raise UnsafeHeader(
            f'The {header} header would hold "=?", which starts an encoded word: take it out of the text.',
            header=header,
        )
    return value


def unstructured(header: str, text: str) -> bytes:
    """Return a field of free text: as it is where it is short ASCII, else in encoded words."""
    checked(header, text)
    if text.isascii() and len(header) + 2 + len(text) <= LINE and text == text.strip():
        return f"{header}: {text}\r\n".encode()
    return f"{header}: ".encode() + _encoded_words(text, taken=len(header) + 2) + b"\r\n"


def exact(header: str, value: str) -> bytes:
    """Return a field that must never be encoded nor broken: identifiers and URLs."""
    checked(header, value)
    line = f"{header}: {value}"
    if not line.isascii() or len(line) > LIMIT:
        raise UnsafeHeader(
            f"The {header} header must be ASCII and at most {LIMIT} characters: shorten it.", header=header
        )
    return line.encode() + b"\r\n"


def mailbox(header: str, name: str, address: str) -> bytes:
    """Return a field with one mailbox, the address alone where there is no name (RFC 5322 §3.4)."""
    spec = ascii_address(header, address)
    if not name.strip():
        return exact(header, spec)
    words = phrase(header, " ".join(checked(header, name).split()))
    one_line = f"{header}: ".encode() + words + b" <" + spec.encode() + b">\r\n"
    if b"\r\n" not in words and len(one_line) <= LINE:
        return one_line
    return f"{header}: ".encode() + words + b"\r\n <" + spec.encode() + b">\r\n"


def phrase(header: str, name: str) -> bytes:
    """Return a display name: bare, quoted, or in encoded words (RFC 5322 §3.2.5, RFC 2047 §5)."""
    checked(header, name)
    if not name.isascii() or len(name) > LINE - len(header) - 4:
        return _encoded_words(name, taken=len(header) + 2)
    if _PLAIN_PHRASE.fullmatch(name) and "?" not in name:
        return name.encode()
    return ('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"').encode()


def ascii_address(header: str, address: str) -> str:
    """Return the address as it may stand in a header: its domain in ASCII (RFC 5890).

    Raises UnsafeHeader for anything that is not one plain address, and for a local part that would
    need SMTPUTF8, which too few mail servers speak.
    """
    checked(header, address)
    spec: str | None = address
    if not address.isascii():
        try:
            spec = validate_email(address, check_deliverability=False).ascii_email
        except EmailNotValidError:
            spec = None
    if spec is None or len(spec) > 254 or not _ADDRESS.fullmatch(spec):
        raise UnsafeHeader(
            f"The {header} header needs one plain mail address in ASCII: correct the address.", header=header
        )
    return spec


def _encoded_words(text: str, taken: int) -> bytes:
    """Return text as encoded words of at most 75 octets, one to a line (RFC 2047 §2).

    A character is never split over two words (§5.3). ``taken`` is how much of the first line is used.
    """
    words: list[bytes] = []
    room = max(6, (LINE - taken - 12) // 4 * 3)
    pending = b""
    for character in text:
        octets = character.encode()
        if len(pending) + len(octets) > min(room, _WORD_OCTETS):
            words.append(pending)
            pending, room = b"", _WORD_OCTETS
        pending += octets
    words.append(pending)
    return b"\r\n ".join(b"=?utf-8?b?" + b64encode(word) + b"?=" for word in words)

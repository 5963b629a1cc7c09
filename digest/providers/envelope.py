"""How one message is written in SMTP commands and octets.

Pure. Refuses what cannot be written safely; ``smtp`` turns a refusal into UNSENDABLE, or into REJECTED where
the recipient's address is the reason, so that a bad message never reaches a server or costs a connection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import idna

from digest.model import Message, OutcomeKind
from digest.rendering.octets import fault

TERMINATOR: Final = b"\r\n.\r\n"
_UNSAFE_IN_ADDRESS = re.compile(r"[\x00-\x20<>\x7f-\x9f\u2028\u2029]")
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class CannotWrite(ValueError):
    """The message cannot go to this server as it is; the text says why, without addresses."""

    kind = OutcomeKind.UNSENDABLE
    code = ""


class CannotAddress(CannotWrite):
    """The recipient's address is none that this server takes: no other message would get there either."""

    kind = OutcomeKind.REJECTED
    code = "553 5.6.7"  # what a server says that refuses such an address itself (RFC 6531 §3.5)


@dataclass(frozen=True, kw_only=True)
class Written:
    """One message as SMTP octets, but for the end that accepts it."""

    mail: str  # argument of MAIL: "FROM:<…> SIZE=…"
    rcpt: str  # argument of RCPT: "TO:<…>"
    body: bytes  # dot-stuffed; TERMINATOR, sent after it, ends its last line too


def write(message: Message, offers: Mapping[str, str]) -> Written:
    """Return the message written for a server whose EHLO offers ``offers`` (lower-case name → parameters).

    Raises CannotAddress when the server cannot take the recipient's address, and CannotWrite when it lacks
    what the message needs otherwise, or the message is malformed.
    """
    if not message.sound and (found := fault(message.data)):
        raise CannotWrite(f"the message holds {found}")
    sender, recipient = wire_address(message.envelope_from), wire_address(message.envelope_to)
    parameters = []
    if "size" in offers:
        _check_size(len(message.data), offers["size"])
        parameters.append(f"SIZE={len(message.data)}")  # RFC 1870 §4: line ends count, stuffed dots do not
    if not message.data.isascii():
        if "8bitmime" not in offers:
            raise CannotWrite("the message holds 8-bit text and the server does not offer 8BITMIME")
        parameters.append("BODY=8BITMIME")
    if not (sender.isascii() and recipient.isascii()):
        if "smtputf8" not in offers:
            refusal = CannotWrite if recipient.isascii() else CannotAddress
            raise refusal("the address needs SMTPUTF8, which the server does not offer")
        parameters.append("SMTPUTF8")
    return Written(
        mail=" ".join([f"FROM:<{sender}>", *parameters]),
        rcpt=f"TO:<{recipient}>",
        body=_body(message).removesuffix(b"\r\n"),
    )


def wire_address(address: str) -> str:
    """Return the address as SMTP takes it: an international domain becomes its A-label (RFC 5891 §4.4).

    An empty address is the null sender. A local part outside ASCII is kept; it needs SMTPUTF8.
    """
    if not address:
        return ""
    if _UNSAFE_IN_ADDRESS.search(address):
        raise CannotWrite("the address holds a space, an angle bracket or a control character")
    local, at, domain = address.rpartition("@")
    if not (local and at and domain):
        raise CannotWrite("the address has no local part or no domain")
    if domain.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError as error:
        raise CannotWrite("the address has a domain that no DNS name can spell") from error


def _body(message: Message) -> bytes:
    return message.data if message.sound else stuffed(message.data)


def stuffed(data: bytes) -> bytes:
    """Return the data with a dot added before each line that begins with one (RFC 5321 §4.5.2)."""
    # Nearly no mail has such a line, and looking for one is far cheaper than the pattern.
    return _LEADING_DOT.sub(b"..", data) if b"\n." in data or data.startswith(b".") else data


def _check_size(octets: int, limit: str) -> None:
    """Refuse a message larger than the server's fixed maximum; 0 or nothing means no limit (RFC 1870 §4)."""
    if limit.isdecimal() and 0 < int(limit) < octets:
        raise CannotWrite(f"the message has {octets} octets and the server takes at most {limit}")

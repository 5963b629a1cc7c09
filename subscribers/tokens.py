"""Links that prove who may act: made and read here, and nowhere else.

A token is ``<key id>.<public id>.<mac>``, or ``<key id>.<public id>.<issued>.<mac>`` where it expires.
It is a deterministic HMAC-SHA256 of purpose, publication and person, so nothing is stored and the same
link can be made again for every mail. The key id lets keys change while old links keep working; the
purpose inside the signature keeps an unsubscribe link from opening the preferences. Addresses are never
part of a token. Neighbours: ``pipeline.readers`` reads tokens, ``pipeline.deliver`` makes them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from subscribers.errors import BadToken, TokenFault

MIN_KEY_BYTES = 16  # 128 bit
_MAC_DIGITS = 40  # hex digits kept of the HMAC: 160 bit
_KEY_ID = re.compile(r"[a-z0-9]{1,16}")
_PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_ISSUED = re.compile(r"[0-9a-f]{1,12}")
_MAC = re.compile(rf"[0-9a-f]{{{_MAC_DIGITS}}}")


class Purpose(StrEnum):
    """What a token lets its holder do. One token, one purpose."""

    CONFIRM = "confirm"  # join; expires
    UNSUBSCRIBE = "unsubscribe"  # leave; never expires, as long as any mail may be read
    PREFERENCES = "preferences"  # choose cadence, themes and pause; never expires
    UNDO = "undo"  # take leaving back; expires
    KEEP = "keep"  # say that mail is still wanted; expires
    MOVE = "move"  # take mail at another address, named by both public ids in a row; expires


LIFETIMES: Mapping[Purpose, timedelta] = {
    Purpose.CONFIRM: timedelta(days=7),
    Purpose.UNDO: timedelta(minutes=10),
    Purpose.KEEP: timedelta(days=30),
    Purpose.MOVE: timedelta(minutes=30),
}


class Signer:
    """Makes and reads tokens and hashes addresses, with the installation's secrets."""

    def __init__(
        self, *, keys: Mapping[str, bytes], current: str, address_key: bytes, publication: str = ""
    ) -> None:
        """Hold the secrets; raise ValueError (without them) where one cannot be used.

        ``current`` names the key that signs; every other key only reads. ``address_key`` never
        rotates: suppressions are found by it. ``publication`` is part of every signature and must
        never change either: give the list id.
        """
        for key_id, key in keys.items():
            if not _KEY_ID.fullmatch(key_id):
                raise ValueError(f"key id {key_id!r}: 1 to 16 lower-case letters and digits")
            if len(key) < MIN_KEY_BYTES:
                raise ValueError(f"token key {key_id}: at least {MIN_KEY_BYTES} bytes")
        if current not in keys:
            raise ValueError(f"the current token key {current!r} is not among the keys")
        if len(address_key) < MIN_KEY_BYTES:
            raise ValueError(f"address key: at least {MIN_KEY_BYTES} bytes")
        self._keys = dict(keys)
        self._current = current
        self._address_key = address_key
        self._publication = publication

    def __repr__(self) -> str:
        return f"Signer(keys={sorted(self._keys)}, current={self._current!r})"

    def token(self, purpose: Purpose, public_id: str) -> str:
        """Return the token of a purpose that never expires; the same for equal arguments."""
        if purpose in LIFETIMES:
            raise ValueError(f"a {purpose} token expires: use timed_token")
        return self._signed(self._current, purpose, public_id)

    def read(self, purpose: Purpose, token: str) -> str:
        """Return the public id a lasting token was made for, or raise BadToken."""
        key_id, public_id, issued = _split(token)
        if issued or purpose in LIFETIMES:
            raise BadToken(TokenFault.MALFORMED)
        self._verify(token, self._signed_by(key_id, purpose, public_id))
        return public_id

    def timed_token(self, purpose: Purpose, public_id: str, now: datetime) -> str:
        """Return a token that expires ``LIFETIMES[purpose]`` after now."""
        if purpose not in LIFETIMES:
            raise ValueError(f"a {purpose} token never expires: use token")
        return self._signed(self._current, purpose, public_id, f"{int(now.timestamp()):x}")

    def read_timed(self, purpose: Purpose, token: str, now: datetime) -> str:
        """Return the public id an expiring token was made for, or raise BadToken.

        The signature is checked before the age, so that only true tokens are called expired.
        """
        key_id, public_id, issued = _split(token)
        if not issued or purpose not in LIFETIMES:
            raise BadToken(TokenFault.MALFORMED)
        self._verify(token, self._signed_by(key_id, purpose, public_id, issued))
        issued_at = datetime.fromtimestamp(int(issued, 16), tz=UTC)
        if now - issued_at > LIFETIMES[purpose]:
            raise BadToken(TokenFault.EXPIRED)
        return public_id

    def address_hash(self, address: str) -> str:
        """Return the keyed hash of an address or its key (64 hex digits): what a suppression remembers."""
        text = f"address\n{address.lower()}"
        return hmac.new(self._address_key, text.encode(), hashlib.sha256).hexdigest()

    def _signed_by(self, key_id: str, purpose: Purpose, public_id: str, issued: str = "") -> str:
        if key_id not in self._keys:
            raise BadToken(TokenFault.UNKNOWN_KEY)
        return self._signed(key_id, purpose, public_id, issued)

    def _signed(self, key_id: str, purpose: Purpose, public_id: str, issued: str = "") -> str:
        """Return the whole token. No part can hold a line end or a dot, so the text signed is unambiguous."""
        if not _PUBLIC_ID.fullmatch(public_id):
            raise ValueError("a public id is 1 to 32 letters, digits, - and _")
        named = ".".join(part for part in (key_id, public_id, issued) if part)
        text = "\n".join(("token", self._publication, purpose, named))
        mac = hmac.digest(self._keys[key_id], text.encode(), "sha256").hex()
        return f"{named}.{mac[:_MAC_DIGITS]}"

    @staticmethod
    def _verify(token: str, expected: str) -> None:
        """Raise BadToken unless the two are equal, in time that does not tell how far they agree."""
        if not hmac.compare_digest(token.encode(), expected.encode()):
            raise BadToken(TokenFault.FORGED)


def _split(token: str) -> tuple[str, str, str]:
    """Return key id, public id and issue time (or nothing); raise BadToken for another shape."""
    parts = token.split(".")
    if len(parts) == 3:
        parts.insert(2, "")
    elif "" in parts:
        raise BadToken(TokenFault.MALFORMED)
    if len(parts) != 4:
        raise BadToken(TokenFault.MALFORMED)
    key_id, public_id, issued, mac = parts
    shaped = _KEY_ID.fullmatch(key_id) and _PUBLIC_ID.fullmatch(public_id) and _MAC.fullmatch(mac)
    if not shaped or (issued and not _ISSUED.fullmatch(issued)):
        raise BadToken(TokenFault.MALFORMED)
    return key_id, public_id, issued

"""The part of an envelope sender that names the delivery, so that its bounce proves what it is about (VERP).

A token is ``<key id>.<delivery id in hex>.<mac>``: a deterministic HMAC-SHA256, so nothing is stored.
Lower-case letters, digits and dots survive every mail system; the whole local part stays within 64 octets
(RFC 5321 §4.5.3.1.1). The signed text begins with a word of its own, so that no other token under the same
keys is ever one of these. Neighbours: ``pipeline.press`` addresses mails with it, ``pipeline.hearing`` reads
it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import Final

_MAC_DIGITS: Final = 20  # hex digits kept of the HMAC: 80 bit; whoever guesses one makes one bounce
_TOKEN = re.compile(rf"([a-z0-9]{{1,16}})\.([1-9a-f][0-9a-f]{{0,14}})\.([0-9a-f]{{{_MAC_DIGITS}}})")
LOCAL_PART_MAX: Final = 64
_IN_ADDRESS = re.compile(r"\+(\S+)@")


class BounceTokens:
    """Makes and reads the tokens of one installation's deliveries."""

    def __init__(self, *, keys: Mapping[str, bytes], current: str, publication: str) -> None:
        """Hold the keys; ``current`` names the one that signs, every other only reads."""
        self._keys = dict(keys)
        self._current = current
        self._publication = publication

    def __repr__(self) -> str:
        return f"BounceTokens(keys={sorted(self._keys)}, current={self._current!r})"

    def address(self, bounce_address: str, delivery_id: int) -> str:
        """Return the envelope sender of a delivery: ``bounces+TOKEN@example.org``.

        The plain address where its local part would grow beyond what servers take: such a bounce is found by
        the Message-ID that it quotes.
        """
        local, _, domain = bounce_address.rpartition("@")
        named = f"{local}+{self.token(delivery_id)}"
        return f"{named}@{domain}" if len(named) <= LOCAL_PART_MAX else bounce_address

    def token(self, delivery_id: int) -> str:
        """Return the token of a delivery; the same for equal arguments."""
        named = f"{self._current}.{delivery_id:x}"
        return f"{named}.{self._mac(self._current, named)}"

    def delivery_id(self, token: str) -> int | None:
        """Return the delivery a token was made for, or None for any other text."""
        parts = _TOKEN.fullmatch(token.lower())  # some servers write local parts in capitals
        if parts is None or parts[1] not in self._keys:
            return None
        expected = self._mac(parts[1], f"{parts[1]}.{parts[2]}")
        return int(parts[2], 16) if hmac.compare_digest(parts[3], expected) else None

    def _mac(self, key_id: str, named: str) -> str:
        text = "\n".join(("bounce", self._publication, named))
        return hmac.new(self._keys[key_id], text.encode(), hashlib.sha256).hexdigest()[:_MAC_DIGITS]


def token_in(address: str) -> str:
    """Return what stands between the plus sign and the at sign of an address; empty where nothing does."""
    found = _IN_ADDRESS.search(address)
    return found[1] if found else ""

"""The secret part of the addresses that hubs and sites call to say that a feed has news.

A token is ``<key id>.<feed id>.<mac>``: a deterministic HMAC-SHA256, so nothing is stored. What it lets
its holder do is little: have the feed polled a little sooner. The signed text begins with a word of its
own, so that no token of a reader (``subscribers.tokens``, under the same keys) is ever one of a feed.
Neighbours: ``pipeline.hooks`` reads tokens and answers, ``pipeline.pushes`` hands them to hubs.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from enum import StrEnum

_TOKEN = re.compile(r"([a-z0-9]{1,16})\.([1-9][0-9]{0,9})\.([0-9a-f]{40})")
_MAC_DIGITS = 40  # hex digits kept of the HMAC: 160 bit


class Hook(StrEnum):
    """What a token's address is for. One token, one purpose."""

    PUSH = "push"  # a hub verifies a subscription and delivers (WebSub)
    PING = "ping"  # a site says that it has published


class HookTokens:
    """Makes and reads the tokens of one installation's feeds."""

    def __init__(self, *, keys: Mapping[str, bytes], current: str, publication: str) -> None:
        """Hold the keys; ``current`` names the one that signs, every other only reads."""
        self._keys = dict(keys)
        self._current = current
        self._publication = publication

    def __repr__(self) -> str:
        return f"HookTokens(keys={sorted(self._keys)}, current={self._current!r})"

    def token(self, hook: Hook, feed_id: int) -> str:
        """Return the token of a feed's address; the same for equal arguments."""
        named = f"{self._current}.{feed_id}"
        return f"{named}.{self._mac(self._current, hook, named)[:_MAC_DIGITS]}"

    def feed_id(self, hook: Hook, token: str) -> int | None:
        """Return the feed a token was made for, or None for any other text."""
        parts = _TOKEN.fullmatch(token)
        if parts is None or parts[1] not in self._keys:
            return None
        expected = self._mac(parts[1], hook, f"{parts[1]}.{parts[2]}")[:_MAC_DIGITS]
        return int(parts[2]) if hmac.compare_digest(parts[3], expected) else None

    def secret(self, token: str) -> str:
        """Return what a hub signs its deliveries to this token's address with; the token must be one of ours.

        64 hex digits: WebSub §5.1 allows less than 200 bytes. Made under the key that the token names, so
        a hub goes on signing with the old key until its lease is renewed.
        """
        return self._mac(token.partition(".")[0], "secret", token)

    def _mac(self, key_id: str, purpose: str, named: str) -> str:
        text = "\n".join(("hook", self._publication, purpose, named))
        return hmac.new(self._keys[key_id], text.encode(), hashlib.sha256).hexdigest()

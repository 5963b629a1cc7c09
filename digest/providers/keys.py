"""The keys under which a provider takes a request once, however often it is made.

Pure but for ``uuid``, whose version 5 is a hash. A key never depends on the clock or on chance: after a crash
the same request has the same key. Neighbours: ``pipeline.press`` keys each message, ``by_http`` each call,
and ``pipeline.sender`` stores the latter before the first byte goes out.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid5

from digest.model import Message

_OURS = UUID("7d0f6a0e-3c1b-5a52-9f0e-5b1f0c8f2a11")  # made once, for this program


def message_key(*, instance: str, reference: str, delivery_id: int, generation: int) -> str:
    """Return the key of a message: the same on every attempt of this generation.

    ``instance`` tells two installations with one account apart; a person's "send again" is a new generation.
    """
    return str(uuid5(_OURS, f"{instance}\n{reference}\n{delivery_id}\n{generation}"))


def call_key(messages: Sequence[Message]) -> str:
    """Return the key of one call with these messages in this order; empty where one of them has none."""
    keys = [message.key for message in messages]
    if not all(keys):
        return ""
    return keys[0] if len(keys) == 1 else str(uuid5(_OURS, "\n".join(keys)))

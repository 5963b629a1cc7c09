"""The marks a rendering leaves where each reader's own words go.

A mark is ``@@<nonce>:<name>@@``: ASCII, no spaces, so it survives escaping, premailer and a ``href``.
Neighbours: ``issue`` and ``transactional`` place them, ``personalise`` replaces them.
"""

from __future__ import annotations

import re

SLOTS = ("to", "since", "choices", "unsubscribe_url", "preferences_url")


def slot(name: str, nonce: str) -> str:
    """Return the mark for one slot."""
    if name not in SLOTS:
        raise KeyError(name)
    return f"@@{nonce}:{name}@@"


def slots(nonce: str) -> dict[str, str]:
    """Return every mark by name, as templates use them: ``{{ slot.since }}``."""
    return {name: slot(name, nonce) for name in SLOTS}


def split(text: str, nonce: str) -> list[str]:
    """Return text and slot names in turn: even places are text, odd places are names."""
    return re.split(f"@@{re.escape(nonce)}:({'|'.join(SLOTS)})@@", text)

"""The composition root: the one home of the clock and of randomness."""

from __future__ import annotations

import secrets


def new_secret() -> str:
    """Return 256 random bits as 64 hex digits."""
    return secrets.token_hex(32)

"""Every error the people's package raises on purpose, in one tree.

    SubscriberError
    ├── BadAddress            not an address we can mail; ``reason`` is one sentence for its writer
    ├── BadToken              a link that proves nothing; ``fault`` says which way
    ├── UnknownSubscriber     nobody of that name, or erased
    ├── Suppressed            this address must never be mailed
    └── BadFile               a file of readers that cannot be read at all; ``reason`` says why

``str(error)`` is one sentence fit for a person. No message repeats an address or a token, because
messages reach logs.
"""

from __future__ import annotations

from enum import StrEnum


class SubscriberError(Exception):
    """The base of everything that can be wrong with a person's request."""


class BadAddress(SubscriberError):
    """The text is not an address we can mail; ``reason`` tells its writer what to change."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class TokenFault(StrEnum):
    """Why a token was refused."""

    MALFORMED = "malformed"  # does not have the shape of a token: cut off by a mail program, or guessed
    UNKNOWN_KEY = "unknown_key"  # signed with a key this installation does not hold
    FORGED = "forged"  # the signature does not fit this purpose, publication and person
    EXPIRED = "expired"  # was good, and is too old now
    USED = "used"  # was good once, and the person has left since


class BadToken(SubscriberError):
    """A link that proves nothing; nothing was changed."""

    def __init__(self, fault: TokenFault) -> None:
        super().__init__(f"The link was refused ({fault}). Ask for a new one.")
        self.fault = fault


class UnknownSubscriber(SubscriberError):
    """There is no such reader, or the reader was erased."""


class Suppressed(SubscriberError):
    """The address must never be mailed; only an operator can lift that."""


class BadFile(SubscriberError):
    """The file cannot be read as a list of readers; no row of it was used."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

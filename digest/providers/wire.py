"""What a provider's module has to know: how its calls are written, and what its answers mean.

A wire is pure: it touches no network, so a provider's format is tested as a table. ``by_http`` does the
calling, the same for all of them. A new provider is one module with the six names of ``Wire``, and the two
of ``Records`` where it can be asked later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final, Protocol, runtime_checkable

from digest.model import Outcome
from digest.net.call import Answer, Call
from digest.providers.base import Patience
from digest.providers.letter import Letter
from digest.providers.verdicts import Reading

REPLAY_AFTER_S: Final = 5
"""A call may still be at work when its connection broke."""


@dataclass(frozen=True, kw_only=True)
class Habits:
    """What a provider documents about itself."""

    title: str  # its name for people
    batch_size: int = 1  # mails one call may carry
    per_second: float = 0.0  # calls it allows in a second; 0: it names no figure
    key_life_s: int = 0  # how long a repeated call with the same key is surely taken once; 0: no keys
    look_up_after_s: int = 0  # how long after a call its records can be asked about it; 0: they cannot
    patience_s: int = 0  # how long after a call its outcome may still be found out; 0: it never can

    @property
    def patience(self) -> Patience | None:
        """When this provider can be asked about a call without an answer; None: never."""
        if not self.patience_s:
            return None
        settle_s = REPLAY_AFTER_S if self.key_life_s else self.look_up_after_s
        return Patience(settle=timedelta(seconds=settle_s), give_up=timedelta(seconds=self.patience_s))


class Wire(Protocol):
    """How one provider is spoken to. Holds the account's secrets; shows them in no ``repr``."""

    name: ClassVar[str]  # as mail.backend has it, and as deliveries keep it
    habits: ClassVar[Habits]

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be seen anywhere."""
        ...

    def send(self, letters: Sequence[Letter], key: str) -> Call:
        """Return the call that hands these letters over; raise CannotExpress."""
        ...

    def read(self, answer: Answer, letters: Sequence[Letter]) -> Reading | None:
        """Return what an answer to ``send`` means, or None where its status says it all."""
        ...

    def check(self) -> Call:
        """Return a call that only works with a good key, and changes nothing."""
        ...


@runtime_checkable
class Records(Protocol):
    """A wire whose provider can be asked later what it has."""

    def look_up(self, letter: Letter, since: datetime) -> Call:
        """Return the call that asks whether a letter handed over ``since`` arrived."""
        ...

    def found(self, answer: Answer, letter: Letter, since: datetime) -> Outcome | None:
        """Return the outcome of a letter that the records hold, or None where they do not hold it.

        Raises ValueError where the answer cannot be read: then nothing is known.
        """
        ...

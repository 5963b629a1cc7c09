"""Points at which a process can be made to die or stand still, for ``digest chaos`` and for tests.

    DIGEST_FAILPOINT=NAME:COUNT[:ACTION]     at the COUNT-th passing of NAME, by whichever thread

Off, which is always outside tests, a point is a call of a function that does nothing. ``app`` reads the
variable once and hands ``Passing`` to what has points: ``store.engine`` and ``providers.smtp``.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Final

from digest.errors import ConfigurationError, Fault

Passing = Callable[[str], None]
"""Called with the name of the point that is being passed."""

VARIABLE: Final = "DIGEST_FAILPOINT"
ANY: Final = "any"
"""Stands for every point of SWEPT, so that COUNT from 1 upwards visits each moment of a run."""

SWEPT: Final = frozenset(
    {
        "db.commit",  # a transaction has written, and is not committed
        "db.committed",
        "smtp.write",  # octets are about to go to the mail server
        "smtp.written",
        "smtp.reply",  # a whole reply was read
    }
)
MOMENTS: Final = frozenset(
    {
        "smtp.body",  # the body is with the server; the commit point comes next
        "smtp.allowed",  # the commit point is durable; the dot comes next
        "smtp.dot",  # the dot is with the server; its reply was not read
        "smtp.answered",  # the reply to the dot was read; nothing is written down
    }
)
"""What tests ask for by name. Each lies beside a point of SWEPT, so a sweep need not visit it again."""

_ACTIONS: Final = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP, "term": signal.SIGTERM}


def nothing_fails(_name: str) -> None:
    """Pass every point: the usual case."""


def from_variable(value: str) -> Passing:
    """Return what the variable asks for. Raises ConfigurationError where nobody could ask for that."""
    if not value:
        return nothing_fails
    name, _, rest = value.partition(":")
    count, _, action = rest.partition(":")
    if name not in SWEPT | MOMENTS | {ANY} or not count.isdecimal() or (action or "kill") not in _ACTIONS:
        names = ", ".join(sorted({ANY} | SWEPT | MOMENTS))
        raise ConfigurationError(
            [
                Fault(
                    where=f"environment variable {VARIABLE}",
                    problem=f"{value!r} names no failpoint",
                    mend=f"Write NAME:COUNT or NAME:COUNT:ACTION; names: {names}; actions: kill, stop, term.",
                )
            ]
        )
    return _Failpoint(name, int(count), _ACTIONS[action or "kill"])


class _Failpoint:
    """Counts the passings of one point and signals its own process at the last of them."""

    def __init__(self, name: str, count: int, number: signal.Signals) -> None:
        self._names = SWEPT if name == ANY else {name}
        self._left = count
        self._number = number
        self._lock = threading.Lock()

    def __call__(self, name: str) -> None:
        if name not in self._names:
            return
        with self._lock:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), self._number)

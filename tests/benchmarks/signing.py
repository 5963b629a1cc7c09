"""What a DKIM signature costs: `make bench-signing`.

Microseconds for one mail of 30 kB, by kind of key, beside what is needed at the least: the hash of the body
and the key's own work. Both in the same run, so that the ratio means something on any machine.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from digest.providers.dkim import signed
from tests.dkim_keys import two_keys
from tests.finished_mails import message

_ROUNDS = 500
_WORDS = "The inspectors had counted every door in the building; none of them locked. " * 180


def measure() -> None:
    """Print one line a key."""
    data = message(words=_WORDS).data
    body = data.partition(b"\r\n\r\n")[2]
    with tempfile.TemporaryDirectory() as folder:
        keys = [one.key for one in two_keys(Path(folder))]
    print(f"one mail of {len(data)} octets, microseconds")
    for key in keys:
        least = _us(partial(hashlib.sha256, body)) + _us(partial(key.sign, b"x" * 1500))
        ours = _us(partial(signed, data, [key]))
        print(f"{key.algorithm:15} {ours:7.0f}   hash and key alone {least:7.0f}   ratio {ours / least:.2f}")


def _us(work: Callable[[], object]) -> float:
    work()
    started = time.perf_counter()
    for _ in range(_ROUNDS):
        work()
    return (time.perf_counter() - started) / _ROUNDS * 1_000_000


if __name__ == "__main__":
    measure()

"""How many readers the next short transaction of a freeze takes.

Pure. On SQLite whoever writes keeps every other writer waiting: a sign-up, an unsubscribe, a commit point. A
page that took long, on a slow disk or a busy machine, is followed by a smaller one. Neighbour:
``pipeline.freeze`` measures and obeys.
"""

from __future__ import annotations

from typing import Final

FIRST: Final = 250
LARGEST: Final = 500
SMALLEST: Final = 100  # making a page durable costs the same for one reader: smaller ones would only be more
AIM_S: Final = 0.1
"""How long a page should take: half of the 200 ms that nobody may have to wait for longer."""


def next_size(size: int, took_s: float) -> int:
    """Return the size of the page that follows one of ``size`` readers, at most twice as many."""
    fitting = int(size * AIM_S / took_s) if took_s > 0 else 2 * size
    return max(SMALLEST, min(LARGEST, 2 * size, fitting))

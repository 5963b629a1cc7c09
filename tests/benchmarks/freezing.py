"""An issue frozen for many readers and sent to some, as a line of JSON: how long, and how long others waited.

    python -m tests.benchmarks.freezing READERS PORT [DATABASE]

The issue is composed and frozen by the pipeline's own functions; only the readers are written straight into
the ledger. A transaction that writes keeps every other writer waiting on SQLite, a sign-up or an unsubscribe
among them: so the longest one counts, as much as the whole. The first mails are then sent into the SMTP
server at PORT from the whole queue, to see that neither speed nor memory depends on its length.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from logging import CRITICAL
from pathlib import Path
from statistics import median
from typing import Any

import structlog
from sqlalchemy import Connection

from digest.app import App
from digest.delivery.states import DeliveryState
from digest.model import Message, Outcome
from digest.pipeline import compose, freeze
from digest.pipeline.deliver import deliver
from digest.providers.base import Backend, Commit
from digest.store import deliveries
from subscribers.model import Cadence
from tests.benchmarks.delivery_load import into
from tests.benchmarks.many_readers import Timed, add_readers
from tests.installation import Clock, a_post, installation, publish

TOO_LONG_S = 0.2
_CONNECTIONS = 8
_SENT = (10_000, 100_000)


def measure(readers: int, port: int, database: str = "") -> dict[str, Any]:
    """Freeze one issue for so many readers; return seconds, the longest transactions and peak memory."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    with tempfile.TemporaryDirectory() as folder:
        sections: dict[str, Any] = into(port, _CONNECTIONS)
        if database:
            sections["database"] = {"url": database}
        with installation(Path(folder), clock=Clock(), **sections) as app:
            publish(app, a_post("The door that did not lock"))
            began = time.perf_counter()
            add_readers(app, readers, Cadence.EVERY_POST)
            found: dict[str, Any] = {"load_s": time.perf_counter() - began}
            found |= _frozen(app)
            found["sent"] = [_sent(app, mails) for mails in _SENT if mails <= readers]
    return found


def _frozen(app: App) -> dict[str, Any]:
    timed = Timed(app.database)
    tools = replace(app.tools, db=timed)
    compose.compose(tools, app.clock())
    began = time.perf_counter()
    (frozen,) = freeze.freeze(tools, app.clock()).frozen
    seconds = time.perf_counter() - began
    walls = [span.wall_s for span in timed.spans]  # those that compose among them
    return {
        "readers": frozen.expected,
        "seconds": seconds,
        "transactions": len(walls),
        "median_ms": median(walls) * 1000,
        "longest_ms": max(walls) * 1000,
        "longest_worked_ms": max(span.cpu_s for span in timed.spans) * 1000,
        "too_long": sum(wall > TOO_LONG_S for wall in walls),
    }


def _sent(app: App, mails: int) -> dict[str, Any]:
    """Send about so many mails of the queue; return how fast, and the peak memory so far."""
    with app.database.read() as conn:
        before = _accepted(conn)
    began = time.perf_counter()
    tally = Tally(app.tools.backend, mails)
    deliver(replace(app.tools, backend=tally.opened, stopping=tally.is_full))
    seconds = time.perf_counter() - began
    with app.database.read() as conn:
        sent = _accepted(conn) - before
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"mails": sent, "a_second": sent / seconds, "peak_mb": peak_mb}


def _accepted(conn: Connection) -> int:
    return deliveries.all_counts(conn).get(DeliveryState.ACCEPTED, 0)


class Tally:
    """Counts what backends have handed over, to stop a run after so many."""

    def __init__(self, opens: Callable[[], Backend], at_most: int) -> None:
        self._opens, self._left = opens, at_most

    def opened(self) -> Backend:
        """Return a backend whose mails are counted."""
        backend = self._opens()
        hand_over = backend.hand_over

        def counted(batch: Sequence[Message], commit: Commit) -> Iterator[Outcome]:
            for outcome in hand_over(batch, commit):
                self._left -= 1
                yield outcome

        backend.hand_over = counted  # type: ignore[method-assign]
        return backend

    def is_full(self) -> bool:
        """Return whether as many were handed over as were wanted."""
        return self._left <= 0


if __name__ == "__main__":
    readers, port, *database = sys.argv[1:]
    print(json.dumps(measure(int(readers), int(port), *database)))

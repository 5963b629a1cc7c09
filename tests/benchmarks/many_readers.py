"""Confirmed readers by the million, written straight into the ledger, and transactions that are timed.

Neighbours: ``delivery_load`` sends to them, ``freezing`` freezes an issue for them.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from digest.app import App
from digest.store.engine import Transactions
from subscribers.model import Cadence
from subscribers.tables import subscriber

_PAGE = 20_000  # readers written in one statement


def add_readers(app: App, readers: int, cadence: Cadence = Cadence.WEEKLY) -> None:
    """Write so many confirmed readers with the ids 1, 2, …, who want every theme."""
    now = app.clock()
    for start in range(1, readers + 1, _PAGE):
        numbers = range(start, min(start + _PAGE, readers + 1))
        with app.database.transaction() as conn:
            conn.execute(subscriber.insert(), [_reader(number, cadence, now) for number in numbers])


def _reader(number: int, cadence: Cadence, now: datetime) -> dict[str, Any]:
    email = f"reader{number}@reader.example"
    return {
        "id": number,
        "public_id": f"{number:016x}",
        "email": email,
        "email_key": email,
        "status": "confirmed",
        "cadence": cadence.value,
        "themes": [],
        "confirmed_at": now,
        "created_at": now,
        "updated_at": now,
    }


@dataclass(frozen=True, kw_only=True)
class Span:
    """How long one transaction kept other writers waiting, and how much of that was its own work."""

    wall_s: float
    cpu_s: float


class Timed:
    """A database whose writing transactions are timed, each from its BEGIN until it is durable."""

    def __init__(self, database: Transactions) -> None:
        self._database = database
        self.spans: list[Span] = []

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Open a transaction that writes, and keep how long it was open."""
        with self._database.transaction() as conn:
            began, cpu = time.perf_counter(), time.thread_time()
            yield conn
        self.spans.append(Span(wall_s=time.perf_counter() - began, cpu_s=time.thread_time() - cpu))

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads: nobody waits for it."""
        with self._database.read() as conn:
            yield conn

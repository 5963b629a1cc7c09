"""Paid placements and their dates."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from digest.model import Sponsor
from digest.store.tables import sponsor


def _sponsor(row: Row[Any]) -> Sponsor:
    values = dict(row._mapping)
    del values["id"]
    return Sponsor(**values)


def add(conn: Connection, placement: Sponsor) -> None:
    """Store a placement."""
    conn.execute(insert(sponsor).values(**asdict(placement)))


def every(conn: Connection) -> list[Sponsor]:
    """Return all placements by their first day."""
    return [
        _sponsor(row) for row in conn.execute(select(sponsor).order_by(sponsor.c.starts_on, sponsor.c.id))
    ]


def on(conn: Connection, day: date) -> list[Sponsor]:
    """Return the placements that run on that day."""
    statement = (
        select(sponsor).where(sponsor.c.starts_on <= day, sponsor.c.ends_on >= day).order_by(sponsor.c.id)
    )
    return [_sponsor(row) for row in conn.execute(statement)]

"""Paid placements and their dates."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select

from digest.delivery.states import DeliveryState
from digest.model import Sponsor
from digest.store.tables import delivery, segment, sponsor


def _sponsor(row: Row[Any]) -> Sponsor:
    values = dict(row._mapping)
    del values["id"]
    return Sponsor(**values)


def add(conn: Connection, placement: Sponsor) -> None:
    """Store a placement."""
    conn.execute(insert(sponsor).values(**asdict(placement)))


def remove(conn: Connection, sponsor_id: int) -> Sponsor | None:
    """Delete a placement and return it; None where there is none of that number."""
    row = conn.execute(select(sponsor).where(sponsor.c.id == sponsor_id)).one_or_none()
    conn.execute(delete(sponsor).where(sponsor.c.id == sponsor_id))
    return _sponsor(row) if row else None


def numbered(conn: Connection) -> list[tuple[int, Sponsor]]:
    """Return all placements by their first day, each with its number."""
    rows = conn.execute(select(sponsor).order_by(sponsor.c.starts_on, sponsor.c.id))
    return [(row.id, _sponsor(row)) for row in rows]


def every(conn: Connection) -> list[Sponsor]:
    """Return all placements by their first day."""
    return [placement for _, placement in numbered(conn)]


def on(conn: Connection, day: date) -> list[Sponsor]:
    """Return the placements that run on that day."""
    statement = (
        select(sponsor).where(sponsor.c.starts_on <= day, sponsor.c.ends_on >= day).order_by(sponsor.c.id)
    )
    return [_sponsor(row) for row in conn.execute(statement)]


def accepted_by_segment(conn: Connection, issue_id: int) -> list[tuple[tuple[int, ...], str, int]]:
    """Return the numbers and language of each segment of an issue, with how many of its mails were taken.

    Mails that went to the operator in test mode are not counted.
    """
    statement = (
        select(segment.c.id, func.count().label("taken"))
        .join_from(segment, delivery, delivery.c.segment_id == segment.c.id)
        .where(
            segment.c.issue_id == issue_id,
            delivery.c.state == DeliveryState.ACCEPTED.value,
            delivery.c.test_mode.is_(False),
        )
        .group_by(segment.c.id)
    )
    taken = {row.id: row.taken for row in conn.execute(statement)}
    shown = select(segment.c.id, segment.c.numbers, segment.c.language).where(segment.c.id.in_(taken))
    rows = conn.execute(shown.order_by(segment.c.id)).all()
    return [(tuple(row.numbers), row.language, taken[row.id]) for row in rows]

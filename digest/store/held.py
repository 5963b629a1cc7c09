"""Deliveries that wait for a person or are worth telling, and what a cancelled issue left queued."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from digest.delivery.issue_states import IssueState
from digest.delivery.states import DeliveryState
from digest.store.deliveries import Stray
from digest.store.tables import delivery, issue, subscriber


@dataclass(frozen=True, kw_only=True)
class HeldDelivery:
    """One mail that a person decides on."""

    id: int
    fence: int
    reader: str  # public id: never an address
    code: str
    reason: str
    possible_duplicate: bool  # it may have arrived already


def of_issue(conn: Connection, issue_id: int) -> list[HeldDelivery]:
    """Return an issue's held deliveries, oldest first."""
    statement = (
        select(
            delivery.c.id,
            delivery.c.fence,
            func.coalesce(subscriber.c.public_id, "operator").label("reader"),
            delivery.c.code,
            delivery.c.reason,
            delivery.c.possible_duplicate,
        )
        .outerjoin(subscriber, subscriber.c.id == delivery.c.subscriber_id)
        .where(delivery.c.issue_id == issue_id, delivery.c.state == DeliveryState.HELD)
        .order_by(delivery.c.id)
    )
    return [HeldDelivery(**row._mapping) for row in conn.execute(statement)]


def queued_of_cancelled(conn: Connection, _now: datetime) -> list[Stray]:
    """Return queued deliveries of cancelled issues, up to 1000."""
    cancelled = select(issue.c.id).where(issue.c.state == IssueState.CANCELLED)
    statement = (
        select(delivery.c.id, delivery.c.fence, delivery.c.crashes, delivery.c.doubts)
        .where(delivery.c.state == DeliveryState.QUEUED, delivery.c.issue_id.in_(cancelled))
        .order_by(delivery.c.id)
        .limit(1000)
    )
    return [Stray(state=DeliveryState.QUEUED, **row._mapping) for row in conn.execute(statement)]


def notable(
    conn: Connection, issue_id: int, states: Collection[DeliveryState], limit: int = 1000
) -> list[Row[Any]]:
    """Return an issue's deliveries in these states, and those that may have arrived twice."""
    statement = (
        select(
            delivery.c.id,
            func.coalesce(subscriber.c.public_id, "operator").label("reader"),
            delivery.c.state,
            delivery.c.code,
            delivery.c.reason,
            delivery.c.possible_duplicate,
        )
        .outerjoin(subscriber, subscriber.c.id == delivery.c.subscriber_id)
        .where(
            delivery.c.issue_id == issue_id,
            or_(delivery.c.state.in_([state.value for state in states]), delivery.c.possible_duplicate),
        )
        .order_by(delivery.c.id)
        .limit(limit)
    )
    return list(conn.execute(statement))

"""The tables of people and consent, and the one column type for instants.

Only ``subscribers.store`` and ``digest.store`` import this module. ``metadata`` is the metadata of the
whole database: ``digest.store.tables`` adds its own tables to it, so that there is one schema and one
Alembic tree (``digest/store/migrations``).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator, TypeEngine

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime: ``timestamptz`` on PostgreSQL, sortable ISO text on SQLite.

    Naive values are refused where they enter, so that no local time is ever stored by accident.
    """

    impl = String(32)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type this database stores instants in."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(32))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Return what is written; refuse a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        utc = value.astimezone(UTC)
        if dialect.name == "postgresql":
            return utc
        return utc.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Return an aware UTC datetime."""
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.astimezone(UTC)
        return datetime.fromisoformat(value)  # "Z" makes it aware, in UTC


subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("public_id", String(32), nullable=False, unique=True),
    # The address as written; NULL once the person was erased.
    Column("email", Text),
    # Lower-cased normal form: one person, one row. NULL once erased.
    Column("email_key", Text, unique=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("status", String(16), nullable=False),
    Column("cadence", String(16), nullable=False),
    # Sorted theme keys; an empty list means every theme.
    Column("themes", JSON, nullable=False),
    Column("language", String(35), nullable=False, server_default=""),
    Column("paused_until", Instant),
    Column("created_at", Instant, nullable=False),
    Column("confirmed_at", Instant),
    Column("updated_at", Instant, nullable=False),
    Index("ix_subscriber_audience", "status", "cadence", "id"),
)

# Append-only: triggers in the first migration refuse UPDATE and DELETE (invariant 6).
consent_record = Table(
    "consent_record",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("subscriber_id", Integer, ForeignKey("subscriber.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("source", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
)

suppression = Table(
    "suppression",
    metadata,
    # Keyed hash of the lower-cased address (tokens.address_hash): survives erasing the person.
    Column("address_hash", String(64), primary_key=True),
    Column("reason", String(16), nullable=False),
    Column("at", Instant, nullable=False),
    Column("source", Text, nullable=False),
)

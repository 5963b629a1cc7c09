"""The part of the first migration that makes the log of provider events.

A file of its own because the first migration is as long as a file should be. Neighbour:
``versions.r0001_initial``.
"""

import sqlalchemy as sa
from alembic import op

from subscribers.tables import Instant


def create_provider_events() -> None:
    """Make the table and its indexes."""
    op.create_table(
        "provider_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=24), nullable=False),
        sa.Column("event_id", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("heard_at", Instant(length=32), nullable=False),
        sa.Column("happened_at", Instant(length=32), nullable=True),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=20), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("raw", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["delivery.id"], name=op.f("fk_provider_event_delivery_id_delivery")
        ),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_provider_event_subscriber_id_subscriber")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_event")),
        sa.UniqueConstraint("provider", "event_id", name=op.f("uq_provider_event_provider")),
    )
    op.create_index(op.f("ix_provider_event_delivery_id"), "provider_event", ["delivery_id"], unique=False)
    op.create_index(
        op.f("ix_provider_event_subscriber_id"), "provider_event", ["subscriber_id"], unique=False
    )
    op.create_index("ix_provider_event_heard_at", "provider_event", ["heard_at"], unique=False)

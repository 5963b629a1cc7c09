"""The first schema: people, posts, issues, deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from digest.store.migrations.consent_triggers import refuse_changes_to_consent
from digest.store.migrations.posts import create_posts
from digest.store.migrations.provider_events import create_provider_events
from subscribers.tables import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table, and the triggers that keep consent records append-only."""
    _create_tables()
    refuse_changes_to_consent()


def _create_tables() -> None:
    op.create_table(
        "feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), server_default="", nullable=False),
        sa.Column("site_url", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("etag", sa.Text(), server_default="", nullable=False),
        sa.Column("last_modified", sa.Text(), server_default="", nullable=False),
        sa.Column("added_at", Instant(length=32), nullable=False),
        sa.Column("baseline_at", Instant(length=32), nullable=True),
        sa.Column("last_polled_at", Instant(length=32), nullable=True),
        sa.Column("last_ok_at", Instant(length=32), nullable=True),
        sa.Column("next_poll_at", Instant(length=32), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_answer", sa.Text(), server_default="", nullable=False),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("poll_every_s", sa.Integer(), nullable=True),
        sa.Column("moved_to", sa.Text(), server_default="", nullable=False),
        sa.Column("moved_seen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("hub_url", sa.Text(), server_default="", nullable=False),
        sa.Column("topic_url", sa.Text(), server_default="", nullable=False),
        sa.Column("cause", sa.String(length=40), server_default="", nullable=False),
        sa.Column("poll_because", sa.Text(), server_default="", nullable=False),
        sa.Column("gap_at", Instant(length=32), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed")),
        sa.UniqueConstraint("url", name=op.f("uq_feed_url")),
    )
    op.create_table(
        "installation",
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_installation")),
    )
    op.create_table(
        "issue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("due_at", Instant(length=32), nullable=False),
        sa.Column("created_at", Instant(length=32), nullable=False),
        sa.Column("cutoff", sa.Integer(), nullable=False),
        sa.Column("subject", sa.Text(), server_default="", nullable=False),
        sa.Column("content", sa.JSON(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("approved_hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("approved_at", Instant(length=32), nullable=True),
        sa.Column("frozen_up_to", sa.Integer(), server_default="0", nullable=False),
        sa.Column("frozen_at", Instant(length=32), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("ended_at", Instant(length=32), nullable=True),
        sa.Column("findings", sa.JSON(), nullable=True),
        sa.Column("accepted", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_issue")),
        sa.UniqueConstraint("name", name=op.f("uq_issue_name")),
    )
    op.create_index("ix_issue_kind", "issue", ["kind", "due_at"], unique=False)
    op.create_table(
        "page",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("fetched_at", Instant(length=32), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_page")),
    )
    op.create_table(
        "picture",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("looked_at", Instant(length=32), nullable=False),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.String(length=40), server_default="", nullable=False),
        sa.Column("width", sa.Integer(), server_default="0", nullable=False),
        sa.Column("height", sa.Integer(), server_default="0", nullable=False),
        sa.Column("wide", sa.String(length=48), server_default="", nullable=False),
        sa.Column("small", sa.String(length=48), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_picture")),
    )
    op.create_table(
        "sponsor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("link_text", sa.Text(), nullable=False),
        sa.Column("theme_key", sa.String(length=80), server_default="", nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sponsor")),
    )
    op.create_table(
        "subscriber",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("email_key", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("cadence", sa.String(length=16), nullable=False),
        sa.Column("themes", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=35), server_default="", nullable=False),
        sa.Column("paused_until", Instant(length=32), nullable=True),
        sa.Column("created_at", Instant(length=32), nullable=False),
        sa.Column("confirmed_at", Instant(length=32), nullable=True),
        sa.Column("updated_at", Instant(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("email_key", name=op.f("uq_subscriber_email_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_subscriber_public_id")),
    )
    op.create_index("ix_subscriber_audience", "subscriber", ["status", "cadence", "id"], unique=False)
    op.create_table(
        "summary",
        sa.Column("source_hash", sa.String(length=64), nullable=False),
        sa.Column("sentences", sa.Integer(), nullable=False),
        sa.Column("summariser", sa.String(length=160), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("again_at", Instant(length=32), nullable=True),
        sa.PrimaryKeyConstraint("source_hash", "sentences", "summariser", name=op.f("pk_summary")),
    )
    op.create_table(
        "suppression",
        sa.Column("address_hash", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("at", Instant(length=32), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_suppression")),
    )
    op.create_table(
        "theme",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("pinned", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("hidden", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("merged_into", sa.String(length=80), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_theme")),
    )
    op.create_table(
        "consent_record",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("at", Instant(length=32), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_consent_record_subscriber_id_subscriber")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_record")),
    )
    op.create_index(
        op.f("ix_consent_record_subscriber_id"), "consent_record", ["subscriber_id"], unique=False
    )
    op.create_table(
        "feed_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(length=32), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_feed_answer_feed_id_feed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_answer")),
    )
    op.create_index(op.f("ix_feed_answer_feed_id"), "feed_answer", ["feed_id"], unique=False)
    op.create_table(
        "fuse",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_at", Instant(length=32), nullable=False),
        sa.Column("settled_at", Instant(length=32), nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_fuse_feed_id_feed")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fuse")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("audience", sa.String(length=40), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.String(length=80), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("created_at", Instant(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_notice_subscriber_id_subscriber")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("kind", "audience", "nonce", name=op.f("uq_notice_kind")),
    )
    op.create_table(
        "owed",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_owed_subscriber_id_subscriber")
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "number", name=op.f("pk_owed")),
    )
    op.create_table(
        "progress",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("had_through", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_progress_subscriber_id_subscriber")
        ),
        sa.PrimaryKeyConstraint("subscriber_id", name=op.f("pk_progress")),
    )
    op.create_table(
        "push",
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("hub_url", sa.Text(), nullable=False),
        sa.Column("topic_url", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("requested_at", Instant(length=32), nullable=False),
        sa.Column("lease_until", Instant(length=32), nullable=True),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_push_feed_id_feed")),
        sa.PrimaryKeyConstraint("feed_id", name=op.f("pk_push")),
    )
    op.create_table(
        "segment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("html", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("nonce", sa.String(length=16), nullable=True),
        sa.Column("rendered_at", Instant(length=32), nullable=True),
        sa.Column("renderer", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_segment_issue_id_issue")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("issue_id", "key", name=op.f("uq_segment_issue_id")),
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("issue_id", sa.Integer(), nullable=True),
        sa.Column("segment_id", sa.Integer(), nullable=True),
        sa.Column("notice_id", sa.Integer(), nullable=True),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("lane", sa.String(length=253), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owner", sa.String(length=40), server_default="", nullable=False),
        sa.Column("lease_until", Instant(length=32), nullable=True),
        sa.Column("not_before", Instant(length=32), nullable=False),
        sa.Column("deadline", Instant(length=32), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("crashes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("doubts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("possible_duplicate", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("dated", Instant(length=32), nullable=True),
        sa.Column("committed_at", Instant(length=32), nullable=True),
        sa.Column("submitted_at", Instant(length=32), nullable=True),
        sa.Column("chunk", sa.String(length=36), server_default="", nullable=False),
        sa.Column("sent_hash", sa.String(length=64), server_default="", nullable=False),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("code", sa.String(length=40), server_default="", nullable=False),
        sa.Column("provider", sa.String(length=24), server_default="", nullable=False),
        sa.Column("provider_id", sa.Text(), server_default="", nullable=False),
        sa.Column("test_mode", sa.Boolean(), server_default=sa.text("(false)"), nullable=False),
        sa.Column("updated_at", Instant(length=32), nullable=False),
        sa.ForeignKeyConstraint(["issue_id"], ["issue.id"], name=op.f("fk_delivery_issue_id_issue")),
        sa.ForeignKeyConstraint(["notice_id"], ["notice.id"], name=op.f("fk_delivery_notice_id_notice")),
        sa.ForeignKeyConstraint(["segment_id"], ["segment.id"], name=op.f("fk_delivery_segment_id_segment")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscriber.id"], name=op.f("fk_delivery_subscriber_id_subscriber")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("issue_id", "subscriber_id", name=op.f("uq_delivery_issue_id")),
        sa.UniqueConstraint("notice_id", name=op.f("uq_delivery_notice_id")),
    )
    op.create_index("ix_delivery_issue_state", "delivery", ["issue_id", "state"], unique=False)
    op.create_index(
        "ix_delivery_queue",
        "delivery",
        ["issue_id", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index("ix_delivery_state", "delivery", ["state"], unique=False)
    op.create_index(
        "ix_delivery_provider_id",
        "delivery",
        ["provider_id"],
        unique=False,
        sqlite_where=sa.text("provider_id <> ''"),
        postgresql_where=sa.text("provider_id <> ''"),
    )
    op.create_index("ix_delivery_subscriber", "delivery", ["subscriber_id"], unique=False)
    create_provider_events()
    create_posts()

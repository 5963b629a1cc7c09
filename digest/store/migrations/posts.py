"""The part of the first migration that makes posts and the names they are known by.

A file of its own because the first migration is as long as a file should be. Neighbour:
``versions.r0001_initial``.
"""

import sqlalchemy as sa
from alembic import op

from subscribers.tables import Instant


def create_posts() -> None:
    """Make the tables and their indexes; those of feeds and fuses are there."""
    op.create_table(
        "post",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("held_because", sa.Text(), server_default="", nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), server_default="", nullable=False),
        sa.Column("published_at", Instant(length=32), nullable=True),
        sa.Column("first_seen_at", Instant(length=32), nullable=False),
        sa.Column("updated_at", Instant(length=32), nullable=False),
        sa.Column("language", sa.String(length=35), server_default="", nullable=False),
        sa.Column("direction", sa.String(length=3), server_default="ltr", nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.Text(), server_default="", nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("image", sa.JSON(), nullable=True),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("theme_key", sa.String(length=80), server_default="", nullable=False),
        sa.Column("held_until", Instant(length=32), nullable=True),
        sa.Column("fuse_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_post_feed_id_feed")),
        sa.ForeignKeyConstraint(["fuse_id"], ["fuse.id"], name=op.f("fk_post_fuse_id_fuse")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("number", name=op.f("uq_post_number")),
    )
    op.create_index("ix_post_first_seen", "post", ["first_seen_at"], unique=False)
    op.create_index("ix_post_state", "post", ["state"], unique=False)
    op.create_table(
        "alias",
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_alias_feed_id_feed")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_alias_post_id_post")),
        sa.PrimaryKeyConstraint("feed_id", "kind", "value", name=op.f("pk_alias")),
    )
    op.create_index(op.f("ix_alias_post_id"), "alias", ["post_id"], unique=False)
    op.create_table(
        "post_edit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_edit_post_id_post")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_edit")),
    )
    op.create_index(op.f("ix_post_edit_post_id"), "post_edit", ["post_id"], unique=False)
    op.create_table(
        "post_source",
        sa.Column("post_id", sa.Integer(), nullable=False),
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", Instant(length=32), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_post_source_feed_id_feed")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_source_post_id_post")),
        sa.PrimaryKeyConstraint("post_id", "feed_id", name=op.f("pk_post_source")),
    )

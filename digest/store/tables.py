"""The tables of posts, issues and deliveries; one schema with the people of ``subscribers.tables``.

A change here needs a migration in ``store/migrations``; a test compares the two on SQLite and PostgreSQL.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from subscribers.tables import Instant, metadata, subscriber

__all__ = ["metadata", "subscriber"]

# Facts about this installation: mode, paused, last_number, installed_at …
installation = Table(
    "installation",
    metadata,
    Column("key", String(40), primary_key=True),
    Column("value", Text, nullable=False),
)

feed = Table(
    "feed",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("url", Text, nullable=False, unique=True),
    Column("title", Text, nullable=False, server_default=""),
    Column("site_url", Text, nullable=False, server_default=""),
    Column("state", String(16), nullable=False),
    Column("etag", Text, nullable=False, server_default=""),
    Column("last_modified", Text, nullable=False, server_default=""),
    Column("added_at", Instant, nullable=False),
    Column("baseline_at", Instant),
    Column("last_polled_at", Instant),
    Column("last_ok_at", Instant),
    Column("next_poll_at", Instant),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_answer", Text, nullable=False, server_default=""),
    Column("warnings", JSON, nullable=False),
    # Seconds between polls, as the feed's own pace suggests; NULL: the configured pace.
    Column("poll_every_s", Integer),
    # Where the last permanent redirect led, and how many polls in a row it led there.
    Column("moved_to", Text, nullable=False, server_default=""),
    Column("moved_seen", Integer, nullable=False, server_default="0"),
    # WebSub: the hub the feed names and the topic it is known by there.
    Column("hub_url", Text, nullable=False, server_default=""),
    Column("topic_url", Text, nullable=False, server_default=""),
    # One word for why the last poll failed; empty when it did not.
    Column("cause", String(40), nullable=False, server_default=""),
    Column("poll_because", Text, nullable=False, server_default=""),
    # When a poll last showed nothing that was known: posts may have been missed.
    Column("gap_at", Instant),
)

# The newest answers of each feed, for `digest feed show`.
feed_answer = Table(
    "feed_answer",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", Integer, ForeignKey("feed.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("line", Text, nullable=False),
)

# A WebSub subscription (W3C Recommendation, 23 January 2018). Its secret is derived, never stored.
push = Table(
    "push",
    metadata,
    Column("feed_id", Integer, ForeignKey("feed.id"), primary_key=True),
    Column("hub_url", Text, nullable=False),
    Column("topic_url", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("lease_until", Instant),
    Column("reason", Text, nullable=False, server_default=""),
)

# A feed that seems to have re-identified its posts: they wait until a person says which they are.
fuse = Table(
    "fuse",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", Integer, ForeignKey("feed.id"), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("settled_at", Instant),
)

theme = Table(
    "theme",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
    # What the editor said of it: first and never gathered; not shown; part of another one.
    Column("pinned", Boolean, nullable=False, server_default=text("false")),
    Column("hidden", Boolean, nullable=False, server_default=text("false")),
    Column("merged_into", String(80), nullable=False, server_default=""),
)

post = Table(
    "post",
    metadata,
    Column("id", Integer, primary_key=True),
    # Given when the post becomes mailable, in that order (rule a).
    Column("number", Integer, unique=True),
    Column("state", String(16), nullable=False),
    Column("held_because", Text, nullable=False, server_default=""),
    Column("feed_id", Integer, ForeignKey("feed.id"), nullable=False),
    Column("link", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("author", Text, nullable=False, server_default=""),
    Column("published_at", Instant),
    Column("first_seen_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("language", String(35), nullable=False, server_default=""),
    Column("direction", String(3), nullable=False, server_default="ltr"),
    Column("html", Text, nullable=False),
    Column("excerpt", Text, nullable=False, server_default=""),
    Column("categories", JSON, nullable=False),
    Column("image", JSON),
    Column("content_hash", String(64), nullable=False),
    Column("theme_key", String(80), nullable=False, server_default=""),
    # A post dated in the future waits until then.
    Column("held_until", Instant),
    # The fuse that holds it, if one does.
    Column("fuse_id", Integer, ForeignKey("fuse.id")),
    Index("ix_post_first_seen", "first_seen_at"),
    Index("ix_post_state", "state"),
)

# Every feed that brought a post; a post of several feeds is one post.
post_source = Table(
    "post_source",
    metadata,
    Column("post_id", Integer, ForeignKey("post.id"), primary_key=True),
    Column("feed_id", Integer, ForeignKey("feed.id"), primary_key=True),
    Column("first_seen_at", Instant, nullable=False),
)

# What a post said before it was edited. An edit is recorded and never mailed by itself.
post_edit = Table(
    "post_edit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("post_id", Integer, ForeignKey("post.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("title", Text, nullable=False),
    Column("content_hash", String(64), nullable=False),
)

# Pages fetched for feeds that only carry summaries, when the operator asked for it.
page = Table(
    "page",
    metadata,
    Column("url", Text, primary_key=True),
    Column("fetched_at", Instant, nullable=False),
    Column("html", Text, nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
)

# Pictures that were looked at before a mail showed them. `wide` and `small` name the renditions made here.
picture = Table(
    "picture",
    metadata,
    Column("url", Text, primary_key=True),
    Column("looked_at", Instant, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("kind", String(40), nullable=False, server_default=""),
    Column("width", Integer, nullable=False, server_default="0"),
    Column("height", Integer, nullable=False, server_default="0"),
    Column("wide", String(48), nullable=False, server_default=""),
    Column("small", String(48), nullable=False, server_default=""),
)

# Every name a feed ever used for a post. Never pruned: items come back after more than a year.
alias = Table(
    "alias",
    metadata,
    Column("feed_id", Integer, ForeignKey("feed.id"), primary_key=True),
    Column("kind", String(8), primary_key=True),
    Column("value", Text, primary_key=True),
    Column("post_id", Integer, ForeignKey("post.id"), nullable=False, index=True),
)

# Summaries are made once per content and length, and kept.
summary = Table(
    "summary",
    metadata,
    Column("source_hash", String(64), primary_key=True),
    Column("sentences", Integer, primary_key=True),
    Column("summariser", String(160), primary_key=True),
    Column("method", String(20), nullable=False),
    Column("text", Text, nullable=False),
    Column("model", Text, nullable=False, server_default=""),
    Column("reason", Text, nullable=False, server_default=""),
    # When a language model that could not be asked is asked again; NULL: this summary stays.
    Column("again_at", Instant),
)

sponsor = Table(
    "sponsor",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("link_text", Text, nullable=False),
    Column("theme_key", String(80), nullable=False, server_default=""),
    Column("label", Text, nullable=False, server_default=""),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
)

issue = Table(
    "issue",
    metadata,
    Column("id", Integer, primary_key=True),
    # Public and unique: a second tick makes no second issue (rule d).
    Column("name", String(80), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(20), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("due_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("cutoff", Integer, nullable=False),
    Column("subject", Text, nullable=False, server_default=""),
    Column("content", JSON),
    Column("content_hash", String(64), nullable=False, server_default=""),
    Column("approved_hash", String(64), nullable=False, server_default=""),
    Column("approved_at", Instant),
    # The last subscriber id the freeze has dealt with: it goes on from there after a crash.
    Column("frozen_up_to", Integer, nullable=False, server_default="0"),
    Column("frozen_at", Instant),
    Column("expected", Integer),
    Column("ended_at", Instant),
    # What the gate found in its renderings, and what an operator accepted of it: who reads them is
    # store.findings.
    Column("findings", JSON),
    Column("accepted", JSON),
    Index("ix_issue_kind", "kind", "due_at"),
)

segment = Table(
    "segment",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", Integer, ForeignKey("issue.id"), nullable=False),
    # Hash of what makes its readers' content identical: numbers, language.
    Column("key", String(64), nullable=False),
    Column("numbers", JSON, nullable=False),
    Column("language", String(35), nullable=False),
    # Rendered at the end of the freeze; what is sent is this.
    Column("subject", Text),
    Column("html", Text),
    Column("text", Text),
    Column("nonce", String(16)),
    Column("rendered_at", Instant),
    Column("renderer", String(20)),
    UniqueConstraint("issue_id", "key"),
)

# A confirm, a welcome, an alert: UNIQUE(kind, audience, nonce) makes asking twice harmless.
notice = Table(
    "notice",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kind", String(24), nullable=False),
    # The subscriber's public id, or "operator".
    Column("audience", String(40), nullable=False),
    Column("subscriber_id", Integer, ForeignKey("subscriber.id")),
    Column("nonce", String(80), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("kind", "audience", "nonce"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("issue_id", Integer, ForeignKey("issue.id")),
    Column("segment_id", Integer, ForeignKey("segment.id")),
    Column("notice_id", Integer, ForeignKey("notice.id"), unique=True),
    # NULL for a notice to the operator, and for a test to a typed address.
    Column("subscriber_id", Integer, ForeignKey("subscriber.id")),
    # A typed address (`digest issue send --to`); NULL everywhere else.
    Column("address", Text),
    # The reader's operator of mailboxes (delivery.lanes); empty for notices, and for readers who were erased.
    Column("lane", String(253), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    # Rises with every claim and when the sweep ends one: a sender that lost its claim can no longer write.
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("owner", String(40), nullable=False, server_default=""),
    Column("lease_until", Instant),
    Column("not_before", Instant, nullable=False),
    Column("deadline", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("crashes", Integer, nullable=False, server_default="0"),
    Column("doubts", Integer, nullable=False, server_default="0"),
    Column("possible_duplicate", Boolean, nullable=False, server_default=text("false")),
    # The Date header, fixed at the first claim; the Message-ID follows from the id.
    Column("dated", Instant),
    Column("committed_at", Instant),
    # What was handed to a provider that can be asked about it later: when by our own clock, under which
    # key (mails of one request share it), and the SHA-256 of the mail. A key that a person renews by
    # "send again" is of the next generation.
    Column("submitted_at", Instant),
    Column("chunk", String(36), nullable=False, server_default=""),
    Column("sent_hash", String(64), nullable=False, server_default=""),
    Column("generation", Integer, nullable=False, server_default="0"),
    Column("code", String(40), nullable=False, server_default=""),
    Column("provider", String(24), nullable=False, server_default=""),
    Column("provider_id", Text, nullable=False, server_default=""),
    # True when it went to the operator instead, in test mode.
    Column("test_mode", Boolean, nullable=False, server_default=text("false")),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("issue_id", "subscriber_id"),
    Index("ix_delivery_state", "state"),
    # What is still to be sent, in the order of sending: a claim reads its first rows however many there are.
    Index(
        "ix_delivery_queue",
        "issue_id",
        "id",
        sqlite_where=text("state = 'queued'"),
        postgresql_where=text("state = 'queued'"),
    ),
    Index("ix_delivery_issue_state", "issue_id", "state"),
    Index("ix_delivery_subscriber", "subscriber_id"),
    # A provider's later notices name the mail its own way.
    Index(
        "ix_delivery_provider_id",
        "provider_id",
        sqlite_where=text("provider_id <> ''"),
        postgresql_where=text("provider_id <> ''"),
    ),
)

# What was heard of a mail after it was handed over. Append-only, but that raw forms are forgotten in time.
provider_event = Table(
    "provider_event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("provider", String(24), nullable=False),
    # The provider's own name for the event, or a hash of the mail that told it.
    Column("event_id", String(200), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("heard_at", Instant, nullable=False),
    # When it happened, as told: shown, never trusted.
    Column("happened_at", Instant),
    Column("delivery_id", Integer, ForeignKey("delivery.id"), nullable=False, index=True),
    Column("subscriber_id", Integer, ForeignKey("subscriber.id"), index=True),
    Column("code", String(20), nullable=False, server_default=""),
    Column("detail", Text, nullable=False, server_default=""),
    Column("raw", Text, nullable=False, server_default=""),
    UniqueConstraint("provider", "event_id"),
    Index("ix_provider_event_heard_at", "heard_at"),
)

# The newest post number that counts as had, per subscriber (rules b and f).
progress = Table(
    "progress",
    metadata,
    Column("subscriber_id", Integer, ForeignKey("subscriber.id"), primary_key=True),
    Column("had_through", Integer, nullable=False),
)

# Older numbers a subscriber is still owed (rules b, g and h).
owed = Table(
    "owed",
    metadata,
    Column("subscriber_id", Integer, ForeignKey("subscriber.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
)

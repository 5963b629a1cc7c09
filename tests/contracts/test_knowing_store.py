"""What recognising rests on, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from digest.model import Alias, AliasKind, Feed, FoundPost, ParsedFeed, PostState
from digest.pipeline.take_in import TakenIn, take_in
from digest.store import appearances, feeds, fuses, issues, posts, recognition
from digest.store.engine import Database

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def found(number: int, at: str = "blog.example", **changes: object) -> FoundPost:
    values: dict[str, object] = {
        "guid": f"{at}-{number}",
        "link": f"https://{at}/{number}",
        "title": f"Post {number}",
        "published_at": NOW - timedelta(days=20, hours=-number),
        "html": f"<p>Post {number} says that {number} doors do not lock.</p>",
    }
    return FoundPost(**values | changes)  # type: ignore[arg-type]


def a_feed(database: Database, url: str) -> Feed:
    with database.transaction() as conn:
        return feeds.add(conn, url=url, title="", site_url="", now=NOW)


def take(database: Database, feed: Feed, *items: FoundPost) -> TakenIn:
    with database.transaction() as conn:
        now_read = feeds.by_id(conn, feed.id)
        assert now_read is not None
        taken = take_in(conn, now_read, ParsedFeed(posts=items), NOW)
        feeds.record(conn, feed.id, baseline_at=NOW)
    return taken


def test_a_feed_is_read_again_and_again_and_each_post_is_kept_once(database: Database) -> None:
    feed = a_feed(database, "https://blog.example/feed")
    assert take(database, feed, found(2), found(1)).baseline == 2
    assert take(database, feed, found(3), found(2), found(1)).new == ("Post 3",)
    assert take(database, feed, found(3), found(2), found(1)).new == ()
    with database.read() as conn:
        assert [post.title for post in recognition.of_feed(conn, feed.id)] == ["Post 1", "Post 2", "Post 3"]
        assert recognition.newest_date(conn, feed.id, NOW) == found(3).published_at
        assert posts.counts(conn) == {PostState.BASELINE: 2, PostState.MAILABLE: 1}
        assert appearances.of_number(conn, 1) == []
        assert issues.frozen_through(conn) == 0
        assert appearances.readers_who_had(conn, 1, cadence=None, now=NOW) == []


def test_two_feeds_share_a_post_by_its_link(database: Database) -> None:
    first = a_feed(database, "https://blog.example/feed")
    second = a_feed(database, "https://blog.example/prisons/feed")
    take(database, first), take(database, second)
    assert take(database, first, found(1)).new == ("Post 1",)
    assert take(database, second, found(1, guid="other")).new == ()
    with database.read() as conn:
        (post,) = recognition.listing(conn, feed_id=second.id, state=PostState.MAILABLE, limit=9)
        assert [feed for feed, _, _ in recognition.sources_of(conn, post.id)] == [first.id, second.id]
        assert (second.id, Alias(kind=AliasKind.GUID, value="other")) in recognition.names_of(conn, post.id)


def test_a_fuse_is_opened_joined_and_its_posts_become_one_with_the_known(database: Database) -> None:
    feed = a_feed(database, "https://blog.example/feed")
    take(database, feed, *(found(number) for number in range(12, 0, -1)))
    assert take(database, feed, *(found(number, "new.example") for number in range(12, 6, -1))).held == 6
    assert take(database, feed, *(found(number, "new.example") for number in range(12, 0, -1))).held == 6
    with database.transaction() as conn:
        (fuse,) = fuses.every(conn)
        held = fuses.posts_of(conn, fuse.id)
        assert len(held) == 12
        by_title = {
            post.title: post.id for post in recognition.of_feed(conn, feed.id) if post.fuse_id is None
        }
        for post in held:
            recognition.merge(conn, post.id, by_title[post.title])
    assert take(database, feed, *(found(number, "new.example") for number in range(12, 0, -1))).new == ()
    with database.read() as conn:
        assert posts.counts(conn) == {PostState.BASELINE: 12}


def test_posts_dated_ahead_fall_due_in_order(database: Database) -> None:
    feed = a_feed(database, "https://blog.example/feed")
    take(database, feed)
    later, sooner = NOW + timedelta(hours=2), NOW + timedelta(hours=1)
    take(database, feed, found(1, published_at=later), found(2, published_at=sooner))
    with database.transaction() as conn:
        assert recognition.due(conn, NOW) == []
        assert [post.title for post in recognition.due(conn, later)] == ["Post 2", "Post 1"]
        assert [posts.let_in(conn, post.id) for post in recognition.due(conn, later)] == [1, 2]
        assert recognition.due(conn, later) == []

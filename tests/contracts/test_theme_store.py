"""What the store promises about themes, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from digest.model import FoundPost, PostState, Sponsor, Theme
from digest.store import feeds, posts, sponsors, themes
from digest.store.engine import Database

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def a_theme(conn: Connection, key: str, name: str = "") -> Theme:
    return themes.add(conn, Theme(key=key, name=name or key.capitalize(), position=0))


def a_feed(conn: Connection) -> int:
    return feeds.add(conn, url="https://blog.example/feed/", title="", site_url="", now=NOW).id


def a_post(
    conn: Connection,
    feed_id: int,
    title: str,
    key: str = "",
    state: PostState = PostState.MAILABLE,
    **changes: Any,
) -> tuple[int, int | None]:
    found = FoundPost(guid=title, link=f"https://blog.example/{title}/", title=title, **changes)
    return posts.insert_found(
        conn, found, feed_id=feed_id, content_hash="0" * 64, state=state, theme_key=key, now=NOW
    )


def keys(conn: Connection) -> list[str]:
    return [theme.key for theme in themes.every(conn)]


def test_themes_stand_as_they_came_until_an_editor_orders_or_pins_them(database: Database) -> None:
    with database.transaction() as conn:
        for key in ("prisons", "courts", "women"):
            a_theme(conn, key)
        assert keys(conn) == ["prisons", "courts", "women"]
        themes.set_order(conn, ["women", "prisons", "courts"])
        assert keys(conn) == ["women", "prisons", "courts"]
        themes.change(conn, "courts", pinned=True)
        assert keys(conn) == ["courts", "women", "prisons"]
        assert [theme.position for theme in themes.every(conn)] == [3, 1, 2]


def test_a_key_that_is_taken_keeps_its_name(database: Database) -> None:
    with database.transaction() as conn:
        a_theme(conn, "prisons")
        assert a_theme(conn, "prisons", "Another").name == "Prisons"
        themes.change(conn, "prisons", name="Custody")
        assert themes.every(conn) == [Theme(key="prisons", name="Custody", position=1)]


def test_merging_moves_posts_placements_and_what_was_merged_before(database: Database) -> None:
    with database.transaction() as conn:
        feed = a_feed(conn)
        for key in ("gaols", "custody", "prisons"):
            a_theme(conn, key)
        themes.change(conn, "custody", pinned=True)
        a_post(conn, feed, "One", "gaols")
        a_post(conn, feed, "Two", "custody")
        placed = Sponsor(
            name="Harbour",
            text="helps.",
            link="https://harbour.example/",
            link_text="See",
            theme_key="custody",
            starts_on=date(2026, 11, 1),
            ends_on=date(2026, 11, 30),
        )
        sponsors.add(conn, placed)
        assert themes.merge(conn, "gaols", "custody") == 1
        assert themes.merge(conn, "custody", "prisons") == 2
        parts = {theme.key: (theme.merged_into, theme.pinned) for theme in themes.every(conn)}
        assert parts == {"gaols": ("prisons", False), "custody": ("prisons", False), "prisons": ("", False)}
        assert themes.post_counts(conn) == {"prisons": 2}
        assert [one.theme_key for one in sponsors.every(conn)] == ["prisons"]
        assert [title for _, title in themes.newest_posts(conn, "prisons", 1)] == ["Two"]


def test_a_theme_has_the_posts_it_lists_mailable_or_not_but_no_skipped_ones(database: Database) -> None:
    with database.transaction() as conn:
        feed = a_feed(conn)
        a_theme(conn, "prisons")
        for state in (PostState.BASELINE, PostState.HELD, PostState.MAILABLE, PostState.SKIPPED):
            a_post(conn, feed, state, "prisons", state=state)
        assert themes.post_counts(conn) == {"prisons": 3}
        assert len(themes.newest_posts(conn, "prisons", 10)) == 3


def test_a_hidden_theme_counts_as_none_when_it_is_asked_who_wants_a_post(database: Database) -> None:
    with database.transaction() as conn:
        feed = a_feed(conn)
        a_theme(conn, "site")
        post_id, number = a_post(conn, feed, "One", "site")
        assert number is not None
        assert posts.mailable_themes(conn, cutoff=number) == {number: "site"}
        themes.change(conn, "site", hidden=True)
        assert posts.mailable_themes(conn, cutoff=number) == {number: ""}
        themes.change(conn, "site", hidden=False)
        themes.move_post(conn, post_id, "prisons")
        assert posts.mailable_themes(conn, cutoff=number) == {number: "prisons"}


def test_the_newest_posts_categories_and_the_posts_of_some_days(database: Database) -> None:
    with database.transaction() as conn:
        feed = a_feed(conn)
        a_post(conn, feed, "Old", published_at=NOW - timedelta(days=8), categories=("A", "B"))
        a_post(conn, feed, "Undated", categories=("C",))
        gone, _ = a_post(conn, feed, "Gone", published_at=NOW)
        posts.decide(conn, gone, PostState.SKIPPED, because="test")
        assert posts.recent_categories(conn, 2) == [(), ("C",)]
        assert posts.recent_categories(conn, 9) == [(), ("C",), ("A", "B")]
        week = posts.seen_between(conn, NOW - timedelta(days=7), NOW + timedelta(seconds=1))
        assert [post.title for post in week] == ["Undated"]
        assert [post.title for post in posts.seen_between(conn, NOW - timedelta(days=9), NOW)] == ["Old"]

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.feeds.missed import may_have_missed, sort_out
from digest.model import FoundPost

ADDED = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("known", "missed"), [([], False), ([False], True), ([False, False], True), ([False, True], False)]
)
def test_posts_may_be_missed_where_nothing_shown_is_known(known: list[bool], missed: bool) -> None:
    assert may_have_missed(known) is missed


def outcome(*posts: tuple[datetime | None, bool], since: datetime | None = ADDED) -> str:
    """Return what becomes of each post of older pages, a letter each: missed, archive or known."""
    found = [
        FoundPost(guid=str(place), link="", title="x", published_at=at) for place, (at, _) in enumerate(posts)
    ]
    known = [is_known for _, is_known in posts]
    done = sort_out(found, known, since=since)
    letters = {post.guid: "m" for post in done.missed} | {post.guid: "a" for post in done.archive}
    return "".join(letters.get(post.guid, "k") for post in found)


@pytest.mark.parametrize(
    ("posts", "expected"),
    [
        ((), ""),
        # A gap, then what we know, then what was there before us.
        (((ADDED + DAY, False), (ADDED, True), (ADDED - DAY, False)), "mka"),
        # A gap that never meets what we know: dates decide.
        (((ADDED + DAY, False), (ADDED - DAY, False)), "ma"),
        # Without dates, the place does.
        (((None, False), (None, True), (None, False)), "mka"),
        (((None, False),), "a"),
        # A known post that sticks to the top hides nothing.
        (((ADDED, True), (ADDED + DAY, False), (ADDED - DAY, False)), "kma"),
        # A clock in local time is forgiven only before a post we know.
        (((ADDED - DAY / 2, False), (ADDED, True)), "mk"),
        (((ADDED - DAY / 2, False),), "a"),
        (((ADDED - DAY, False), (ADDED, True)), "ak"),
    ],
)
def test_what_was_missed_is_told_from_the_archive(
    posts: tuple[tuple[datetime | None, bool], ...], expected: str
) -> None:
    assert outcome(*posts) == expected


def test_all_is_archive_when_a_feed_is_first_read() -> None:
    assert outcome((ADDED + DAY, False), (None, False), since=None) == "aa"

"""When many unknown posts are old ones under new names, when one is, and which is which."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.feeds.burst import Past, guesses, is_reused, joins, places, slug, suspicion, twin
from digest.feeds.identity import content_hash
from digest.model import FoundPost, KnownPost, PostState

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
LAST_WEEK = NOW - timedelta(days=7)
LONG = f"<p>{'The inspectors counted every door in the building, and found two that did not lock. ' * 4}</p>"
HERE = frozenset({"blog.example"})


def found(title: str, *, link: str = "", dated: datetime | None = None, html: str = LONG) -> FoundPost:
    slug = title.lower().replace(" ", "-")
    return FoundPost(
        guid="", link=link or f"https://blog.example/{slug}", title=title, published_at=dated, html=html
    )


def known(post: FoundPost, post_id: int, *, seen: datetime = LAST_WEEK) -> KnownPost:
    return KnownPost(
        id=post_id,
        number=None,
        state=PostState.BASELINE,
        held_because="",
        held_until=None,
        fuse_id=None,
        feed_id=1,
        link=post.link,
        title=post.title,
        published_at=post.published_at,
        first_seen_at=seen,
        content_hash=content_hash(post),
        theme_key="",
    )


def many(count: int, *, dated: datetime | None = None, at: str = "blog.example") -> list[FoundPost]:
    return [found(f"Post {n}", link=f"https://{at}/{n}", dated=dated) for n in range(count)]


# --- Bursts ----------------------------------------------------------------------------------------

BEFORE, AFTER = LAST_WEEK - timedelta(days=1), LAST_WEEK + timedelta(days=1)


@pytest.mark.parametrize(
    ("unknown", "window", "held"),
    [
        (many(5, dated=BEFORE), 5, False),  # few, whatever they look like
        (many(6, dated=BEFORE), 10, True),  # more than half the window, all of them old
        (many(6, dated=BEFORE), 12, False),
        (many(20, dated=AFTER), 20, False),  # a busy weekend
        (many(20), 20, False),  # undated, in the usual place
        (many(26, dated=BEFORE), 1000, True),  # a tenth of an archive is a burst as well
        (many(4, dated=BEFORE) + many(3, dated=AFTER), 7, True),  # most of them
        (many(3, dated=BEFORE) + many(4, dated=AFTER), 7, False),
        (many(6, at="new.example"), 6, True),
        (many(6, dated=AFTER, at="new.example"), 6, True),
        (many(3, at="new.example") + many(3), 6, False),
        ([found(f"Link {n}", link=f"https://{n}.example/") for n in range(9)], 9, False),  # a link blog
    ],
)
def test_many_unknown_posts_that_look_old_are_held(unknown: list[FoundPost], window: int, held: bool) -> None:
    assert bool(suspicion(unknown, Past(newest_at=LAST_WEEK, places=HERE), window=window)) is held


def test_without_known_addresses_a_place_says_nothing() -> None:
    assert suspicion(many(9), Past(), window=9) == ""


def test_posts_without_links_are_placed_by_their_guids() -> None:
    unknown = [FoundPost(guid=f"https://new.example/?p={n}", link="", title=str(n)) for n in range(6)]
    assert "at new.example" in suspicion(unknown, Past(places=HERE), window=6)
    nowhere = [FoundPost(guid=f"tag:{n}", link="", title=str(n)) for n in range(6)]
    assert suspicion(nowhere, Past(places=HERE), window=6) == ""


def test_the_titles_of_known_posts_give_a_small_feed_away() -> None:
    unknown = many(3, at="new.example")
    titled = [known(post, n) for n, post in enumerate(many(3))]
    assert "3 of its 5 posts have the titles" in suspicion(unknown, Past(titled=titled), window=5)
    assert suspicion(unknown, Past(titled=titled), window=6) == ""
    assert suspicion(unknown[:2], Past(titled=titled), window=2) == ""


def test_a_title_that_several_posts_share_says_nothing() -> None:
    """49 titles were shared by 114 posts of one recorded feed: a column of the same name every week."""
    links = [found("Links", link=f"https://blog.example/{n}") for n in range(5)]
    assert suspicion(links[:3], Past(titled=[known(post, 1) for post in links[3:]]), window=3) == ""
    once = many(3)
    twice = [known(post, n) for n, post in enumerate([*once, *once])]
    assert suspicion(once, Past(titled=twice), window=3) == ""


def test_later_posts_join_an_open_fuse_when_they_look_old() -> None:
    past = Past(newest_at=LAST_WEEK, titled=[known(found("Two doors"), 1)])
    assert joins(found("Old", dated=BEFORE), past)
    assert joins(found("Two doors", link="https://new.example/x", dated=AFTER), past)
    assert not joins(found("News", dated=AFTER), past)
    assert not joins(found("News"), past)


def test_places_are_hosts() -> None:
    assert places(["blog.example/a/b", "blog.example?p=1", ""]) == {"blog.example", ""}


# --- One post under a new name ---------------------------------------------------------------------

DOORS = found("Two doors", dated=LAST_WEEK)
AT_MIDNIGHT = LAST_WEEK.replace(hour=0, minute=0)


@pytest.mark.parametrize(
    ("again", "before"),
    [
        (replace(DOORS, link="https://blog.example/doors"), known(DOORS, 1)),
        (replace(DOORS, published_at=None), known(DOORS, 1)),  # the same text
        (replace(DOORS, html="<p>Rewritten.</p>"), known(DOORS, 1)),  # the same title and instant
        (
            found("Two doors", link="https://new.example/two-doors.html", dated=AT_MIDNIGHT, html=""),
            known(found("Two doors", dated=AT_MIDNIGHT), 1),
        ),
    ],
)
def test_a_post_under_all_new_names_is_known_by_its_text_or_its_instant(
    again: FoundPost, before: KnownPost
) -> None:
    assert twin(again, [before], NOW) == before


@pytest.mark.parametrize(
    ("again", "before"),
    [
        (found("Two doors", html="<p>Other.</p>"), known(DOORS, 1)),  # only the title
        (found("Two doors", html=""), known(found("Two doors", html=""), 1)),  # nothing to compare
        (replace(DOORS, published_at=NOW), known(DOORS, 1, seen=NOW - timedelta(days=31))),  # a re-run
        (replace(DOORS, title="Doors"), known(DOORS, 1)),
        (
            found("Links", link="https://blog.example/b", dated=AT_MIDNIGHT, html="b"),
            known(found("Links", link="https://blog.example/a", dated=AT_MIDNIGHT), 1),
        ),  # two on one day
    ],
)
def test_different_posts_are_not_taken_for_one(again: FoundPost, before: KnownPost) -> None:
    assert twin(again, [before], NOW) is None


def test_what_could_be_two_known_posts_is_neither() -> None:
    assert twin(DOORS, [known(DOORS, 1), known(DOORS, 2)], NOW) is None


@pytest.mark.parametrize(
    ("link", "end"),
    [
        ("https://b.example/2026/Two-Doors/", "two-doors"),
        ("https://b.example/two-doors.html?utm=1", "two-doors"),
        ("https://b.example/a.htm", ""),
        ("https://b.example/", ""),
        ("", ""),
    ],
)
def test_the_end_of_an_address_counts_when_it_says_something(link: str, end: str) -> None:
    assert slug(link) == end


# --- Reused guids (row 105) against refreshed posts ------------------------------------------------

OTHER = (
    f"<p>{'Nobody asks the people who queue at the court about the queue they stand in each day. ' * 4}</p>"
)


@pytest.mark.parametrize(
    ("again", "reused"),
    [
        (found("The queue at the court", dated=NOW, html=OTHER), True),
        (found("The queue at the court", html=OTHER), True),  # undated
        (found("The queue at the court", dated=NOW, html="<p>Short.</p>"), True),
        (found("The queue at the court", dated=NOW), False),  # the text is kept
        (found("Two more doors", dated=NOW, html=OTHER), False),  # the headline is kept
        (found("Doors and queues", dated=NOW, html="<p>Short.</p>"), False),  # a word of it, and no text
        (found("The queue at the court", dated=BEFORE, html=OTHER), False),  # not newer
        (replace(DOORS, title="The queue", html=OTHER), False),  # the same address
        (
            found("The queue", link="https://new.example/two-doors", dated=NOW, html=OTHER),
            False,
        ),  # its end
    ],
)
def test_a_guid_stands_for_another_post_only_when_everything_differs(again: FoundPost, reused: bool) -> None:
    assert is_reused(again, known(DOORS, 1), DOORS.html) is reused


# --- Guesses ---------------------------------------------------------------------------------------


def test_the_surest_sign_names_the_known_post() -> None:
    same_text = found("Same text")
    same_day = found("Same day", dated=LAST_WEEK)
    same_end = found("Old headline", link="https://blog.example/kept-end")
    same_title = found("Same title", link="https://blog.example/7")
    old = [known(post, n) for n, post in enumerate([same_text, same_day, same_end, same_title], 1)]
    new = [
        known(replace(same_text, link="https://new.example/x"), 11),
        known(found("Same day", link="https://new.example/y", dated=LAST_WEEK, html="new"), 12),
        known(found("New headline", link="https://new.example/kept-end", html="new"), 13),
        known(found("Same title", link="https://new.example/z", html="new"), 14),
        known(found("Really new", link="https://new.example/n", html="new"), 15),
    ]
    guessed = {held: (guess.post.id, guess.by) for held, guess in guesses(new, old).items()}
    assert guessed == {
        11: (1, "the same text"),
        12: (2, "the same title and day"),
        13: (3, "the same end of its address"),
        14: (4, "the same title"),
    }


def test_a_sign_that_fits_several_posts_names_none() -> None:
    old = [known(found("Links", link=f"https://blog.example/{n}", html=str(n)), n) for n in (1, 2)]
    new = [known(found("Links", link="https://new.example/3", html="3"), 3)]
    assert guesses(new, old) == {}


def test_each_known_post_is_named_once() -> None:
    old = [known(DOORS, 1)]
    new = [
        known(replace(DOORS, link="https://new.example/x"), 2),
        known(found("Two doors", html="more"), 3),
    ]
    assert set(guesses(new, old)) == {2}

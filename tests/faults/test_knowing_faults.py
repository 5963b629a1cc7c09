"""Rows 103 to 110 and 114 of the fault catalogue: what feeds do to the identity of their posts.

Each on a real server with a reader of every post waiting: a repeat would be a mail too many, a miss one too
few. Row 109's check of a post's page belongs to the freeze.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.model import PostState
from tests.blog import Blog, blog, entry
from tests.installation import BEGINNING

ANN = "ann@reader.example"
OLD = [entry(number, dated=BEGINNING - timedelta(days=40 - number)) for number in range(1, 11)]


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Blog]:
    """A blog with ten posts, read once, and one reader of every post."""
    with blog(tmp_path) as made:
        made.show(*OLD)
        made.add()
        made.join(ANN)
        made.poll()
        yield made


@pytest.mark.parametrize("left", [OLD[:2], OLD[7:], []], ids=["oldest", "newest", "none"])
def test_row_103_a_feed_that_shrinks_and_comes_back_mails_nothing(one: Blog, left: list) -> None:
    one.show(*left)
    one.clock.pass_time(hours=2)
    one.app.feed_desk.poll()
    assert len(one.posts()) == 10
    one.clock.pass_time(days=1)
    one.show(*OLD)
    one.poll()
    assert len(one.posts()) == 10
    assert one.mails() == []


def test_row_104_every_guid_changes_and_the_links_stay(one: Blog) -> None:
    one.show(*(replace(post, guid=f"urn:new:{post.guid}") for post in OLD))
    assert one.poll() == []
    assert one.app.editors.fuses() == []
    assert one.mails() == []


def test_row_104_every_guid_and_link_change(one: Blog) -> None:
    one.show(
        *(
            replace(post, guid=f"urn:{post.guid}", link=f"{post.link}/moved/x{n}")
            for n, post in enumerate(OLD)
        )
    )
    assert one.poll() == []
    assert len(one.app.editors.fuse(None).posts) == 10
    assert one.mails() == []


@pytest.mark.parametrize("count", [1, 2])
def test_row_104_so_few_posts_that_no_fuse_blows(tmp_path: Path, count: int) -> None:
    with blog(tmp_path) as small:
        small.show(*OLD[-count:])
        small.add()
        small.join(ANN)
        small.show(*(replace(post, guid=f"urn:{post.guid}", link=f"{post.link}x") for post in OLD[-count:]))
        assert small.poll() == []
        assert len(small.posts()) == count
        assert small.mails() == []


LATEST = entry(11, "The queue at the court", guid="latest", dated=BEGINNING)
NEXT = entry(
    12,
    "Nobody answers the telephone",
    guid="latest",
    dated=BEGINNING + timedelta(hours=4),
    html="<p>Of ninety calls to the registry, four were answered, three of them by a person who was new.</p>"
    * 4,
)


def test_row_105_a_guid_given_to_another_post_is_a_new_post_with_a_warning(one: Blog) -> None:
    one.show(*OLD, LATEST)
    assert one.poll() == [LATEST.title]
    one.show(*OLD, NEXT)
    assert one.poll() == [NEXT.title]
    (feed,) = one.app.feeds()
    assert any("was given to another post" in warning for warning in feed.warnings)
    assert one.poll() == []
    one.show(*OLD, LATEST)  # an old copy from a cache
    assert one.poll() == []
    assert one.subjects(ANN) == [LATEST.title, NEXT.title]


def test_row_105_a_refreshed_post_keeps_its_guid_and_is_no_new_post(one: Blog) -> None:
    """Recorded over a thousand times: a new date, address and headline, and most of the text kept."""
    one.show(*OLD, entry(11, dated=BEGINNING))
    one.poll()
    fresh = entry(
        11, "New in post 11", dated=BEGINNING + timedelta(hours=4), link="https://blog.example/2026/new"
    )
    one.show(*OLD, replace(fresh, html=f"<p>Updated today.</p>{fresh.html}"))
    assert one.poll() == []
    assert len(one.mails(ANN)) == 1


def test_row_106_the_first_run_is_a_baseline(tmp_path: Path) -> None:
    with blog(tmp_path) as made:
        made.join(ANN)
        made.show(*(entry(number) for number in range(1, 501)))
        made.add()
        assert made.poll() == []
        made.show(*(entry(number) for number in range(2, 502)))
        assert made.poll() == ["Post 501"]
        assert made.subjects(ANN) == ["Post 501"]


@pytest.mark.parametrize(
    ("dated", "state"),
    [
        (None, PostState.MAILABLE),
        (datetime(1970, 1, 1, tzinfo=UTC), PostState.MAILABLE),  # a default, not a date
        (datetime(2031, 1, 1, tzinfo=UTC), PostState.MAILABLE),  # too far ahead to be meant
        (BEGINNING + timedelta(days=3), PostState.HELD),
        (BEGINNING - timedelta(days=3), PostState.MAILABLE),  # before posts known already
        (BEGINNING - timedelta(days=300), PostState.HELD),
    ],
)
def test_row_107_dates(one: Blog, dated: datetime | None, state: PostState) -> None:
    one.show(*OLD, entry(11, dated=dated))
    one.poll()
    assert one.post("Post 11").state is state
    one.poll()
    assert len(one.mails(ANN)) == (state is PostState.MAILABLE)


def test_row_108_an_edit_after_the_freeze_is_recorded_and_not_mailed(one: Blog) -> None:
    one.show(*OLD, entry(11))
    one.poll()
    one.show(*OLD, entry(11, html="<p>Everything is different now.</p>"))
    assert one.poll() == []
    assert len(one.mails(ANN)) == 1
    assert len(one.why("Post 11").edits) == 1


def test_row_109_a_post_taken_down_and_put_back_is_not_mailed_again(one: Blog) -> None:
    one.show(*OLD, entry(11))
    one.poll()
    for shown in ([*OLD], [*OLD, entry(11)]):
        one.show(*shown)
        one.clock.pass_time(days=40)
        assert one.poll() == []
    assert len(one.mails(ANN)) == 1


def test_row_110_a_post_republished_under_a_new_address(one: Blog) -> None:
    one.show(*OLD, entry(11))
    one.poll()
    one.show(*OLD)  # back to a draft
    one.poll()
    one.show(*OLD, entry(11, guid="https://blog.example/?p=12", link="https://blog.example/published-again"))
    assert one.poll() == []
    assert len(one.mails(ANN)) == 1


def test_row_110_two_posts_of_one_title_are_two_posts(one: Blog) -> None:
    links = {"html": "<p>Three links for the weekend.</p>", "title": "Weekend links"}
    one.show(*OLD, entry(11, **links))
    one.poll()
    one.show(*OLD, entry(12, **links))
    assert one.poll() == ["Weekend links"]
    assert len(one.mails(ANN)) == 2


def test_row_114_a_cache_that_flips_between_two_copies_mails_nothing_and_keeps_each_version_once(
    one: Blog,
) -> None:
    old_copy = [*OLD, entry(11)]
    new_copy = [*OLD[1:], entry(11, "Post 11, corrected"), entry(12)]
    new = []
    for copy in (old_copy, new_copy, old_copy, new_copy, old_copy, new_copy):
        one.show(*copy)
        new.append(one.poll())
    assert new == [["Post 11"], ["Post 12"], [], [], [], []]
    assert len(one.mails(ANN)) == 2
    assert len(one.why("Post 11, corrected").edits) == 2

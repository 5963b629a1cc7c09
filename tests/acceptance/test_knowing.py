"""Every post once: what feeds do to their posts, on a real server, with a reader of every post waiting.

Each test publishes, polls and looks at the mails. ``poll`` does all that is due: it would mail any post that
was wrongly taken for new.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from digest.errors import NotAllowed, UnknownName
from digest.model import AliasKind, PostState
from subscribers.model import Cadence
from tests.blog import Blog, blog, entry
from tests.installation import BEGINNING

ANN = "ann@reader.example"
OLD = [entry(number, dated=BEGINNING - timedelta(days=40 - number)) for number in range(1, 11)]


@pytest.fixture
def one(tmp_path: Path) -> Iterator[Blog]:
    """A blog with ten posts, read once, and one reader."""
    with blog(tmp_path) as made:
        made.show(*OLD)
        made.add()
        made.join(ANN)
        made.poll()
        yield made


def test_the_first_reading_of_five_hundred_posts_mails_nothing(tmp_path: Path) -> None:
    with blog(tmp_path) as made:
        made.join(ANN)
        made.show(*(entry(number) for number in range(1, 501)))
        made.add()
        made.poll()
        assert len(made.posts(PostState.BASELINE)) == 500
        assert made.mails() == []


def test_a_new_post_is_mailed_once_however_often_the_feed_shows_it(one: Blog) -> None:
    one.show(*OLD, entry(11))
    assert one.poll() == ["Post 11"]
    one.show(*OLD[5:], entry(11))
    assert one.poll() == []
    assert one.subjects(ANN) == ["Post 11"]


# --- New names, one at a time (checklist 13) -------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "kind", "value"),
    [
        ({"guid": "http://blog.example/?p=11"}, AliasKind.GUID, "http://blog.example/?p=11"),
        (
            {"link": "https://blog.example/a-new-slug"},
            AliasKind.LINK,
            "blog.example/a-new-slug",
        ),
        ({"title": "Post 11, corrected"}, AliasKind.GUID, "https://blog.example/?p=11"),
        (
            {"link": "https://www.blog.example/post-number-11/?utm_source=rss&fbclid=x"},
            AliasKind.LINK,
            "blog.example/post-number-11",
        ),
        (
            {"guid": "guid-11", "link": "https://blog.example/republished"},
            AliasKind.GUID,
            "guid-11",
        ),
    ],
    ids=["guid-scheme", "slug", "title", "tracking", "republished"],
)
def test_a_post_under_a_new_name_is_not_mailed_again(
    one: Blog, changes: dict[str, str], kind: AliasKind, value: str
) -> None:
    one.show(*OLD, entry(11))
    one.poll()
    one.show(*OLD, entry(11, **changes))
    assert one.poll() == []
    assert len(one.mails(ANN)) == 1
    names = one.why(changes.get("title", "Post 11")).aliases
    assert (kind, value) in [(name.kind, name.value) for _, name in names]


def test_a_slug_edit_is_followed_so_that_the_mail_links_to_the_post(one: Blog) -> None:
    one.show(*OLD, entry(11, link="https://blog.example/moved"))
    one.poll()
    one.show(*OLD, entry(11, link="https://blog.example/moved-again"))
    one.poll()
    assert one.post("Post 11").link == "https://blog.example/moved-again"
    one.show(*OLD, entry(11, link="https://blog.example/moved-again?utm_source=rss"))
    one.poll()
    assert one.post("Post 11").link == "https://blog.example/moved-again"


# --- The fuse (checklist 14) -----------------------------------------------------------------------


def archive(count: int, **changes: str) -> list:
    return [
        entry(
            number,
            dated=BEGINNING - timedelta(days=300 - number),
            **{name: value.format(number=number) for name, value in changes.items()},
        )
        for number in range(1, count + 1)
    ]


MOVED = {"guid": "https://new.example/?p={number}", "link": "https://new.example/post-number-{number}"}


@pytest.fixture
def moved(tmp_path: Path) -> Iterator[Blog]:
    """A blog of 214 posts that has moved to another domain, and one reader."""
    with blog(tmp_path) as made:
        made.show(*archive(214))
        made.add()
        made.join(ANN)
        made.poll()
        made.show(*archive(214, **MOVED))
        assert made.poll() == []
        yield made


def test_a_feed_that_renames_all_its_posts_is_held_by_one_fuse(moved: Blog) -> None:
    shown = moved.app.editors.fuse(None)
    assert (len(shown.posts), shown.recognised) == (214, 214)
    assert moved.poll() == []
    assert len(moved.app.editors.fuses()) == 1
    assert moved.mails() == []
    (alert,) = moved.alerts()
    assert "digest fuse show 1" in alert


def test_accepting_makes_aliases_and_mails_nothing(moved: Blog) -> None:
    assert moved.app.editors.accept_fuse(None).recognised == 214
    assert moved.poll() == []
    assert moved.mails() == []
    assert len(moved.posts()) == 214
    names = {name.value for _, name in moved.why("Post 7").aliases}
    assert {"https://blog.example/?p=7", "https://new.example/?p=7"} <= names
    assert moved.post("Post 7").link == "https://new.example/post-number-7"
    with pytest.raises(NotAllowed, match="No fuse is open"):
        moved.app.editors.accept_fuse(None)
    with pytest.raises(NotAllowed, match="was accepted before"):
        moved.app.editors.discard_fuse(1)


def test_a_new_post_is_mailed_while_a_fuse_is_open_and_after(moved: Blog) -> None:
    moved.show(*archive(214, **MOVED), entry(215, link="https://new.example/fresh", dated=moved.clock.now))
    assert moved.poll() == ["Post 215"]
    moved.app.editors.accept_fuse(1)
    assert moved.poll() == []
    assert moved.subjects(ANN) == ["Post 215"]


def test_what_comes_later_under_new_names_joins_the_open_fuse(tmp_path: Path) -> None:
    with blog(tmp_path) as made:
        made.show(*archive(40))
        made.add()
        made.poll()
        made.show(*archive(40)[:15], *archive(40, **MOVED)[15:])
        made.poll()
        made.show(*archive(40, **MOVED))
        assert made.poll() == []
        (fuse,) = made.app.editors.fuses()
        assert len(fuse.posts) == 40


def test_discarding_says_they_are_new(moved: Blog) -> None:
    moved.app.editors.discard_fuse(1)
    moved.poll()
    numbers = [post.number for post in moved.posts(PostState.MAILABLE)]
    assert numbers == list(range(1, 215))
    assert len(moved.mails(ANN)) == 1
    assert moved.poll() == []


def test_one_post_under_a_fuse_can_be_released_and_the_rest_accepted(moved: Blog) -> None:
    released = moved.app.editors.fuse(None).posts[-1].post
    moved.app.editors.release(released.id)
    assert moved.app.editors.accept_fuse(None).recognised == 213
    moved.poll()
    assert moved.subjects(ANN) == [released.title]


def test_posts_unlike_any_known_one_are_set_aside_when_the_rest_is_accepted(one: Blog) -> None:
    old = BEGINNING - timedelta(days=35)
    strangers = [entry(number, f"Unheard of {number}", dated=old) for number in range(50, 60)]
    one.show(*strangers)
    one.poll()
    assert one.app.editors.accept_fuse(None).recognised == 0
    one.poll()
    assert one.mails() == []
    assert one.post("Unheard of 55").state is PostState.BASELINE


def test_a_fuse_nobody_knows_is_named(one: Blog) -> None:
    with pytest.raises(UnknownName, match="no fuse 9"):
        one.app.editors.fuse(9)


def test_with_two_feeds_in_trouble_one_has_to_be_named(moved: Blog) -> None:
    moved.show(*OLD, feed="/other")
    moved.add("/other")
    moved.show(*(replace(post, link=f"{post.link}x", guid=f"{post.guid}x") for post in OLD), feed="/other")
    moved.poll()
    with pytest.raises(NotAllowed, match="say which, 1, 2"):
        moved.app.editors.fuse(None)


# --- Posts that wait (checklist 16, 17) ------------------------------------------------------------


def test_a_back_dated_post_is_held_until_it_is_released(one: Blog) -> None:
    one.show(*OLD, entry(11, dated=BEGINNING - timedelta(days=400)))
    assert one.poll() == []
    assert one.mails() == []
    assert "over 30 days before it was first seen" in one.why("Post 11").verdict
    assert one.app.editors.release(one.post("Post 11").id).number == 1
    one.poll()
    assert one.subjects(ANN) == ["Post 11"]


def test_a_post_dated_ahead_goes_when_its_time_comes_and_gets_its_number_then(one: Blog) -> None:
    one.show(*OLD, entry(11, dated=one.clock.now + timedelta(hours=30)), entry(12))
    assert one.poll() == ["Post 12"]
    assert one.post("Post 11").state is PostState.HELD
    one.clock.pass_time(hours=30)
    one.poll()
    assert one.reports[-1].released == ("Post 11",)
    assert (one.post("Post 12").number, one.post("Post 11").number) == (1, 2)
    assert one.subjects(ANN) == ["Post 12", "Post 11"]


def test_a_date_brought_forward_lets_a_waiting_post_go_sooner(one: Blog) -> None:
    one.show(*OLD, entry(11, dated=one.clock.now + timedelta(days=6)))
    one.poll()
    one.show(*OLD, entry(11, dated=one.clock.now))
    one.poll()
    one.poll()
    assert one.subjects(ANN) == ["Post 11"]


def test_a_new_post_can_be_given_time_to_settle_and_goes_as_it_is_then(tmp_path: Path) -> None:
    with blog(tmp_path, settle_minutes=90) as made:
        made.show(*OLD)
        made.add()
        made.join(ANN)
        made.show(*OLD, entry(11))
        assert made.poll() == []
        made.show(*OLD, entry(11, "Post 11, corrected"))
        made.poll()
        assert made.subjects(ANN) == ["Post 11, corrected"]


def test_a_post_tagged_no_mail_never_goes(one: Blog) -> None:
    one.show(*OLD, entry(11, tags=("Doors", "No-mail")))
    assert one.poll() == []
    one.show(*OLD, entry(11, tags=("Doors",)))
    assert one.poll() == []
    assert one.mails() == []
    assert "its author tagged it so" in one.why("Post 11").verdict


def test_a_tag_added_before_the_freeze_stops_a_post(one: Blog) -> None:
    one.join("bob@reader.example", Cadence.WEEKLY)
    one.show(*OLD, entry(11, dated=one.clock.now + timedelta(days=1)))
    one.poll()
    one.show(*OLD, entry(11, dated=one.clock.now + timedelta(days=1), tags=("nomail",)))
    one.poll()
    one.clock.pass_time(days=2)
    one.poll()
    assert one.mails() == []


# --- Several feeds, one newsletter (checklist 18) --------------------------------------------------


def test_a_post_of_two_feeds_is_mailed_once_and_keeps_both_sources(one: Blog) -> None:
    one.show(*OLD[5:], feed="/prisons")
    one.add("/prisons")
    assert len(one.posts()) == 10
    one.show(*OLD, entry(11))
    one.show(*OLD[5:], entry(11, guid="prisons-11"), feed="/prisons")
    assert one.poll() == ["Post 11"]
    assert one.poll() == []
    assert one.subjects(ANN) == ["Post 11"]
    assert [url.removeprefix(one.site.url) for _, url, _ in one.why("Post 11").sources] == [
        "/feed",
        "/prisons",
    ]


def test_the_fuller_text_is_mailed_whichever_feed_came_first(one: Blog) -> None:
    one.show(feed="/full")
    one.add("/full")
    short, full = entry(11, html="<p>In short: doors.</p>"), entry(11, guid="full-11")
    one.show(*OLD, short)
    one.show(full, feed="/full")
    one.poll()
    assert "the answers were short, clear" in one.mails(ANN)[0].get_body(("plain",)).get_content()
    edits = len(one.why("Post 11").edits)
    one.poll()
    one.poll()
    assert len(one.why("Post 11").edits) == edits  # the shorter text does not come back


def test_a_post_that_a_second_feeds_baseline_saw_first_is_not_missed(one: Blog) -> None:
    """Published a minute before the second feed was added, and not yet polled in the first."""
    one.show(*OLD, entry(11))
    one.show(entry(11, guid="prisons-11"), feed="/prisons")
    one.add("/prisons")
    assert one.post("Post 11").state is PostState.BASELINE
    assert one.poll() == ["Post 11"]
    assert one.subjects(ANN) == ["Post 11"]


# --- Edits (checklist 19) --------------------------------------------------------------------------


def test_an_edited_post_is_not_mailed_again_and_what_it_said_is_kept(one: Blog) -> None:
    one.show(*OLD, entry(11))
    one.poll()
    one.show(*OLD, entry(11, "Post 11, corrected"))
    one.poll()
    one.show(*OLD, entry(11, "Post 11, corrected twice"))
    one.poll()
    assert one.subjects(ANN) == ["Post 11"]
    assert [title for _, title in one.why("Post 11, corrected twice").edits] == [
        "Post 11",
        "Post 11, corrected",
    ]


def test_the_newest_text_goes_out(one: Blog) -> None:
    one.join("bob@reader.example", Cadence.WEEKLY)
    one.show(*OLD, entry(11))
    one.poll()
    one.show(*OLD, entry(11, html="<p>All the doors lock now.</p>"))
    one.poll()
    one.clock.pass_time(days=6)
    one.poll()
    assert "All the doors lock now." in one.mails("bob@")[0].get_body(("plain",)).get_content()


def test_a_resend_goes_marked_as_updated_to_those_who_had_the_post(one: Blog) -> None:
    one.join("wim@reader.example", Cadence.WEEKLY)
    one.show(*OLD, entry(11))
    one.poll()
    one.join("late@reader.example")
    one.show(*OLD, entry(11, html="<p>All the doors lock now.</p>"))
    one.poll()
    post = one.post("Post 11")
    assert one.app.editors.plan_resend(post.id, None).readers == 1
    assert one.app.editors.resend(post.id, None).name == "resend-1-1"
    one.poll()
    assert one.subjects() == ["Post 11", "Updated: Post 11"]
    mail = one.mails(ANN)[1]
    assert "Updated post" in mail.get_body(("html",)).get_content()
    assert "All the doors lock now." in mail.get_body(("plain",)).get_content()
    assert one.app.issue_page("resend-1-1")
    assert one.app.editors.resend(post.id, Cadence.EVERY_POST).name == "resend-1-2"
    with pytest.raises(NotAllowed, match="No reader on the weekly cadence has had"):
        one.app.editors.resend(post.id, Cadence.WEEKLY)
    one.clock.pass_time(days=6)
    one.poll()
    assert len(one.mails("wim@")) == 1  # a resend changes nobody's place in the regular issues
    assert len(one.mails(ANN)) == 2  # the second resend waited too long and expired


def test_a_resend_that_the_gate_refuses_is_mailed_only_when_somebody_says_so(one: Blog) -> None:
    one.show(*OLD, entry(11))
    one.poll()
    one.show(*OLD, entry(11, html='<p>See <a href="http://localhost:8080/draft">the draft</a>.</p>'))
    one.poll()
    post = one.post("Post 11")
    with pytest.raises(NotAllowed, match=r"LINK-01.*--despite-findings"):
        one.app.editors.resend(post.id, None)
    one.poll()
    assert one.subjects(ANN) == ["Post 11"]
    one.app.editors.resend(post.id, None, despite_findings=True)
    one.poll()
    assert one.subjects(ANN) == ["Post 11", "Updated: Post 11"]


def test_nothing_is_resent_that_nobody_had(one: Blog) -> None:
    one.show(*OLD, entry(11, dated=BEGINNING - timedelta(days=400)))
    one.poll()
    with pytest.raises(NotAllowed, match="is held"):
        one.app.editors.plan_resend(one.post("Post 11").id, None)
    with pytest.raises(UnknownName, match="no post 999"):
        one.app.editors.plan_resend(999, None)


# --- Skip and release (checklist 17) ---------------------------------------------------------------


def test_a_skipped_post_is_in_no_issue(one: Blog) -> None:
    one.join("wim@reader.example", Cadence.WEEKLY)
    one.show(*OLD, entry(11), entry(12))
    one.poll()
    done = one.app.editors.skip(one.post("Post 11").id)
    assert [(late.issue, late.had) for late in done.too_late] == [("post-2", 1)]
    one.clock.pass_time(days=6)
    one.poll()
    (mail,) = one.mails("wim@")
    assert "Post 11" not in mail.as_string()
    with pytest.raises(NotAllowed, match="skipped already"):
        one.app.editors.skip(one.post("Post 11").id)
    with pytest.raises(NotAllowed, match="known from the start"):
        one.app.editors.skip(one.post("Post 1").id)


def test_a_skipped_post_that_is_released_goes_to_those_who_have_not_had_it(one: Blog) -> None:
    one.join("wim@reader.example", Cadence.WEEKLY)
    one.show(*OLD, entry(11))
    one.poll()
    post = one.post("Post 11")
    one.app.editors.skip(post.id)
    assert one.app.editors.release(post.id).had == 1
    with pytest.raises(NotAllowed, match="mailable already"):
        one.app.editors.release(post.id)
    one.clock.pass_time(days=6)
    one.poll()
    assert [len(one.mails(reader)) for reader in (ANN, "wim@")] == [1, 1]


def test_released_after_its_issue_had_left_it_out_it_gets_a_late_number(one: Blog) -> None:
    one.show(*OLD, entry(11, dated=one.clock.now + timedelta(hours=3)))
    one.poll()
    one.app.editors.skip(one.post("Post 11").id)
    one.show(*OLD, entry(11), entry(12))
    one.poll()
    assert one.app.editors.release(one.post("Post 11").id).number == 2
    one.poll()
    assert one.subjects(ANN) == ["Post 12", "Post 11"]


def test_a_baseline_post_can_be_let_in(one: Blog) -> None:
    one.app.editors.release(one.post("Post 3").id)
    one.poll()
    assert one.subjects(ANN) == ["Post 3"]


# --- Why -------------------------------------------------------------------------------------------


def test_why_answers_for_every_state(one: Blog) -> None:
    assert "it was in its feed when that was first read" in one.why("Post 1").verdict
    one.show(*OLD, entry(11))
    one.poll()
    assert one.why("Post 11").verdict == "Mailed: 1 reader had it, from post-1."
    one.app.editors.skip(one.post("Post 11").id)
    assert one.why("Post 11").verdict == (
        "No longer mailed: it is skipped, by the editor. Before that, 1 reader had it."
    )
    with pytest.raises(UnknownName, match="no post 999"):
        one.app.why_post(999)

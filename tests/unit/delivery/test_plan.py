"""One reader's share of one issue."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.delivery.plan import (
    EARLIER_KEPT,
    SHOWN_AT_MOST,
    Reader,
    Share,
    confirmed_through,
    content_numbers,
    deadline,
    share,
    wants,
)
from subscribers.model import Cadence

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
THEMES = {1: "courts", 2: "prisons", 3: "", 4: "courts", 5: "prisons"}


def share_of(reader, *, cutoff=5, themes=THEMES, content=None):
    return share(reader, cutoff=cutoff, themes=themes, content=set(themes) if content is None else content)


@pytest.mark.parametrize(
    ("wanted", "theme", "answer"),
    [
        ((), "courts", True),
        ((), "", True),
        (("courts",), "courts", True),
        (("courts",), "prisons", False),
        (("courts",), "", True),
        (("courts", "prisons"), "prisons", True),
    ],
)
def test_no_preference_means_everything_and_no_theme_means_everybody(wanted, theme, answer):
    assert wants(frozenset(wanted), theme) is answer


def test_a_reader_gets_what_came_since_the_last_mail():
    assert share_of(Reader(had_through=2)) == Share(
        numbers=(3, 4, 5), had_through=5, paid=frozenset(), newly_owed=frozenset()
    )


def test_posts_after_the_cutoff_wait_for_the_next_issue():
    assert share_of(Reader(had_through=2), cutoff=4) == Share(
        numbers=(3, 4), had_through=4, paid=frozenset(), newly_owed=frozenset()
    )


def test_only_wanted_themes_are_sent_and_the_others_count_as_had():
    assert share_of(Reader(had_through=0, themes=frozenset({"prisons"}))) == Share(
        numbers=(2, 3, 5), had_through=5, paid=frozenset(), newly_owed=frozenset()
    )


def test_whoever_is_up_to_date_gets_nothing():
    assert share_of(Reader(had_through=5)) == Share(
        numbers=(), had_through=5, paid=frozenset(), newly_owed=frozenset()
    )


def test_a_mark_beyond_the_cutoff_never_moves_back():
    assert share_of(Reader(had_through=9)).had_through == 9


def test_what_is_owed_is_sent_and_paid():
    assert share_of(Reader(had_through=4, owed=frozenset({1, 2}))) == Share(
        numbers=(1, 2, 5), had_through=5, paid=frozenset({1, 2}), newly_owed=frozenset()
    )


def test_what_is_owed_waits_while_its_theme_is_not_wanted():
    assert share_of(Reader(had_through=4, owed=frozenset({1, 2}), themes=frozenset({"prisons"}))) == Share(
        numbers=(2, 5), had_through=5, paid=frozenset({2}), newly_owed=frozenset()
    )


def test_what_is_owed_beyond_the_cutoff_waits():
    assert share_of(Reader(had_through=9, owed=frozenset({5})), cutoff=4).paid == frozenset()


def test_what_is_owed_and_was_withdrawn_since_is_forgotten():
    """Left standing, it would count its reader as behind for ever."""
    answer = share_of(Reader(had_through=5, owed=frozenset({2, 77})), cutoff=99)
    assert (answer.numbers, answer.paid) == ((2,), frozenset({2, 77}))


def test_what_the_content_lacks_waits_for_the_next_issue():
    assert share_of(Reader(had_through=1), content={4, 5}) == Share(
        numbers=(4, 5), had_through=5, paid=frozenset(), newly_owed=frozenset({2, 3})
    )


def test_what_waits_already_is_not_owed_twice():
    assert share_of(Reader(had_through=4, owed=frozenset({1})), content={5}) == Share(
        numbers=(5,), had_through=5, paid=frozenset(), newly_owed=frozenset()
    )


def test_a_reader_far_behind_gets_what_the_content_holds_and_is_owed_none_of_the_rest():
    """A mail shows the newest twenty; the archive has the rest (rule k)."""
    posts = dict.fromkeys(range(1, 101), "")
    content = set(content_numbers(posts, after=98, cutoff=100, owed=frozenset()))
    answer = share_of(Reader(had_through=0), cutoff=100, themes=posts, content=content)
    assert answer == Share(
        numbers=tuple(range(59, 101)), had_through=100, paid=frozenset(), newly_owed=frozenset()
    )


def test_a_rare_theme_is_followed_back_beyond_the_content():
    posts = {number: "rare" if number % 10 == 0 else "courts" for number in range(1, 301)}
    content = set(content_numbers(posts, after=300, cutoff=300, owed=frozenset()))
    reader = Reader(had_through=0, owed=frozenset({10, 250}), themes=frozenset({"rare"}))
    assert share_of(reader, cutoff=300, themes=posts, content=content) == Share(
        numbers=(270, 280, 290, 300),
        had_through=300,
        # The tenth post is beyond the newest twenty: had. The 250th still waits.
        paid=frozenset({10}),
        newly_owed=frozenset(range(110, 261, 10)) - {250},
    )


@pytest.mark.parametrize("behind", [1, SHOWN_AT_MOST, SHOWN_AT_MOST + 1, 500])
def test_an_issue_can_show_everything_it_sends(behind):
    posts = dict.fromkeys(range(1, behind + 1), "")
    content = set(range(max(1, behind - 9), behind + 1))
    answer = share_of(Reader(had_through=0), cutoff=behind, themes=posts, content=content)
    assert set(answer.numbers) <= content
    assert len(answer.numbers) + len(answer.newly_owed) == min(behind, SHOWN_AT_MOST)


def test_content_holds_its_window_some_earlier_posts_and_what_is_owed():
    mailable = range(1, 101)
    numbers = content_numbers(mailable, after=90, cutoff=95, owed=frozenset({3, 99, 200}))
    assert numbers == (3, *range(91 - EARLIER_KEPT, 96))


def test_content_leaves_out_what_is_not_mailable():
    assert content_numbers([5, 2, 9], after=2, cutoff=8, owed=frozenset({4})) == (2, 5)


@pytest.mark.parametrize(
    ("cadence", "hours"),
    [
        (Cadence.EVERY_POST, 24),
        (Cadence.DAILY, 24),
        (Cadence.WEEKLY, 120),
        (Cadence.FORTNIGHTLY, 120),
        (Cadence.MONTHLY, 120),
    ],
)
def test_a_mail_is_tried_for_one_cadence_but_at_least_a_day_and_at_most_five(cadence, hours):
    assert deadline(cadence, NOW) == NOW + timedelta(hours=hours)


@pytest.mark.parametrize(("own", "cutoff", "through"), [(0, 7, 7), (9, 7, 9), (7, 7, 7)])
def test_who_confirms_starts_where_the_last_issue_ended_and_never_slides_back(own, cutoff, through):
    assert confirmed_through(own, cutoff) == through

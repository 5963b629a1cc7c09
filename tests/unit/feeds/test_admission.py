"""What happens to a post seen for the first time, and what changes for one that waits: whole tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.feeds.admission import (
    BACK_DATED,
    FUSED,
    FUTURE_DATED,
    NO_MAIL,
    SETTLING,
    Admission,
    Rules,
    admit,
    dependable,
    reconsidered,
)
from digest.model import FoundPost, KnownPost, PostState

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
IN_AN_HOUR, TOMORROW = NOW + timedelta(hours=1), NOW + timedelta(days=1)
SETTLE = Rules(settle=timedelta(hours=2))

MAILABLE = Admission(state=PostState.MAILABLE)
BASELINE = Admission(state=PostState.BASELINE)


def held(because: str, until: datetime | None = None) -> Admission:
    return Admission(state=PostState.HELD, because=because, until=until)


def found(dated: datetime | None = None, *tags: str) -> FoundPost:
    return FoundPost(guid="1", link="", title="A post", published_at=dated, categories=tags)


@pytest.mark.parametrize(
    ("dated", "rules", "admitted"),
    [
        (None, Rules(), MAILABLE),
        (NOW, Rules(), MAILABLE),
        (NOW - timedelta(days=30), Rules(), MAILABLE),
        (NOW - timedelta(days=30, seconds=1), Rules(), held(BACK_DATED)),
        (NOW - timedelta(days=9000), SETTLE, held(BACK_DATED)),
        (NOW + timedelta(seconds=1), Rules(), held(FUTURE_DATED, NOW + timedelta(seconds=1))),
        (NOW + timedelta(days=7), Rules(), held(FUTURE_DATED, NOW + timedelta(days=7))),
        (NOW + timedelta(days=7, seconds=1), Rules(), MAILABLE),
        (None, SETTLE, held(SETTLING, NOW + timedelta(hours=2))),
        (IN_AN_HOUR, SETTLE, held(SETTLING, NOW + timedelta(hours=2))),
        (TOMORROW, SETTLE, held(FUTURE_DATED, TOMORROW)),
    ],
)
def test_a_date_lets_nothing_in_but_can_make_it_wait(
    dated: datetime | None, rules: Rules, admitted: Admission
) -> None:
    assert admit(found(dated), first_run=False, fused=False, rules=rules, now=NOW) == admitted


@pytest.mark.parametrize("tag", ["no-mail", "No-Mail", "NOMAIL"])
def test_a_post_tagged_no_mail_never_goes_whatever_else_is_true_of_it(tag: str) -> None:
    post = found(TOMORROW, "Prisons", tag)
    assert admit(post, first_run=False, fused=True, rules=SETTLE, now=NOW) == Admission(
        state=PostState.SKIPPED, because=NO_MAIL
    )


def test_the_operator_chooses_the_tags() -> None:
    rules = Rules(no_mail_tags=["Intern"])
    assert admit(found(None, "intern"), first_run=False, fused=False, rules=rules, now=NOW).because == NO_MAIL
    assert admit(found(None, "nomail"), first_run=False, fused=False, rules=rules, now=NOW) == MAILABLE


def test_everything_there_at_the_first_reading_is_known_and_not_mailed() -> None:
    post = found(TOMORROW, "no-mail")
    assert admit(post, first_run=True, fused=False, rules=SETTLE, now=NOW) == BASELINE


def test_what_a_fuse_holds_waits_for_a_person() -> None:
    assert admit(found(NOW), first_run=False, fused=True, rules=Rules(), now=NOW) == held(FUSED)


def test_a_date_too_far_ahead_is_no_date() -> None:
    assert dependable(found(NOW + timedelta(days=8)), NOW).published_at is None
    assert dependable(found(TOMORROW), NOW) == found(TOMORROW)
    assert dependable(found(), NOW) == found()


def known(state: PostState, because: str = "", until: datetime | None = None) -> KnownPost:
    return KnownPost(
        id=1,
        number=5 if state is PostState.MAILABLE else None,
        state=state,
        held_because=because,
        held_until=until,
        fuse_id=None,
        feed_id=1,
        link="",
        title="A post",
        published_at=until,
        first_seen_at=NOW,
        content_hash="",
        theme_key="",
    )


SKIP = Admission(state=PostState.SKIPPED, because=NO_MAIL)


@pytest.mark.parametrize(
    ("state", "frozen", "change"),
    [
        (PostState.MAILABLE, False, SKIP),
        (PostState.MAILABLE, True, None),
        (PostState.HELD, False, SKIP),
        (PostState.BASELINE, False, None),
        (PostState.SKIPPED, False, None),
    ],
)
def test_a_tag_added_later_stops_what_has_no_audience_yet(
    state: PostState, frozen: bool, change: Admission | None
) -> None:
    tagged = found(None, "nomail")
    assert reconsidered(known(state), tagged, frozen=frozen, rules=Rules(), now=NOW) == change


def test_a_tag_taken_off_lets_nothing_in() -> None:
    skipped = known(PostState.SKIPPED, NO_MAIL)
    assert reconsidered(skipped, found(), frozen=False, rules=Rules(), now=NOW) is None


@pytest.mark.parametrize(
    ("dated", "until"), [(IN_AN_HOUR, IN_AN_HOUR), (NOW - timedelta(days=1), NOW), (None, NOW)]
)
def test_a_post_dated_ahead_follows_its_date(dated: datetime | None, until: datetime) -> None:
    waiting = known(PostState.HELD, FUTURE_DATED, TOMORROW)
    assert reconsidered(waiting, found(dated), frozen=False, rules=Rules(), now=NOW) == held(
        FUTURE_DATED, until
    )


@pytest.mark.parametrize(
    "waiting", [known(PostState.HELD, FUTURE_DATED, TOMORROW), known(PostState.HELD, BACK_DATED)]
)
def test_a_post_that_waits_and_says_nothing_new_goes_on_waiting(waiting: KnownPost) -> None:
    assert reconsidered(waiting, found(TOMORROW), frozen=False, rules=Rules(), now=NOW) is None

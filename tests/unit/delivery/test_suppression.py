"""When a mailbox counts as gone, and when an issue stops: the figures, each from both sides."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.delivery.events import EventKind, named_delivery
from digest.delivery.suppression import (
    Brake,
    Notice,
    Weight,
    bounce_brake,
    complaint_brake,
    forgotten_after,
    is_gone,
    weight,
)
from subscribers.model import Cadence

K = EventKind
DAY = timedelta(days=1)
START = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)


def bounce(day, *, kind=K.BOUNCED_SOFT, code="4.2.2", sent=None):
    at = START + day * DAY
    return Notice(kind=kind, code=code, heard_at=at, sent_at=at if sent is None else START + sent * DAY)


@pytest.mark.parametrize("code", ["5.1.1", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.0.0", "5.1.0", ""])
def test_no_such_mailbox_is_believed_at_once(code):
    assert weight(K.BOUNCED_HARD, code) is Weight.GONE
    assert is_gone([bounce(0, kind=K.BOUNCED_HARD, code=code)], [], cadence=Cadence.DAILY)


@pytest.mark.parametrize("kind", [K.BOUNCED_HARD, K.BOUNCED_SOFT])
@pytest.mark.parametrize("code", ["5.7.1", "5.3.4", "5.4.4", "5.5.0", "5.6.0", "5.1.8", "5.1.7", "4.7.0"])
def test_what_a_server_says_of_us_or_itself_never_counts(kind, code):
    assert weight(kind, code) is Weight.NONE
    many = [bounce(day, kind=kind, code=code) for day in range(30)]
    assert not is_gone(many, [], cadence=Cadence.DAILY)


@pytest.mark.parametrize("kind", [K.DELIVERED, K.DEFERRED, K.REJECTED, K.COMPLAINED, K.UNSUBSCRIBED])
def test_only_bounces_speak_of_the_mailbox(kind):
    assert weight(kind, "5.1.1") is Weight.NONE


def test_a_domain_that_is_not_found_is_believed_on_the_second_day():
    first, same_day, next_day = (bounce(day, kind=K.BOUNCED_HARD, code="5.1.2") for day in (0, 0.2, 1))
    assert not is_gone([first, same_day], [], cadence=Cadence.WEEKLY)
    assert is_gone([first, same_day, next_day], [], cadence=Cadence.WEEKLY)


def test_a_hard_bounce_of_an_unlisted_kind_counts_as_one_bad_day():
    assert weight(K.BOUNCED_HARD, "5.1.4") is Weight.SOFT


def test_five_bad_days_are_enough_and_four_are_not():
    assert not is_gone([bounce(day) for day in range(4)], [], cadence=Cadence.DAILY)
    assert is_gone([bounce(day) for day in range(5)], [], cadence=Cadence.DAILY)


def test_one_day_counts_once_however_often_it_bounces():
    assert not is_gone([bounce(hour / 24) for hour in range(12)], [], cadence=Cadence.DAILY)


@pytest.mark.parametrize(
    ("cadence", "days"),
    [
        (Cadence.EVERY_POST, 23),
        (Cadence.DAILY, 7),
        (Cadence.WEEKLY, 23),
        (Cadence.FORTNIGHTLY, 44),
        (Cadence.MONTHLY, 95),
    ],
)
def test_how_long_bounces_are_remembered_goes_with_the_cadence(cadence, days):
    assert forgotten_after(cadence) == days * DAY
    kept = [bounce(place * days) for place in range(5)]
    lost = [bounce(place * (days + 1)) for place in range(5)]
    assert is_gone(kept, [], cadence=cadence)
    assert not is_gone(lost, [], cadence=cadence)


def test_a_weekly_reader_with_a_full_mailbox_is_given_up_after_five_issues():
    """With Mailman's fixed seven days the count would begin anew every week, for ever."""
    assert is_gone([bounce(7 * week + 1, sent=7 * week) for week in range(5)], [], cadence=Cadence.WEEKLY)


def test_what_arrived_since_makes_earlier_bounces_void():
    bad = [bounce(day) for day in range(5)]
    assert not is_gone(bad, [START + 3 * DAY], cadence=Cadence.DAILY)
    told = bounce(6, kind=K.DELIVERED, code="", sent=3)
    assert not is_gone([*bad, told], [], cadence=Cadence.DAILY)


def test_what_arrived_before_changes_nothing():
    bad = [bounce(day) for day in range(5)]
    assert is_gone(bad, [START - DAY], cadence=Cadence.DAILY)


def test_the_order_in_which_notices_come_does_not_matter():
    bad = [bounce(day) for day in range(5)]
    assert is_gone(bad[::-1], [], cadence=Cadence.DAILY)


@pytest.mark.parametrize(
    ("complaints", "sent", "brake"),
    [
        (0, 5000, Brake.NONE),
        (1, 20, Brake.WARN),  # a small issue: one warns
        (2, 20, Brake.WARN),
        (3, 20, Brake.STOP),  # and three stop
        (1, 1000, Brake.WARN),  # 0.1 %
        (1, 1001, Brake.NONE),
        (2, 1000, Brake.WARN),
        (3, 1000, Brake.STOP),  # 0.3 %
        (29, 10_000, Brake.WARN),
        (30, 10_000, Brake.STOP),
    ],
)
def test_complaints_warn_and_then_stop_an_issue(complaints, sent, brake):
    assert complaint_brake(complaints=complaints, sent=sent) is brake


@pytest.mark.parametrize(
    ("bounces", "sent", "brake"),
    [(99, 99, Brake.NONE), (5, 100, Brake.NONE), (6, 100, Brake.STOP), (50, 1000, Brake.NONE)],
)
def test_many_hard_bounces_stop_an_issue(bounces, sent, brake):
    assert bounce_brake(bounces=bounces, sent=sent) is brake


@pytest.mark.parametrize(
    "text", ["<d17.0123456789ab@site.example>", "d17-0123456789ab", " d17.0123456789ab "]
)
def test_a_name_of_ours_leads_to_its_delivery(text):
    assert named_delivery(text) == (17, "0123456789ab")


@pytest.mark.parametrize(
    "text", ["", "d17", "<x17.0123456789ab@site.example>", "d17-0123456789abc", "d-0123456789ab"]
)
def test_any_other_name_leads_nowhere(text):
    assert named_delivery(text) is None

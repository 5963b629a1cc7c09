"""When all mail waits, and for how long."""

from datetime import UTC, datetime, timedelta

import pytest

from digest.delivery.breaker import CLOSED, Breaker, Way, after_lost_reply, after_unavailable, way_out

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_two_lost_replies_are_chance_and_three_are_a_server_that_drops_them():
    twice = after_lost_reply(after_lost_reply(CLOSED, NOW), NOW)
    assert twice == Breaker(lost=2)
    assert not twice.is_open(NOW)
    thrice = after_lost_reply(twice, NOW)
    assert (thrice.since, thrice.until, thrice.lost) == (NOW, NOW + timedelta(minutes=15), 3)
    assert thrice.is_open(NOW + timedelta(minutes=14))
    assert not thrice.is_open(NOW + timedelta(minutes=15))


def test_a_further_lost_reply_renews_the_wait_in_the_same_spell():
    breaker, later = CLOSED, NOW + timedelta(minutes=20)
    for _ in range(3):
        breaker = after_lost_reply(breaker, NOW)
    again = after_lost_reply(breaker, later)
    assert (again.since, again.until) == (NOW, later + timedelta(minutes=15))


def test_a_server_that_cannot_be_used_is_asked_less_and_less_often():
    breaker, now, waits = CLOSED, NOW, []
    for _ in range(6):
        breaker = after_unavailable(breaker, "It is out.", now)
        assert breaker.until is not None
        waits.append((breaker.until - now).total_seconds())
        now = breaker.until
    assert waits == [300, 600, 1200, 2400, 4000, 4000]
    assert (breaker.since, breaker.why) == (NOW, "It is out")


def test_connections_that_fail_together_are_one_failure():
    first = after_unavailable(CLOSED, "It is out.", NOW)
    assert after_unavailable(first, "It is out.", NOW + timedelta(seconds=1)) == first


def test_a_server_that_names_the_time_to_come_back_is_busy_and_not_out():
    breaker = after_unavailable(CLOSED, "Slow down.", NOW, asked_s=30)
    assert (breaker.until, breaker.waits) == (NOW + timedelta(seconds=30), 0)


def out(times):
    """Return the breaker of a backend that could not be used so often in a row."""
    return Breaker(since=NOW, until=NOW + timedelta(minutes=5), why="It is out", waits=times)


@pytest.mark.parametrize(
    ("first", "second", "way"),
    [
        (CLOSED, None, Way.FIRST),
        (CLOSED, CLOSED, Way.FIRST),
        (out(3), None, None),
        (out(2), CLOSED, None),
        (out(3), CLOSED, Way.SECOND),
        (out(3), out(1), None),
        (Breaker(since=NOW, until=NOW + timedelta(minutes=5), lost=9), CLOSED, None),
    ],
)
def test_mail_goes_by_the_second_backend_only_while_the_first_is_out(first, second, way):
    """Lost replies never lead there: what may have arrived by one way must not go by another."""
    assert way_out(first, second, NOW) is way


def test_mail_returns_to_the_first_backend_when_its_wait_is_over():
    assert way_out(out(7), CLOSED, NOW + timedelta(minutes=5)) is Way.FIRST

"""When all mail waits, and for how long."""

from datetime import UTC, datetime, timedelta

from digest.delivery.breaker import CLOSED, Breaker, after_lost_reply, after_unavailable

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

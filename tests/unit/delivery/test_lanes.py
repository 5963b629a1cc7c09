"""The rules of lanes: whose mailbox it is, what slows a lane, how it comes back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.delivery.lanes import BURST, OPERATORS, SLOWEST, Limits, Slowed, counts, lane_of, pace_of, slowed
from digest.model import OutcomeKind

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


def later(**span: float) -> datetime:
    return NOW + timedelta(**span)


@pytest.mark.parametrize(
    ("address", "lane"),
    [
        ("a@gmail.com", "gmail"),
        ("a@GoogleMail.com", "gmail"),
        ("a@outlook.com", "outlook"),
        ("a@hotmail.co.uk", "outlook"),
        ("a@live.nl", "outlook"),
        ("a@msn.com", "outlook"),
        ("a@yahoo.fr", "yahoo"),
        ("a@yahoo.com.br", "yahoo"),
        ("a@aol.com", "yahoo"),
        ("a@me.com", "icloud"),
        ("a@gmx.net", "gmx"),
        ("a@gmx.at", "gmx"),
        ("a@web.de", "gmx"),
        ("a@live.example.org", "live.example.org"),  # somebody's own machine of that name
        ("a@live.co.band.example", "live.co.band.example"),
        ("a@outlook.museum", "outlook.museum"),
        ("a@mail.gmail.com.example.org", "mail.gmail.com.example.org"),
        ("a@example.org", "example.org"),
        ('"a@gmail.com"@example.org', "example.org"),
        ("nonsense", "nonsense"),
        ("", ""),
    ],
)
def test_an_address_goes_by_the_lane_of_its_operator_or_of_its_domain(address: str, lane: str) -> None:
    assert lane_of(address) == lane


def test_an_operators_name_is_never_a_domain_of_another_lane() -> None:
    assert {name for name in OPERATORS if "." in name} == {"mail.ru"}
    assert lane_of("a@mail.ru") == "mail.ru"


@pytest.mark.parametrize(
    ("kind", "code", "counted"),
    [
        (OutcomeKind.TEMPORARY, "421 4.7.28", True),
        (OutcomeKind.TEMPORARY, "451", True),
        (OutcomeKind.TEMPORARY, "452 4.2.2", False),  # this mailbox is full
        (OutcomeKind.TEMPORARY, "550 4.7.0", False),
        (OutcomeKind.TEMPORARY, "429", False),  # a provider that asks to wait with everything
        (OutcomeKind.TEMPORARY, "", False),  # the connection's trouble
        (OutcomeKind.REJECTED, "550 5.1.1", False),
        (OutcomeKind.ACCEPTED, "250", False),
    ],
)
def test_only_refusals_for_now_that_may_be_about_us_count(
    kind: OutcomeKind, code: str, counted: bool
) -> None:
    assert counts(kind, code) is counted


def test_a_burst_closes_a_lane_and_halves_its_pace() -> None:
    lane = slowed(None, "421 4.7.28 too fast", NOW, pace=400)
    assert lane == Slowed(until=later(seconds=300), halvings=1, base=400, why="421 4.7.28 too fast")
    assert lane.is_closed(NOW)
    assert not lane.is_closed(later(seconds=300))
    assert lane.per_minute(later(seconds=300)) == 200


def test_a_lane_comes_back_by_doubling() -> None:
    lane = Slowed(until=NOW, halvings=3, base=800, why="")
    paces = [lane.per_minute(later(minutes=minutes)) for minutes in (0, 9, 10, 20, 29, 30, 600)]
    assert paces == [100, 100, 200, 400, 400, 800, 800]
    assert [lane.has_recovered(later(minutes=minutes)) for minutes in (29, 30)] == [False, True]
    assert not lane.has_recovered(later(minutes=-1))


def test_a_lane_that_is_slowed_again_and_again_waits_longer_and_stays_slow() -> None:
    lane, now, waits = None, NOW, []
    for _ in range(7):
        lane = slowed(lane, "no", now, pace=640)
        waits.append((lane.until - now).total_seconds())
        now = lane.until
    assert waits == [300, 600, 1200, 2400, 4000, 4000, 4000]
    assert lane is not None
    assert lane.per_minute(now) == SLOWEST
    assert slowed(lane, "still on its way", now - timedelta(seconds=1), pace=640) == lane


def test_what_recovered_begins_anew() -> None:
    lane = Slowed(until=NOW, halvings=3, base=800, why="")
    assert slowed(lane, "no", later(hours=1), pace=50).base == 50


def test_halvings_end_where_nothing_is_left_to_halve() -> None:
    """So that recovering takes hours and not for ever."""
    lane = Slowed(until=NOW, halvings=10, base=640, why="")
    assert slowed(lane, "no", NOW, pace=0).halvings == 10


def test_a_lane_is_never_slower_than_it_was_allowed_to_begin_with() -> None:
    assert Slowed(until=NOW, halvings=2, base=3, why="").per_minute(NOW) == 3


def test_the_pace_of_a_lane_is_the_lower_of_what_is_allowed_and_what_is_left() -> None:
    limits = Limits(per_minute={"gmail": 150})
    slow = Slowed(until=NOW, halvings=1, base=400, why="")
    assert pace_of("outlook", None, limits, NOW) is None
    assert pace_of("gmail", None, limits, NOW) == 150
    assert pace_of("outlook", slow, limits, NOW) == 200
    assert pace_of("gmail", slow, limits, NOW) == 150
    assert pace_of("gmail", slow, limits, later(hours=1)) == 150
    assert pace_of("outlook", slow, limits, later(hours=1)) is None


def test_one_refusal_is_not_a_burst() -> None:
    assert BURST > 1

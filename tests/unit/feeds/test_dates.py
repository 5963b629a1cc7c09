from datetime import UTC, datetime, timedelta, timezone

import pytest

from digest.feeds import dates

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TEN = datetime(2026, 11, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 20 Nov 2026 10:00:00 GMT",
        "Fri, 20 Nov 2026 11:00:00 CET",
        "Fri, 20 Nov 2026 12:00:00 +0200",
        "20 Nov 2026 10:00:00",
        "2026-11-20T10:00:00Z",
        "2026-11-20T10:00",
        "2026-11-20 11:00:00 +0100",
        "2026-11-20 10:00:00 UTC",
        "2026/11/20 10:00",
        "20.11.2026 10:00",
        " 2026-11-20T05:00:00.000-05:00\n",
    ],
)
def test_one_instant_in_many_spellings(text: str) -> None:
    assert dates.read(text, now=NOW) == TEN


def test_a_bare_day_is_midnight_utc() -> None:
    assert dates.read("1.2.2026") == datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "vendredi 20 novembre 2026",
        "1700000000",
        "0001-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "31.02.2026",
        "2026-13-45",
        "Mon, 99 Nov 2026 99:00:00 GMT",
        "2026-12-01T00:00:00Z",
        "9999-12-31T23:59:59-14:00",
        "Fri, 31 Dec 9999 23:59:59 -1400",
    ],
)
def test_what_is_no_date_or_an_absurd_one_is_none(text: str) -> None:
    assert dates.read(text, now=NOW) is None


def test_a_post_may_be_dated_a_week_ahead_and_no_further() -> None:
    assert dates.plausible(NOW + timedelta(days=7), now=NOW) is not None
    assert dates.plausible(NOW + timedelta(days=7, seconds=1), now=NOW) is None
    assert dates.plausible(NOW + timedelta(days=400)) is not None


def test_the_edge_of_the_calendar_does_not_raise() -> None:
    assert dates.plausible(datetime.max.replace(tzinfo=timezone(timedelta(hours=-14)))) is None
    assert dates.plausible(None) is None

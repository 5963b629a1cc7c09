"""Reads the dates that feeds write.

Pure. A date is shown, never trusted: whether a post is new is decided by when we first saw it. So an
unreadable or absurd date is None, not an error. Neighbours: ``parse`` and ``jsonfeed``.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)  # before that there were no feeds; year 1 and 1970 are defaults
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)  # where the caller gives no `now`
_AHEAD = timedelta(days=7)  # a post may be announced this early; later dates are mistakes

_YEAR_FIRST = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?=\D|$)")
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?=\D|$)")

# Zone names with one meaning that RFC 5322 does not list; Python would read them as UTC.
_ZONES = {
    "WET": "+0000",
    "WEST": "+0100",
    "BST": "+0100",
    "CET": "+0100",
    "CEST": "+0200",
    "MEZ": "+0100",
    "MESZ": "+0200",
    "EET": "+0200",
    "EEST": "+0300",
    "MSK": "+0300",
    "JST": "+0900",
    "AEST": "+1000",
    "AEDT": "+1100",
    "NZST": "+1200",
    "NZDT": "+1300",
}


def read(text: str, *, now: datetime | None = None) -> datetime | None:
    """Return the instant that ``text`` names, in UTC; None when it names none or an absurd one.

    Understands RFC 5322 dates, ISO 8601, ``2026/11/23`` and ``23.11.2026``; without a zone, UTC is
    assumed. Absurd is before 1995 or more than seven days after ``now``.
    """
    return plausible(_rfc_5322(text.strip()) or _iso(text.strip()), now=now)


def plausible(moment: datetime | None, *, now: datetime | None = None) -> datetime | None:
    """Return ``moment`` in UTC if a post may have been published then; else None."""
    if moment is None:
        return None
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:  # year 1 or 9999 moved over the edge by its zone
        return None
    latest = _LATEST if now is None else now + _AHEAD
    return moment if _EARLIEST <= moment <= latest else None


def _rfc_5322(text: str) -> datetime | None:
    """Return the instant of an RFC 5322 date, or None."""
    head, _, zone = text.rpartition(" ")
    if zone.upper() in _ZONES:
        text = f"{head} {_ZONES[zone.upper()]}"
    try:
        return parsedate_to_datetime(text)
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _iso(text: str) -> datetime | None:
    """Return the instant of an ISO 8601 date or of a common misspelling of one, or None."""
    day_first = _DAY_FIRST.match(text)
    year_first = _YEAR_FIRST.match(text)
    if day_first:
        day, month, year = day_first.groups()
        text = f"{year}-{month:0>2}-{day:0>2}{text[day_first.end() :]}"
    elif year_first:
        year, month, day = year_first.groups()
        text = f"{year}-{month:0>2}-{day:0>2}{text[year_first.end() :]}"
    else:
        return None
    # "2026-11-23 10:00 +0100" is common; ISO 8601 has no space before the offset.
    text = re.sub(r"\s+(UTC|GMT|Z|[+-]\d{2}:?\d{2})$", r"\1", text).replace("UTC", "Z").replace("GMT", "Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None

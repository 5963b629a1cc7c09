"""What a sponsor got for a placement: in which issues it stood, when, and how many mails with it were taken.

Counted by segment: a reader who chose other themes never saw a theme's sponsor, and is not counted. No opens
and no clicks: mails carry no tracking. Also here: the operator is told before a placement ends.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from digest.editorial.content import from_json
from digest.errors import UnknownName
from digest.model import Edition, Sponsor
from digest.pipeline import press
from digest.pipeline.tools import Tools
from digest.store import issues, notices, sponsors

ENDS_SOON = timedelta(days=14)
"""How long before its last day a placement is spoken of: enough to sell the next one."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One sponsor in one issue."""

    sponsor: str
    theme: str  # key; empty: the whole issue
    issue: str
    day: date  # when the issue went out, in the publication's zone
    delivered: int  # mails to readers that the next mail server took


@dataclass(frozen=True, kw_only=True)
class Report:
    """What sponsors got between two days, both included."""

    first: date
    last: date
    lines: tuple[Line, ...]
    delivered: int  # over all lines
    checksum: str  # SHA-256 (hex) of the lines


def report(tools: Tools, name: str, first: date, last: date) -> Report:
    """Return the report; an empty name for all sponsors. Raises UnknownName for a sponsor nobody placed."""
    zone = ZoneInfo(tools.publication.zone)
    begin, end = (datetime.combine(day, time(), zone) for day in (first, last + timedelta(days=1)))
    with tools.db.read() as conn:
        found = [
            line
            for issue in issues.frozen_between(conn, begin, end)
            for line in _lines(conn, tools, issue, zone)
        ]
        known = {placed.name for placed in sponsors.every(conn)} | {line.sponsor for line in found}
    if name and name not in known:
        raise UnknownName(f"There is no sponsor {name!r}. Known: {', '.join(sorted(known)) or 'none yet'}.")
    lines = tuple(line for line in found if name in ("", line.sponsor))
    return Report(
        first=first,
        last=last,
        lines=lines,
        delivered=sum(line.delivered for line in lines),
        checksum=checksum(lines),
    )


def checksum(lines: tuple[Line, ...]) -> str:
    """Return the SHA-256 of the lines, tab-separated, each ended by a line feed."""
    told = (f"{one.sponsor}\t{one.theme}\t{one.issue}\t{one.day}\t{one.delivered}\n" for one in lines)
    return hashlib.sha256("".join(told).encode()).hexdigest()


def _lines(conn: Connection, tools: Tools, issue: issues.StoredIssue, zone: ZoneInfo) -> list[Line]:
    """Return the sponsors that stood in an issue, in the order readers met them."""
    stored: dict[str, Any] | None = issues.content(conn, issue.id)
    if stored is None or not stored["sponsors"] or issue.frozen_at is None:
        return []
    whole = from_json(stored)
    delivered: Counter[Sponsor] = Counter()
    for numbers, language, taken in sponsors.accepted_by_segment(conn, issue.id):
        for placed in shown(press.edition(whole, numbers, tools, language)):
            delivered[placed] += taken
    day = issue.frozen_at.astimezone(zone).date()
    return [
        Line(sponsor=one.name, theme=one.theme_key, issue=issue.name, day=day, delivered=count)
        for one, count in delivered.items()
    ]


def shown(edition: Edition) -> list[Sponsor]:
    """Return the sponsors a reader of this edition meets, each once."""
    met = [edition.sponsor, *(section.sponsor for section in edition.sections if section.theme)]
    return list(dict.fromkeys(placed for placed in met if placed is not None))


def today(tools: Tools) -> date:
    """Return the day it is where the publication lives."""
    return tools.clock().astimezone(ZoneInfo(tools.publication.zone)).date()


def ending(placed: list[tuple[int, Sponsor]], day: date) -> list[tuple[int, Sponsor]]:
    """Return the placements that run, and whose last day is at most two weeks away."""
    return [
        (number, one)
        for number, one in placed
        if one.starts_on <= day <= one.ends_on and one.ends_on - day <= ENDS_SOON
    ]


def tell_ending(tools: Tools, now: datetime) -> None:
    """Tell the operator, once for each placement, that it ends soon."""
    with tools.db.read() as conn:
        soon = ending(sponsors.numbered(conn), today(tools))
    for number, placed in soon:
        with tools.db.transaction() as conn:
            notices.alert(
                conn,
                nonce=f"sponsor-{number}-ends-{placed.ends_on.isoformat()}",
                problem=f"The placement of {placed.name} ends on {placed.ends_on}.",
                detail=f"It runs in {f'the theme {placed.theme_key}' if placed.theme_key else 'whole issues'}"
                f" since {placed.starts_on}.",
                what_to_do=f"To go on, add one from the next day: `digest sponsor add`. For what it got: "
                f'`digest sponsor report "{placed.name}"`.',
                now=now,
            )

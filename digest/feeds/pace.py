"""How often a feed is worth asking: its own pace, within bounds that suit its host and our readers.

Pure. Three voices are heard: how often it posts, how long it says its answer stays good, and how soon its
window of posts would have turned over (a post that comes and goes between two polls is never seen). Polling
has nothing to do with sending. Neighbours: ``parse`` and ``fetch`` find what the feed asks for,
``pipeline.feed_health`` keeps the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

LONGEST = timedelta(hours=6)
"""However rarely a feed posts: measured, polls up to 14 hours apart lost nothing and later ones did."""

LOOKS_PER_POST = 8  # a daily blog is asked every three hours
_FADING = 4  # a feed silent for n days is taken to post every n/4 days, if that is less often
_JITTER = 0.1  # of the time between polls, to either side: installations must not all ask at once


@dataclass(frozen=True, kw_only=True)
class Pace:
    """How often to ask, and why."""

    every_s: int  # seconds between polls, before jitter
    because: str  # a clause for people: "it posts about every 2 days"


def choose(
    published: Sequence[datetime], *, asks_for_s: int | None, shortest: timedelta, now: datetime
) -> Pace:
    """Return the pace of a feed whose window holds posts of these instants.

    ``asks_for_s`` is how long the feed or its server says nothing will change; ``shortest`` is what the
    operator allows, and wins over everything, LONGEST included.
    """
    dates = sorted(moment for moment in published if moment <= now)
    gap_s = _gap_s(dates, now)
    if gap_s is None:
        wanted_s, because = shortest.total_seconds(), "its rhythm is not known yet"
    else:
        wanted_s, because = gap_s / LOOKS_PER_POST, f"it posts {_about_every(gap_s)}"
    if asks_for_s is not None and asks_for_s > wanted_s:
        wanted_s, because = asks_for_s, f"it asks to be left alone for {span(asks_for_s)}"
    longest_s = max(LONGEST, shortest).total_seconds()
    if wanted_s > longest_s:
        wanted_s = longest_s
        because += f", and {span(wanted_s)} is the longest wait"
    half_window_s = (now - dates[0]).total_seconds() / 2 if len(dates) > 1 else wanted_s
    if half_window_s < wanted_s:
        wanted_s, because = half_window_s, f"its {len(dates)} posts cover only {span(half_window_s * 2)}"
    if wanted_s < shortest.total_seconds():
        wanted_s = shortest.total_seconds()
        because += f", and {span(wanted_s)} is the shortest wait allowed"
    return Pace(every_s=round(wanted_s), because=because)


def jittered(wait: timedelta, random: float) -> timedelta:
    """Return a wait moved by up to a tenth; ``random`` is a number from 0 to 1, and 0.5 moves nothing."""
    return wait * (1 - _JITTER + 2 * _JITTER * random)


def span(seconds: float) -> str:
    """Return a length of time in words, in its largest sensible unit: "45 minutes", "3 hours", "2 days"."""
    for unit, size in (("day", 86_400), ("hour", 3_600)):
        if seconds >= 2 * size or seconds == size:
            return _counted(round(seconds / size), unit)
    return _counted(round(seconds / 60), "minute")


def _counted(count: int, unit: str) -> str:
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _gap_s(dates: Sequence[datetime], now: datetime) -> float | None:
    """Return the usual seconds between posts, longer where the feed has fallen silent; None when unknown."""
    if len(dates) < 2:
        return None
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(dates)]
    return max(median(gaps), (now - dates[-1]).total_seconds() / _FADING)


def _about_every(gap_s: float) -> str:
    return f"about every {span(gap_s).removeprefix('1 ')}" if gap_s >= 60 else "many times an hour"

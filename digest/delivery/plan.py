"""Who has had what: which posts one reader gets from one issue.

The letters are the rules of ARCHITECTURE.md, "Who has had what". Pure: a property test runs these functions
through random histories and finds no gap and no repeat. ``pipeline.freeze`` carries the answers out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model import SHOWN_AT_MOST
from subscribers.model import Cadence

EARLIER_KEPT = 40
"""Posts from before an issue's own window that its content still holds, for readers who changed cadence."""


@dataclass(frozen=True, kw_only=True)
class Reader:
    """What the plan needs to know of one subscriber."""

    had_through: int  # newest post number that counts as had
    owed: frozenset[int] = frozenset()  # older numbers still owed
    themes: frozenset[str] = frozenset()  # theme keys; empty: all


@dataclass(frozen=True, kw_only=True)
class Share:
    """What one reader gets from one issue, and what is written down for it."""

    numbers: tuple[int, ...]  # the posts of this reader's mail, oldest first; empty: no delivery
    had_through: int  # new value of the progress row (rule f)
    paid: frozenset[int]  # owed rows to delete: in this mail, beyond its newest twenty, or withdrawn
    newly_owed: frozenset[int]  # wanted, but not in this content: they wait for the next one


def wants(themes: Set[str], theme_key: str) -> bool:
    """Return whether somebody with these theme preferences wants a post of this theme.

    No preference means every theme; a post without a theme goes to everybody, because nobody can ask
    for it by name.
    """
    return not themes or not theme_key or theme_key in themes


def share(reader: Reader, *, cutoff: int, themes: Mapping[int, str], content: Set[int]) -> Share:
    """Return one reader's share of an issue (rules e, f, k).

    ``themes`` maps every mailable post number up to ``cutoff`` that could matter to its theme key;
    ``content`` holds the numbers the issue can show. The newest SHOWN_AT_MOST that a reader is due are
    mailed, now or (where the content lacks them) in the next issue; older ones are mailed where the content
    has them and are had in any case, as is a number that is no longer mailable (skipped).
    """
    due = sorted(
        number
        for number, theme in themes.items()
        if number <= cutoff
        and (number > reader.had_through or number in reader.owed)
        and wants(reader.themes, theme)
    )
    waiting = frozenset(due[-SHOWN_AT_MOST:]) - content
    withdrawn = {number for number in reader.owed if number <= cutoff and number not in themes}
    settled = (withdrawn | frozenset(due)) - waiting
    return Share(
        numbers=tuple(number for number in due if number in content),
        had_through=max(reader.had_through, cutoff),
        paid=reader.owed & settled,
        newly_owed=waiting - reader.owed,
    )


def content_numbers(mailable: Iterable[int], *, after: int, cutoff: int, owed: Set[int]) -> tuple[int, ...]:
    """Return the numbers an issue's content holds, oldest first.

    Its own window ``(after, cutoff]``, up to EARLIER_KEPT posts before that, and whatever is owed to
    somebody of this cadence.
    """
    known = sorted(number for number in mailable if number <= cutoff)
    window = [number for number in known if number > after]
    earlier = [number for number in known if number <= after]
    kept = set(window) | set(earlier[-EARLIER_KEPT:]) | (set(owed) & set(known))
    return tuple(sorted(kept))


_LENGTH = {
    Cadence.EVERY_POST: timedelta(days=1),
    Cadence.DAILY: timedelta(days=1),
    Cadence.WEEKLY: timedelta(weeks=1),
    Cadence.FORTNIGHTLY: timedelta(weeks=2),
    Cadence.MONTHLY: timedelta(days=30),
}


def deadline(cadence: Cadence, from_: datetime) -> datetime:
    """Return when a delivery stops being worth sending: min(5 days, max(24 hours, one cadence)) (rule i)."""
    return from_ + min(timedelta(days=5), max(timedelta(hours=24), _LENGTH[cadence]))


def confirmed_through(own: int, last_cutoff: int) -> int:
    """Return ``had_through`` for somebody who confirms now (rule c).

    ``last_cutoff`` is the cutoff of the last issue of that cadence. A new reader starts where the last
    issue ended; one who returns never slides back.
    """
    return max(own, last_cutoff)

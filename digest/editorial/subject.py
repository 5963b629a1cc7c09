"""Subject and preheader: what a reader sees before opening.

Pure. The publication's name is the From name and never in the subject. The patterns are in ``phrases``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import count

from digest.editorial.phrases import Phrases, phrases_for
from digest.model import Content, IssueKind, Item
from digest.text.words import folded, normalised, shorten

MAX_SUBJECT = 120  # characters; phones show 33, desks about 70
MAX_PREHEADER = 110  # characters; the longest that a known mail program shows is 99
_LEAST_TITLE = 24  # characters of a title that still tell which post it is
_MARKS = tuple("?!.…。！？؟।")


def subject(content: Content, items: Sequence[Item], *, language: str, recent: Collection[str] = ()) -> str:
    """The subject for these items, the lead first; none of ``recent``, whatever they are.

    The editor's title wins. A subject equal to a recent one gets the date, then the year, then a number.
    """
    phrases = phrases_for(language)
    first = shorten(content.title, MAX_SUBJECT) or _generated(content, items, phrases)
    taken = {folded(old) for old in recent}
    if folded(first) not in taken:
        return first
    day = content.period_end
    places = {"day": str(day.day), "month": phrases.months[day.month - 1], "year": str(day.year)}
    for pattern in (phrases.dated, phrases.dated_with_year):
        dated = _filled(pattern, "subject", first, places)
        if folded(dated) not in taken:
            return dated
    numbered = (_filled("{subject} ({number})", "subject", first, {"number": str(n)}) for n in count(2))
    return next(other for other in numbered if folded(other) not in taken)


def preheader(content: Content, items: Sequence[Item], *, language: str) -> str:
    """What the inbox shows after the subject; "" where the only post has no text of its own."""
    lead, *others = items
    if not others:
        # What a model wrote is never shown without saying so, and here is no place to say it.
        return shorten(lead.standfirst or ("" if lead.model else lead.summary), MAX_PREHEADER)
    phrases = phrases_for(language)
    told = _theme_counts(content, items, phrases) if content.kind is IssueKind.MONTHLY else ""
    return shorten(told or _also(content.kind, others, phrases), MAX_PREHEADER)


def _generated(content: Content, items: Sequence[Item], phrases: Phrases) -> str:
    """The subject by the pattern of its kind, around the lead's title."""
    kind, title = content.kind, normalised(items[0].title)
    month = phrases.months[content.period_end.month - 1]
    if len(items) == 1:
        pattern = phrases.subject_alone.get(kind, "{title}")
    elif title.endswith(_MARKS):
        pattern = phrases.subject_after_mark.get(kind, phrases.subject[kind])
    else:
        pattern = phrases.subject[kind]
    return _filled(pattern, "title", title, {"more": str(len(items) - 1), "month": month})


def _filled(pattern: str, place: str, text: str, others: dict[str, str]) -> str:
    """The pattern filled in, the long text shortened so that all of it fits a subject."""
    around = len(pattern.format(**{place: ""}, **others))
    return pattern.format(**{place: shorten(text, MAX_SUBJECT - around)}, **others)


def _also(kind: IssueKind, others: Sequence[Item], phrases: Phrases) -> str:
    """The next titles: as many as the kind names, fewer when the last would be cut to nothing telling."""
    titles = [normalised(item.title) for item in others]
    for patterns, number in ((phrases.also_three, 3), (phrases.also_two, 2)):
        if kind not in patterns or len(titles) < number:
            continue
        told = patterns[kind].format(**dict(zip(("first", "second", "third"), titles, strict=False)))
        last = len(titles[number - 1])
        if len(told) - last + min(last, _LEAST_TITLE) <= MAX_PREHEADER:
            return told
    return phrases.also_one[kind].format(first=titles[0])


def _theme_counts(content: Content, items: Sequence[Item], phrases: Phrases) -> str:
    """The themes with how many posts each has, the largest first; "" with fewer than two themes."""
    counts = Counter(item.theme_key for item in items)
    ordered = sorted(content.themes, key=lambda theme: (-counts[theme.key], theme.position))
    told = [
        phrases.theme_count.format(theme=normalised(theme.name), count=counts[theme.key])
        for theme in ordered
        if counts[theme.key]
    ]
    return phrases.theme_join.join(told) if len(told) > 1 else ""

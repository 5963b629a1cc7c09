"""Subject and preheader: what a reader sees before opening.

Pure. The publication's name is the From name and never in the subject. Each kind has whole sentences of its
own, because a language may need another order, another ending or another mark in each; a title that ends in a
mark of its own has one, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from gettext import NullTranslations
from itertools import count

from digest.editorial.themes import in_order
from digest.model import Content, IssueKind, Item
from digest.text import dates
from digest.text.catalogues import translatable
from digest.text.words import folded, normalised, shorten

MAX_SUBJECT = 120  # characters; phones show 33, desks about 70
MAX_PREHEADER = 110  # characters; the longest that a known mail program shows is 99
SHORTEST_PREHEADER = 40  # characters that every inbox has room for
_LEAST_TITLE = 24  # characters of a title that still tell which post it is
_MARKS = tuple("?!.…。！？؟।")

_ALSO = {
    IssueKind.EVERY_POST: translatable("Also new: %(titles)s"),
    IssueKind.DAILY: translatable("Also today: %(titles)s"),
    IssueKind.WEEKLY: translatable("Also this week: %(titles)s"),
    IssueKind.FORTNIGHTLY: translatable("Also this fortnight: %(titles)s"),
    IssueKind.MONTHLY: translatable("Also this month: %(titles)s"),
    IssueKind.RESEND: translatable("Also new: %(titles)s"),
    IssueKind.TEST: translatable("Also new: %(titles)s"),
}
_TOLD_AT_MOST = {IssueKind.WEEKLY: 3, IssueKind.FORTNIGHTLY: 3, IssueKind.MONTHLY: 3}
_TOLD_OTHERWISE = 2


def subject(
    content: Content,
    items: Sequence[Item],
    *,
    language: str,
    words: NullTranslations,
    recent: Collection[str] = (),
) -> str:
    """The subject for these items, the lead first; none of ``recent``, whatever they are.

    The editor's subject wins, then the editor's title. A subject equal to a recent one gets the date, then
    the year, then a number.
    """
    wanted = content.subject or content.title
    first = shorten(wanted, MAX_SUBJECT) or _generated(content, items, language, words)
    taken = {folded(old) for old in recent}
    if folded(first) not in taken:
        return first
    day = content.period_end
    pattern = words.gettext("%(subject)s (%(date)s)")
    for told in (dates.day_of_month(day, language), dates.day(day, language)):
        dated = _filled(pattern, "subject", first, {"date": told})
        if folded(dated) not in taken:
            return dated
    numbered = (_filled("%(subject)s (%(number)s)", "subject", first, {"number": str(n)}) for n in count(2))
    return next(other for other in numbered if folded(other) not in taken)


def preheader(content: Content, items: Sequence[Item], *, language: str, words: NullTranslations) -> str:
    """What the inbox shows after the subject; "" where the only post has no text of its own.

    The editor's wins.
    """
    if content.preheader:
        return shorten(content.preheader, MAX_PREHEADER)
    lead, *others = items
    if not others:
        return shorten(_opening(lead), MAX_PREHEADER)
    told = _theme_counts(content, items, words) if content.kind is IssueKind.MONTHLY else ""
    told = told or _also(content.kind, others, language, words)
    opening = _opening(others[0])
    if len(told) < SHORTEST_PREHEADER and opening:  # an inbox would fill the room with the mail's next words
        told = f"{told}{'' if told.endswith(_MARKS) else '.'} {opening}"
    # What fits stays as it is: shortening would turn a catalogue's no-break spaces into others.
    return told if len(told) <= MAX_PREHEADER else shorten(told, MAX_PREHEADER)


def _opening(item: Item) -> str:
    """A post's own first words; "" where only a model wrote any: that is never shown without saying so."""
    return item.standfirst or ("" if item.model else item.summary)


def _generated(content: Content, items: Sequence[Item], language: str, words: NullTranslations) -> str:
    """The subject by the pattern of its kind, around the lead's title."""
    title, more = normalised(items[0].title), len(items) - 1
    pattern = _pattern(content.kind, more, words, marked=title.endswith(_MARKS))
    places = {
        "more": dates.number(more, language),
        "month": dates.month_name(content.period_end, language).capitalize(),  # it opens the subject
    }
    return _filled(pattern, "title", title, places)


def _pattern(kind: IssueKind, more: int, words: NullTranslations, *, marked: bool) -> str:
    """The pattern of a kind; ``marked``: the title ends in a mark, so that no full stop follows it."""
    if not more:
        return _pattern_alone(kind, words)
    if kind is IssueKind.MONTHLY:
        return words.ngettext(
            "%(month)s: %(title)s and %(more)s more", "%(month)s: %(title)s and %(more)s more", more
        )
    if kind is IssueKind.RESEND:
        return words.ngettext(
            "Updated: %(title)s + %(more)s more", "Updated: %(title)s + %(more)s more", more
        )
    if kind not in (IssueKind.WEEKLY, IssueKind.FORTNIGHTLY):
        return words.ngettext("%(title)s + %(more)s more", "%(title)s + %(more)s more", more)
    if marked:
        return words.ngettext("%(title)s Plus %(more)s more", "%(title)s Plus %(more)s more", more)
    return words.ngettext("%(title)s. Plus %(more)s more", "%(title)s. Plus %(more)s more", more)


def _pattern_alone(kind: IssueKind, words: NullTranslations) -> str:
    """The pattern for one post, which mostly is its title as it is."""
    if kind is IssueKind.MONTHLY:
        return words.gettext("%(month)s: %(title)s")
    return words.gettext("Updated: %(title)s") if kind is IssueKind.RESEND else "%(title)s"


def _filled(pattern: str, place: str, text: str, others: dict[str, str]) -> str:
    """The pattern filled in, the long text shortened so that all of it fits a subject."""
    around = len(pattern % {place: "", **others})
    return pattern % {place: shorten(text, MAX_SUBJECT - around), **others}


def _also(kind: IssueKind, others: Sequence[Item], language: str, words: NullTranslations) -> str:
    """The next titles: as many as the kind names, fewer when the last would be cut to nothing telling."""
    pattern = words.gettext(_ALSO[kind])
    titles = [normalised(item.title) for item in others]
    for number in range(min(len(titles), _TOLD_AT_MOST.get(kind, _TOLD_OTHERWISE)), 1, -1):
        told = pattern % {"titles": dates.enumeration(titles[:number], language)}
        last = len(titles[number - 1])
        if len(told) - last + min(last, _LEAST_TITLE) <= MAX_PREHEADER:
            return told
    return pattern % {"titles": titles[0]}


def _theme_counts(content: Content, items: Sequence[Item], words: NullTranslations) -> str:
    """The themes with how many posts each has, the largest first; "" with fewer than two themes."""
    counts = Counter(item.section_key for item in items)
    ordered = sorted(in_order(content.themes), key=lambda theme: -counts[theme.key])
    pattern = words.gettext("%(theme)s (%(count)s)")
    told = [
        pattern % {"theme": normalised(theme.name), "count": counts[theme.key]}
        for theme in ordered
        if counts[theme.key]
    ]
    return words.pgettext("between themes", ", ").join(told) if len(told) > 1 else ""

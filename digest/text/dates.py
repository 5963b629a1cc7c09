"""Days, periods and lists in a reader's own language.

Exists so that nothing builds a date from parts. Pure: the locale data is Babel's (CLDR). Neighbours:
``rendering.environment`` offers these to templates as filters, ``editorial.subject`` dates subjects.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, time
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time
from babel.lists import format_list
from babel.numbers import format_decimal

_FALLBACK = "en_GB"


@lru_cache(maxsize=128)
def locale_of(language: str) -> Locale:
    """Return the Babel locale for a BCP 47 tag.

    Bare ``en`` means English as Britain writes it ("8 June 2026", "07:00"); ``en-US`` says so. An unknown tag
    falls back to its own first subtag, then to English: a strange tag must never stop a mail.
    """
    tag = language.strip().replace("-", "_")
    for candidate in (tag, tag.partition("_")[0]):
        if candidate.lower() in {"", "en"}:
            continue
        try:
            return Locale.parse(candidate)
        except (ValueError, UnknownLocaleError):
            continue
    return Locale.parse(_FALLBACK)


def direction(language: str) -> str:
    """Return ``"rtl"`` for languages written from right to left, else ``"ltr"``."""
    return "rtl" if locale_of(language).text_direction == "rtl" else "ltr"


def day(when: date, language: str) -> str:
    """Return a day with its year: "8 June 2026"."""
    return format_date(when, format="long", locale=locale_of(language))


def day_of_month(when: date, language: str) -> str:
    """Return a day without its year: "8 June"."""
    return format_skeleton("MMMMd", when, locale=locale_of(language))


def month(when: date, language: str) -> str:
    """Return a month with its year: "June 2026"."""
    return format_skeleton("yMMMM", when, locale=locale_of(language))


def month_name(when: date, language: str) -> str:
    """Return a month as it stands alone: "June"."""
    name: str = locale_of(language).months["stand-alone"]["wide"][when.month]
    return name


def clock_time(when: time, language: str) -> str:
    """Return a time of day: "07:00", and where that is the custom "7:00 am"."""
    return format_time(when, format="short", locale=locale_of(language))


def number(count: int, language: str) -> str:
    """Return a whole number with its marks: "1,234"."""
    return format_decimal(count, locale=locale_of(language))


def period(start: date | None, end: date, language: str) -> str:
    """Return the days an issue covers: "8–14 June 2026"; one day alone when it covers one."""
    if start is None or start == end:
        return day(end, language)
    locale = locale_of(language)
    differs = "y" if start.year != end.year else "M" if start.month != end.month else "d"
    # CLDR has intervals with the short month only; the same pattern with the full month reads better.
    patterns = (re.sub(r"(?<!M)MMM(?!M)", "MMMM", part) for part in locale.interval_formats["yMMMd"][differs])
    return "".join(
        format_date(when, format=pattern, locale=locale)
        for when, pattern in zip((start, end), patterns, strict=True)
    )


def weekday(number: int, language: str) -> str:
    """Return the name of a weekday (Monday 0)."""
    name: str = locale_of(language).days["stand-alone"]["wide"][number]
    return name


def enumeration(words: Iterable[str], language: str) -> str:
    """Return words as a sentence lists them: "Prisons, Courts and On Probation"."""
    return format_list(list(words), locale=locale_of(language))

"""A reader's own facts in words, as slots and notices show them. Pure; the words are in the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from digest.model import Publication
from digest.rendering.environment import environment, render
from digest.rendering.issue import one_line
from digest.text import dates
from subscribers.model import Cadence


def choices_in_words(
    cadence: Cadence, theme_names: Sequence[str], publication: Publication, templates: Mapping[str, str]
) -> str:
    """Return what a reader chose: "You get the weekly digest of Prisons and Courts."."""
    return _choices("email/choices.txt", cadence, theme_names, publication, templates)


def request_in_words(
    cadence: Cadence, theme_names: Sequence[str], publication: Publication, templates: Mapping[str, str]
) -> str:
    """Return what somebody asked for: "You asked The Quiet Bench for the weekly digest."."""
    return _choices("email/confirm/choices.txt", cadence, theme_names, publication, templates)


def welcome_in_words(
    cadence: Cadence, theme_names: Sequence[str], publication: Publication, templates: Mapping[str, str]
) -> str:
    """Return what a new reader gets: "From now on you get the weekly digest from The Quiet Bench."."""
    return _choices("email/welcome/choices.txt", cadence, theme_names, publication, templates)


def _choices(
    template: str,
    cadence: Cadence,
    theme_names: Sequence[str],
    publication: Publication,
    templates: Mapping[str, str],
) -> str:
    """Return one sentence about a reader's choice. A list within a sentence is the locale's own."""
    named = {
        "cadence": cadence.value,
        "themes": dates.enumeration(theme_names, publication.language) if theme_names else "",
        "publication": publication.name,
        "language": publication.language,
    }
    return one_line(render(environment(templates), template, named))


def when_in_words(
    cadence: Cadence,
    day: int | None,
    at: time | None,
    publication: Publication,
    templates: Mapping[str, str],
) -> str:
    """Return when the mails of a cadence come: "Sundays at 07:00".

    ``day`` is the weekday (Monday 0), or the day of the month for the monthly digest; None where every day
    is one.
    """
    language = publication.language
    named = {
        "cadence": cadence.value,
        "day": day,
        "weekday": "" if day is None or cadence is Cadence.MONTHLY else dates.weekday(day, language),
        "at": dates.clock_time(at, language) if at else "",
        "language": language,
    }
    return one_line(render(environment(templates), "web/when.txt", named))


def day_in_words(moment: datetime, publication: Publication) -> str:
    """Return the local day of an instant: "3 March 2026"."""
    return dates.day(moment.astimezone(ZoneInfo(publication.zone)).date(), publication.language)

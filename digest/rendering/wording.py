"""A reader's own facts in words, as slots and notices show them. Pure; the words are in the templates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from digest.model import Publication
from digest.rendering import dates
from digest.rendering.environment import environment, render
from digest.rendering.issue import one_line
from subscribers.model import Cadence


def choices_in_words(
    cadence: Cadence, theme_names: Sequence[str], publication: Publication, templates: Mapping[str, str]
) -> str:
    """Return what a reader chose, to end "You get …": "the weekly digest of Prisons and Courts"."""
    themes = dates.enumeration(theme_names, publication.language) if theme_names else ""
    named = {"cadence": cadence.value, "themes": themes, "language": publication.language}
    return one_line(render(environment(templates), "email/choices.txt", named))


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
        "at": f"{at:%H:%M}" if at else "",
        "language": language,
    }
    return one_line(render(environment(templates), "web/when.txt", named))


def day_in_words(moment: datetime, publication: Publication) -> str:
    """Return the local day of an instant: "3 March 2026"."""
    return dates.day(moment.astimezone(ZoneInfo(publication.zone)).date(), publication.language)

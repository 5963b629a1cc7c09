from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from digest.rendering.wording import (
    choices_in_words,
    day_in_words,
    request_in_words,
    welcome_in_words,
    when_in_words,
)
from digest.template_files import read_templates
from subscribers.model import Cadence
from tests.factories_mail import publication

PUBLICATION = publication()
TEMPLATES = read_templates()


@pytest.mark.parametrize(
    ("cadence", "themes", "words"),
    [
        (Cadence.EVERY_POST, [], "You get every new post."),
        (Cadence.EVERY_POST, ["Prisons"], "You get every new post in Prisons."),
        (Cadence.DAILY, [], "You get the daily digest."),
        (Cadence.WEEKLY, ["Prisons", "Courts"], "You get the weekly digest of Prisons and Courts."),
        (Cadence.FORTNIGHTLY, [], "You get the fortnightly digest."),
        (Cadence.MONTHLY, ["A", "B", "C"], "You get the monthly digest of A, B and C."),
    ],
)
def test_what_a_reader_chose_is_a_sentence(cadence: Cadence, themes: list[str], words: str) -> None:
    assert choices_in_words(cadence, themes, PUBLICATION, TEMPLATES) == words


@pytest.mark.parametrize("cadence", list(Cadence))
def test_every_cadence_has_words_with_and_without_themes(cadence: Cadence) -> None:
    alone = choices_in_words(cadence, [], PUBLICATION, TEMPLATES)
    assert alone
    assert choices_in_words(cadence, ["Prisons"], PUBLICATION, TEMPLATES) not in {"", alone}


@pytest.mark.parametrize(
    ("cadence", "day", "at", "words"),
    [
        (Cadence.EVERY_POST, None, None, "As soon as it is published"),
        (Cadence.DAILY, None, time(7, 0), "Every day at 07:00"),
        (Cadence.WEEKLY, 6, time(7, 30), "Sundays at 07:30"),
        (Cadence.FORTNIGHTLY, 0, time(18, 0), "Every second Monday at 18:00"),
        (Cadence.MONTHLY, 1, time(7, 0), "On the first of the month at 07:00"),
        (Cadence.MONTHLY, 15, time(7, 0), "On day 15 of the month at 07:00"),
    ],
)
def test_the_form_says_when_mails_come(
    cadence: Cadence, day: int | None, at: time | None, words: str
) -> None:
    assert when_in_words(cadence, day, at, PUBLICATION, TEMPLATES) == words


def test_a_day_is_told_in_the_publications_zone() -> None:
    """Half past eleven at night in UTC is the next day in London's summer."""
    assert day_in_words(datetime(2026, 6, 2, 23, 30, tzinfo=UTC), PUBLICATION) == "3 June 2026"


def test_a_request_and_a_welcome_name_the_newsletter() -> None:
    asked = request_in_words(Cadence.DAILY, [], PUBLICATION, TEMPLATES)
    assert asked == "You asked The Quiet Bench for the daily digest."
    gets = welcome_in_words(Cadence.EVERY_POST, ["Prisons"], PUBLICATION, TEMPLATES)
    assert gets == "From now on you get every new post in Prisons from The Quiet Bench."


@pytest.mark.parametrize(
    ("language", "words", "weekly"),
    [
        (
            "fr",
            "Vous recevez le récapitulatif hebdomadaire. Vos thèmes\u00a0: A, B et C.",
            "Le dimanche à 07:30",
        ),
        ("de", "Sie erhalten den Wochenüberblick. Ihre Themen: A, B und C.", "Sonntags um 07:30 Uhr"),
        ("es", "Usted recibe el resumen semanal. Sus temas: A, B y C.", "Cada domingo a las 7:30"),
        ("pt", "Você recebe o resumo semanal. Seus temas: A, B e C.", "Toda semana: domingo, às 07:30"),
        ("ar", "تتلقى الملخص الأسبوعي. موضوعاتك: \u2068A وB وC\u2069.", "أيام الأحد، الساعة 7:30 ص"),
    ],
)
def test_choices_are_said_as_each_language_says_them(language: str, words: str, weekly: str) -> None:
    speaking = publication(language=language)
    assert choices_in_words(Cadence.WEEKLY, ["A", "B", "C"], speaking, TEMPLATES) == words
    assert when_in_words(Cadence.WEEKLY, 6, time(7, 30), speaking, TEMPLATES) == weekly

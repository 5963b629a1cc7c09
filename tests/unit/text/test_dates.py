"""Dates read as people of each language write them."""

from datetime import date

import pytest
from babel import localedata

from digest.text.dates import direction, locale_of, period

JUNE_8, JUNE_14 = date(2026, 6, 8), date(2026, 6, 14)


@pytest.mark.parametrize(
    ("start", "end", "language", "words"),
    [
        (JUNE_8, JUNE_14, "en-GB", "8–14 June 2026"),
        (JUNE_8, JUNE_14, "en", "8–14 June 2026"),
        (date(2026, 5, 28), JUNE_14, "en-GB", "28 May – 14 June 2026"),
        (date(2025, 12, 29), date(2026, 1, 4), "en-GB", "29 December 2025 – 4 January 2026"),
        (JUNE_8, JUNE_14, "de", "8.–14. Juni 2026"),
        (JUNE_8, JUNE_8, "en-GB", "8 June 2026"),
        (None, JUNE_8, "en-US", "June 8, 2026"),
    ],
)
def test_a_period_names_its_days_once(start, end, language, words):
    assert period(start, end, language).replace("\u2009", " ") == words


@pytest.mark.parametrize("tag", ["xx-YY", "", "!!", "en_nowhere_at_all"])
def test_a_strange_tag_falls_back_to_english(tag):
    assert locale_of(tag).language == "en"


def test_an_unknown_region_falls_back_to_its_language():
    assert locale_of("de-nowhere").language == "de"


def test_direction_follows_the_script():
    assert [direction(tag) for tag in ("ar", "he-IL", "fa", "en", "zh-Hant-TW")] == ["rtl"] * 3 + ["ltr"] * 2


@pytest.fixture
def data_of_its_own(monkeypatch):
    """Give a test its own copy of the locale data.

    Babel 2.18 writes a resolved alias into what locales share (``LocaleDataDict.__getitem__``), so that after
    a language without month names, of which we have no catalogue, others would lose theirs too.
    """
    monkeypatch.setattr(localedata, "_cache", {})
    locale_of.cache_clear()
    yield
    locale_of.cache_clear()


@pytest.mark.usefixtures("data_of_its_own")
def test_every_locale_of_the_data_can_write_a_period():
    for tag in localedata.locale_identifiers():
        assert period(JUNE_8, JUNE_14, tag)

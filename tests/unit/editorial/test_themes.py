from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.themes import (
    MAX_NAME,
    clean_name,
    find,
    in_order,
    label,
    present,
    telling,
    theme_key,
    whole,
)
from tests.unit.text_makers import make_theme

PRISONS, COURTS, WOMEN = make_theme("prisons", 1), make_theme("courts", 2), make_theme("women", 3)
THEMES = (PRISONS, COURTS, WOMEN)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("On Probation", "on-probation"),
        ("  Courts &  Sentencing ", "courts-sentencing"),
        ("Éducation surveillée", "education-surveillee"),
        ("Straßenverkehr", "strassenverkehr"),
        ("Women’s prisons", "women-s-prisons"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_a_key_is_the_folded_name(name: str, key: str) -> None:
    assert theme_key(name) == key


@pytest.mark.parametrize(
    "name", ["C++", "C#", "судебная реформа", "刑事司法", "العدالة", "AI 法", "!!!", "Very " * 40]
)
def test_a_name_that_a_key_cannot_spell_gets_a_hash(name: str) -> None:
    assert re.fullmatch(r"(?:[a-z0-9-]+-)?[0-9a-f]{10}", theme_key(name))
    assert len(theme_key(name)) < 64


def test_names_that_differ_have_different_keys() -> None:
    names = ["C", "C++", "C#", "суд", "суды", "刑事", "民事", "Very " * 40, "Very " * 41]
    assert len({theme_key(name) for name in names}) == len(names)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_a_key_is_safe_in_an_address_and_the_same_for_every_case(name: str) -> None:
    assert re.fullmatch(r"[a-z0-9-]*", theme_key(name))
    assert theme_key(name) == theme_key(name.casefold())


def test_a_renamed_theme_is_found_by_its_first_name_and_its_present_one() -> None:
    renamed = make_theme("probation", 4, name="On Probation")
    assert find("PROBATION", (*THEMES, renamed)) == renamed
    assert find("on probation", (*THEMES, renamed)) == renamed
    assert find("Parole", (*THEMES, renamed)) is None
    assert find("", (make_theme(""),)) is None


def test_a_first_name_goes_before_another_themes_present_name() -> None:
    other = make_theme("gaols", 5, name="Prisons")
    assert find("prisons", (other, PRISONS)) == PRISONS


@pytest.mark.parametrize(
    "other", ["PRISONS", "prison", "Prísons", "  prisons ", "#Prisons", "Prisons\u200b", "\u202ePrisons"]
)
def test_spellings_of_one_name_are_one_theme(other: str) -> None:
    assert find(clean_name(other), THEMES) == PRISONS


def test_a_sign_for_and_is_the_word_and_hyphens_do_not_count() -> None:
    courts = make_theme("courts-sentencing", 4, name="Courts & Sentencing")
    assert find("courts and sentencing", (courts,)) == courts
    assert find("Courts-and-Sentencing", (courts,)) == courts
    assert label("C#") != label("C")
    assert label("Press") == "press"


def test_the_name_of_a_merged_theme_leads_to_the_whole() -> None:
    merged = make_theme("womens-prisons", 4, name="Women’s prisons", merged_into="prisons")
    known = (*THEMES, merged)
    assert find("womens prisons", known) == PRISONS
    assert whole(merged, known) == PRISONS
    assert whole(None, known) is None
    assert present(frozenset({"womens-prisons", "courts"}), known) == {"prisons", "courts"}
    assert present(frozenset({"gone-long-ago"}), known) == {"gone-long-ago"}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("<b>Prisons</b>", "Prisons"),
        ("<script>alert(1)</script> Courts", "alert(1) Courts"),
        ("Pri\x00sons\x1b[31m", "Prisons[31m"),
        ("\u202eevil\u202c name", "evil name"),
        ("🎉", ""),
        ("🏛️ Courts", "🏛️ Courts"),
        ("👩‍⚖️ Judges", "👩‍⚖️ Judges"),
        ("C++", "C++"),
        ("!!!", ""),
        ("x" * 500, ""),
        ("", ""),
        ("刑事司法", "刑事司法"),
    ],
)
def test_a_name_is_one_clean_line_or_none(given: str, name: str) -> None:
    assert clean_name(given) == name


@given(st.text())
def test_a_name_holds_nothing_that_nobody_sees(text: str) -> None:
    name = clean_name(text)
    assert len(name) <= MAX_NAME
    assert name == name.strip()
    assert clean_name(name) in (name, "")
    assert not {"\n", "\x00", "\u202e", "\u2066"} & set(name)


@pytest.mark.parametrize(
    ("categories", "said"),
    [
        (["Uncategorized", "Parole"], ("Parole",)),
        (["News", "BLOG", "Allgemein", "Non classé", "未分类"], ()),
        (["", "  ", "🎉", "x" * 500], ()),
        (["Plain Justice", "Bail"], ("Bail",)),
        (["Legal  aid", "legal aid", "Bail"], ("Legal aid", "Bail")),
    ],
)
def test_what_says_nothing_is_no_name_of_a_theme(categories: list[str], said: tuple[str, ...]) -> None:
    assert telling(categories, house=["Plain Justice"]) == said


def test_pinned_themes_stand_first_and_found_headings_last() -> None:
    pinned, heading = make_theme("zebra", 9, pinned=True), make_theme("~visits", 1, passing=True)
    assert in_order([heading, COURTS, pinned, PRISONS]) == [pinned, PRISONS, COURTS, heading]

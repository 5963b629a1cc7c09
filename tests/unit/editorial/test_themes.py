from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.themes import choose, find, running, sections, theme_key
from digest.model import Section
from tests.unit.text_makers import make_item, make_sponsor, make_theme

TODAY = date(2026, 11, 22)
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
    ("categories", "chosen"),
    [
        (["Uncategorized", "Parole"], "Parole"),
        (["News", "BLOG", "Allgemein", "Non classé", "未分类"], None),
        ([], None),
        (["", "  "], None),
        (["Parole", "Bail"], "Parole"),
        (["Parole", "courts"], "Courts"),
        (["Women", "Prísons"], "Prisons"),
        (["Plain Justice", "Bail"], "Bail"),
        (["Legal  aid"], "Legal aid"),
    ],
)
def test_the_theme_is_a_known_one_else_the_first_that_says_something(
    categories: list[str], chosen: str | None
) -> None:
    assert choose(categories, THEMES, house=["Plain Justice"]) == chosen


def test_four_hundred_categories_are_no_trouble() -> None:
    assert choose([f"Tag {number}" for number in range(400)], THEMES) == "Tag 0"


def test_a_sponsor_runs_from_its_first_day_to_its_last() -> None:
    sponsor = make_sponsor("prisons", starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 22))
    assert running([sponsor], "prisons", date(2026, 11, 1)) == sponsor
    assert running([sponsor], "prisons", date(2026, 11, 22)) == sponsor
    assert running([sponsor], "prisons", date(2026, 10, 31)) is None
    assert running([sponsor], "prisons", date(2026, 11, 23)) is None
    assert running([sponsor], "courts", TODAY) is None


def test_the_first_of_two_running_sponsors_is_the_one() -> None:
    first, second = make_sponsor(name="First"), make_sponsor(name="Second")
    assert running([first, second], "", TODAY) == first


def test_sections_stand_in_the_order_of_themes_and_empty_ones_are_absent() -> None:
    prison, women, lost = make_item(2, theme_key="prisons"), make_item(1, theme_key="women"), make_item(3)
    assert sections([women, prison, lost], [WOMEN, COURTS, PRISONS], [], TODAY) == (
        Section(theme=PRISONS, sponsor=None, items=(prison,)),
        Section(theme=WOMEN, sponsor=None, items=(women,)),
        Section(theme=None, sponsor=None, items=(lost,)),
    )


def test_themes_of_a_single_post_share_the_last_section_of_a_longer_issue() -> None:
    items = [make_item(n, theme_key=key) for n, key in enumerate(["women", "prisons", "courts", "courts"])]
    assert sections(items, THEMES, [], TODAY) == (
        Section(theme=COURTS, sponsor=None, items=(items[2], items[3])),
        Section(theme=None, sponsor=None, items=(items[0], items[1])),
    )


def test_one_theme_of_a_single_post_keeps_its_section() -> None:
    items = [make_item(n, theme_key=key) for n, key in enumerate(["women", "courts", "courts", "courts"])]
    assert [section.theme for section in sections(items, THEMES, [], TODAY)] == [COURTS, WOMEN]


def test_a_sponsored_theme_of_a_single_post_keeps_its_section_and_its_sponsor() -> None:
    items = [make_item(n, theme_key=key) for n, key in enumerate(["women", "prisons", "courts", ""])]
    sponsor = make_sponsor("women")
    divided = sections(items, THEMES, [make_sponsor(""), sponsor], TODAY)
    assert [(section.theme, section.sponsor) for section in divided] == [(WOMEN, sponsor), (None, None)]

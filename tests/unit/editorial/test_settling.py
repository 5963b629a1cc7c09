from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.clusters import MOST_GROUPS
from digest.editorial.settling import Settled, settle
from digest.model import Theme
from tests.unit.text_makers import make_theme

PRISONS, COURTS, WOMEN = make_theme("prisons", 1), make_theme("courts", 2), make_theme("women", 3)
THEMES = (PRISONS, COURTS, WOMEN)
MANY = tuple(make_theme(f"theme-{number}", number) for number in range(1, MOST_GROUPS + 1))


def keys(
    categories: list[str], known: tuple[Theme, ...] = THEMES, recent: tuple[tuple[str, ...], ...] = ()
) -> str:
    [key] = settle([categories], recent, known).keys
    return key


def test_a_blogs_first_post_founds_its_theme() -> None:
    assert settle([["Uncategorized", "Legal  aid"]], (), ()) == Settled(
        keys=("legal-aid",), founded=(Theme(key="legal-aid", name="Legal aid", position=1),)
    )


@pytest.mark.parametrize(
    ("categories", "key"),
    [
        (["Parole", "courts"], "courts"),
        (["Women", "Prísons"], "prisons"),
        (["PRISON"], "prisons"),
        (["News", "BLOG"], ""),
        (["", "🎉", "x" * 500, "<b></b>"], ""),
        ([], ""),
    ],
)
def test_a_known_theme_goes_first_whatever_way_it_is_spelt(categories: list[str], key: str) -> None:
    assert keys(categories) == key


def test_of_several_known_themes_the_smallest_that_is_no_single_says_most() -> None:
    recent = (("Prisons",), ("Prisons",), ("Prisons", "Women"), ("Women",))
    assert keys(["Prisons", "Women"], recent=recent) == "women"
    assert keys(["Prisons", "Courts"], recent=recent) == "prisons"


def test_a_baseline_founds_themes_that_cover_and_none_of_a_single_post() -> None:
    posts = [["Prisons", "Kent"], ["Prisons"], ["Courts"], ["Courts", "Bail"], ["Weather"]]
    settled = settle(posts, (), (), baseline=True)
    assert settled.keys == ("prisons", "prisons", "courts", "courts", "")
    assert [theme.name for theme in settled.founded] == ["Courts", "Prisons"]


def test_themes_founded_together_stand_by_their_posts_and_then_by_age() -> None:
    posts = [["Bail"], ["Courts"], ["Courts"], ["Courts"], ["Bail"], ["Prisons"], ["Prisons"]]
    founded = settle(posts, (), (), baseline=True).founded
    assert [(theme.name, theme.position) for theme in founded] == [("Courts", 1), ("Prisons", 2), ("Bail", 3)]


def test_one_category_for_everything_is_no_theme() -> None:
    settled = settle([["Opinion"]] * 12, (), (), baseline=True)
    assert settled == Settled(keys=("",) * 12, founded=())
    assert keys(["Opinion"], (), (("Opinion",),) * 12) == ""


def test_four_hundred_categories_make_few_themes() -> None:
    posts = [[f"Tag {number}", f"Tag {number % 50}"] for number in range(400)]
    settled = settle(posts, (), ())
    assert len(settled.founded) <= 2 * MOST_GROUPS
    one = settle([[f"Tag {number}" for number in range(400)]], (), ())
    assert [theme.name for theme in one.founded] == ["Tag 0"]


def test_once_there_are_enough_themes_a_category_must_come_twice() -> None:
    assert keys(["Weather"], MANY) == ""
    assert keys(["Weather"], MANY, (("Weather",), ("Theme 1",), ("Theme 1",))) == "weather"


def test_a_name_is_never_taken_for_a_key() -> None:
    settled = settle([["=0"]], (), ())
    assert settled.keys == tuple(theme.key for theme in settled.founded)


def test_a_new_theme_stands_behind_the_others() -> None:
    [founded] = settle([["Parole"]], (), THEMES).founded
    assert founded.position == 4


def test_two_names_with_one_key_are_one_theme() -> None:
    settled = settle([["R & D"], ["R D"]], (), ())
    assert settled.keys == ("r-d", "r-d")
    assert len(settled.founded) == 1


def test_a_merged_themes_word_leads_to_the_whole_and_a_hidden_theme_keeps_its_posts() -> None:
    merged = make_theme("gaols", 4, merged_into="prisons")
    hidden = make_theme("site", 5, name="Site", hidden=True)
    assert keys(["Gaols"], (*THEMES, merged)) == "prisons"
    assert keys(["Site"], (*MANY, hidden)) == "site"
    assert keys(["Site", "Courts"], (*THEMES, hidden)) == "courts"


def test_the_publications_own_name_is_no_theme() -> None:
    assert settle([["Plain Justice"]], (), (), house=["Plain Justice"]).keys == ("",)


words = st.lists(st.text(max_size=12) | st.sampled_from(["Prisons", "prison", "Courts", "Women"]), max_size=5)


@given(st.lists(words, min_size=1, max_size=12), st.lists(words, max_size=12), st.booleans())
def test_every_post_has_a_theme_that_exists_or_none(
    new: list[list[str]], recent: list[list[str]], baseline: bool
) -> None:
    settled = settle(new, recent, THEMES, baseline=baseline)
    exist = {theme.key for theme in (*THEMES, *settled.founded)}
    assert len(settled.keys) == len(new)
    assert {key for key in settled.keys if key} <= exist
    assert all(theme.key not in {known.key for known in THEMES} for theme in settled.founded)
    assert settled == settle(new, recent, THEMES, baseline=baseline)

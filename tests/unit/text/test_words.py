from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.text.words import folded, length, listed, minutes, normalised, shorten, terms, tokens

any_text = st.text(alphabet=st.characters(codec="utf-8"))


def test_words_of_spaced_scripts_and_single_ideographs_are_tokens() -> None:
    assert tokens("The judge's 2nd ﬁnding: naïve, 刑事 policy!") == (
        *("the", "judge's", "2nd", "finding", "naïve", "刑", "事", "policy"),
    )


@pytest.mark.parametrize("word", ["परीक्षण", "مُحَمَّد", "שָׁלוֹם", "don’t", "Übung"])
def test_a_word_with_marks_stays_one_token(word: str) -> None:
    assert len(tokens(word)) == 1


def test_terms_fold_plurals_and_possessives_and_pair_ideographs() -> None:
    assert terms(tokens("Prisons, a prison's class 刑事司 x 法")) == (
        "prison",
        "prison",
        "class",
        "刑事",
        "事司",
    )


def test_length_counts_ideographs_by_what_they_say() -> None:
    assert length(tokens("two words")) == 2
    assert length(tokens("刑事司法改革的前景如何")) == pytest.approx(5)


def test_folding_makes_spellings_of_one_name_equal() -> None:
    assert folded("  Éducation  SURVEILLÉE ") == folded("education surveillee")
    assert folded("Straße") == "strasse"
    assert folded("Łódź & Ærø") == "lodz & aero"


def test_normalising_drops_what_nobody_sees() -> None:
    assert normalised(" a\u00ad\u200bb\n\tc\u00a0d\ufeff ") == "ab c d"


def test_a_list_written_as_text_is_a_set() -> None:
    assert listed("a b a") == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", 1),
        ("word " * 344, 1),
        ("word " * 346, 2),
        ("word " * 2300, 10),
        ("字" * 2500, 5),
        ("- " * 999, 1),
    ],
)
def test_reading_time_is_whole_minutes_and_at_least_one(text: str, expected: int) -> None:
    assert minutes(text) == expected


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Short enough", 12, "Short enough"),
        ("Caseloads are falling fast", 22, "Caseloads are falling…"),
        ("Caseloads are falling fast", 21, "Caseloads are…"),
        ("Caseloads, are falling", 12, "Caseloads…"),
        ("Donaudampfschifffahrt ist lang", 10, "Donaudamp…"),
        ("刑事司法改革的前景如何", 6, "刑事司法改…"),
        ("a  \n b", 5, "a b"),
        ("e\u0301e\u0301e\u0301e\u0301", 4, "e\u0301…"),
        ("word", 1, "…"),
        ("word", 0, ""),
    ],
)
def test_shortening_cuts_at_a_word_end_and_says_so(text: str, limit: int, expected: str) -> None:
    assert shorten(text, limit) == expected


@given(any_text, st.integers(min_value=0, max_value=40))
def test_a_shortened_text_never_exceeds_its_limit(text: str, limit: int) -> None:
    assert len(shorten(text, limit)) <= limit


@given(any_text)
def test_any_text_has_words_and_a_reading_time(text: str) -> None:
    assert minutes(text) >= 1
    assert length(tokens(text)) <= len(tokens(text))
    assert folded(folded(text)) == folded(text)


@pytest.mark.parametrize(
    ("word", "stem"),
    [
        ("المشاريع", "مشاريع"),  # the projects
        ("والمشاريع", "مشاريع"),  # and the projects
        ("بالمشروع", "مشروع"),  # with the project
        ("مشروعها", "مشروع"),  # her project
        ("مُساهِمون", "مساهم"),  # contributors, with vowel signs
        ("المساهمين", "مساهم"),  # the contributors, in another case
        ("أمان", "ام"),  # the alef without its hamza, and what looks like an ending
        ("ود", "ود"),  # too short to lose anything
        ("في", "في"),
    ],
)
def test_arabic_words_are_compared_without_what_is_joined_to_them(word: str, stem: str) -> None:
    assert terms(tokens(word)) == (stem,)

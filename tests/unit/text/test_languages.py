"""Samples of real-looking text, and what they are written in."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from digest.text.languages import direction_of, language_of, sure_language_of

DATA = Path(__file__).parents[2] / "data" / "text" / "languages.toml"
LONG: dict[str, str] = tomllib.loads(DATA.read_text(encoding="utf-8"))


@pytest.mark.parametrize("language", LONG)
def test_a_sentence_or_two_tell_their_language(language: str) -> None:
    assert language_of(LONG[language]) == language


@pytest.mark.parametrize("language", LONG)
def test_a_paragraph_leaves_no_doubt_of_another_language(language: str) -> None:
    assert sure_language_of(LONG[language] * 2) in (language, "")


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "he", "ru", "ja", "ar"])
def test_a_paragraph_is_sure_of_its_own(language: str) -> None:
    assert sure_language_of(LONG[language] * 3) == language


@pytest.mark.parametrize(
    "text",
    ["", "1234 — 5!", "M31_Master_V2", "Slack Wyrm 911", "שלום", "מה", "да", "https://the.of/and/to/in"],
)
def test_too_few_words_are_in_no_language(text: str) -> None:
    assert language_of(text) == ""


def test_a_declared_language_is_not_doubted_for_a_quotation() -> None:
    assert sure_language_of("Als der Mann kam, sagte er nichts.") == ""


def test_a_name_in_another_script_does_not_change_the_language() -> None:
    assert language_of(LONG["en"] + " Москва") == "en"


def test_a_chinese_text_may_quote_a_japanese_name() -> None:
    assert language_of(LONG["zh"] + "のの") == "zh"


@pytest.mark.parametrize(
    ("text", "direction"),
    [("", "ltr"), ("123", "ltr"), ("abc אב", "ltr"), ("שלום a", "rtl"), ("مرحبا", "rtl")],
)
def test_the_letters_tell_the_direction(text: str, direction: str) -> None:
    assert direction_of(text) == direction

"""Which script a passage is written in, and which one a language is written in."""

from __future__ import annotations

import unicodedata
from collections import Counter
from functools import lru_cache

_FEWEST = 12  # letters, for a passage to be in any script
_MAIN = 0.7  # the share of letters that makes it that script

_OTHERS = {
    "ru": ("CYRILLIC",),
    "uk": ("CYRILLIC",),
    "bg": ("CYRILLIC",),
    "be": ("CYRILLIC",),
    "mk": ("CYRILLIC",),
    "sr": ("CYRILLIC", "LATIN"),
    "kk": ("CYRILLIC", "LATIN"),
    "el": ("GREEK",),
    "he": ("HEBREW",),
    "yi": ("HEBREW",),
    "ar": ("ARABIC",),
    "fa": ("ARABIC",),
    "ur": ("ARABIC",),
    "ps": ("ARABIC",),
    "ckb": ("ARABIC",),
    "zh": ("CJK",),
    "ja": ("CJK", "HIRAGANA", "KATAKANA"),
    "ko": ("HANGUL", "CJK"),
    "hi": ("DEVANAGARI",),
    "mr": ("DEVANAGARI",),
    "ne": ("DEVANAGARI",),
    "bn": ("BENGALI",),
    "ta": ("TAMIL",),
    "te": ("TELUGU",),
    "th": ("THAI",),
    "ka": ("GEORGIAN",),
    "hy": ("ARMENIAN",),
    "am": ("ETHIOPIC",),
}


def expected(language: str) -> tuple[str, ...]:
    """Return the scripts a language is written in; Latin for every language not listed."""
    return _OTHERS.get(language, ("LATIN",))


def script_of(text: str) -> str:
    """Return the script most letters of a text are in; empty for a text too short or too mixed to say."""
    if text.isascii():
        return "LATIN" if sum(map(str.isalpha, text)) >= _FEWEST else ""
    found = Counter(_script(letter) for letter in text if letter.isalpha())
    total = sum(found.values())
    if total < _FEWEST:
        return ""
    script, count = found.most_common(1)[0]
    return script if count / total >= _MAIN else ""


@lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]

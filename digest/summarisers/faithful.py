"""Whether a text that a language model wrote of a post may be shown: what it says must stand in the post.

Pure, and string work only: no model judges a model. These checks stop invented figures, names and addresses,
foreign matter and instructions; they do not notice a wrong relation between right words ("who did what"), so
nothing that passed is ever called verified. Neighbour: ``extractive``, whose text is there when one fails.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from digest.text.languages import sure_language_of
from digest.text.sentences import sentences
from digest.text.words import folded, length, listed, normalised, tokens

_WORDS = (4.0, 80.0)  # of a summary, in words of a spaced script
_MOST_NEW = 0.55  # share of content words that the post does not have
_LEAST_SUPPORT = 0.3  # share of a sentence's content words that stand together in the post
_TOGETHER = 3  # neighbouring sentences
_STEM = 6  # letters by which two forms of a word are taken to be one

_FORBIDDEN = {
    "address": re.compile(
        r"[a-z][a-z0-9+.-]*://|\bwww\.|[\w.+-]+@[\w-]+\.\w|\b[\w-]+\.(?:com|org|net|io|info|biz|ru|cn|xyz|top|example|test)\b"
        r"|\b(?:javascript|data|mailto|tel):",
        re.IGNORECASE,
    ),
    "mark-up": re.compile(
        r"<[/!?a-z]|&(?:#\w+|\w+);|\]\s*[(\[]|!\[|\*\*|__|`|^\s*(?:#{1,6}|[-*+]|>|\d+[.)])\s|\[/?inst\]|<\||\{\{|\{%",
        re.IGNORECASE | re.MULTILINE,
    ),
    "refusal": re.compile(
        r"\bas an? (?:ai|large language model|language model|assistant)\b|\bi(?:['’]m| am) (?:sorry|unable)\b"
        r"|\bi (?:cannot|can['’]t|won['’]t)\b|\bhere(?:['’]s| is) (?:a|the|your) summary\b",
        re.IGNORECASE,
    ),
    "instruction": re.compile(
        r"\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:previous|above|prior|earlier|instructions?)\b"
        r"|\bsystem prompt\b|\bnew instructions?\b|\byou are now\b|\bjailbreak\b|\bdeveloper mode\b"
        r"|\b(?:click|unsubscribe|tap) here\b",
        re.IGNORECASE,
    ),
}
_NUMBER = re.compile(r"\d+(?:[.,'’\u00a0\u202f ]\d{3})+(?:[.,]\d+)?(?!\d)|\d+(?:[.,]\d+)?")
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+")
_QUOTED = re.compile(r"[“\"«„「『]([^“\"«»„”「」『』]{3,})[”\"»“」』]")
_NAME = re.compile(r"\w(?:[\w'’.&+#-]*\w)?")
_INNER = re.compile(r"[^\W\d_].*[A-ZÀ-ÞА-Я]|[^\W\d_]+\d|\d+[^\W\d_]{2,}")
_WRITTEN = {
    word: str(value)
    for words, values in (
        (
            "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen",
            range(16),
        ),
        ("sixteen seventeen eighteen nineteen twenty", range(16, 21)),
        ("thirty forty fifty sixty seventy eighty ninety hundred", range(30, 101, 10)),
        ("deux trois quatre cinq", range(2, 6)),
        ("zwei drei vier fünf", range(2, 6)),
        ("dos tres cuatro cinco", range(2, 6)),
        ("dois três quatro cinco", range(2, 6)),
    )
    for word, value in zip(words.split(), values, strict=True)
} | {"dozen": "12"}
_RARELY_FIGURES = frozenset({"0", "1"})  # "one of them", "the first"
_CAPITAL_NOUNS = listed("de lb")  # languages whose every noun has a capital: it tells nothing of names
_UNSPACED = listed("zh ja")


def faults(text: str, *, evidence: Sequence[str], title: str, source: str, language: str) -> tuple[str, ...]:
    """Return why a summary must not be shown, each reason a clause; none when it may.

    ``source`` is the post as plain text, ``evidence`` what the model quoted from it, and ``language`` the
    post's (BCP 47) or empty.
    """
    spoken = language.partition("-")[0].lower()
    whole = f"{title}. {source}"
    found = [*_in_itself(text, whole, spoken), *_quotes_missing(text, evidence, whole)]
    invented = sorted(_numbers(text) - _numbers(whole) - _RARELY_FIGURES)
    if invented:
        found.append(f"numbers that are not in the post: {', '.join(invented)}")
    strangers = () if spoken in _UNSPACED else _strange_names(text, whole, spoken)
    if strangers:
        found.append(f"names that are not in the post: {', '.join(strangers)}")
    if _share_of_new_words(text, whole) > _MOST_NEW:
        found.append("too many words that are not in the post")
    if _weakest_support(text, whole, spoken) < _LEAST_SUPPORT:
        found.append("a sentence that nothing in the post supports")
    return tuple(found)


def strange_beginnings(text: str, *, title: str, source: str, language: str) -> tuple[str, ...]:
    """Return the words that begin a sentence and are not in the post.

    A name there cannot be told from any other word. People begin sentences as they like (one summary in
    five does), so this is asked of a model only, which was told to keep to the post's words.
    """
    spoken = language.partition("-")[0].lower()
    known = {_stemless(word)[:_STEM] for word in _NAME.findall(f"{title}. {source}")}
    firsts = [_NAME.search(sentence) for sentence in sentences(normalised(text), spoken)]
    words = [found.group() for found in firsts if found] if spoken not in _UNSPACED else []
    return tuple(word for word in words if _stemless(word)[:_STEM] not in known)


def _in_itself(text: str, whole: str, spoken: str) -> list[str]:
    """Return what is wrong with the text, whatever the post says."""
    shortest, longest = _WORDS
    found = []
    if not shortest <= length(tokens(text)) <= longest:
        found.append(f"not {shortest:.0f} to {longest:.0f} words long")
    if any(
        unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs")
        for letter in text
        if letter not in "\n\u200c\u200d"
    ):
        found.append("invisible characters")
    found += [f"{name} in it" for name, pattern in _FORBIDDEN.items() if pattern.search(text)]
    ours, theirs = sure_language_of(text), sure_language_of(whole)
    if ours and theirs and ours not in (theirs, spoken):
        found.append(f"written in {ours}, the post in {theirs}")
    said = [folded(sentence) for sentence in sentences(text)]
    if len(set(said)) < len(said):
        found.append("the same sentence twice")
    return found


def _quotes_missing(text: str, evidence: Sequence[str], whole: str) -> list[str]:
    """Return whether a quotation or a piece of evidence does not stand in the post."""
    there = _bare(whole)
    found = []
    if any(_bare(quote) not in there for quote in _QUOTED.findall(text)):
        found.append("a quotation that is not in the post")
    if any(not _bare(quote).strip() or _bare(quote) not in there for quote in evidence):
        found.append("evidence that is not in the post")
    return found


def _bare(text: str) -> str:
    """Return the words alone, each between spaces, as quotations are compared."""
    return f" {' '.join(tokens(text))} "


def _numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text, spelled one way: 1,200 = 1200 = 1.200, 3.50 = 3.5, two = 2."""
    low = unicodedata.normalize("NFKC", text).lower()
    written = {_WRITTEN[word] for word in re.findall(r"[^\W\d_]+", low) if word in _WRITTEN}
    return frozenset(written | {_plain_number(match.group()) for match in _NUMBER.finditer(low)})


def _plain_number(written: str) -> str:
    if _GROUPED.fullmatch(written):
        return re.sub(r"\D", "", written)
    digits = re.sub(r"['’\u00a0\u202f ]", "", written).replace(",", ".")
    whole, _, part = digits.rpartition(".")
    part = part.rstrip("0") if whole else part
    return f"{whole.replace('.', '')}.{part}" if whole and part else whole.replace(".", "") or part


def _strange_names(text: str, whole: str, language: str) -> tuple[str, ...]:
    """Return the names of a text that the post does not have, in order."""
    known = {_stemless(word) for word in _NAME.findall(whole)}
    known |= {part for word in known for part in re.split(r"\W+", word)}
    run_together = re.sub(r"\W+", "", folded(whole))
    initials = _initials(whole)
    strange = [
        name
        for name in _names(text, language)
        if not _is_known(_stemless(name), known)
        and re.sub(r"\W+", "", folded(name)) not in run_together
        and not (name.isupper() and folded(name) in initials)
    ]
    return tuple(dict.fromkeys(strange))


def _names(text: str, language: str) -> list[str]:
    """Return words written as names: a capital inside a sentence, or a capital or digit inside the word."""
    found = []
    for sentence in sentences(text, language):
        for place, word in enumerate(_NAME.findall(sentence)):
            inside = place > 0 and language not in _CAPITAL_NOUNS and word[0].isupper() and len(word) > 1
            if inside or _INNER.search(word):
                found.append(word)
    return found


def _stemless(word: str) -> str:
    """Return a name without its possessive, as names are compared."""
    return re.sub(r"['’]s?$", "", folded(word))


def _is_known(name: str, known: set[str]) -> bool:
    if name in known or f"{name}s" in known or (name.endswith("s") and name[:-1] in known):
        return True
    parts = [part for part in re.split(r"\W+", name) if len(part) > 1]
    return len(parts) > 1 and known.issuperset(parts)


def _initials(whole: str) -> frozenset[str]:
    """Return the abbreviations that two to five words of the post could have."""
    firsts = "".join(word[0] for word in re.findall(r"\w+", folded(whole)))
    sizes = (2, 3, 4, 5)
    return frozenset(firsts[at : at + size] for size in sizes for at in range(len(firsts) - size + 1))


def _content(text: str) -> list[str]:
    """Return the stems of the words that carry meaning; without a list, those of more than three letters.

    Ideographs count one by one.
    """
    return [folded(word)[:_STEM] for word in tokens(text) if len(word) > 3 or not word.isascii()]


def _share_of_new_words(text: str, whole: str) -> float:
    there = set(_content(whole))
    words = _content(text)
    return sum(word not in there for word in words) / max(1, len(words))


def _weakest_support(text: str, whole: str, language: str) -> float:
    """Return the lowest share of a sentence's content words that neighbouring sentences have together."""
    stems = [set(_content(sentence)) for sentence in sentences(whole, language)]
    views = [set[str]().union(*stems[at : at + _TOGETHER]) for at in range(len(stems))]
    asked = [set(_content(sentence)) for sentence in sentences(normalised(text), language)]
    return min(
        (max(len(words & view) for view in views) / len(words) for words in asked if words), default=1.0
    )

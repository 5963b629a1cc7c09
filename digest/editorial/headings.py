"""Names for groups of posts that nobody named: phrases of the publisher's own.

Pure. A good name is in the titles of the group and not in the other posts. Neighbour: ``grouping`` makes the
groups and takes the best name that is free.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from digest.editorial.themes import clean_name, label
from digest.model import Item
from digest.text.blocks import BlockKind, blocks
from digest.text.dull_words import dull_words
from digest.text.words import listed

_TITLE, _HEADING, _BODY = 4.0, 1.0, 0.5  # what a phrase is worth for the share of posts that have it there
_LONGER = (1.0, 1.5, 1.8)  # and by its number of words
_USED_BEFORE = 1.25  # a heading that readers saw lately is kept where it is nearly as good
_BODY_CHARACTERS = 2500
_BETWEEN = re.compile(r"[.,:;!?()\[\]{}\"“”«»|/—–。，、！？：；（）「」『』…]+")
_WORD = re.compile(r"[^\W_]+(?:[’'\-][^\W_]+)*")
_JOINING = listed("and da de del di do du e et of para por und y")  # may stand inside a name
_UNSPACED = re.compile(r"[\u4e00-\u9fff]{2,6}|[\u30a0-\u30ff]{3,12}|[A-Za-z][A-Za-z0-9.+#-]+")


@dataclass(kw_only=True)
class _Phrases:
    """The phrases of one post, and where they stand."""

    title: set[str] = field(default_factory=set)
    headings: set[str] = field(default_factory=set)
    body: set[str] = field(default_factory=set)
    spelt: Counter[tuple[str, str]] = field(default_factory=Counter)  # phrase and how it is written

    @property
    def all(self) -> set[str]:
        """Every phrase."""
        return self.title | self.headings | self.body


def names(
    items: Sequence[Item], groups: Sequence[Sequence[int]], *, earlier: Collection[str] = ()
) -> list[list[str]]:
    """The names of each group (places of posts), the best first, of which no two share a word.

    ``earlier`` are names that readers saw before.
    """
    phrases = [_phrases(item) for item in items]
    with_phrase = Counter(phrase for found in phrases for phrase in found.all)
    before = {label(name) for name in earlier}
    named = []
    for group in groups:
        own = [phrases[place] for place in group]
        worth = _worth(own, with_phrase, others=len(items) - len(group))
        for phrase in worth:
            worth[phrase] *= _USED_BEFORE if label(phrase) in before else 1.0
        named.append([name for phrase in _best(worth) if (name := _spelt(phrase, own))])
    return named


def _worth(own: Sequence[_Phrases], with_phrase: Counter[str], *, others: int) -> dict[str, float]:
    """What each phrase of at least two of the group's posts is worth as its name."""
    size = len(own)
    title = Counter(phrase for found in own for phrase in found.title)
    heading = Counter(phrase for found in own for phrase in found.headings)
    body = Counter(phrase for found in own for phrase in found.body)
    anywhere = Counter(phrase for found in own for phrase in found.all)
    worth = {}
    for phrase, count in anywhere.items():
        if count < min(2, size):
            continue
        elsewhere = (with_phrase[phrase] - count) / others if others else 0.0
        told = (_TITLE * title[phrase] + _HEADING * heading[phrase] + _BODY * body[phrase]) / size
        worth[phrase] = told * (1 - elsewhere) * _LONGER[phrase.count(" ")]
    return worth


_ENOUGH = 5  # names of a group to choose from


def _best(worth: dict[str, float]) -> list[str]:
    found: list[str] = []
    used: set[str] = set()
    for phrase in sorted(worth, key=lambda phrase: (-worth[phrase], phrase)):
        words = set(phrase.split())
        if not words & used:
            found.append(phrase)
            used |= words
            if len(found) == _ENOUGH:
                break
    return found


def _spelt(phrase: str, own: Sequence[_Phrases]) -> str:
    """The phrase as the publisher mostly writes it, with a capital at the start."""
    ways: Counter[str] = Counter()
    for found in own:
        for (what, way), times in found.spelt.items():
            if what == phrase:
                ways[way] += times
    way = min(ways, key=lambda way: (-ways[way], way))
    return clean_name(way[:1].upper() + way[1:])


def _phrases(item: Item) -> _Phrases:
    found = _Phrases()
    running = blocks(item.html)
    _add(found, found.title, item.title, item.language, longest=3)
    for block in running:
        if block.kind is BlockKind.HEADING:
            _add(found, found.headings, block.text, item.language, longest=3)
    body = " ".join(block.text for block in running if block.kind is not BlockKind.HEADING)
    _add(found, found.body, body[:_BODY_CHARACTERS], item.language, longest=2)
    return found


def _add(found: _Phrases, to: set[str], text: str, language: str, *, longest: int) -> None:
    for phrase, written in _runs(text, language, longest):
        to.add(phrase)
        found.spelt[phrase, written] += 1


def _runs(text: str, language: str, longest: int) -> Iterator[tuple[str, str]]:
    """Yield runs of words that say something, as they are compared and as they are written."""
    unspaced = language.partition("-")[0] in ("zh", "ja")
    dull = dull_words(language)
    for piece in _BETWEEN.split(text):
        if unspaced:
            yield from ((word.lower(), word) for word in _UNSPACED.findall(piece))
            continue
        words = _WORD.findall(piece)
        lower = [word.lower() for word in words]
        says = [len(word) > 1 and word not in dull and not word.isdigit() for word in lower]
        folded = [_singular(word) for word in lower]
        for start, begins in enumerate(says):
            for end in range(start + 1, min(start + longest, len(words)) + 1) if begins else ():
                inside = range(start + 1, end - 1)
                if says[end - 1] and all(says[place] or lower[place] in _JOINING for place in inside):
                    yield " ".join(folded[start:end]), " ".join(words[start:end])


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word

"""Sentences of one block, in any language.

Every end mark is a place where a sentence may end; ``_ends`` decides, from the word before and the word
after. Where it is in doubt it joins: a summary may hold one sentence too many, never half of one. Measured
beside four libraries on treebanks of thirteen languages (``make bench-text``). Neighbour: ``abbreviations``
holds the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from digest.text import abbreviations
from digest.text.words import normalised

_HARD = "。！？｡।॥۔։።"  # end a sentence with no space after them
_SOFT = ".!?…؟"
_CLOSING = "\"'”’“»›」』）)\\]】》"
_OPENING = "\"'“‘«‹„‚「『（(\\[【《¿¡"
_MARKS = re.compile(rf"[{_HARD}{_SOFT}][{_HARD}{_SOFT}{_CLOSING}]*")
_FINISHED = re.compile(rf"[{_HARD}{_SOFT}][\"'”“’»›」』）)\]]*$")

_CLOSERS = frozenset("\"'”’“»›」』）)]】》")
_AHEAD = 80  # characters after a mark that decide it
_IN_VIEW = 24  # characters before a mark that decide it: no word that matters is longer
_LAST_WORD = re.compile(rf"[^\s—–/{_OPENING}]+$")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")  # "U.S", "J.R.R"
_NEXT_WORD = re.compile(rf"[{_OPENING}*_—–•\s-]*([^\W_][\w'’-]*)(\.?)")
_NEXT_LETTER = re.compile(rf"[{_OPENING}*_—–•\s-]*(.)")
_IDEOGRAPH = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_PARTICLE = re.compile(r"[とっいうのをがはに、，,]")

_LONGEST_ASIDE = 160  # characters; a bracket left open for longer was forgotten, or opens a whole section
_PAIRS = {"(": ")", "（": "）", "[": "]", "«": "»", "「": "」", "『": "』", "【": "】", "“": "”", "„": "“”"}
_BRACKETS = re.compile("[(（\\[«「『【“„]")
_LOW_QUOTES = frozenset({"de", "cs", "sk", "pl", "bg", "sl", "hr"})  # „so“: there “ closes


def sentences(text: str, language: str = "") -> tuple[str, ...]:
    """The sentences of one block in order, none of them empty; joined, they are the block again.

    ``language`` is a BCP 47 tag or empty; an unknown one is read by the common rules.
    """
    line = normalised(text)
    spoken = language.partition("-")[0].lower()
    found: list[str] = []
    start = 0
    inside = _Asides(line, spoken)
    for marks in _MARKS.finditer(line):
        end = marks.end()
        if inside.at(end) or not _ends(line, marks, spoken):
            continue
        found.append(line[start:end].strip())
        start = end
    found.append(line[start:].strip())
    return tuple(sentence for sentence in found if sentence)


def is_finished(sentence: str) -> bool:
    """Whether it ends with the mark that ends a sentence in its script."""
    return _FINISHED.search(sentence) is not None


class _Asides:
    """Where short brackets and quotations stand open; asked from left to right, so one pass is enough."""

    def __init__(self, line: str, language: str) -> None:
        self._spans = _asides(line, language)
        self._end = 0
        self._next = next(self._spans, None)

    def at(self, place: int) -> bool:
        """Whether something opened before ``place`` is still open there."""
        while self._next is not None and self._next[0] < place:
            self._end = max(self._end, self._next[1])
            self._next = next(self._spans, None)
        return place <= self._end


def _asides(line: str, language: str) -> Iterator[tuple[int, int]]:
    """From where to where each short bracket or quotation is open, in order."""
    for opened in _BRACKETS.finditer(line):
        mark = opened.group()
        if mark == "“" and language in _LOW_QUOTES:
            continue
        window = line[opened.end() : opened.end() + _LONGEST_ASIDE]
        places = [window.find(closing) for closing in _PAIRS[mark]]
        closed = min((place for place in places if place >= 0), default=-1)
        if closed >= 0:
            yield opened.start(), opened.end() + closed


def _ends(line: str, marks: re.Match[str], language: str) -> bool:
    """Whether a sentence ends with these marks."""
    mark, end = marks.group(), marks.end()
    following = line[end : end + 1]
    quoted = mark[-1] in _CLOSERS
    if not following:
        return True
    if mark[0] in _HARD:
        # 「…。」と: the sentence goes on after the quotation.
        return not quoted or _PARTICLE.match(following) is None
    if not following.isspace():
        return mark[0] in "!?؟" and _IDEOGRAPH.match(following) is not None
    return _may_begin(line[end : end + _AHEAD]) and not _goes_on(line, marks, quoted, language)


def _may_begin(view: str) -> bool:
    """Whether a sentence may begin so: not in lower case, but for "iPad" and "eBay"."""
    first = _NEXT_LETTER.match(view)
    return first is None or not first.group(1).islower() or view[first.end() : first.end() + 1].isupper()


def _goes_on(line: str, marks: re.Match[str], quoted: bool, language: str) -> bool:
    """Whether the sentence goes on after these marks although a new one could begin."""
    mark, view = marks.group(), line[marks.end() : marks.end() + _AHEAD]
    if quoted:
        return mark[0] != "." and _is_said(view)
    return mark == "." and _is_abbreviated(line, marks.start(), view, language)


def _is_said(view: str) -> bool:
    """Whether a question or cry in quotes is told by who said it: "“Why?” Mary Hall asked"."""
    words = view.split()[:4]
    return any(word.strip(".,:;").lower() in abbreviations.SAID for word in words[1:])


def _is_abbreviated(line: str, stop: int, view: str, language: str) -> bool:
    """Whether the full stop at ``stop`` belongs to the word before it and ends nothing."""
    last = _LAST_WORD.search(line[max(0, stop - _IN_VIEW) : stop])
    word = last.group() if last else ""
    low = word.lower()
    follows = _NEXT_WORD.match(view)
    upcoming, short = (follows.group(1), bool(follows.group(2))) if follows else ("", False)
    if upcoming[:1].isdigit() and low in abbreviations.BEFORE_FIGURE.get(
        language, abbreviations.BEFORE_FIGURE_ANY
    ):
        return True
    opens = not short and _opens(upcoming, language)
    if (len(word) == 1 and word.isupper()) or _INITIALS.fullmatch(word):
        # "J. Smith" against "plan B. The rest"; "A" and "I" are names' initials more often than words.
        return low in abbreviations.INSIDE_ANY or not opens
    if low in abbreviations.EITHER.get(language, abbreviations.EITHER_ANY):
        return not opens
    if low in abbreviations.INSIDE.get(language, abbreviations.INSIDE_ANY):
        return True
    return word.isdecimal() and len(word) <= 3 and _is_ordinal(word, stop, upcoming, language)


def _opens(word: str, language: str) -> bool:
    openers = abbreviations.OPENERS.get(language, abbreviations.OPENERS["en"])
    return word.lower().replace("’", "'") in openers


def _is_ordinal(word: str, stop: int, upcoming: str, language: str) -> bool:
    """ "1. Introduction" at the start of a block; "am 3. Oktober" in German and its like."""
    if stop == len(word):
        return True
    if language not in abbreviations.ORDINALS or len(word) > 2:
        return False
    return language != "de" or upcoming.lower() in abbreviations.MONTHS or not _opens(upcoming, language)

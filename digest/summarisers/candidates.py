"""The sentences of a post that could stand in its summary, and why the others never can.

Pure. Neighbours: ``scoring`` says what each is worth, ``extractive`` chooses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from digest.model import Post
from digest.summarisers import signals
from digest.text.blocks import Block, BlockKind, blocks
from digest.text.sentences import is_finished, sentences
from digest.text.words import length, normalised, terms, tokens

MAX_WORDS_ALONE = 60  # of a single sentence; a longer one is no summary
MAX_CHARACTERS = 1000  # of one: what has more is no prose, however few its words
_MIN_WORDS = 4
_READ_KINDS = frozenset({BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.QUOTE})
_CUT_OFF = re.compile(
    r"(\[?(…|\.\.\.)\]?|(continue reading|read more|weiterlesen|lire la suite|leer más)\W*)$", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """One sentence with what scoring needs to know of it."""

    index: int  # among all sentences of the post
    text: str
    block: Block
    paragraph: int  # its block's place among those of running text, from 1; 0 in the publisher's short text
    heading: str  # the nearest one above; empty before the first
    words: tuple[str, ...]
    bag: Counter[str]  # its terms
    leans: bool  # needs the sentence before
    follows: bool  # the sentence before is in the same block
    reason: str  # why it can never be chosen; empty when it can

    @property
    def length(self) -> float:
        """In words of a spaced script."""
        return length(self.words)


def is_cut_off(text: str) -> bool:
    """Whether the text ends as a shortened one does: "…", "[...]", "Read more"."""
    return _CUT_OFF.search(text) is not None


def read(post: Post) -> tuple[tuple[Candidate, ...], tuple[str, ...]]:
    """Every sentence of the post's running text in order, and its headings."""
    found = blocks(post.html)
    running = list(_running(found))
    if not running and post.excerpt:  # a feed that gives a short text only
        running = [(0, "", Block(kind=BlockKind.PARAGRAPH, text=normalised(post.excerpt)))]
    title_terms = frozenset(terms(tokens(post.title)))
    candidates: list[Candidate] = []
    seen: set[str] = set()
    divided = [(*each, sentences(each[2].text, post.language)) for each in running]
    # Short notes go without full stops; elsewhere, what has none was torn from something that is not shown.
    is_note = not any(is_finished(text) for *_, pieces in divided for text in pieces)
    for paragraph, heading, block, pieces in divided:
        for place, text in enumerate(pieces):
            words = tokens(text)
            bag = Counter(terms(words))
            whole = len(pieces) == 1 and (is_note or not text[-1].isalnum())
            reason = _unfit(text, block, words, whole=whole)
            if not reason and (text in seen or title_terms.issuperset(bag)):
                reason = "repeated"
            seen.add(text)
            candidates.append(
                Candidate(
                    index=len(candidates),
                    text=text,
                    block=block,
                    paragraph=paragraph,
                    heading=heading,
                    words=words,
                    bag=bag,
                    leans=signals.leans(text, post.language),
                    follows=place > 0,
                    reason=reason,
                )
            )
    return tuple(candidates), tuple(block.text for block in found if block.kind is BlockKind.HEADING)


def _running(found: Iterable[Block]) -> Iterator[tuple[int, str, Block]]:
    """The blocks of running text, each with its number and the heading it stands under."""
    heading, paragraph = "", 0
    for block in found:
        if block.kind is BlockKind.HEADING:
            heading = block.text
        elif block.kind in _READ_KINDS:
            paragraph += 1
            yield paragraph, heading, block


def _unfit(text: str, block: Block, words: tuple[str, ...], *, whole: bool) -> str:
    """Why a sentence can never be part of a summary; empty when it can."""
    size = length(words)
    if size < _MIN_WORDS:
        return "too short"
    # First, so that no expression below ever meets a text without an end.
    if size > MAX_WORDS_ALONE or len(text) > MAX_CHARACTERS:
        return "too long"
    # In a list, what has no full stop is a fragment.
    may_lack_mark = whole and block.kind is BlockKind.PARAGRAPH
    grounds = {
        "goes on": text.endswith((":", "：", ",", ";")) or is_cut_off(text),
        "no end mark": not is_finished(text) and not may_lack_mark,
        "only an address": signals.is_address(text),
        "list mark": signals.is_listed(text),
        "half a quotation": signals.is_half_quoted(text),
        "boilerplate": signals.is_boilerplate(text),
        "greeting": signals.greets(text),
    }
    return next((reason for reason, holds in grounds.items() if holds), "")

"""What each sentence is worth as a summary of its post: a linear score over plain features.

The weights follow a linear model fitted to the standfirsts of eight English blogs and checked on others and
on seven other languages; on those it beat the first sentences of a post and every classic graph method, at a
few milliseconds a post (docs/decisions/0017-what-a-summary-is-made-of.md). Pure. Neighbours: ``candidates``
reads, ``extractive`` chooses.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

from digest.summarisers import signals
from digest.summarisers.candidates import Candidate
from digest.text.blocks import BlockKind
from digest.text.sentences import is_finished
from digest.text.words import terms, tokens

_CENTROID_FADE = 24.0  # sentences after which one counts a third towards what the post is about
_CENTROID_FLOOR = 0.15  # what the last sentence still counts
_OPENING_FADE = 5.0  # sentences after which the bonus for an early place is down to a third
_FULL_TERMS = 12  # distinct terms at which a sentence counts as full
_GOOD_WORDS = (8, 32)


Parts = Mapping[str, float]  # what a score is made of: a plain name → points, negative for a fault


def parts_of(
    candidates: Sequence[Candidate],
    vectors: Sequence[Mapping[str, float]],
    *,
    headings: Iterable[str],
    title: str,
) -> Mapping[int, Parts]:
    """What each fit candidate's score is made of, by its index: the score is the sum."""
    centroid = _centroid(vectors)
    title_words = tokens(title)
    title_terms = frozenset(terms(title_words))
    heading_terms = frozenset(term for heading in headings for term in terms(tokens(heading)))
    return {
        candidate.index: {
            "says what the post says": likeness(vectors[candidate.index], centroid),
            **_about(candidate, title_terms, heading_terms),
            **_faults(candidate, title_words),
        }
        for candidate in candidates
        if not candidate.reason
    }


def _about(candidate: Candidate, title_terms: frozenset[str], heading_terms: frozenset[str]) -> Parts:
    """How far the sentence speaks of the post's subject, whatever its vocabulary."""
    bag = candidate.bag
    in_title = sum(1 for term in title_terms if term in bag) / max(1, len(title_terms))
    in_headings = sum(1 for term in bag if term in heading_terms) / max(1, len(bag))
    return {
        "words of the title": 0.90 * in_title,
        "words of the headings": 0.50 * in_headings,
        "stands early": 0.22 * math.exp(-candidate.index / _OPENING_FADE),
        "announces the post": 0.10 * signals.announces(candidate.text),
        "says much": 0.23 * min(1.0, len(bag) / _FULL_TERMS),
    }


def _faults(candidate: Candidate, title_words: Collection[str]) -> Parts:
    """What makes the sentence stand badly on its own."""
    text, kind = candidate.text, candidate.block.kind
    # "dplyr reads …" below "What is new in dplyr" begins as it should.
    is_torn = signals.begins_inside(text) and candidate.words[0] not in title_words
    return {
        "leans on the sentence before": -0.30 * candidate.leans,
        "quotation": -0.25 * (kind is BlockKind.QUOTE or signals.is_quoted(text)),
        "italic or small print": -0.20 * candidate.block.aside,
        "no end mark": -0.20 * (not is_finished(text)),
        "begins in lower case": -0.20 * is_torn,
        "question": -0.12 * signals.asks(text),
        "list item": -0.08 * (kind is BlockKind.ITEM),
        "address, code or figures": -0.08 * signals.is_raw(text),
        "too short or too long": -0.10 * _badly_long(candidate.length),
    }


def _badly_long(words: float) -> float:
    """0 for a sentence of good length, rising to 1 for one of none or twice too many words."""
    shortest, longest = _GOOD_WORDS
    return min(1.0, max(0.0, (shortest - words) / shortest, (words - longest) / longest))


def vectors_of(candidates: Sequence[Candidate]) -> list[dict[str, float]]:
    """One vector of unit length per sentence, rare terms weighing more."""
    spread = Counter(term for candidate in candidates for term in candidate.bag)
    count = len(candidates)
    vectors = []
    for candidate in candidates:
        vector = {
            term: (1 + math.log(times)) * math.log(1 + count / spread[term])
            for term, times in candidate.bag.items()
        }
        vectors.append(_unit(vector))
    return vectors


def _centroid(vectors: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """What the post is about: all its sentences, the early ones weighing more."""
    total: dict[str, float] = {}
    for place, vector in enumerate(vectors):
        weight = math.exp(-place / _CENTROID_FADE) + _CENTROID_FLOOR
        for term, value in vector.items():
            total[term] = total.get(term, 0.0) + weight * value
    return _unit(total)


def _unit(vector: Mapping[str, float]) -> dict[str, float]:
    size = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {term: value / size for term, value in vector.items()}


def likeness(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """The likeness of two vectors of unit length, from 0 to 1."""
    return sum(value * other.get(term, 0.0) for term, value in one.items())

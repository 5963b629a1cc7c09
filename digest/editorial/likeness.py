"""How alike posts are: their terms, weighted by how telling each is, as the cosine of two posts.

Pure, plain Python. Whatever is said in one post only, or in most of them, tells no group apart and is left
out. Neighbours: ``clusters`` groups by what this measures.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.model import Item
from digest.text.blocks import BlockKind, blocks
from digest.text.languages import common_words
from digest.text.words import terms, tokens

_TITLE_WEIGHT = 4  # a title's word counts as often as four in the body
_HEADING_WEIGHT = 2
_BODY_TERMS = 300  # from the start: what comes later strays from the subject
_BODY_CHARACTERS = 6000  # enough for that many terms; the rest need not be taken apart
_LEAST_POSTS = 2  # with the term
_MOST_OF_ALL = 0.6  # of the posts with the term

Likeness = Sequence[Sequence[float]]
"""Row and column are posts: 0 for nothing in common, 1 for the same terms."""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How the likenesses of all pairs lie: a threshold is only fair in terms of these."""

    mean: float
    deviation: float

    def above(self, deviations: float) -> float:
        """Return the likeness that many standard deviations above the mean."""
        return self.mean + deviations * self.deviation


def likenesses(items: Sequence[Item]) -> Likeness:
    """Return how alike each two of these posts are."""
    vectors = _vectors([_terms(item) for item in items])
    found = [[0.0] * len(items) for _ in items]
    for one, vector in enumerate(vectors):
        for other in range(one):
            shorter, longer = sorted((vector, vectors[other]), key=len)
            alike = sum(weight * longer[term] for term, weight in shorter.items() if term in longer)
            found[one][other] = found[other][one] = alike
    return found


def spread(alike: Likeness) -> Spread:
    """Return mean and standard deviation over all pairs; zero for fewer than two posts."""
    pairs = [alike[one][other] for one in range(len(alike)) for other in range(one)]
    if not pairs:
        return Spread(mean=0.0, deviation=0.0)
    mean = sum(pairs) / len(pairs)
    return Spread(mean=mean, deviation=math.sqrt(sum((pair - mean) ** 2 for pair in pairs) / len(pairs)))


def mean_likeness(alike: Likeness, one: int, others: Sequence[int]) -> float:
    """Return how alike a post is to a group, on average."""
    return sum(alike[one][other] for other in others) / len(others)


def _terms(item: Item) -> Counter[str]:
    """Return how often a post has each term, with its title and headings counted for more."""
    common = common_words(item.language)

    def telling(text: str) -> list[str]:
        words = terms(tuple(word for word in tokens(text) if word not in common))
        return [term for term in words if not term.isdigit()]

    found = blocks(item.html)
    running = " ".join(block.text for block in found if block.kind in _READ)[:_BODY_CHARACTERS]
    counted = Counter(telling(running)[:_BODY_TERMS])
    for heading in (block.text for block in found if block.kind is BlockKind.HEADING):
        _count(counted, telling(heading), _HEADING_WEIGHT)
    _count(counted, telling(item.title), _TITLE_WEIGHT)
    return counted


_READ = frozenset({BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.QUOTE})


def _count(counted: Counter[str], words: Iterable[str], weight: int) -> None:
    for word in words:
        counted[word] += weight


def _vectors(counts: Sequence[Counter[str]]) -> list[dict[str, float]]:
    """Return unit vectors over the terms that tell posts apart."""
    posts = len(counts)
    with_term = Counter(term for counted in counts for term in counted)
    most = max(_LEAST_POSTS, _MOST_OF_ALL * posts)
    rarity = {
        term: math.log((1 + posts) / (1 + number)) + 1
        for term, number in with_term.items()
        if _LEAST_POSTS <= number <= most
    }
    vectors = []
    for counted in counts:
        vector = {
            term: (1 + math.log(times)) * rarity[term] for term, times in counted.items() if term in rarity
        }
        size = math.sqrt(sum(weight * weight for weight in vector.values())) or 1.0
        vectors.append({term: weight / size for term, weight in sorted(vector.items())})
    return vectors

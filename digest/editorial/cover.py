"""Which labels cover the posts of a window: few, of useful size, agreed with what the publisher wrote.

Pure. The first category of each post is the naive choice: it makes eight to ten themes, every fourth of them
for a single post. A greedy cover makes four or five, none of them single, and agrees better with people.
Neighbour: ``settling`` knows what the labels stand for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence, Set

from digest.editorial.clusters import MOST_GROUPS

_FEWEST = 2  # posts with a label, for it to be a group
_TOO_BROAD = 0.6  # of the posts: a label on more of them divides nothing …
_BROAD_FROM = 5  # … where there are that many posts
_BROAD = 0.4  # of the posts: beyond, a label is worth less
_SAME = 0.67  # of the posts of both labels (Jaccard): they mean one thing
_FIRST_NAMED = 1.15  # what a post counts for a label that the publisher names first


def cover(posts: Sequence[Sequence[str]], *, standing: Collection[str] = ()) -> dict[str, str]:
    """Return label → the chosen label that stands for it, for every label that is chosen or means the same.

    ``posts`` are the labels of each post in the publisher's order. ``standing`` labels are chosen already:
    others are only added for what they leave over.
    """
    placed = _placed(posts)
    chosen = [label for label in placed if label in standing]
    candidates = {
        label: places
        for label, places in placed.items()
        if label not in standing and len(places) >= _FEWEST and not is_too_broad(len(places), len(posts))
    }
    kept, synonyms = _without_synonyms(candidates, {label: placed[label] for label in chosen}, posts)
    covered = {place for label in chosen for place in placed[label]}
    lively = sum(len(placed[label]) >= _FEWEST for label in chosen)
    for _ in range(MOST_GROUPS - lively):
        best = _best(kept, covered, posts)
        if best is None:
            break
        chosen.append(best)
        covered |= kept.pop(best)
    stands = dict.fromkeys(chosen, "")
    leads = {label: label for label in chosen}
    return leads | {label: of for label, of in synonyms.items() if of in stands}


def homes(
    posts: Sequence[Sequence[str]], leads: Mapping[str, str], order: Mapping[str, int] | None = None
) -> list[str]:
    """Return the label that each post goes to: the smallest chosen one that another post goes to as well.

    ``leads`` is what ``cover`` found; ``order`` decides between labels of one size. Empty: none.
    """
    ranked = order or {}
    options = [tuple(dict.fromkeys(leads[name] for name in labels if name in leads)) for labels in posts]
    sizes = Counter(name for names in options for name in names)

    def rank(name: str) -> tuple[bool, int, bool, int, str]:
        return sizes[name] < 2, sizes[name], name not in ranked, ranked.get(name, 0), name

    found = [min(names, key=rank, default="") for names in options]
    taken = Counter(found)
    return [
        max((name for name in names if taken[name] > 1), key=taken.__getitem__, default=home)
        if taken[home] == 1
        else home
        for home, names in zip(found, options, strict=True)
    ]


def is_too_broad(count: int, of: int) -> bool:
    """Return whether a label on that many of the posts says nothing that divides them."""
    return of >= _BROAD_FROM and count > _TOO_BROAD * of


def _placed(posts: Sequence[Sequence[str]]) -> dict[str, set[int]]:
    """Return label → the places of the posts that have it, in the order of first appearance."""
    placed: dict[str, set[int]] = {}
    for place, labels in enumerate(posts):
        for label in labels:
            placed.setdefault(label, set()).add(place)
    return placed


def _without_synonyms(
    candidates: Mapping[str, set[int]], standing: Mapping[str, set[int]], posts: Sequence[Sequence[str]]
) -> tuple[dict[str, set[int]], dict[str, str]]:
    """Return the labels that mean different things, each with its posts, and which label means which of them.

    Of two that mean the same the one named first stays, then the more frequent, then the shorter.
    """
    known = {label: set(places) for label, places in standing.items()}
    kept: dict[str, set[int]] = {}
    synonyms: dict[str, str] = {}

    def rank(label: str) -> tuple[bool, int, int, str]:
        return (
            not _is_named_first(label, candidates[label], posts),
            -len(candidates[label]),
            len(label),
            label,
        )

    for label in sorted(candidates, key=rank):
        places = candidates[label]
        same = next((other for other, theirs in (known | kept).items() if _is_same(places, theirs)), None)
        if same is None:
            kept[label] = set(places)
            continue
        synonyms[label] = same
        if same in kept:
            kept[same] |= places
    return kept, synonyms


def _is_same(some: Set[int], others: Set[int]) -> bool:
    return len(some & others) >= _SAME * len(some | others)


def _is_named_first(label: str, places: Collection[int], posts: Sequence[Sequence[str]]) -> bool:
    """Return whether half of the posts with the label have it at the front: a category more than a tag."""
    return 2 * sum(posts[place][0] == label for place in places if label in posts[place]) >= len(places)


def _best(kept: Mapping[str, set[int]], covered: Set[int], posts: Sequence[Sequence[str]]) -> str | None:
    """Return the label that adds most to what is covered; None where none adds two posts."""
    worth = {}
    for label, places in kept.items():
        new = len(places - covered)
        if new >= _FEWEST:
            first = _FIRST_NAMED if _is_named_first(label, places, posts) else 1.0
            worth[label] = new * first * (1 - max(0.0, len(places) / len(posts) - _BROAD))
    return max(worth, key=lambda label: (worth[label], -len(kept[label]), label), default=None)

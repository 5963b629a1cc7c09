"""Posts grouped by their text, where nobody has sorted them: average linkage under a relative threshold.

Pure, plain Python, and the same for the same posts. A fixed likeness as the threshold does not carry from
one site to the next: posts of one blog are all alike in some measure, so what counts is how much closer than
usual two groups are. Measured against k-means, spectral clustering and others by ``make bench-themes``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from digest.editorial.likeness import Likeness, Spread, mean_likeness, spread

FEWEST = 4  # posts: fewer are one group
MOST_GROUPS = 7  # of two posts or more
_JOIN_ABOVE = 0.4  # standard deviations above the mean of all pairs, for two groups to become one
_TAKE_ABOVE = 0.25  # the same for a post that was left alone

Groups = list[tuple[int, ...]]
"""Each group as the places of its posts in order, the largest group first; never fewer than two posts."""


def clusters(alike: Likeness) -> Groups:
    """Return the posts grouped by likeness; a post that is close to no group is in none."""
    usual = spread(alike)
    if usual.deviation == 0:
        return []
    groups = linked(alike, usual)
    home = [list(group) for group in groups]
    alone = sorted(set(range(len(alike))) - {post for group in groups for post in group})
    for post in alone if groups else ():
        closest = max(
            range(len(groups)), key=lambda group: (mean_likeness(alike, post, groups[group]), -group)
        )
        if mean_likeness(alike, post, groups[closest]) > usual.above(_TAKE_ABOVE):
            home[closest].append(post)
    return _ordered(home)


def linked(alike: Likeness, usual: Spread, *, at_most: int = MOST_GROUPS) -> Groups:
    """Return the groups that average linkage makes, those of a single post left out.

    The two groups that are most alike become one, until no two are alike enough; and on from there while
    more than ``at_most`` groups of two or more remain.
    """
    members = {post: [post] for post in range(len(alike))}
    # Summed likenesses between groups: the mean of two groups is theirs over the number of pairs.
    sums = {one: {other: alike[one][other] for other in range(one)} for one in members}
    stop = usual.above(_JOIN_ABOVE)
    while len(members) > 1:
        mean, first, second = _closest(members, sums)
        large = sum(len(group) > 1 for group in members.values())
        if mean < stop and not (large > at_most and mean > 0):
            break
        _join(members, sums, first, second)
    return _ordered(group for group in members.values() if len(group) > 1)


def _closest(members: dict[int, list[int]], sums: dict[int, dict[int, float]]) -> tuple[float, int, int]:
    """Return the two groups that are most alike on average, the earlier first; the first pair at a tie."""
    best, pair = -1.0, (0, 0)
    for one, row in sums.items():
        size = len(members[one])
        for other, total in row.items():
            mean = total / (size * len(members[other]))
            if mean > best + 1e-12:
                best, pair = mean, (other, one)
    return best, *pair


def _join(members: dict[int, list[int]], sums: dict[int, dict[int, float]], first: int, second: int) -> None:
    """Make ``second`` part of ``first``."""
    members[first] += members.pop(second)
    gone = sums.pop(second)
    for other in members:
        if other == first:
            continue
        added = gone[other] if other < second else sums[other].pop(second)
        later, earlier = max(first, other), min(first, other)
        sums[later][earlier] += added


def _ordered(groups: Iterable[Sequence[int]]) -> Groups:
    found = [tuple(sorted(group)) for group in groups]
    return sorted(found, key=lambda group: (-len(group), group[0]))

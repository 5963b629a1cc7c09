"""Which posts of one issue stand together, where their themes do not say.

Pure. Themes come first. Posts without one join the theme they are clearly closest to; what is still left,
when it is much of the issue, is grouped by its text under headings found in it, and so is a theme that holds
nearly everything. A heading lasts for one issue: readers choose among themes only.

Runs once, when the draft is made, so that every segment and the web page have the same headings.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence, Set
from dataclasses import dataclass

from digest.editorial.clusters import FEWEST, MOST_GROUPS, clusters, linked
from digest.editorial.cover import is_too_broad
from digest.editorial.headings import names
from digest.editorial.likeness import Likeness, Spread, likenesses, mean_likeness, spread
from digest.editorial.themes import find, theme_key
from digest.model import Item, Theme

_JOINS_ABOVE = 1.25  # standard deviations above the mean of all pairs, for a post to join a theme
_COVERED = 0.75  # of the posts: where themes say so much, the rest is left to the last section

PASSING = "~"
"""Before the key of a heading: no theme's key starts with it, so it can never be chosen."""


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """Where posts stand that do not stand under their theme."""

    keys: dict[int, str]  # number → key of a theme or heading
    headings: tuple[Theme, ...]  # found in the text, the largest first


def grouping(
    items: Sequence[Item],
    themes: Sequence[Theme],
    *,
    whole: Collection[str] = (),
    earlier: Collection[str] = (),
) -> Grouping:
    """Where the posts of one issue stand that have no theme, or one that holds nearly everything.

    ``whole`` are keys of themes that are never split: pinned ones, and those with a sponsor. ``earlier`` are
    headings that readers saw in issues before.
    """
    shown = {theme.key for theme in themes if theme.shown}
    window = _Window(items=items, shown=shown, whole=frozenset(whole))
    loose = window.without_theme + window.broad
    if len(items) < FEWEST or not loose:
        return Grouping(keys={}, headings=())
    alike = likenesses(items)
    usual = spread(alike)
    joined = _joined(window, alike, usual)
    left = sorted(place for place in loose if place not in joined)
    groups = _by_text(window, left, alike, usual, covered=1 - len(loose) / len(items))
    keys = {items[place].number: key for place, key in joined.items()}
    return _named(items, groups, themes, keys, earlier)


@dataclass(frozen=True, kw_only=True)
class _Window:
    """The posts of an issue by theme."""

    items: Sequence[Item]
    shown: Set[str]  # keys of themes that have sections
    whole: Set[str]

    @property
    def of_theme(self) -> dict[str, list[int]]:
        """Theme → the places of its posts, for themes of two or more that are not split."""
        placed = self._placed
        return {key: places for key, places in placed.items() if len(places) > 1 and not self._is_broad(key)}

    @property
    def without_theme(self) -> list[int]:
        return [place for place, item in enumerate(self.items) if item.theme_key not in self.shown]

    @property
    def broad(self) -> list[int]:
        """The posts of a theme that holds nearly everything."""
        return [place for key, places in self._placed.items() if self._is_broad(key) for place in places]

    @property
    def _placed(self) -> dict[str, list[int]]:
        placed: dict[str, list[int]] = {}
        for place, item in enumerate(self.items):
            if item.theme_key in self.shown:
                placed.setdefault(item.theme_key, []).append(place)
        return placed

    def _is_broad(self, key: str) -> bool:
        count = sum(item.theme_key == key for item in self.items)
        return key not in self.whole and is_too_broad(count, len(self.items))


def _joined(window: _Window, alike: Likeness, usual: Spread) -> dict[int, str]:
    """The theme that each post without one is clearly close to; a post that is close to none is left out."""
    themes = window.of_theme
    found = {}
    for place in window.without_theme if themes else ():
        closest = max(themes, key=lambda key: (mean_likeness(alike, place, themes[key]), key))
        if mean_likeness(alike, place, themes[closest]) > usual.above(_JOINS_ABOVE):
            found[place] = closest
    return found


def _by_text(
    window: _Window, left: Sequence[int], alike: Likeness, usual: Spread, *, covered: float
) -> list[tuple[int, ...]]:
    """The groups of what is left, as places; none where that is little, or cannot be told apart."""
    themes = window.of_theme
    if len(left) < FEWEST or (covered >= _COVERED and len(themes) > 1):
        return []
    if len(left) == len(window.items):
        return clusters(alike)
    part = [[alike[one][other] for other in left] for one in left]
    room = max(0, MOST_GROUPS - len(themes))
    return [tuple(left[place] for place in group) for group in linked(part, usual)[:room]]


def _named(
    items: Sequence[Item],
    groups: Sequence[Sequence[int]],
    themes: Sequence[Theme],
    keys: dict[int, str],
    earlier: Collection[str],
) -> Grouping:
    """The grouping with a name for each group; one whose name is a theme's stands under that theme."""
    headings: dict[str, Theme] = {}
    for group, candidates in zip(groups, names(items, groups, earlier=earlier), strict=True):
        for name in candidates:
            theme = find(name, themes)
            key = theme.key if theme else PASSING + theme_key(name)
            if key in headings or (theme and not theme.shown):
                continue
            headings[key] = theme or Theme(key=key, name=name, position=len(headings) + 1, passing=True)
            keys |= {items[place].number: key for place in group}
            break
    found = tuple(heading for heading in headings.values() if heading.passing)
    return Grouping(keys=keys, headings=found)

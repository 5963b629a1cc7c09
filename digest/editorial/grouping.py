"""Which posts of one issue stand together, where their themes do not say.

Pure. Themes come first, then whatever else the publisher says: categories that several posts of this issue
have in common. Posts without either join the theme they are clearly closest to; what is still left, when it
is much of the issue, is grouped by its text under headings found in it. A theme that holds nearly everything
is divided in the same way. A heading lasts for one issue: readers choose among themes only.

Runs once, when the draft is made, so that every segment and the web page have the same headings.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, field

from digest.editorial.clusters import FEWEST, MOST_GROUPS, clusters, linked
from digest.editorial.cover import cover, homes, is_too_broad
from digest.editorial.headings import names
from digest.editorial.likeness import Likeness, Spread, likenesses, mean_likeness, spread
from digest.editorial.themes import find, label, telling, theme_key
from digest.model import Item, Theme

_JOINS_ABOVE = 1.25  # standard deviations above the mean of all pairs, for a post to join a theme
_COVERED = 0.75  # of the posts: where themes say so much, the rest is left to the last section

PASSING = "~"
"""Before the key of a heading: no theme's key starts with it, so it can never be chosen."""


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """Where posts stand that do not stand under their theme."""

    keys: dict[int, str]  # number → key of a theme or heading
    headings: tuple[Theme, ...]  # found for this issue, the publisher's own words first


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
    if len(items) < FEWEST or not window.loose:
        return Grouping(keys={}, headings=())
    book = _Book(items=items, themes=themes)
    for name, places in _by_label(window):
        book.stand(places, [name])
    loose = [place for place in window.without_theme + window.broad if items[place].number not in book.keys]
    if loose:
        alike = likenesses(items)
        usual = spread(alike)
        sections = window.of_theme | book.places
        for place, key in _joined(window, loose, sections, alike, usual).items():
            book.keys[items[place].number] = key
        left = sorted(place for place in loose if items[place].number not in book.keys)
        groups = _by_text(len(items), left, sections, alike, usual, covered=1 - len(loose) / len(items))
        for group, candidates in zip(groups, names(items, groups, earlier=earlier), strict=True):
            book.stand(group, candidates)
    return Grouping(keys=book.keys, headings=tuple(book.headings.values()))


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
    def loose(self) -> list[int]:
        """The posts that have no section by their theme: it has none, is split, or has no other post."""
        stands = {place for places in self.of_theme.values() for place in places}
        kept = {place for key, places in self._placed.items() if key in self.whole for place in places}
        return [place for place in range(len(self.items)) if place not in stands | kept]

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


def _by_label(window: _Window) -> list[tuple[str, list[int]]]:
    """The categories that cover posts without a section of their own, as the feed spells them, and where."""
    places = window.loose
    said = [telling(window.items[place].categories) for place in places]
    labels = [tuple(map(label, names_said)) for names_said in said]
    spelt = {label(name): name for names_said in reversed(said) for name in reversed(names_said)}
    groups: dict[str, list[int]] = {}
    for place, home in zip(places, homes(labels, cover(labels)), strict=True):
        groups.setdefault(home, []).append(place)
    room = max(0, MOST_GROUPS - len(window.of_theme))
    found_groups = [(spelt[one], group) for one, group in groups.items() if one and len(group) > 1]
    return sorted(found_groups, key=lambda named: (-len(named[1]), named[1][0]))[:room]


def _joined(
    window: _Window,
    loose: Sequence[int],
    sections: Mapping[str, Sequence[int]],
    alike: Likeness,
    usual: Spread,
) -> dict[int, str]:
    """The section that each post without a theme is clearly close to; who is close to none is left out."""
    found = {}
    split = set(window.broad)
    for place in (place for place in loose if sections and place not in split):
        closest = max(sections, key=lambda key: (mean_likeness(alike, place, sections[key]), key))
        if mean_likeness(alike, place, sections[closest]) > usual.above(_JOINS_ABOVE):
            found[place] = closest
    return found


def _by_text(
    posts: int,
    left: Sequence[int],
    sections: Mapping[str, Sequence[int]],
    alike: Likeness,
    usual: Spread,
    *,
    covered: float,
) -> list[tuple[int, ...]]:
    """The groups of what is left, as places; none where that is little, or cannot be told apart."""
    if len(left) < FEWEST or (covered >= _COVERED and len(sections) > 1):
        return []
    if len(left) == posts:
        return clusters(alike)
    part = [[alike[one][other] for other in left] for one in left]
    room = max(0, MOST_GROUPS - len(sections))
    return [tuple(left[place] for place in group) for group in linked(part, usual)[:room]]


@dataclass(kw_only=True)
class _Book:
    """Where posts stand, and the headings they stand under."""

    items: Sequence[Item]
    themes: Sequence[Theme]
    keys: dict[int, str] = field(default_factory=dict)  # number → key
    headings: dict[str, Theme] = field(default_factory=dict)  # by key
    places: dict[str, list[int]] = field(default_factory=dict)  # by key

    def stand(self, group: Sequence[int], candidates: Sequence[str]) -> None:
        """Let posts stand under the first of these names that is free; one that is a theme's is the theme."""
        for name in candidates:
            theme = find(name, self.themes)
            key = theme.key if theme else PASSING + theme_key(name)
            if key in self.places or (theme and not theme.shown):
                continue
            if theme is None:
                self.headings[key] = Theme(key=key, name=name, position=len(self.headings) + 1, passing=True)
            self.keys |= {self.items[place].number: key for place in group}
            self.places[key] = list(group)
            break

"""Which theme a new post belongs to, by the publisher's own categories.

Pure. A theme lasts: readers choose it, so it comes from what the publisher or the editor says and never from
a guess at the text. Weighed over the newest posts:

    a known theme → else a label that covers enough of the newest posts → else, while there are few themes,
    the first category that says something → else none

A post with several goes to the smallest of them, which says most about it. See docs/decisions/0016.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from digest.editorial.clusters import MOST_GROUPS
from digest.editorial.cover import cover, homes, is_too_broad
from digest.editorial.themes import find, label, telling, theme_key
from digest.model import Theme

RECENT = 60
"""Posts, the newest, over which categories are weighed: two months of a daily blog."""

Labels = tuple[str, ...]
"""What the publisher says of one post, in the publisher's order: labels, and keys of known themes."""


@dataclass(frozen=True, kw_only=True)
class Settled:
    """The themes of some new posts."""

    keys: tuple[str, ...]  # of each post, in order; empty: none
    founded: tuple[Theme, ...]  # themes that did not exist before, in order


def settle(
    newcomers: Sequence[Sequence[str]],
    recent: Sequence[Sequence[str]],
    known: Sequence[Theme],
    *,
    house: Collection[str] = (),
    baseline: bool = False,
) -> Settled:
    """The theme of each new post.

    ``newcomers`` and ``recent`` (the posts before them) are the feed's categories of each post, newest first;
    ``house`` names are generic here. In a feed's baseline nothing is mailed, so a category of a single post
    there founds no theme yet.
    """
    book = _Book(known=known, house=house)
    pool = [book.labels(categories) for categories in (*newcomers, *recent)]
    found = homes(pool, cover(pool, standing=book.standing), book.order)
    counts = Counter(name for labels in pool for name in labels)
    oldest = {home: place for place, home in enumerate(found)}
    for home in sorted(set(found[: len(newcomers)]), key=lambda home: (-counts[home], -oldest[home])):
        book.key_of(home)  # those founded together stand by how many posts they have
    keys = []
    for labels, home in zip(pool, found[: len(newcomers)], strict=False):
        narrow = (name for name in labels if not is_too_broad(counts[name], len(pool)))
        alone = "" if book.has_enough or baseline else next(narrow, "")
        keys.append(book.key_of(home or alone or next(filter(book.is_hidden, labels), "")))
    return Settled(keys=tuple(keys), founded=tuple(book.founded.values()))


@dataclass(kw_only=True)
class _Book:
    """The known themes, those being founded, and how labels are spelt."""

    known: Sequence[Theme]
    house: Collection[str]
    founded: dict[str, Theme] = field(default_factory=dict)  # by key
    _spelt: dict[str, str] = field(default_factory=dict)  # label → name, as the feed spells it first

    def labels(self, categories: Sequence[str]) -> Labels:
        """What these categories are weighed as; a known theme counts once, whatever it is called."""
        found = []
        for name in telling(categories, house=self.house):
            theme = find(name, self.known)
            self._spelt.setdefault(label(name), name)
            found.append(_KNOWN + theme.key if theme else label(name))
        return tuple(dict.fromkeys(found))

    @property
    def standing(self) -> frozenset[str]:
        """The known themes that posts go to."""
        return frozenset(self.order)

    @property
    def order(self) -> dict[str, int]:
        """The place of each of them."""
        return {_KNOWN + theme.key: theme.position for theme in self.known if theme.shown}

    @property
    def has_enough(self) -> bool:
        """Whether there are as many themes as an issue has sections: others must cover something first."""
        return len(self.order) + len(self.founded) >= MOST_GROUPS

    def is_hidden(self, name: str) -> bool:
        """Whether it is a known theme that is not shown: its posts keep it, for when it is shown again."""
        return name.startswith(_KNOWN) and name not in self.order

    def key_of(self, home: str) -> str:
        """The key of a theme, founded now if it is new."""
        if not home or home.startswith(_KNOWN):
            return home.removeprefix(_KNOWN)
        name = self._spelt[home]
        theme = Theme(key=theme_key(name), name=name, position=self._next_position())
        return self.founded.setdefault(theme.key, theme).key

    def _next_position(self) -> int:
        return max((theme.position for theme in self.known), default=0) + len(self.founded) + 1


_KNOWN = "\x00"  # before the key of a known theme: no name holds it (``clean_name``)

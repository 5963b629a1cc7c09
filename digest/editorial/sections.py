"""How an issue is divided by theme, and whose placement stands where.

Pure. Runs for every segment, so that each reader's mail is divided by what is in it. Neighbours: ``grouping``
finds headings for posts without a theme when the draft is made, ``assemble`` calls this.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from digest.editorial.themes import in_order
from digest.model import Item, Section, Sponsor, Theme

MOST_SECTIONS = 7  # with a heading of their own; more are no overview
_GATHER_FROM = 4  # items beside the lead: with fewer, one heading per post is no clutter yet
_GATHER_THEMES = 2  # themes of a single post, from which they share a section


def running(sponsors: Sequence[Sponsor], theme_key: str, on: date) -> Sponsor | None:
    """The first sponsor of that theme ("" for the whole issue) whose placement covers the day."""
    for sponsor in sponsors:
        if sponsor.theme_key == theme_key and sponsor.starts_on <= on <= sponsor.ends_on:
            return sponsor
    return None


def sections(
    items: Sequence[Item], themes: Sequence[Theme], sponsors: Sequence[Sponsor], on: date
) -> tuple[Section, ...]:
    """The items divided by theme, pinned themes first, in the order of themes; each keeps its order inside.

    Themes with a single post share the last section, without a theme, when there are at least two such
    and the issue is not short; so do the smallest where there are more than MOST_SECTIONS, and a single post
    under a heading that we found. A pinned theme keeps its own, and so does one with a sponsor, since its
    sponsor paid for it. Items of no known theme are in that last section too.
    """
    counts = Counter(item.section_key for item in items)
    occurring = [theme for theme in in_order(themes) if theme.shown and counts[theme.key]]
    kept = {theme.key for theme in occurring if theme.pinned or running(sponsors, theme.key, on)}
    gathered = _gathered([theme for theme in occurring if theme.key not in kept], counts, len(items))
    own = [theme for theme in occurring if theme.key not in gathered]
    divided = [
        Section(
            theme=theme,
            sponsor=running(sponsors, theme.key, on),
            items=tuple(item for item in items if item.section_key == theme.key),
        )
        for theme in own
    ]
    shown = {theme.key for theme in own}
    rest = tuple(item for item in items if item.section_key not in shown)
    if rest:
        divided.append(Section(theme=None, sponsor=None, items=rest))
    return tuple(divided)


def _gathered(themes: Sequence[Theme], counts: Counter[str], items: int) -> frozenset[str]:
    """The keys of the themes, of those that may be gathered, that share the last section."""
    single = {theme.key for theme in themes if counts[theme.key] == 1}
    guessed = {theme.key for theme in themes if theme.key in single and theme.passing}
    together = single if items >= _GATHER_FROM and len(single) >= _GATHER_THEMES else guessed
    largest = sorted(
        (theme for theme in themes if theme.key not in together), key=lambda theme: -counts[theme.key]
    )
    return frozenset(together) | {theme.key for theme in largest[MOST_SECTIONS:]}

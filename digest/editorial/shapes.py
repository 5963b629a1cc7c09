"""How an edition gets smaller where the mail would be cut off: what is shortened first, and by how much.

Mail programs cut a mail in the middle of whatever stands there, the way out of the list with it. So we
shorten first: the texts, then the titles, then the number of posts; the rest is one link away. Pure.
Neighbours: ``assemble`` makes the edition, ``pipeline.fitting`` tries one shape after the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from digest.model import SHOWN_AT_MOST, Edition, Item
from digest.text.cut_html import cut_html
from digest.text.words import shorten


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How much of each post a digest shows."""

    text: int  # characters of a standfirst or a summary; the lead story has twice as many
    title: int  # characters of a title
    items: int = SHOWN_AT_MOST  # posts; the others are on the page


SHAPES = (
    Shape(text=280, title=200),
    Shape(text=180, title=120),
    Shape(text=110, title=100),
    *(Shape(text=110, title=100, items=items) for items in (16, 13, 10, 7, 5, 3, 2)),
)
"""From the gentlest to the last. Twenty posts fit the second in nearly every language."""

_STEP = 0.85  # how much less of a body is tried each time
_TRIES = 8


def shortened(edition: Edition, shape: Shape) -> Edition:
    """Return a digest in that shape but for the number of its posts, which ``assemble`` sees to."""
    sections = tuple(
        replace(section, items=tuple(_item(item, shape, shape.text) for item in section.items))
        for section in edition.sections
    )
    lead = _item(edition.lead, shape, 2 * shape.text) if edition.lead else None
    return replace(edition, lead=lead, sections=sections, title=shorten(edition.title, shape.title))


def _item(item: Item, shape: Shape, text: int) -> Item:
    return replace(
        item,
        title=shorten(item.title, shape.title),
        standfirst=shorten(item.standfirst, text),
        summary=shorten(item.summary, text),
    )


def openings(edition: Edition, share: float) -> Iterator[Edition]:
    """Yield a mail of one post with less and less of its body; about ``share`` of the mail may stay."""
    lead = edition.lead
    if lead is None:
        return
    for _ in range(_TRIES):
        share *= _STEP
        body = cut_html(lead.html, int(len(lead.html) * share))
        yield replace(edition, lead=replace(lead, html=body), is_opening=True)
    yield replace(edition, lead=replace(lead, html=""), is_opening=True)

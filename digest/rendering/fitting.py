"""Makes an edition smaller where its mail would be cut: Gmail clips near 102 kB and takes the footer with it.

What goes first is what is longest and best read on the site: summaries are shortened, then dropped; a post is
cut at the end of a paragraph. Nothing disappears in silence: items keep their links, and what was left out is
counted. Pure. Neighbour: ``issue`` renders one after the other until one is small enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from digest.model import Edition, Item
from digest.rendering.body import first_words
from digest.rendering.quoted_printable import last_piece
from digest.text.words import shorten

LARGEST_BYTES = 97_000  # of the encoded HTML part, slots still marked: a reader's own links come on top
EXCERPT_WORDS = 200  # "150–250 words, cut at a paragraph"

_SUMMARY_CHARACTERS = (160, 0)
_POST_WORDS = (6_000, 3_000, 1_500, EXCERPT_WORDS, 0)
_ITEMS = (14, 8, 4, 1)
_TITLE_CHARACTERS = 240


def encoded_size(html: str) -> int:
    """Return how many bytes an HTML part has as it is mailed, quoted-printable."""
    return len(last_piece(html))


def fitting(edition: Edition, *, excerpt: bool) -> Iterator[Edition]:
    """Yield the edition as it should be, and then ever smaller."""
    whole = _each(edition, _with_a_title)
    if edition.layout == "post":
        yield _cut(whole, EXCERPT_WORDS) if excerpt else whole
        for words in _POST_WORDS:
            yield _cut(whole, words)
        return
    yield whole
    for most in _SUMMARY_CHARACTERS:
        whole = _each(whole, lambda item, most=most: _with_summary(item, most))  # type: ignore[misc]
        yield whole
    for items in _ITEMS:
        yield _with_items(whole, items)


def _each(edition: Edition, change: Callable[[Item], Item]) -> Edition:
    """Return the edition with every item changed."""
    sections = tuple(
        replace(section, items=tuple(map(change, section.items))) for section in edition.sections
    )
    return replace(edition, lead=change(edition.lead) if edition.lead else None, sections=sections)


def _with_a_title(item: Item) -> Item:
    """Return the item with a title no longer than a headline can be."""
    return replace(item, title=shorten(item.title, _TITLE_CHARACTERS))


def _with_summary(item: Item, most: int) -> Item:
    """Return the item with its words shortened to so many characters; none at all for 0."""
    return replace(
        item,
        summary=shorten(item.summary, most) if most else "",
        standfirst=shorten(item.standfirst, most) if most else "",
    )


def _cut(edition: Edition, words: int) -> Edition:
    """Return an edition of one post with the beginning of its body."""
    assert edition.lead is not None, "the layout of one post has that post"
    # Where a single block is too large for any mail, nothing of the body stays.
    beginning, cut = first_words(edition.lead.html, words) if words else ("", True)
    return replace(edition, lead=replace(edition.lead, html=beginning), shortened=cut)


def _with_items(edition: Edition, most: int) -> Edition:
    """Return the edition with only its first items; the others are counted as left out."""
    room, sections = most, []
    for section in edition.sections:
        kept = section.items[:room]
        room -= len(kept)
        if kept:
            sections.append(replace(section, items=kept))
    shown = most - room
    gone = sum(len(section.items) for section in edition.sections) - shown
    return replace(
        edition,
        sections=tuple(sections),
        left_out=edition.left_out + gone,
        count=edition.count - gone,
    )

"""The blocks of a body: what stands apart on the page, as plain text, in reading order.

Takes HTML that is already sanitised; still reads anything without raising, because a body may be empty,
broken or nested a thousand deep. Neighbours: ``sentences`` takes a block apart, ``feeds.article`` made
the HTML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

import lxml.html
from lxml import etree

from digest.text.words import listed, normalised


class BlockKind(StrEnum):
    """What a block is to a reader."""

    PARAGRAPH = "paragraph"
    HEADING = "heading"
    ITEM = "item"  # of a list; terms and definitions too
    QUOTE = "quote"
    CAPTION = "caption"  # of a picture or a table
    CODE = "code"
    TABLE = "table"  # one row


@dataclass(frozen=True, kw_only=True)
class Block:
    """One piece that stands apart on the page."""

    kind: BlockKind
    text: str  # on one line, never empty
    level: int = 0  # of a heading, 1 to 6; 0 for the rest
    aside: bool = False  # wholly italic or small: credits, notes about a series


_KINDS = {
    "li": BlockKind.ITEM,
    "dt": BlockKind.ITEM,
    "dd": BlockKind.ITEM,
    "blockquote": BlockKind.QUOTE,
    "figcaption": BlockKind.CAPTION,
    "caption": BlockKind.CAPTION,
    "pre": BlockKind.CODE,
    "table": BlockKind.TABLE,
    **{f"h{level}": BlockKind.HEADING for level in range(1, 7)},
}
# These stand apart too, and are of the kind that they stand in.
_CONTAINERS = listed(
    "address article aside body center details div dl fieldset figure footer header hr main ol p section "
    "summary tbody tfoot thead tr ul"
)
_BREAKS = frozenset({"br", "td", "th", "wbr"})
_SKIPPED = listed(
    "audio button canvas embed form head iframe img input math nav noscript object script select style svg "
    "template textarea video"
)
_ASIDES = frozenset({"em", "i", "small", "cite"})
# Inside these, everything belongs to them: a paragraph in a cell is part of the row.
_ENCLOSING = frozenset({BlockKind.TABLE, BlockKind.CAPTION, BlockKind.CODE})
_ROWS = frozenset({"tr", "caption", "table"})
_FOOTNOTE = re.compile(r" ?(?:\[(?:\d{1,3}|\*|\^[\w-]{1,40})\]:?|↩\ufe0e?)")
_ASIDE_SHARE = 0.9  # of the letters; the rest is a full stop or a date


def blocks(html: str) -> tuple[Block, ...]:
    """The blocks of the body in reading order; scripts, forms, players and footnote marks left out."""
    reading = _Reading()
    walk = etree.iterwalk(_parsed(html), events=("start", "end"))
    for event, element in walk:
        tag = str(element.tag)
        if event == "end":
            reading.leave(element.tail or "")
        elif tag in _SKIPPED or _is_footnote_mark(element):
            reading.enter("")
            walk.skip_subtree()
        else:
            reading.enter(tag)
            reading.add(element.text or "")
    reading.flush()
    return tuple(reading.found)


def plain(html: str) -> str:
    """The body as plain text: one line per block, what ``blocks`` leaves out left out."""
    return "\n".join(block.text for block in blocks(html))


def _parsed(html: str) -> lxml.html.HtmlElement:
    """The body as a tree. Bytes and a stated encoding, or lxml refuses a text with an XML declaration."""
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    return lxml.html.document_fromstring(f"<body>{html}".encode("utf-8", "replace"), parser=parser)


def _is_footnote_mark(element: lxml.html.HtmlElement) -> bool:
    """Whether this is a raised number, as footnotes are marked; a raised "th" or "2" of m² is not."""
    if element.tag != "sup":
        return False
    text = normalised(element.text_content())
    return bool(re.fullmatch(r"\[?\d{1,3}\]?|\[?[*†‡]+\]?", text)) and (
        text[0] in "[*†‡" or element.find(".//a") is not None
    )


class _Reading:
    """The blocks found so far and the one being read. Lives for one call of ``blocks``."""

    def __init__(self) -> None:
        self.found: list[Block] = []
        self._pieces: list[tuple[str, bool]] = []  # text, and whether it is italic or small
        self._kinds: list[tuple[BlockKind, int]] = [(BlockKind.PARAGRAPH, 0)]  # of the blocks we are in
        self._left: list[str] = []  # what to undo when an element ends: "block", "aside" or nothing
        self._asides = 0

    def enter(self, tag: str) -> None:
        """Open an element; ``""`` stands for one whose content is left out."""
        effect = ""
        if self._stands_apart(tag):
            self.flush()
            self._kinds.append(self._kind_of(tag))
            effect = "block"
        elif tag in _KINDS or tag in _CONTAINERS or tag in _BREAKS:
            self.add(" ")
        elif tag in _ASIDES:
            self._asides += 1
            effect = "aside"
        self._left.append(effect)

    def leave(self, tail: str) -> None:
        """Close the element that was opened last, and take the text that follows it."""
        effect = self._left.pop()
        if effect == "block":
            self.flush()
            self._kinds.pop()
        elif effect == "aside":
            self._asides -= 1
        self.add(tail)

    def add(self, text: str) -> None:
        self._pieces.append((text, self._asides > 0))

    def flush(self) -> None:
        """End the block being read."""
        pieces, self._pieces = self._pieces, []
        text = normalised(_FOOTNOTE.sub("", normalised("".join(piece for piece, _ in pieces))))
        if not text:
            return
        letters = sum(len(piece.strip()) for piece, _ in pieces)
        aside = sum(len(piece.strip()) for piece, is_aside in pieces if is_aside)
        kind, level = self._kinds[-1]
        self.found.append(Block(kind=kind, text=text, level=level, aside=aside > _ASIDE_SHARE * letters))

    def _stands_apart(self, tag: str) -> bool:
        if self._kinds[-1][0] in _ENCLOSING:
            return tag in _ROWS
        return tag in _KINDS or tag in _CONTAINERS

    def _kind_of(self, tag: str) -> tuple[BlockKind, int]:
        around = self._kinds[-1]
        kind = _KINDS.get(tag)
        if kind is None or around[0] in _ENCLOSING:
            return around
        return kind, int(tag[1]) if kind is BlockKind.HEADING else 0

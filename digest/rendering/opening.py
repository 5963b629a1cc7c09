"""The opening of a post: its first section, for mails that show one post and link to the rest.

    pieces (what stands apart on the page) → where to cut → what stands after the cut is taken away

A cut lies before a heading, else between two paragraphs, else between the items of a long list, else after a
sentence of an over-long paragraph; never inside a sentence, and never between words that announce something
("… as follows:") and the thing itself. A post that has little more than its opening is shown whole. Pure.
Neighbours: ``body`` makes what is left fit for mail; ``text.cut_html`` cuts to a size what is too large.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from lxml.html import HtmlElement

from digest.rendering.body import inner, parse
from digest.text.sentences import sentences
from digest.text.words import length, minutes, normalised, tokens

LEAST_WORDS = 60  # of an opening; a first section with fewer is taken together with what follows
MOST_WORDS = 250  # of an opening that can be cut before a heading or between paragraphs
FAR_TOO_MANY = 2 * MOST_WORDS  # from here on a paragraph is cut inside, after a sentence
WORTH_LEAVING = 80  # words; a post with fewer after its opening is shown whole

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CONTAINERS = frozenset({"div", "section", "article", "blockquote", "ul", "ol", "dl", "li", "dd"})
_SPACED = frozenset({"br", "td", "th", "tr", "li", "p"})


@dataclass(frozen=True, kw_only=True)
class Opening:
    """The beginning of a body."""

    html: str
    minutes_left: int = 0  # of reading what was left out; 0: nothing was


@dataclass(frozen=True, kw_only=True)
class _Piece:
    """What stands apart on the page."""

    element: HtmlElement
    part: HtmlElement  # the outermost element of the body that it stands in
    text: str  # on one line
    words: float  # of a spaced script

    @property
    def is_heading(self) -> bool:
        return self.element.tag in _HEADINGS

    @property
    def may_end(self) -> bool:
        """Whether an opening may end with it."""
        return not self.is_heading and self.element.tag != "hr" and not self.text.endswith((":", "："))


def opening(html: str, language: str = "") -> Opening:
    """Return the first section of a body, or all of it where that is little more."""
    if not html.strip():
        return Opening(html=html)
    root = parse(html)
    pieces = list(_pieces(root))
    before = [0.0, *accumulate(piece.words for piece in pieces)]  # words that stand before each piece
    place = _place(pieces, before)
    if place is None:
        return _inside(root, pieces, before, language) or Opening(html=html)
    return _ended(root, pieces[place:])


def _ended(root: HtmlElement, rest: Sequence[_Piece], more: str = "") -> Opening:
    """Return the body without its last pieces; ``more`` was taken from the piece before them."""
    for piece in rest:
        _take_away(piece.element, root)
    left = " ".join((more, *(piece.text for piece in rest)))
    return Opening(html=inner(root).strip(), minutes_left=minutes(left))


def _place(pieces: Sequence[_Piece], before: Sequence[float]) -> int | None:
    """Return the first piece to be left out, by its number; None where no place between two is good."""
    enough = [
        number
        for number in range(1, len(pieces))
        if pieces[number - 1].may_end
        and before[number] >= LEAST_WORDS
        and before[-1] - before[number] >= WORTH_LEAVING
    ]
    fitting = [number for number in enough if before[number] <= MOST_WORDS]
    between = [number for number in fitting if pieces[number].part is not pieces[number - 1].part]
    sections = [number for number in fitting if pieces[number].is_heading]
    longer = [number for number in enough if before[number] <= FAR_TOO_MANY]
    return next(iter((*sections[:1], *between[-1:], *fitting[-1:], *longer[:1])), None)


def _inside(
    root: HtmlElement, pieces: Sequence[_Piece], before: Sequence[float], language: str
) -> Opening | None:
    """Return the body ended after a sentence of its first over-long piece; None where that cannot be."""
    for number, piece in enumerate(pieces):
        if before[number + 1] <= MOST_WORDS or piece.element.tag in ("pre", "table"):
            continue
        found = sentences(piece.text, language)
        lengths = accumulate(length(tokens(sentence)) for sentence in found)
        kept = sum(before[number] + words <= MOST_WORDS for words in lengths)
        shown, more = " ".join(found[:kept]), " ".join(found[kept:])
        words_left = length(tokens(more)) + before[-1] - before[number + 1]
        if not kept or words_left < WORTH_LEAVING:
            return None
        _keep(piece.element, len(shown.replace(" ", "")))
        return _ended(root, pieces[number + 1 :], more)
    return None


# --- The pieces of a body ----------------------------------------------------------------------------


def _pieces(root: HtmlElement) -> Iterator[_Piece]:
    for part in root:
        for element in _apart(part):
            text = normalised("".join(_texts(element)))
            yield _Piece(element=element, part=part, text=text, words=length(tokens(text)))


def _apart(element: HtmlElement) -> Iterator[HtmlElement]:
    """Yield what stands apart in an element: itself, or where it only holds others, those."""
    loose = (element.text, *(child.tail for child in element))
    if element.tag not in _CONTAINERS or not len(element) or any(text and text.strip() for text in loose):
        yield element
        return
    for child in element:
        yield from _apart(child)


def _texts(element: HtmlElement) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        yield " " if child.tag in _SPACED else ""
        yield from _texts(child)
        yield child.tail or ""


# --- Taking away -------------------------------------------------------------------------------------


def _take_away(element: HtmlElement, root: HtmlElement) -> None:
    """Remove an element, and whatever it leaves empty."""
    around = element.getparent()
    assert around is not None
    around.remove(element)
    if around is not root and not len(around) and not (around.text or "").strip():
        _take_away(around, root)


def _keep(element: HtmlElement, room: int) -> int:
    """Leave an element's first ``room`` visible characters; return how many more there would be room for."""
    element.text, room = _first(element.text, room)
    for child in list(element):
        if room <= 0:
            element.remove(child)
            continue
        room = _keep(child, room)
        child.tail, room = _first(child.tail, room)
    return room


def _first(text: str | None, room: int) -> tuple[str, int]:
    """Return the beginning of a text with at most ``room`` visible characters, and what room is left."""
    text = text or ""
    for place, character in enumerate(text):
        if room <= 0:
            return text[:place].rstrip(), 0
        room -= bool(normalised(character))
    return text, room

"""The structure of a body put right where a mail needs it plainer than a page does: paragraphs, notes, code.

Pure; works on an lxml tree in place, before ``article`` sanitises. Neighbour: ``article``.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from digest.feeds import markup

# fmt: off
BLOCKS = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "figure",
    "pre", "hr", "div", "section", "article", "aside", "header", "footer", "main", "center",
})
# fmt: on
_BACK = re.compile(r"[\s↩↑⏎^\ufe0e\u21a9\u2191]*")
_BACK_CLASS = re.compile(r"(?:footnote|fn)[\w-]*-?back|reversefootnote|easy-footnote-to-top", re.IGNORECASE)
_MARK = re.compile(r"\[?(\d{1,3}|[*†‡§]{1,3})\]?")
_LINE_NUMBERS = frozenset(
    {"gutter", "rouge-gutter", "linenos", "lineno", "linenodiv", "line-numbers-rows", "lnt"}
)


def write_out_notes(tree: HtmlElement, base_url: str) -> None:
    """Make the mark of a footnote readable, and drop the way back to it.

    The notes mostly stand in the same mail: "[2]" says which to look for. Its link leads to the post's
    page, for bodies that end before their notes; the way back would leave the mail for nothing.
    """
    for link in list(tree.iter("a")):
        href = link.get("href", "")
        if not (href.startswith("#") or (base_url and href.startswith(f"{base_url}#"))):
            continue
        text = markup.words(link)
        if _BACK_CLASS.search(link.get("class", "")) or (text and _BACK.fullmatch(text)):
            link.drop_tree()
        elif mark := _MARK.fullmatch(text):
            for child in list(link):
                link.remove(child)
            link.text = f"[{mark[1]}]"


def write_out_code(tree: HtmlElement) -> None:
    """Leave code as one ``pre``, without the line numbers that a highlighter put in a table beside it."""
    for element in list(tree.iter("td", "span", "pre", "div")):
        numbers = not _LINE_NUMBERS.isdisjoint(element.get("class", "").split())
        if numbers and element.getparent() is not None and re.fullmatch(r"[\d\s]*", markup.words(element)):
            element.drop_tree()
    for table in list(tree.iter("table")):
        listings = list(table.iter("pre"))
        if len(listings) == 1 and markup.words(table) == markup.words(listings[0]):
            listing = listings[0]
            listing.tail = table.tail
            table.getparent().replace(table, listing)


def wrap_loose(tree: HtmlElement) -> None:
    """Put words that stand outside every block into paragraphs; two line breaks begin a new one."""
    loose = tree.makeelement("p")
    loose.text, tree.text = tree.text, None
    breaks = 0
    for child in list(tree):
        tail, child.tail = child.tail, None
        place = tree.index(child)
        if child.tag in BLOCKS:
            child.tail = "\n" if tail and tail[0].isspace() else None
            loose, breaks = _placed(tree, place, loose), 0
        elif child.tag == "br":
            breaks += 1
            tree.remove(child)
            if breaks == 2:
                loose = _placed(tree, place, loose)
            elif breaks == 1:
                loose.append(child)
        else:
            loose.append(child)
            breaks = 0
        if tail and tail.strip():
            breaks = 0
        _append_text(loose, tail)
    _placed(tree, len(tree), loose)


def _placed(tree: HtmlElement, place: int, loose: HtmlElement) -> HtmlElement:
    """Put a finished paragraph, if it holds anything, at its place; return an empty one for what follows."""
    while len(loose) and loose[-1].tag == "br" and not (loose[-1].tail or "").strip():
        loose.remove(loose[-1])
    while len(loose) and loose[0].tag == "br" and not (loose.text or "").strip():
        loose[0].drop_tag()
    if markup.words(loose) or loose.find(".//img") is not None:
        tree.insert(place, loose)
    return tree.makeelement("p")


def _append_text(element: HtmlElement, text: str | None) -> None:
    """Add text at the end of an element."""
    if len(element):
        element[-1].tail = (element[-1].tail or "") + (text or "")
    else:
        element.text = (element.text or "") + (text or "")

"""HTML cut to a size: as much of a body as there is room for, ending where a reader would stop.

Pure; gets HTML that is already sanitised, and never fails. Neighbours: ``editorial.shapes`` says how much
room there is; ``rendering.opening`` chooses a post's first section, which is a matter of what it says.
"""

from __future__ import annotations

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

_WHOLE = frozenset({"figure", "table", "pre", "picture", "iframe", "video", "audio", "dl"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6", "hr"})
_STILL_THERE = frozenset({"img", "br"})  # elements that are not empty although they hold nothing


def cut_html(html: str, room: int) -> str:
    """Return the first ``room`` characters of a body or fewer, tags counted; the whole of a short one.

    A text ends at a word, with "…"; tables, figures and code are kept whole or left out; no heading is left
    without what it heads.
    """
    if len(html) <= room:
        return html
    parser = lxml_html.HTMLParser(remove_comments=True, remove_pis=True)
    document = lxml_html.document_fromstring(f"<html><body><div></div>{html}", parser=parser)
    body: HtmlElement = document.find("body")
    body.text = body[0].tail
    body.remove(body[0])
    _cut(body, room)
    _drop_headings(body)
    return "".join(
        [body.text or "", *(lxml_html.tostring(child, encoding="unicode") for child in body)]
    ).strip()


def _cut(body: HtmlElement, room: int) -> None:
    """Remove everything for which there is no room."""
    for event, element in etree.iterwalk(body, events=("start", "end")):
        text = (element.text if event == "start" else element.tail) or ""
        cost = len(text) + (_tags(element) if event == "start" and element is not body else 0)
        if cost > room:
            _end_at(body, element, text, room - (cost - len(text)), inside=event == "start")
            return
        room -= cost


def _tags(element: HtmlElement) -> int:
    """Return about how many characters an element's own tags take."""
    return 5 + 2 * len(element.tag) + sum(len(name) + len(value) + 4 for name, value in element.items())


def _end_at(body: HtmlElement, element: HtmlElement, text: str, room: int, *, inside: bool) -> None:
    """Make the body end in an element's text (``inside``) or behind the element."""
    holders = [one for one in (element, *element.iterancestors()) if one.tag in _WHOLE]
    if holders and (inside or holders[-1] is not element):
        last = holders[-1]
        _drop_after(body, last)
        last.getparent().remove(last)
        return
    kept = _words(text, room)
    if inside:
        element.text = kept
        for child in list(element):
            element.remove(child)
    _drop_after(body, element)
    if inside and not kept and element is not body and element.tag not in _STILL_THERE:
        element.getparent().remove(element)
    elif not inside:
        element.tail = kept


def _words(text: str, room: int) -> str:
    """Return the whole words of a text that fit, with "…" behind them; empty where none does."""
    if room <= 0:
        return ""
    fits = text[:room]
    whole = fits.rpartition(" ")[0] or fits
    return f"{whole.rstrip()}…" if whole.strip() else ""


def _drop_after(body: HtmlElement, element: HtmlElement) -> None:
    """Remove what stands behind an element, at every level."""
    while element is not body:
        element.tail = None
        for sibling in list(element.itersiblings()):
            sibling.getparent().remove(sibling)
        element = element.getparent()


def _drop_headings(body: HtmlElement) -> None:
    """Remove headings and empty blocks from the end."""
    while len(body):
        last = body[-1]
        bare = not last.text_content().strip() and not any(one.tag in _STILL_THERE for one in last.iter())
        if (not bare and last.tag not in _HEADINGS) or (last.tail or "").strip():
            return
        body.remove(last)

"""The body of a post, made fit for mail: structure only, so that one stylesheet can dress it.

Gets HTML that ``feeds.article`` has sanitised. Mail readers know no frames, players, ``figure`` or
page anchors; screen readers need headings in order and tables with headers. Neighbours: ``plain_text``
makes the text part of the same body, ``opening`` shortens one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import html as lxml_html
from lxml.html import HtmlElement

WIDEST_PX = 520  # a card of 600 with 40 at each side
MOST_COLUMNS = 4  # a wider table cannot be read on a phone

_KEPT = {
    "a": ("href",),
    "img": ("src", "alt", "width", "height", "style"),  # the style is _settle_picture's
    "ol": ("start", "reversed", "type"),
    "table": ("role",),  # _settle_table's
    "td": ("colspan", "rowspan", "scope", "class"),
    "th": ("colspan", "rowspan", "scope", "class"),
}
_KEPT_ALWAYS = ("lang", "dir")
_PLAYERS = ("iframe", "video", "audio", "embed", "object")
_DROPPED = (
    "script", "style", "form", "input", "button", "select", "textarea", "svg", "math", "noscript", "template",
    "link", "meta", "base",
)  # fmt: skip
_PLAIN_BLOCKS = (
    "section",
    "article",
    "header",
    "footer",
    "aside",
    "main",
    "nav",
    "details",
    "summary",
    "figure",
)


_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]{1,7})|([0-9]{1,8}));?")


def mail_body(html: str, *, link: str, words: Mapping[str, str], styled: bool = True) -> str:
    """Return a post's body as mail-safe HTML; empty when there is none.

    ``link`` is the post on the web, where page anchors and wide tables lead; ``words`` says so
    (``media``, ``table``). ``styled`` is false for pages, whose security policy forbids style attributes.
    """
    if not html.strip():
        return ""
    root = parse(html)
    _remove(root)
    _replace_players(root, link, words)
    _settle_headings(root)
    for picture in root.iter("img"):
        _settle_picture(picture, styled=styled)
    for table in list(root.iter("table")):
        _settle_table(table, link, words)
    for code in root.iter("pre"):
        _break_lines(code)
    _rename(root)
    _settle_links(root, link)
    _keep_attributes(root)
    return inner(root).strip()


def parse(html: str) -> HtmlElement:
    """Return the fragment under one ``div``; comments and control characters are gone."""
    clean = _NOT_XML.sub("", _REFERENCE.sub(_without_controls, html))
    # lxml's own fragment parser gives up on markup such as a lone "<html"; a document with a known
    # first element never fails.
    parser = lxml_html.HTMLParser(remove_comments=True, remove_pis=True)
    document = lxml_html.document_fromstring(f"<html><body><div></div>{clean}", parser=parser)
    body = document.find("body")
    assert body is not None
    first, *rest = body
    root = _element("div")
    root.text = first.tail
    root.extend(rest)
    return root


def _without_controls(found: re.Match[str]) -> str:
    """Return a character reference, or nothing where it names a character lxml cannot hold."""
    number = int(found[1], 16) if found[1] else int(found[2])
    return "" if number > 0x10FFFF or _NOT_XML.match(chr(number)) else found[0]


def inner(root: HtmlElement) -> str:
    """Return what stands in the ``div`` that ``parse`` made, as HTML."""
    escaped: str = lxml_html.tostring(root, encoding="unicode")
    return escaped[escaped.index(">") + 1 : escaped.rindex("</div>")]


def _remove(root: HtmlElement) -> None:
    """Take out what has no place in mail, pictures without an address, and empty paragraphs."""
    for element in list(root.iter(*_DROPPED)):
        element.drop_tree()
    for picture in list(root.iter("img")):
        if not _is_web(picture.get("src", "")):
            picture.drop_tree()
    for paragraph in list(root.iter("p")):
        holds = next(paragraph.iter("img", *_PLAYERS), None) is not None
        if not holds and not paragraph.text_content().strip():
            paragraph.drop_tree()


def _replace_players(root: HtmlElement, link: str, words: Mapping[str, str]) -> None:
    """Put a link, and a still where there is one, in the place of frames and players."""
    for player in list(root.iter(*_PLAYERS)):
        source = next(player.iter("source"), player)
        address = source.get("src") or source.get("data") or ""
        address = address if _is_web(address) else link
        paragraph = _element("p")
        if _is_web(player.get("poster", "")):
            still = _element("a", href=address)
            still.append(_element("img", src=player.get("poster", ""), alt=words["media"]))
            paragraph.append(still)
        anchor = _element("a", href=address)
        anchor.text = words["media"]
        paragraph.append(anchor)
        _swap(player, paragraph)


def _settle_headings(root: HtmlElement) -> None:
    """Renumber headings: the first level is h2 (the title is the h1), and no level is skipped."""
    above: list[int] = []
    for heading in root.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        level = int(heading.tag[1])
        while above and above[-1] >= level:
            above.pop()
        above.append(level)
        heading.tag = f"h{min(len(above) + 1, 4)}"


def _settle_picture(picture: HtmlElement, *, styled: bool) -> None:
    """Give a picture an alt text, and numbers no wider than the column."""
    picture.set("alt", picture.get("alt", "").strip())
    width, height = _number(picture.get("width")), _number(picture.get("height"))
    for name in ("width", "height"):
        picture.attrib.pop(name, None)
    shown = min(width or WIDEST_PX, WIDEST_PX)
    picture.set("width", str(shown))
    if width and height:
        picture.set("height", str(max(1, round(height * shown / width))))
    picture.attrib.pop("style", None)
    if styled:
        # A share of the column and a limit: the one way that never pushes a phone's screen wider.
        picture.set("style", f"width:100%;max-width:{shown}px")


def _settle_table(table: HtmlElement, link: str, words: Mapping[str, str]) -> None:
    """Give a table headers with scope, or put a link to the web in its place where it is too wide.

    A single row without a header has nothing that headers could tell apart: it only lays out.
    """
    table.attrib.pop("role", None)
    rows = list(table.iter("tr"))
    across = max((len(row) for row in rows), default=0)
    if not rows or across > MOST_COLUMNS:
        paragraph = _element("p")
        anchor = _element("a", href=link)
        anchor.text = words["table"]
        paragraph.append(anchor)
        _swap(table, paragraph)
        return
    if next(table.iter("th", "caption"), None) is None and len(rows) == 1:
        table.set("role", "presentation")
        return
    if next(table.iter("th"), None) is None and len(rows) > 1:
        for cell in rows[0].iter("td"):
            cell.tag = "th"
    for row in rows:
        headers = [cell for cell in row if cell.tag == "th"]
        scope = "col" if len(headers) == len(row) else "row"
        for cell in headers:
            cell.set("scope", scope)
    table.set("class", "data")


def _break_lines(code: HtmlElement) -> None:
    """Turn line ends in code into ``br``, so that they outlive every mail gateway."""
    innermost = code
    while len(innermost) and not (innermost[-1].tail or "").strip():
        innermost[-1].tail = None
        innermost = innermost[-1]
    if len(innermost):
        innermost[-1].tail = (innermost[-1].tail or "").rstrip()
    else:
        innermost.text = (innermost.text or "").rstrip()
    for element in list(code.iter()):
        if element.text:
            _lines_into(element, element.text, at=None)
        if element is not code and element.tail:
            _lines_into(element, element.tail, at=element)


def _lines_into(element: HtmlElement, text: str, at: HtmlElement | None) -> None:
    """Write text with its line ends as ``br``: at the start of ``element``, or right after it."""
    first, *rest = text.replace("\r\n", "\n").split("\n")
    breaks = []
    for line in rest:
        broken = _element("br")
        broken.tail = line
        breaks.append(broken)
    if at is None:
        element.text = first
        for place, broken in enumerate(breaks):
            element.insert(place, broken)
    else:
        at.tail = first
        parent = at.getparent()
        assert parent is not None
        start = parent.index(at) + 1
        for place, broken in enumerate(breaks):
            parent.insert(start + place, broken)


def _rename(root: HtmlElement) -> None:
    """Give elements that mail readers do not know the names of those they do."""
    for caption in root.iter("figcaption"):
        caption.tag = "p"
        caption.set("class", "caption")
    for element in root.iter(*_PLAIN_BLOCKS):
        kind = "figure" if element.tag == "figure" else ""
        element.tag = "div"
        element.attrib.clear()
        if kind:
            element.set("class", kind)


def _settle_links(root: HtmlElement, link: str) -> None:
    """Lead page anchors to the web, and unwrap links that go nowhere or have no name."""
    for anchor in list(root.iter("a")):
        address = anchor.get("href", "")
        named = anchor.text_content().strip() or any(img.get("alt") for img in anchor.iter("img"))
        if address.startswith("#") and len(address) > 1:
            anchor.set("href", link.partition("#")[0] + address)
        elif not named or not (_is_web(address) or address.startswith(("mailto:", "tel:"))):
            anchor.drop_tag()


def _keep_attributes(root: HtmlElement) -> None:
    """Drop every attribute the mail has no use for; classes are ours alone."""
    for element in root.iter():
        kept = (*_KEPT.get(str(element.tag), ()), *_KEPT_ALWAYS)
        ours = element.get("class", "") in {"figure", "caption", "data"}
        for name in list(element.attrib):
            if name not in kept and not (name == "class" and ours):
                del element.attrib[name]


def _element(tag: str, **attributes: str) -> HtmlElement:
    element: HtmlElement = lxml_html.Element(tag)
    for name, value in attributes.items():
        element.set(name, value)
    return element


def _swap(old: HtmlElement, new: HtmlElement) -> None:
    """Put one element in the place of another, keeping the text after it."""
    new.tail = old.tail
    parent = old.getparent()
    assert parent is not None
    parent.replace(old, new)


def _is_web(address: str) -> bool:
    return address.startswith(("https://", "http://"))


def _number(text: str | None) -> int:
    """Return a whole number of pixels, or 0 for anything else ("100%", "auto", nothing)."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 6 else 0

"""A post's body, made fit for a mail: safe, readable, and free of its site's furniture.

Pure, and the only home of nh3. The chain:

    cap → repair (pictures, players, notes, code) → remove furniture → lift the header image → tidy → sanitise

The order matters: classes tell what to remove, so they must still be there; and the sanitiser comes last,
because only an HTML5 parser sees what a browser will see. Nothing after it touches the markup.
Neighbours: ``images``, ``structure`` and ``boilerplate`` do the middle, ``entry`` calls ``clean``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape, unescape

import lxml.etree
import lxml.html
import nh3
from lxml.html import HtmlElement

from digest.feeds import boilerplate, images, markup, structure
from digest.model import Image

_MOST_CHARACTERS = 200_000
_DEEPEST = 256  # elements within elements; a sanitiser needs seconds for 30,000

# fmt: off
_TAGS = {
    "p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote",
    "pre", "code", "kbd", "samp", "var", "a", "img", "figure", "figcaption", "table", "caption",
    "thead", "tbody", "tfoot", "tr", "th", "td", "b", "strong", "i", "em", "u", "s", "del", "ins",
    "mark", "small", "sub", "sup", "abbr", "cite", "q", "time", "ruby", "rt", "rp", "bdi",
}
_DROPPED_WHOLE = {
    "script", "style", "iframe", "form", "svg", "math", "object", "template", "noscript", "noembed",
    "noframes", "textarea", "select", "button", "title", "xmp", "plaintext",
}
# Elements that hold nothing, or that the next of their kind closes: they add no depth.
_FLAT = frozenset({
    "br", "hr", "img", "input", "meta", "link", "source", "wbr", "col", "area", "base", "embed",
    "param", "track", "p", "li", "dt", "dd", "tr", "td", "th", "option",
})
# fmt: on
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes={
        "a": {"href", "title"},
        "img": {"src", "alt", "width", "height"},
        "td": {"colspan", "rowspan"},
        "th": {"colspan", "rowspan", "scope"},
        "ol": {"start", "type", "reversed"},
        "abbr": {"title"},
        "*": {"dir", "lang"},
    },
    clean_content_tags=_DROPPED_WHOLE,
    url_schemes={"http", "https", "mailto"},
    url_relative="deny",
    link_rel=None,
)
_OPENING_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9-]*)[^<>]*?(/?)>")
_HEADINGS = ("h2", "h3", "h4", "h5", "h6")
_POINTLESS_WHEN_EMPTY = ("p", "figure", "figcaption", "li", "ul", "ol", "a", "blockquote", *_HEADINGS)
_BR_RUN = re.compile(r"(?:<br>\s*){3,}")


@dataclass(frozen=True, kw_only=True)
class Article:
    """A cleaned body."""

    html: str  # safe to place in a page or a mail; block elements only at the top where the source had any
    text: str  # its words, as one line
    image: Image | None  # the header image, no longer in ``html``
    credit: str = ""  # a line that credits a header image which is not in the body; no longer in ``html``
    language: str = ""  # what the markup of the whole body declares
    cut: bool = False  # the source was longer or deeper than we read


def clean(html: str, *, base_url: str, title: str = "") -> Article:
    """Return a post's body as safe HTML with absolute addresses, its header image apart.

    ``base_url`` is what relative addresses are relative to; a first heading that repeats ``title`` is
    dropped. Bodies over 200,000 characters are cut, and those nested deeper than 256 lose their markup.
    """
    html, cut = _capped(markup.without_controls(html))
    if "<" not in html:
        words = unescape(html)
        return Article(html=from_text(words), text=markup.one_line(words), image=None, cut=cut)
    tree = markup.fragment(html)
    if tree is None:
        return Article(html="", text="", image=None, cut=cut)
    kept = list(tree.iter())  # lxml makes an element anew at every visit unless somebody holds it
    language = _declared_language(tree)
    images.repair(tree, base_url)
    images.replace_players(tree, base_url)
    structure.write_out_notes(tree, base_url)
    structure.write_out_code(tree)
    boilerplate.remove(tree, base_url)
    image = images.lift_header(tree)
    credit = images.take_header_credit(tree) if image is None else ""
    _tidy(tree, base_url, title)
    safe = _sanitised(tree)
    del kept
    return Article(html=safe, text=markup.plain(safe), image=image, credit=credit, language=language, cut=cut)


def from_text(text: str) -> str:
    """Return plain text as HTML: blank lines make paragraphs, single line ends stay line ends."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n"))]
    return "".join(
        f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in paragraphs if part
    )


def _declared_language(tree: HtmlElement) -> str:
    """Return the language that every outermost element of a body declares; empty when they differ."""
    declared = {child.get("lang", "") for child in tree}
    return declared.pop() if len(declared) == 1 and not (tree.text or "").strip() else ""


def _capped(html: str) -> tuple[str, bool]:
    """Return the body within our limits, and whether something was lost."""
    cut = len(html) > _MOST_CHARACTERS
    if cut:
        html = html[:_MOST_CHARACTERS]
        # Not in the middle of a tag: its remains would be read as text.
        html = html[: html.rfind("<")] if html.rfind("<") > html.rfind(">") else html
    if html.count("<") > _DEEPEST and _depth(html) > _DEEPEST:
        return from_text(re.sub(r"\s*<[^<>]*>\s*", " ", html)), True
    return html, cut


def _depth(html: str) -> int:
    """Return how deep elements lie within elements, read in one pass without building anything."""
    depth = deepest = 0
    for closing, name, empty in _OPENING_TAG.findall(html):
        if name.lower() in _FLAT or empty:
            continue
        depth = max(depth - 1, 0) if closing else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _tidy(tree: HtmlElement, base_url: str, title: str) -> None:
    """Make links absolute, headings fit below the mail's own, bare blocks paragraphs; drop what is empty."""
    lxml.etree.strip_elements(tree, *_DROPPED_WHOLE, with_tail=False)  # or they leave empty paragraphs
    for link in list(tree.iter("a")):
        _mend_link(link, base_url)
    first = next(tree.iter("h1", "h2", "h3"), None)
    if first is not None and title and markup.words(first).casefold() == title.casefold():
        first.drop_tree()
    for heading in tree.iter("h1"):
        heading.tag = "h2"
    for block in tree.iter("div", "section", "article", "aside", "header", "footer", "main", "center"):
        if block is not tree and not any(child.tag in structure.BLOCKS for child in block.iterdescendants()):
            block.tag = "p"
    for element in list(tree.iter(*_POINTLESS_WHEN_EMPTY))[::-1]:
        if element.find(".//img") is None and not any(text.strip() for text in element.itertext()):
            element.drop_tree()
    structure.wrap_loose(tree)
    _close_gaps(tree)


def _close_gaps(tree: HtmlElement) -> None:
    """Leave one line end where an editor, or something removed, left many between blocks."""
    for block in tree:
        if block.tail and not block.tail.strip():
            block.tail = "\n"


def _mend_link(link: HtmlElement, base_url: str) -> None:
    """Give a link an absolute web or mail address, or make it plain text."""
    href = link.get("href", "").strip()
    if href.lower().startswith("mailto:"):
        return
    url = markup.absolute(href, base_url)
    if url:
        link.set("href", url)
    else:
        link.drop_tag()


def _sanitised(tree: HtmlElement) -> str:
    """Return the children of ``tree`` as safe HTML."""
    inner = escape(tree.text or "", quote=False) + "".join(
        lxml.html.tostring(child, encoding="unicode") for child in tree
    )
    # Character references may have brought controls back; removing letters from text cannot make markup.
    safe = markup.without_controls(_CLEANER.clean(inner))
    return _BR_RUN.sub("<br><br>", safe).strip()

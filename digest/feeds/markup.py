"""Small readings of text and HTML that parsing, cleaning and discovering share.

Pure. Nothing here makes HTML safe: that is ``article``'s job alone.
"""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from urllib.parse import urljoin, urlsplit

import lxml.etree
import lxml.html

from digest.feeds import bounds

# C0 and C1 controls but for tab and line ends; the bidirectional overrides and isolates, which can make
# a title read other than it is written (Unicode TR 36 §3.2.2); the byte order mark and line separators.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\u2028\u2029\ufffe\uffff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_WHOLE = re.compile(r"https?://[^/]", re.IGNORECASE)
_FILE_NAME = re.compile(
    r"[^\s.]\S*\.(?:jpe?g|png|gif|webp|avif|svg)|[\w-]*_[\w-]*"
    r"|(?:IMG|DSCN?|PXL|image|screenshot)[-_ ]?[\d-]+",
    re.IGNORECASE | re.ASCII,
)
_TAG = re.compile(r"<[^<>]*>")
# fmt: off
_LINE_MAKERS = frozenset({
    "p", "div", "br", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote",
    "figure", "figcaption", "section", "article", "ul", "ol", "table", "pre", "hr", "dt", "dd",
})
# fmt: on
_UNREAD = (lxml.etree.Comment, lxml.etree.ProcessingInstruction, "script", "style", "template", "head")


def without_controls(text: str) -> str:
    """Return ``text`` without control characters, bidirectional overrides and lone surrogates."""
    if text.isprintable():  # by far the most: not one character to look for
        return text
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", text))


def one_line(text: str) -> str:
    """Return ``text`` as one clean line: no control characters, single spaces."""
    return " ".join(without_controls(text).split())


def plain(html: str) -> str:
    """Return the words of a piece of HTML as one line, entities resolved."""
    html = without_controls(html)
    if "<" not in html:
        return one_line(unescape(html))
    tree = fragment(html)
    if tree is None:
        return one_line(unescape(_TAG.sub(" ", html)))
    return words(tree)


def names_a_file(text: str) -> bool:
    """Return whether a picture's title or alternative text is only what its file was called."""
    return bool(_FILE_NAME.fullmatch(text.strip()))


def words(tree: lxml.html.HtmlElement) -> str:
    """Return the words of a tree as one line, with a space where a reader sees a new line."""
    if not len(tree):
        return one_line(tree.text or "")
    if not any(element.tag in _LINE_MAKERS for element in tree.iterdescendants()):
        return one_line("".join(map(str, tree.itertext())))
    pieces: list[str] = []
    for event, element in lxml.etree.iterwalk(tree, events=("start", "end")):
        if element.tag in _LINE_MAKERS:
            pieces.append(" ")
        if event == "start":
            pieces.append(element.text or "")
        elif element is not tree:
            pieces.append(element.tail or "")
    return one_line("".join(pieces))


def fragment(html: str) -> lxml.html.HtmlElement | None:
    """Return a piece of HTML as the children of one ``div``, bare of comments and scripts.

    None when nothing can be made of it.
    """
    try:
        html = bounds.without_swarms(without_controls(html))
        tree = lxml.html.fragment_fromstring(html, create_parent="div")
    except (lxml.etree.LxmlError, ValueError, AssertionError):
        return None
    lxml.etree.strip_elements(tree, *_UNREAD, with_tail=False)
    return tree


@lru_cache(maxsize=512)  # a body repeats its links
def absolute(url: str, base_url: str) -> str:
    """Return ``url`` as an absolute http or https address, or an empty text."""
    url = re.sub(r"[\t\r\n]", "", without_controls(url)).strip()
    if not url:
        return ""
    try:
        whole = url if _WHOLE.match(url) else urljoin(base_url, url)
        parts = urlsplit(whole)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not host:
        return ""
    return whole.replace(" ", "%20").replace('"', "%22").replace("<", "%3C").replace(">", "%3E")

"""The mail the gate looks at, read once: from the bytes that would be sent, or from HTML alone.

Never fails: whatever bytes come, there is a value, and the rules say what is wrong with it. The HTML is read
into a tree by lxml. Neighbours: ``elements`` answers questions about one element, ``css`` reads its styles.
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from functools import cached_property
from typing import TypeVar

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from digest.quality.css import Sheet, sheet

T = TypeVar("T")

# What the standard library's mail parser raises, here and there, when a header makes no sense.
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, MessageError, TypeError, ValueError)
_STYLE = re.compile(r"<style\b[^>]*>(.*?)</style\s*>", re.DOTALL | re.IGNORECASE)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_SILENT = frozenset({"head", "style", "script", "title", "template", "noscript"})


@dataclass(frozen=True, kw_only=True, eq=False)
class Mail:
    """One mail, taken apart. What it does not have is None; what is there but empty is empty."""

    data: bytes | None  # the whole mail as it travels
    headers: tuple[tuple[str, str], ...] | None  # name and raw value with its folds, in order
    decoded: tuple[tuple[str, str], ...] | None  # the same, values decoded
    html: str | None
    text: str | None
    html_octets: bytes | None  # the HTML part as it travels
    parts: tuple[str, ...]  # content types of the leaves, in order
    attachments: tuple[str, ...]  # names or types of what is attached

    def header(self, name: str) -> str:
        """Return the first decoded value of a header on one line; empty when there is none."""
        for key, value in self.decoded or ():
            if key.lower() == name.lower():
                return " ".join(value.split())
        return ""

    def count(self, name: str) -> int:
        """Return how often a header is there."""
        return sum(key.lower() == name.lower() for key, _ in self.headers or ())

    @cached_property
    def root(self) -> HtmlElement | None:
        """The ``html`` element; None where there is no HTML to speak of."""
        clean = _NOT_XML.sub("", self.html or "")
        parser = lxml_html.HTMLParser(encoding="utf-8", huge_tree=True)
        try:
            return lxml_html.document_fromstring(clean.encode("utf-8", "replace"), parser=parser)
        except (etree.ParserError, ValueError):  # nothing but white space or comments
            return None

    @cached_property
    def body(self) -> HtmlElement | None:
        """The ``body`` element."""
        return None if self.root is None else self.root.find("body")

    @cached_property
    def elements(self) -> tuple[HtmlElement, ...]:
        """Every element, in the order of the document."""
        return () if self.root is None else tuple(one for one in self.root.iter() if isinstance(one.tag, str))

    @cached_property
    def comments(self) -> tuple[tuple[str, int], ...]:
        """The text of every comment, with its line."""
        if self.root is None:
            return ()
        tree = self.root.getroottree()
        return tuple((one.text or "", one.sourceline or 1) for one in tree.iter(etree.Comment))

    @cached_property
    def mso(self) -> tuple[tuple[str, int], ...]:
        """What only classic Outlook reads: conditional comments that hide their content from others."""
        return tuple((text, line) for text, line in self.comments if text.lstrip().startswith("[if"))

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """Every stylesheet in the HTML, those for classic Outlook last."""
        live = [
            sheet(one.text or "", line=one.sourceline or 1, in_body=_is_in_body(one))
            for one in self.elements
            if one.tag == "style"
        ]
        outlook = [
            sheet(found[1], line=line + text.count("\n", 0, found.start(1)), mso=True)
            for text, line in self.mso
            for found in _STYLE.finditer(text)
        ]
        return (*live, *outlook)

    @cached_property
    def texts(self) -> tuple[tuple[HtmlElement, str], ...]:
        """Every piece of text in the body with the element it stands in, hidden ones included."""
        return () if self.body is None else tuple(_texts(self.body))

    @cached_property
    def html_size(self) -> int:
        """How many octets the HTML takes as it travels: what Gmail counts when it clips."""
        if self.html_octets is not None:
            return len(self.html_octets)
        return len(b2a_qp((self.html or "").encode("utf-8", "replace"), istext=True))


def read_mail(data: bytes) -> Mail:
    """Return the mail in these bytes. Never raises, whatever they are."""
    parsed: EmailMessage = message_from_bytes(data, policy=default)
    html, text = _part(parsed, "html"), _part(parsed, "plain")
    raw = [(name, _shown(str(value))) for name, value in parsed.raw_items()]
    leaves = [part for part in parsed.walk() if not part.is_multipart()]
    return Mail(
        data=data,
        headers=tuple(raw),
        decoded=tuple(_decoded_headers(raw)),
        html=None if html is None else _decoded(html),
        text=None if text is None else _decoded(text),
        html_octets=None if html is None else _encoded(html),
        parts=tuple(part.get_content_type() for part in leaves),
        attachments=tuple(
            _tried(part.get_filename, None) or part.get_content_type()
            for part in leaves
            if part is not html and part is not text and not _is_inline(part)
        ),
    )


def read_html(html: str, *, text: str | None = None) -> Mail:
    """Return a mail of which only its HTML is known, and perhaps its text."""
    return Mail(
        data=None,
        headers=None,
        decoded=None,
        html=html,
        text=text,
        html_octets=None,
        parts=(),
        attachments=(),
    )


def _is_inline(part: EmailMessage) -> bool:
    """Return whether a part is a picture that the HTML shows, not an attachment."""
    return bool(_tried(lambda: part["Content-ID"], None)) and part.get_content_maintype() == "image"


def _tried(read: Callable[[], T], otherwise: T) -> T:
    """Return what could be read, or this where the mail makes no sense."""
    try:
        return read()
    except _UNREADABLE:
        return otherwise


def _shown(value: str) -> str:
    """Return text whose undecodable bytes, kept by the parser as surrogates, are shown as one mark each."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _decoded_headers(raw: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield every header decoded; as it stands where that cannot be done."""
    for name, value in raw:
        yield name, _shown(str(_tried(lambda n=name, v=value: default.header_fetch_parse(n, v), value)))  # type: ignore[misc]


def _part(parsed: EmailMessage, kind: str) -> EmailMessage | None:
    """Return the part a mail program would show as this kind of body, or None."""
    found = _tried(lambda: parsed.get_body(preferencelist=(kind,)), None)
    return found if isinstance(found, EmailMessage) else None


def _decoded(part: EmailMessage) -> str:
    """Return a part's text with plain line ends; an unknown character set is read as UTF-8."""
    payload = _tried(lambda: part.get_payload(decode=True), None)
    octets = payload if isinstance(payload, bytes) else b""
    as_utf_8 = octets.decode("utf-8", "replace")
    text = _tried(lambda: octets.decode(part.get_content_charset("utf-8"), "replace"), as_utf_8)
    return text.replace("\r\n", "\n")


def _encoded(part: EmailMessage) -> bytes:
    """Return a part's content as it travels."""
    return str(part.get_payload()).encode("utf-8", "surrogateescape")


def _is_in_body(element: HtmlElement) -> bool:
    return any(above.tag == "body" for above in element.iterancestors())


def _texts(element: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Yield text with the element that dresses it: an element's tail belongs to its parent."""
    for one in element.iter():
        if isinstance(one.tag, str) and one.tag not in _SILENT and one.text:
            yield one, one.text
        parent = one.getparent()
        if one is not element and one.tail and parent is not None and parent.tag not in _SILENT:
            yield parent, one.tail

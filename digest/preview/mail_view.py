"""What a finished mail looks like to a person, read from nothing but its bytes.

The preview and the demonstration's inbox show the same mails, so both read them here. Reading never
fails: an inbox has to show whatever arrives, also what no well-behaved program would send. What is not
readable is shown as it stands. Pure. Neighbours: ``frame`` makes the HTML safe to show, ``bench`` shows
the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from html.parser import HTMLParser
from typing import TypeVar

GMAIL_CLIPS_AT = 102 * 1024  # encoded bytes of HTML above which Gmail hides the rest of a mail
SNIPPET_LENGTH = 160  # characters; no inbox shows more beside a subject
UNSEEN = dict.fromkeys(map(ord, "\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
# What the standard library's mail parser raises, here and there, when a header makes no sense.
UNREADABLE = (ArithmeticError, AttributeError, LookupError, MessageError, TypeError, ValueError)
IN_LINE = frozenset(
    {"a", "abbr", "b", "bdi", "code", "del", "em", "font", "i", "ins", "mark", "q", "s", "small", "span"}
    | {"strong", "sub", "sup", "u", "wbr"}
)
NO_TEXT_IN = frozenset({"head", "script", "style", "template", "title"})


@dataclass(frozen=True, kw_only=True)
class Link:
    """One link of a mail's HTML, in reading order."""

    url: str  # as written in the mail
    text: str  # what a reader sees; empty for a picture without alternative text


@dataclass(frozen=True, kw_only=True)
class MailView:
    """One mail, taken apart for showing."""

    subject: str
    from_: str
    sender: str  # what an inbox shows of From: the name, or the address where there is none
    to: str
    date: str  # as the mail words it; empty when it has none
    headers: tuple[tuple[str, str], ...]  # name and raw value with its folds, in the mail's order
    html: str  # the HTML part, decoded; empty when there is none
    text: str  # the plain part, decoded; empty when there is none
    source: str  # the whole mail as it travels; bytes beyond UTF-8 are shown as the replacement mark
    snippet: str  # the first words an inbox shows beside the subject: the preheader, if there is one
    links: tuple[Link, ...]
    size: int  # octets of the whole mail
    size_html_encoded: int  # octets of the HTML part as it travels, which is what Gmail counts


def read_mail(data: bytes) -> MailView:
    """Return the mail in these bytes, taken apart. Never raises, whatever the bytes are."""
    mail: EmailMessage = message_from_bytes(data, policy=default)
    html_part = _part(mail, "html")
    html = _decoded(html_part)
    text = _decoded(_part(mail, "plain"))
    reading = _read_html(html)
    from_ = _header(mail, "from")
    name, address = parseaddr(from_)
    return MailView(
        subject=_header(mail, "subject"),
        from_=from_,
        sender=name or address or from_,
        to=_header(mail, "to"),
        date=_header(mail, "date"),
        headers=tuple(
            (_shown(name), _shown(str(raw)).replace("\r\n", "\n")) for name, raw in mail.raw_items()
        ),
        html=html,
        text=text,
        source=data.decode("utf-8", "replace"),
        snippet=_snippet(reading.words if html else [text]),
        links=tuple(reading.links),
        size=len(data),
        size_html_encoded=_encoded_size(html_part),
    )


T = TypeVar("T")


def _tried(read: Callable[[], T], otherwise: T) -> T:
    """Return what could be read, or this where the mail makes no sense."""
    try:
        return read()
    except UNREADABLE:
        return otherwise


def _header(mail: EmailMessage, name: str) -> str:
    """Return a header for people: decoded and on one line; as it stands where it cannot be decoded."""
    raw = next((str(value) for key, value in mail.raw_items() if key.lower() == name), "")
    return " ".join(_shown(_tried(lambda: str(mail.get(name, "")), raw)).split())


def _shown(value: str) -> str:
    """Return text whose undecodable bytes, kept by the parser as surrogates, are shown as one mark each."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _part(mail: EmailMessage, kind: str) -> EmailMessage | None:
    """Return the part a mail program would show as this kind of body, or None."""
    found = _tried(lambda: mail.get_body(preferencelist=(kind,)), None)
    return found if isinstance(found, EmailMessage) else None


def _decoded(part: EmailMessage | None) -> str:
    """Return a part's text with plain line ends; an unknown character set is read as UTF-8."""
    if part is None:
        return ""
    octets = _octets(part)
    as_utf_8 = octets.decode("utf-8", "replace")
    text = _tried(lambda: octets.decode(part.get_content_charset("utf-8"), "replace"), as_utf_8)
    return _shown(text.replace("\r\n", "\n"))


def _octets(part: EmailMessage) -> bytes:
    """Return a part's content with its transfer encoding undone; empty where that cannot be done."""
    payload = _tried(lambda: part.get_payload(decode=True), None)
    return payload if isinstance(payload, bytes) else b""


def _encoded_size(part: EmailMessage | None) -> int:
    """Return how many octets a part takes inside the mail, its transfer encoding included."""
    if part is None:
        return 0
    encoding = _tried(lambda: str(part.get("content-transfer-encoding", "")).lower(), "")
    if encoding in {"quoted-printable", "base64"}:
        return _tried(lambda: len(str(part.get_payload())), 0)
    return len(_octets(part))


def _snippet(words: list[str]) -> str:
    """Return the first words on one line, without the invisible fillers that follow a preheader."""
    return " ".join("".join(words).translate(UNSEEN).split())[:SNIPPET_LENGTH].rstrip()


class _Reading(HTMLParser):
    """The words and links of a piece of HTML, collected in one pass."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words: list[str] = []
        self.links: list[Link] = []
        self._silent = 0  # how many elements without readable text are open
        self._href: str | None = None
        self._link_words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self._part_words(tag)
        if tag in NO_TEXT_IN:
            self._silent += 1
        elif tag == "body":
            self._silent = 0  # a head that was never closed ends here
        elif tag == "a" and given.get("href"):
            self._end_link()
            self._href = given["href"]
        elif tag == "img":
            self._link_words.append(given.get("alt") or "")

    def handle_endtag(self, tag: str) -> None:
        self._part_words(tag)
        if tag in NO_TEXT_IN:
            self._silent = max(0, self._silent - 1)
        elif tag == "a":
            self._end_link()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)
            self._link_words.append(data)

    def _part_words(self, tag: str) -> None:
        if tag not in IN_LINE:
            self.words.append(" ")

    def _end_link(self) -> None:
        if self._href is not None:
            text = " ".join("".join(self._link_words).split())
            self.links.append(Link(url=self._href.strip(), text=text))
        self._href = None
        self._link_words = []


def _read_html(html: str) -> _Reading:
    """Return the words and links of HTML; what cannot be parsed to the end is read as far as it goes."""
    reading = _Reading()
    with suppress(AssertionError):  # html.parser's answer to a declaration such as "<![word["
        reading.feed(html)
        reading.close()
    return reading

"""What a finished mail looks like to a person, read from nothing but its bytes.

The preview and the demonstration's inbox show the same mails, so both read them here. Reading never
fails: an inbox has to show whatever arrives, also what no well-behaved program would send. What is not
readable is shown as it stands. Pure. Neighbours: ``frame`` makes the HTML safe to show, ``bench`` shows
the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr
from html.parser import HTMLParser

GMAIL_CLIPS_AT = 102 * 1024  # encoded bytes of HTML above which Gmail hides the rest of a mail
SNIPPET_LENGTH = 160  # characters; no inbox shows more beside a subject
UNSEEN = dict.fromkeys(map(ord, "\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
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
    mail: EmailMessage = message_from_bytes(data, policy=default)  # type: ignore[assignment]
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


def _header(mail: EmailMessage, name: str) -> str:
    """Return a header for people: decoded and on one line; as it stands where it cannot be decoded."""
    try:
        value = str(mail.get(name, ""))
    except (ArithmeticError, AttributeError, LookupError, MessageError, TypeError, ValueError):
        # The standard library's header parser still trips over some broken headers.
        value = next(str(raw) for key, raw in mail.raw_items() if key.lower() == name)
    return " ".join(_shown(value).split())


def _shown(value: str) -> str:
    """Return text whose undecodable bytes, kept by the parser as surrogates, are shown as one mark each."""
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _part(mail: EmailMessage, kind: str) -> EmailMessage | None:
    """Return the part a mail program would show as this kind of body, or None."""
    try:
        found = mail.get_body(preferencelist=(kind,))
    except (ArithmeticError, AttributeError, LookupError, MessageError, TypeError, ValueError):
        return None  # a Content-Type that cannot be read: no body that could be shown
    return found if isinstance(found, EmailMessage) else None


def _decoded(part: EmailMessage | None) -> str:
    """Return a part's text with plain line ends; an unknown character set is read as UTF-8."""
    if part is None:
        return ""
    octets = _octets(part)
    try:
        text = octets.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):
        text = octets.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def _octets(part: EmailMessage) -> bytes:
    """Return a part's content with its transfer encoding undone; empty where there is none."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _encoded_size(part: EmailMessage | None) -> int:
    """Return how many octets a part takes inside the mail, its transfer encoding included."""
    if part is None:
        return 0
    if str(part.get("content-transfer-encoding", "")).lower() in {"quoted-printable", "base64"}:
        return len(str(part.get_payload()))
    return len(_octets(part))


def _snippet(words: list[str]) -> str:
    """Return the first words on one line, without the invisible fillers that follow a preheader."""
    return " ".join(" ".join(words).translate(UNSEEN).split())[:SNIPPET_LENGTH].rstrip()


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
        if tag in NO_TEXT_IN:
            self._silent = max(0, self._silent - 1)
        elif tag == "a":
            self._end_link()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)
            self._link_words.append(data)

    def _end_link(self) -> None:
        if self._href is not None:
            text = " ".join("".join(self._link_words).split())
            self.links.append(Link(url=self._href.strip(), text=text))
        self._href = None
        self._link_words = []


def _read_html(html: str) -> _Reading:
    """Return the words and links of HTML; what cannot be parsed to the end is read as far as it goes."""
    reading = _Reading()
    try:
        reading.feed(html)
        reading.close()
    except AssertionError:
        # html.parser's own words for a declaration such as "<![if" that never makes sense.
        return reading
    return reading

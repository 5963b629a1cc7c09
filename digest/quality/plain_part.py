"""TXT: whether the text part is a real one: there, first, complete and readable."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from digest.quality.elements import HEADINGS, hit, hit_in, is_hidden, links, plain, text_of
from digest.quality.facts import Facts
from digest.quality.linking import split, target
from digest.quality.mail import Mail
from digest.quality.report import Hit, Mender, Rule, Severity

_WIDEST = 76
_TAG = re.compile(
    r"</?(?:p|div|a|span|br|td|tr|table|strong|em|b|i|img|h[1-6]|ul|ol|li)\b[^>\n]*>", re.IGNORECASE
)
_ENTITY = re.compile(
    r"&(?:nbsp|amp|lt|gt|quot|apos|mdash|ndash|hellip|rsquo|lsquo|#\d{2,5}|#x[0-9a-fA-F]{2,4});"
)
_NOISE = re.compile(r"\[(?:image|picture|img|bild)\s*:?\s*\]", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://|mailto:")


def _order(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    if mail.text is None or not mail.text.strip():
        yield hit_in("mail", "there is no text part" if mail.text is None else "the text part is empty")
    elif "text/html" in mail.parts and mail.parts.index("text/html") < mail.parts.index("text/plain"):
        yield hit_in("mail", "the HTML comes first, so programs show the text")


def _complete(mail: Mail, facts: Facts) -> Iterator[Hit]:
    text = plain(mail.text or "")
    if facts.posts is not None:
        for post in facts.posts:
            if plain(post.title) not in text:
                yield hit_in("text", "a post's title", words=post.title)
            if plain(post.link) not in text:
                yield hit_in("text", "a post's link", words=post.link)
        return
    for link in _post_links(mail):
        if plain(target(link)) not in text:
            yield hit(link, "its address is not in the text")


def _post_links(mail: Mail) -> list[HtmlElement]:
    """Return the links of headings, which are what a mail is about; every web link where there are none.

    A site's home page is where it comes from, not what it tells.
    """
    web = [
        one
        for one in links(mail)
        if target(one).startswith(("https://", "http://")) and not is_hidden(one) and _is_page(target(one))
    ]
    about = [one for one in web if any(up.tag in HEADINGS for up in one.iterancestors())]
    return about or web


def _is_page(address: str) -> bool:
    """Return whether an address is more than a site's home."""
    parts = split(address)
    return parts is not None and bool(parts.path.strip("/") or parts.query)


def _readable(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    shown = text_of(mail.body) if mail.body is not None else ""
    for number, line in enumerate((mail.text or "").splitlines(), 1):
        if len(line) > _WIDEST and not _ADDRESS.search(line) and " " in line.strip():
            yield hit_in("text", f"{len(line)} columns of at most {_WIDEST}", line=number, words=line)
        for shape, what in ((_TAG, "a tag"), (_ENTITY, "an entity"), (_NOISE, "a picture without words")):
            found = shape.search(line)
            # What the HTML shows to readers as it stands is meant: a post about HTML has tags in its text.
            if found and found[0] not in shown:
                yield hit_in("text", f"{what}: {found[0]}", line=number, words=line)


RULES = (
    Rule(id="TXT-01", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=("data",), looks=_order,
         says="There is no text part, or it does not come first.",
         mend="Send multipart/alternative: the text, then the HTML.",
         source="RFC 2046, 5.1.4; SpamAssassin MIME_HTML_ONLY"),
    Rule(id="TXT-02", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=("html", "text"), looks=_complete,
         says="A post that the HTML shows is not in the text.",
         mend="Show the same posts, with their links, in body.txt.",
         source="Everypost"),
    Rule(id="TXT-03", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=("text",), looks=_readable,
         says="The text part is hard to read as text.",
         mend="Break lines at 72 columns; keep tags and entities out.",
         source="RFC 3676"),
)  # fmt: skip

"""What in a mail weighs what: styles, masthead, contents, each section and post, footer.

Counted in octets as they travel, so that the sum is what Gmail counts. A mail is cut at its headings, which
is how people think of it; so this works for any template.
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from dataclasses import dataclass
from html import unescape

from digest.quality.mail import Mail
from digest.quality.size import CLIPPED_FROM

_HEADING = re.compile(r"<h([1-6])\b[^>]*>(.*?)</h\1\s*>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")
_ROW = re.compile(r"<tr\b", re.IGNORECASE)
_STYLES = re.compile(r"<style\b.*?</style\s*>|<!--\[if\b.*?<!\[endif\]-->", re.DOTALL | re.IGNORECASE)
_OUT = re.compile(r"unsubscribe", re.IGNORECASE)
_HEAD_END = re.compile(r"</head\s*>", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Weight:
    """One part of a mail and what it weighs."""

    name: str  # "styles", "masthead", "footer", or the heading that opens the part
    kind: str  # "frame", "section" or "post"
    octets: int  # as they travel


@dataclass(frozen=True, kw_only=True)
class Weights:
    """Everything a mail weighs, in its order."""

    parts: tuple[Weight, ...]
    octets: int  # of the whole HTML part, as it travels
    room_for: int | None  # posts like its own that still fit; None where it has none


def weigh(mail: Mail) -> Weights:
    """Return what each part of the mail weighs, and how many more posts fit."""
    html = mail.html or ""
    end_of_head = _HEAD_END.search(html)
    body_from = end_of_head.end() if end_of_head else 0
    styles = sum(_octets(found[0]) for found in _STYLES.finditer(html[:body_from]))
    parts = [
        Weight(name="styles", kind="frame", octets=styles),
        Weight(name="rest of the head", kind="frame", octets=max(0, _octets(html[:body_from]) - styles)),
        *_body(html[body_from:]),
    ]
    posts = [part.octets for part in parts if part.kind == "post"]
    room = max(0, CLIPPED_FROM - mail.html_size - 1) * len(posts) // sum(posts) if posts else None
    return Weights(parts=tuple(part for part in parts if part.octets), octets=mail.html_size, room_for=room)


def _body(html: str) -> list[Weight]:
    """Cut a body at its headings; what stands around the way out of the list is the footer."""
    footer_from = _footer(html)
    headings = [found for found in _HEADING.finditer(html) if found.start() < footer_from]
    before = [0, *(found.end() for found in headings)]
    starts = [_row_of(html, found, after) for found, after in zip(headings, before, strict=False)]
    ends = [*starts[1:], footer_from][: len(starts)]
    cut = [
        Weight(name="masthead", kind="frame", octets=_octets(html[: starts[0] if starts else footer_from]))
    ]
    for found, start, end in zip(headings, starts, ends, strict=True):
        linked = "<a " in found[2].lower()
        cut.append(
            Weight(
                name=" ".join(unescape(_TAG.sub(" ", found[2])).split()) or "(no words)",
                kind="post" if linked else "section",
                octets=_octets(html[start:end]),
            )
        )
    return [*cut, Weight(name="footer", kind="frame", octets=_octets(html[footer_from:]))]


def _row_of(html: str, heading: re.Match[str], after: int) -> int:
    """Return where the row of a heading begins, behind the heading before it; itself where there is none."""
    rows = [
        found.start() for found in _ROW.finditer(html, max(after, heading.start() - 600), heading.start())
    ]
    return rows[-1] if rows else heading.start()


def _footer(html: str) -> int:
    """Return where the block with the last way out of the list begins; the end where there is none.

    That is a table of its own behind the last heading; a paragraph where the mail is one table.
    """
    ways_out = [one.start() for one in _OUT.finditer(html)]
    if not ways_out:
        return len(html)
    headings = [one.end() for one in _HEADING.finditer(html, 0, ways_out[-1])]
    after = headings[-1] if headings else 0
    places = (html.rfind(opening, after, ways_out[-1]) for opening in ("<table", "<p"))
    return next((place for place in places if place >= 0), ways_out[-1])


def _octets(html: str) -> int:
    """Return what a piece weighs as it travels; each of its lines ends in two octets."""
    return len(b2a_qp(html.encode("utf-8", "replace"), istext=True)) + html.count("\n") if html else 0

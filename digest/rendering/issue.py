"""Turns an edition into a finished mail, or into its page in the archive.

Everything a reader sees comes from here and from the templates; the same edition, publication and
templates always give the same rendering. Neighbours: ``personalise`` fills the slots, ``transactional``
does the same for notices.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from digest.model import Edition, Image, Item, Publication, Rendering
from digest.rendering.body import mail_body
from digest.rendering.colour import palettes
from digest.rendering.environment import environment, render
from digest.rendering.inline import inline
from digest.rendering.opening import Opening, opening
from digest.rendering.plain_text import to_text
from digest.rendering.slots import slots
from digest.text import dates

CONTENTS_AT_MOST = 12  # titles in that list
_FULL_WIDTH_PX = 600
_THUMBNAIL_WIDTH_PX = 128
_BREAKING = re.compile(r"[^\S\u00a0\u202f]+")  # white space that may become a line end
# Without quotes: they would end the style attribute they are written into.
_SERIF = "Georgia, Times New Roman, serif"
_SANS = "-apple-system, BlinkMacSystemFont, Segoe UI, Roboto, Helvetica, Arial, sans-serif"
_PREHEADER = 200  # characters Gmail shows after a subject
_FILLER = "\u2007\u034f"  # figure space and combining grapheme joiner: takes room, shows nothing


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture at the size it is shown."""

    url: str
    alt: str
    width: int  # CSS pixels
    height: int | None  # None when the picture's own shape is unknown


@dataclass(kw_only=True)
class ContentsGroup:
    """A theme and its titles in the list of contents."""

    name: str  # empty: the themes with a single post
    items: list[Item] = field(default_factory=list)
    more: int = 0  # titles beyond the first twelve


def render_issue(edition: Edition, publication: Publication, templates: Mapping[str, str]) -> Rendering:
    """Return the mail for one edition, its slots still marked.

    Raises TemplateFault when a template is missing or broken.
    """
    nonce = content_nonce(edition, publication, templates)
    context = _context(edition, publication, templates, styled=True) | {"slot": slots(nonce)}
    env = environment(templates)
    folder = f"email/{edition.layout}"
    # The title and the label of the mail are what the inbox shows, also where an operator words subjects
    # anew.
    context["subject"] = one_line(render(env, f"{folder}/subject.txt", context))
    css = render(env, "email/_inline.css", context)
    return Rendering(
        subject=context["subject"],
        html=inline(render(env, f"{folder}/body.html", context), css),
        text=tidy_text(render(env, f"{folder}/body.txt", context)),
        nonce=nonce,
    )


def source_css(edition: Edition, publication: Publication, templates: Mapping[str, str]) -> str:
    """Return the stylesheet that ``render_issue`` writes into the mail's elements, as it was before."""
    context = _context(edition, publication, templates, styled=True)
    return render(environment(templates), "email/_inline.css", context)


def render_web(edition: Edition, publication: Publication, templates: Mapping[str, str]) -> str:
    """Return the issue as a page of the archive: real anchors, no personal links, no inline styles."""
    # Links stay on whatever host serves the page: only the path that public_url adds is kept.
    base = urlsplit(publication.public_url).path.rstrip("/")
    context = _context(edition, publication, templates, styled=False) | {"base": base}
    return render(environment(templates), "web/issue.html", context)


def frame(publication: Publication, subject: str, preheader: str) -> dict[str, Any]:
    """Return what every mail's frame needs, whatever it says."""
    light, dark = palettes(publication.accent)
    leftwards = dates.direction(publication.language) == "rtl"
    return {
        "publication": publication,
        "language": publication.language,
        "dir": "rtl" if leftwards else "ltr",
        "start": "right" if leftwards else "left",
        "end": "left" if leftwards else "right",
        "body_start": "right" if leftwards else "left",
        "headline_font": _SERIF if publication.look.headings == "serif" else _SANS,
        "light": light,
        "dark": dark,
        "subject": subject,
        "preheader": preheader,
        "padding": _FILLER * max(0, (_PREHEADER - len(preheader)) // 2),
        "subscribe_url": f"{publication.public_url}/subscribe",
        "archive_url": f"{publication.public_url}/issues",
    }


def content_nonce(shown: Any, publication: Publication, templates: Mapping[str, str]) -> str:
    """Return 16 hex digits that depend on everything rendered.

    A post that wanted to forge a slot would have to contain the hash of a text that contains it.
    """
    digest = hashlib.sha256(repr((shown, asdict(publication), sorted(templates.items()))).encode())
    return digest.hexdigest()[:16]


def one_line(text: str) -> str:
    """Return a subject without the line ends its template has; no-break spaces are part of the words."""
    return _BREAKING.sub(" ", text).strip(" ")


def tidy_text(text: str) -> str:
    """Return a text part without trailing spaces, and with at most one blank line in a row."""
    lines: list[str] = []
    for line in (line.rstrip(" ") for line in text.strip("\n").split("\n")):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines) + "\n"


def words_of(templates: Mapping[str, str], language: str) -> dict[str, str]:
    """Return the words for what a mail cannot show of a post, from ``email/words.txt``."""
    text = render(environment(templates), "email/words.txt", {"language": language})
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name.strip(): words.strip() for name, _, words in pairs}


def _context(
    edition: Edition, publication: Publication, templates: Mapping[str, str], *, styled: bool
) -> dict[str, Any]:
    """Return everything the templates of an issue may name, but for the slots."""
    lead = edition.lead
    items = [item for section in edition.sections for item in section.items]
    shown = ([lead] if lead else []) + items
    words = words_of(templates, publication.language)
    small = publication.look.thumbnails
    post = lead if lead and edition.layout == "post" else None
    body = _shown(post, publication) if post else Opening(html="")
    return frame(publication, edition.subject, edition.preheader) | {
        "edition": edition,
        "when": _when(edition, publication.language),
        "online_url": f"{publication.public_url}/issues/{edition.name}",
        "contents": contents(edition) if 0 < publication.look.contents_from <= edition.count else [],
        "running": {item.number: place for place, item in enumerate(shown, 1)},
        "body_start": "right" if lead and lead.direction == "rtl" else "left",
        "lead_theme": edition.theme_names.get(lead.section_key, "") if lead else "",
        "lead_picture": _sized(lead.image, _FULL_WIDTH_PX) if lead else None,
        "thumbnails": {item.number: _thumbnail(item.image) if small else None for item in items},
        "credits": _credits(items) if small else [],
        "body_html": mail_body(body.html, link=post.link, words=words, styled=styled) if post else "",
        "body_text": to_text(body.html, words),
        "minutes_left": body.minutes_left,
    }


def _shown(post: Item, publication: Publication) -> Opening:
    """Return as much of a post as a mail of this one post shows."""
    if publication.every_post == "whole":
        return Opening(html=post.html)
    return opening(post.html, post.language)


def contents(edition: Edition) -> list[ContentsGroup]:
    """Return the list of contents: the lead first within its theme, never above twelve titles."""
    groups = [
        ContentsGroup(name=section.theme.name if section.theme else "", items=list(section.items))
        for section in edition.sections
    ]
    if edition.lead:
        name = edition.theme_names.get(edition.lead.section_key, "")
        own = next((group for group in groups if group.name == name), None)
        if own is None:
            own = ContentsGroup(name=name)
        else:
            groups.remove(own)
        own.items.insert(0, edition.lead)
        groups.insert(0, own)
    room = CONTENTS_AT_MOST
    for group in groups:
        group.more = max(0, len(group.items) - room)
        group.items = group.items[:room]
        room -= len(group.items)
    return groups


def _when(edition: Edition, language: str) -> str:
    """Return the days an issue covers, as its masthead says them."""
    if edition.kind == "monthly":
        return dates.month(edition.period_end, language)
    return dates.period(edition.period_start, edition.period_end, language)


def _sized(image: Image | None, width: int) -> Picture | None:
    """Return the picture no wider than that, in its own shape; tall pictures no taller than wide.

    Pictures are never cut: classic Outlook would squeeze them instead.
    """
    if image is None:
        return None
    if not image.width or not image.height:
        return Picture(url=image.url, alt=_sentence(image.alt), width=width, height=None)
    scale = min(width / image.width, width / image.height)
    shown = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return Picture(url=image.url, alt=_sentence(image.alt), width=shown[0], height=shown[1])


def _thumbnail(image: Image | None) -> Picture | None:
    """Return the picture where it is shown small, by a smaller file of it if there is one."""
    picture = _sized(image, _THUMBNAIL_WIDTH_PX)
    return replace(picture, url=image.small) if image and picture and image.small else picture


def _sentence(alt: str) -> str:
    """Return an alt text that ends as a sentence does, so that another may follow."""
    alt = alt.strip()
    return alt if not alt or alt[-1] in ".!?…" else f"{alt}."


def _credits(items: Iterable[Item]) -> list[str]:
    """Return the credits of all thumbnails, each once, in order."""
    found = (item.image.credit.strip().rstrip(".") for item in items if item.image)
    return list(dict.fromkeys(credit for credit in found if credit))

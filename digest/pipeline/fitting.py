"""Every issue fits into the room that mail programs give it: shortened where it must be, never cut off.

    edition → rendered → small enough? → else the next shape of ``editorial.shapes``, until one fits

Gmail cuts the HTML near 102 kB, and with it the way out of the list. Depends on nothing but the content, so
preview, gate and sending agree. Neighbours: ``press`` makes the edition, ``renderings`` keeps the rendering.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from digest.editorial.shapes import SHAPES, openings, shortened
from digest.model import Content, Edition, Rendering
from digest.pipeline import press
from digest.pipeline.confine import issue_mail
from digest.pipeline.tools import Tools
from digest.rendering.personalise import octets_of_html

ROOM = 95_000
"""Octets of encoded HTML without its slots: what readers' own links and choices add stays below 5,000."""


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """An issue as one segment's mail shows it."""

    edition: Edition
    rendering: Rendering


def fitted(whole: Content, numbers: tuple[int, ...], tools: Tools, language: str = "") -> Fitted:
    """Return the fullest edition for readers of these posts and this language whose mail is not cut off.

    One that cannot be made to fit is returned as small as it gets: the gate refuses it, with the reason.
    Raises TemplateFault.
    """
    speaking = tools.speaking(language)
    edition = press.edition(whole, numbers, tools, language)
    rendering = issue_mail(edition, speaking, tools)
    octets = octets_of_html(rendering)
    if octets <= ROOM:
        return Fitted(edition=edition, rendering=rendering)
    if edition.layout == "post":
        smaller = openings(edition, ROOM / octets)
    else:
        smaller = _smaller(whole, numbers, tools, language, edition)
    for edition in smaller:
        rendering = issue_mail(edition, speaking, tools)
        if octets_of_html(rendering) <= ROOM:
            break
    return Fitted(edition=edition, rendering=rendering)


def _smaller(
    whole: Content, numbers: tuple[int, ...], tools: Tools, language: str, edition: Edition
) -> Iterator[Edition]:
    """Yield smaller editions of a digest, the fullest first."""
    for shape in SHAPES:
        if shape.items < edition.count or shape.items == SHAPES[0].items:
            yield shortened(press.edition(whole, numbers, tools, language, at_most=shape.items), shape)

"""A mail's HTML made ready to be shown in a frame of ours, where it can do nothing but be looked at.

A mail may hold anything a feed held, so the frame is a page of its own that carries no right: the
policy's ``sandbox`` gives it an origin that is nobody's, and no script, form or refresh runs in it (HTML
Standard §7.1.5; the same list on the ``<iframe>`` is a second lock). The mail is not cleaned, because the
preview must show what is sent. Pure. Neighbours: ``bench`` puts frames into a page.

A frame cannot be told which colour scheme to use, so the wanted one is written into its media queries.
"""

from __future__ import annotations

import re
from enum import StrEnum


class Scheme(StrEnum):
    """The colour scheme a reader's device asks for."""

    LIGHT = "light"
    DARK = "dark"


SHOW_ONLY = (
    "default-src 'none'; img-src http: https: data:; style-src 'unsafe-inline' http: https:; "
    "font-src http: https: data:; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
)
# Links open in a tab of their own: that page is then an ordinary one, no longer in our sandbox.
LINKS_OPEN = "sandbox allow-popups allow-popups-to-escape-sandbox"

_STYLE_BLOCK = re.compile(r"(?is)(<style\b[^>]*>)(.*?)(</style)")
_MEDIA_ATTRIBUTE = re.compile(r"""(?is)(\bmedia\s*=\s*)("[^"]*"|'[^']*')""")
_ASKS_SCHEME = re.compile(r"(?i)\(\s*prefers-color-scheme\s*:\s*(light|dark)\s*\)")
_HEAD = re.compile(r"(?i)<head\b[^>]*>")
_DOCTYPE = re.compile(r"(?i)\s*<!doctype[^>]*>")


def frame_headers(*, links_open: bool) -> dict[str, str]:
    """Return the HTTP headers of a frame; ``links_open``: its links may open a new tab."""
    return {
        "Content-Security-Policy": f"{SHOW_ONLY}; {LINKS_OPEN if links_open else 'sandbox'}",
        "Content-Type": "text/html; charset=utf-8",
    }


def frame_document(html: str, scheme: Scheme) -> str:
    """Return the mail's HTML as a device with that colour scheme shows it, links aimed at a new tab."""
    asked = _STYLE_BLOCK.sub(lambda m: m[1] + _answered(m[2], scheme) + m[3], html)
    asked = _MEDIA_ATTRIBUTE.sub(lambda m: m[1] + _answered(m[2], scheme), asked)
    return _with_first_in_head(asked, _first_in_head(html, scheme))


def _answered(css: str, scheme: Scheme) -> str:
    """Return CSS whose questions for the colour scheme are answered: always true, or never."""
    return _ASKS_SCHEME.sub(lambda m: f"(min-width:{0 if m[1].lower() == scheme else 999999}px)", css)


def _first_in_head(html: str, scheme: Scheme) -> str:
    """Return what our frame adds: where links go, and the ground colour of a mail that knows both schemes."""
    base = '<base target="_blank">'
    if "color-scheme" not in html:
        return base
    return f"{base}<style>:root{{color-scheme:{scheme}!important}}</style>"


def _with_first_in_head(html: str, added: str) -> str:
    """Return the document with this as the first thing in its head, whether or not it has one."""
    place = _HEAD.search(html) or _DOCTYPE.match(html)
    at = place.end() if place else 0
    return f"{html[:at]}{added}{html[at:]}"

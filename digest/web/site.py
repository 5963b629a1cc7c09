"""What the pages need from outside, and how one page is made.

``Site`` stands beside its user: ``digest.app`` builds one. ``Pages`` is the only maker of HTML answers,
so that every page knows the publication, its own base path and the stylesheet's version.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime
from gettext import NullTranslations
from typing import Any, Protocol
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from fastapi import Response
from fastapi.responses import HTMLResponse

from digest.model import Publication, Theme
from digest.pipeline.hooks import Hooks
from digest.pipeline.readers import Readers
from digest.pipeline.webhooks import Webhooks
from digest.rendering.colour import palettes
from digest.rendering.environment import environment, render
from digest.text.catalogues import catalogue, spoken
from digest.text.dates import direction
from subscribers.model import Cadence

_LONGEST_TAG = 35  # characters of a language tag that a reader may bring along (RFC 5646 §4.4.1)
_STYLESHEETS = ("web/site.css", "web/issue.css")  # served as one, in this order


class Site(Protocol):
    """One publication, as its pages see it."""

    @property
    def readers(self) -> Readers:
        """The actions on readers."""
        ...

    @property
    def hooks(self) -> Hooks:
        """The actions that hubs and sites may ask for."""
        ...

    @property
    def webhooks(self) -> Webhooks:
        """The calls of providers."""
        ...

    @property
    def publication(self) -> Publication:
        """The newsletter's name and addresses."""
        ...

    @property
    def templates(self) -> Mapping[str, str]:
        """Every template, name → source; the pages use those under ``web/``."""
        ...

    def cadences(self, language: str = "") -> Sequence[tuple[Cadence, str]]:
        """Return the cadences on offer with one line each: ``(WEEKLY, "Sundays at 7 am")``.

        ``language`` is the reader's own, where it is known.
        """
        ...

    def themes(self) -> Sequence[Theme]:
        """Return the themes a reader may choose, in order."""
        ...

    def present_themes(self, keys: Set[str]) -> frozenset[str]:
        """Return what chosen keys stand for, now that themes were merged."""
        ...

    def issue_index(self) -> Sequence[tuple[str, str, date]]:
        """Return name, title and day of every issue sent, newest first."""
        ...

    def issue_page(self, name: str) -> str | None:
        """Return the web page of an issue, or None when none of that name was sent."""
        ...

    def picture(self, name: str) -> tuple[bytes, str] | None:
        """Return a picture we made with its media type, or None when there is none of that name."""
        ...

    def healthy(self) -> bool:
        """Return whether the database answers."""
        ...


class Pages:
    """Makes the pages of one site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.stylesheet = _stylesheet(site.templates, site.publication.accent)
        # Links are relative to the path under which the public reaches us (never to the Host header).
        self.base = urlsplit(site.publication.public_url).path.rstrip("/")
        self._env = environment(site.templates)
        self._version = hashlib.sha256(self.stylesheet.encode()).hexdigest()[:8]
        self._zone = ZoneInfo(site.publication.zone)

    def page(self, name: str, *, status: int = 200, language: str = "", **context: Any) -> Response:
        """Return the page ``templates/web/<name>.html`` filled with the context.

        ``language`` is the reader's own, where it is known; without it the page speaks the publication's.
        """
        tag = self.language(language)
        shared = {
            "publication": self.site.publication,
            "language": tag,
            "direction": direction(tag),
            "base": self.base,
            "stylesheet": f"{self.base}/static/site.css?v={self._version}",
        }
        return HTMLResponse(render(self._env, f"web/{name}.html", shared | context), status_code=status)

    def message(self, *, status: int, title: str, text: str, subscribe: bool = False) -> Response:
        """Return a page that says what happened and what to do next, both translated here."""
        words = self.words()
        return self.page(
            "message",
            status=status,
            title=words.gettext(title),
            text=words.gettext(text),
            subscribe=subscribe,
        )

    def language(self, wanted: str = "") -> str:
        """Return the language a page speaks to a reader who asked for that one; empty: who asked for none."""
        return spoken(self.site.templates, wanted, self.site.publication.language)

    def words(self, wanted: str = "") -> NullTranslations:
        """Return the words of that language."""
        return catalogue(self.site.templates, self.language(wanted))

    def local_day(self, instant: datetime) -> date:
        """Return the day an instant falls on where the publication lives."""
        return instant.astimezone(self._zone).date()

    def known_language(self, asked: str) -> str:
        """Return the language a visitor asked for where we have its words; else empty, the publication's."""
        known = spoken(self.site.templates, asked[:_LONGEST_TAG])
        return known if asked and known == asked else ""

    def known_themes(self, chosen: Sequence[str]) -> frozenset[str]:
        """Return the chosen themes that exist; all of them chosen is the same as none."""
        offered = {theme.key for theme in self.site.themes()}
        known = self.site.present_themes(frozenset(chosen)) & offered  # the page may be an old one
        return frozenset() if known == offered else known


def _stylesheet(templates: Mapping[str, str], accent: str) -> str:
    """Return the one stylesheet of all pages, in the publication's own colour."""
    light, dark = palettes(accent)
    colours = (
        f":root {{ --accent: {light.accent}; --on-accent: {light.on_accent}; }}\n"
        "@media (prefers-color-scheme: dark) {\n"
        f"  :root {{ --accent: {dark.accent}; --on-accent: {dark.on_accent}; }}\n"
        "}\n"
    )
    return "".join([*(templates[name] for name in _STYLESHEETS if name in templates), colours])

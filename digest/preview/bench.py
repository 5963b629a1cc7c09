"""What a page needs to show one mail: its tabs, frames, inbox rows and size, chosen by the address.

Every choice an editor makes is in the query of the page's address, so that all of it works without
JavaScript, a reload keeps it and a colleague can be sent the same view. Pure. Neighbours:
``templates/preview/_bench.html`` draws this; ``server`` and the demonstration's inbox hand it in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlencode

from digest.preview.frame import Scheme
from digest.preview.mail_view import GMAIL_CLIPS_AT, MailView

SIZE_WARNS_AT = 80 * 1024  # octets; the next long post would pass Gmail's limit


class Tab(StrEnum):
    """The sides from which a mail can be looked at."""

    RENDERED = "rendered"
    TEXT = "text"
    SOURCE = "source"
    HEADERS = "headers"


class View(StrEnum):
    """Which frames stand beside each other."""

    DESKTOP = "desktop"
    PHONE = "phone"
    BOTH = "both"


class Part(StrEnum):
    """Which source is listed."""

    MAIL = "mail"  # the whole mail as it travels
    HTML = "html"  # its HTML part, decoded


@dataclass(frozen=True, kw_only=True)
class Choice:
    """How somebody wants to look at a mail."""

    tab: Tab = Tab.RENDERED
    view: View = View.BOTH
    scheme: Scheme = Scheme.LIGHT
    part: Part = Part.MAIL

    def query(self) -> dict[str, str]:
        """Return the choice as query parameters, those that differ from what a fresh page shows."""
        fresh = Choice()
        return {name: str(value) for name, value in vars(self).items() if value != getattr(fresh, name)}


@dataclass(frozen=True, kw_only=True)
class Switch:
    """One of several links of which one is on."""

    label: str
    url: str
    on: bool
    key: str = ""  # the keyboard's short cut; empty when it has none
    note: str = ""  # a second, quieter line


@dataclass(frozen=True, kw_only=True)
class Frame:
    """One device's window onto the mail."""

    device: View  # DESKTOP or PHONE
    title: str  # for people who hear the page
    url: str


@dataclass(frozen=True, kw_only=True)
class Meter:
    """How much of Gmail's limit the HTML part takes."""

    kilobytes: str  # "41.7"
    value: float  # the same, for the bar
    advice: str  # a sentence when there is something to do; empty when there is not


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Everything the template draws of one mail."""

    mail: MailView
    choice: Choice
    tabs: tuple[Switch, ...]
    views: tuple[Switch, ...]
    schemes: tuple[Switch, ...]
    parts: tuple[Switch, ...]
    frames: tuple[Frame, ...]
    source: str  # what the Source tab lists
    meter: Meter
    download_url: str
    sandbox: str  # tokens of the frames' sandbox attribute


T = TypeVar("T", bound=StrEnum)


def read_choice(query: Mapping[str, str]) -> Choice:
    """Return the choice in a page's query; a word that means nothing here counts as not said."""
    return Choice(
        tab=_one_of(Tab, query.get("tab"), Tab.RENDERED),
        view=_one_of(View, query.get("view"), View.BOTH),
        scheme=_one_of(Scheme, query.get("scheme"), Scheme.LIGHT),
        part=_one_of(Part, query.get("part"), Part.MAIL),
    )


def lay_out(
    mail: MailView,
    choice: Choice,
    *,
    address: Callable[[Choice], str],
    frame_url: Callable[[Scheme], str],
    download_url: str,
    links_open: bool,
) -> Bench:
    """Return the bench for a mail looked at in this way.

    ``address`` gives the page's own address for another choice; ``links_open``: links in the mail may
    open a new tab.
    """
    return Bench(
        mail=mail,
        choice=choice,
        tabs=tuple(
            Switch(label=label, url=address(replace(choice, tab=tab)), on=tab is choice.tab, key=str(key))
            for key, (tab, label) in enumerate(_TABS.items(), start=1)
        ),
        views=tuple(
            Switch(
                label=view.capitalize(),
                url=address(replace(choice, view=view)),
                on=view is choice.view,
                key=view[0],
            )
            for view in View
        ),
        schemes=tuple(
            Switch(
                label=scheme.capitalize(),
                url=address(replace(choice, scheme=scheme)),
                on=scheme is choice.scheme,
                key="" if scheme is choice.scheme else "t",
            )
            for scheme in Scheme
        ),
        parts=tuple(
            Switch(label=label, url=address(replace(choice, part=part)), on=part is choice.part)
            for part, label in _PARTS.items()
        ),
        frames=tuple(
            Frame(device=device, title=title, url=frame_url(choice.scheme))
            for device, title in _DEVICES.items()
            if choice.view in {device, View.BOTH}
        ),
        source=mail.html if choice.part is Part.HTML else mail.source,
        meter=measure(mail.size_html_encoded),
        download_url=download_url,
        sandbox="allow-popups allow-popups-to-escape-sandbox" if links_open else "",
    )


def measure(octets: int) -> Meter:
    """Return how an encoded HTML part of that many octets stands to Gmail's limit."""
    kilobytes = octets / 1024
    if octets >= GMAIL_CLIPS_AT:
        advice = "Gmail will cut this mail off. Show fewer posts."
    elif octets >= SIZE_WARNS_AT:
        advice = "Close to where Gmail cuts a mail off."
    else:
        advice = ""
    return Meter(kilobytes=f"{kilobytes:.1f}", value=round(kilobytes, 1), advice=advice)


def with_query(path: str, *queries: Mapping[str, str]) -> str:
    """Return the path with these query parameters, in that order."""
    pairs = [pair for query in queries for pair in query.items()]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _one_of(words: type[T], said: str | None, otherwise: T) -> T:
    """Return the word that was said if it is one of these."""
    return words(said) if said in set(words) else otherwise


_TABS = {
    Tab.RENDERED: "Rendered",
    Tab.TEXT: "Plain text",
    Tab.SOURCE: "Source",
    Tab.HEADERS: "Headers",
}
_PARTS = {Part.MAIL: "Whole mail, as sent", Part.HTML: "HTML, decoded"}
_DEVICES = {
    View.DESKTOP: "The mail on a desktop, 640 pixels wide",
    View.PHONE: "The mail on a phone, 375 pixels wide",
}

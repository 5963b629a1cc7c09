"""What each element looks like once every rule has had its say: in light mode, and in dark mode.

Only the properties that the gate asks for. Dark mode is light mode with the rules under
``prefers-color-scheme: dark`` on top, as Apple Mail applies them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from lxml.html import HtmlElement

from digest.quality.css import Declaration, StyleRule, declarations
from digest.quality.elements import is_hidden, pixels, plain
from digest.quality.mail import Mail
from digest.quality.selectors import Index

_DARK = re.compile(r"prefers-color-scheme\s*:\s*dark", re.IGNORECASE)
_INHERITED = ("color", "font-size", "line-height", "font-weight", "text-align", "text-transform")
_ASKED = frozenset({*_INHERITED, "background-color", "background", "text-decoration", "text-decoration-line"})
_HEADING_PX = {"h1": 32.0, "h2": 24.0, "h3": 18.72, "h4": 16.0, "h5": 13.28, "h6": 10.72}  # browsers' own
_BOLD = frozenset({"b", "strong", "th", *_HEADING_PX})
_KEYWORD_PX = {
    "xx-small": 9.0,
    "x-small": 10.0,
    "small": 13.0,
    "medium": 16.0,
    "large": 18.0,
    "x-large": 24.0,
}


@dataclass(frozen=True, kw_only=True)
class Look:
    """How the text directly in an element looks."""

    colour: str  # as CSS writes it
    colour_from: HtmlElement | None  # the element that sets it; None: the browser's own
    ground: str
    ground_from: HtmlElement | None
    size_px: float
    line_px: float | None  # None: the browser's own
    bold: bool
    align: str
    upper: bool  # set in capitals by CSS


Own = dict[str, str]


class Cascade:
    """The looks of a mail's elements in one mode, each worked out once."""

    def __init__(self, mail: Mail, *, dark: bool) -> None:
        """Work out which rules reach which elements, and what comes of it."""
        self._own: dict[HtmlElement, Own] = {}
        self._dark: set[tuple[HtmlElement, str]] = set()
        self._looks: dict[HtmlElement, Look] = {}
        rules = list(_rules(mail, dark=dark))
        index = Index([selector for _, selector, _ in rules])
        for element in mail.elements:  # parents come before their children
            self._own[element] = self._collected(element, rules, index)
            parent = element.getparent()
            above = _BROWSERS if parent is None else self._looks.get(parent, _BROWSERS)
            self._looks[element] = self._worked_out(element, above)

    def own(self, element: HtmlElement) -> Mapping[str, str]:
        """Return what is set on the element itself."""
        return self._own.get(element, {})

    def is_dark(self, element: HtmlElement | None, name: str) -> bool:
        """Return whether a dark rule sets this property of the element."""
        return element is not None and (element, name) in self._dark

    def look(self, element: HtmlElement) -> Look:
        """Return how text directly in the element looks."""
        return self._looks[element]

    def _collected(self, element: HtmlElement, rules: list[tuple[StyleRule, str, bool]], index: Index) -> Own:
        own: Own = _from_attributes(element)
        reaching = [(rules[place][0], rules[place][2]) for place in index.reaching(element)]
        inline = declarations(element.get("style") or "")
        for rule, is_dark in reaching:
            self._set(element, own, [one for one in rule.declarations if not one.important], is_dark)
        self._set(element, own, inline, False)
        for rule, is_dark in reaching:
            self._set(element, own, [one for one in rule.declarations if one.important], is_dark)
        return own

    def _set(
        self,
        element: HtmlElement,
        own: Own,
        declared: list[Declaration] | tuple[Declaration, ...],
        dark: bool,
    ) -> None:
        for one in declared:
            if one.name in _ASKED:
                name = "background-color" if one.name == "background" else one.name
                own[name] = one.value
                if dark:
                    self._dark.add((element, name))
                else:
                    self._dark.discard((element, name))

    def _worked_out(self, element: HtmlElement, above: Look) -> Look:
        own = self._own.get(element, {})
        size = _size(own.get("font-size"), element, above.size_px)
        colour, colour_from = above.colour, above.colour_from
        if "color" in own and own["color"] not in {"inherit", "currentcolor"}:
            colour, colour_from = own["color"], element
        elif element.tag == "a" and element.get("href") is not None and "color" not in own:
            colour, colour_from = "#0000EE", element
        ground, ground_from = above.ground, above.ground_from
        if own.get("background-color", "transparent") not in {"transparent", "none", "inherit", "initial"}:
            ground, ground_from = own["background-color"], element
        weight = own.get("font-weight", "")
        return Look(
            colour=colour,
            colour_from=colour_from,
            ground=ground,
            ground_from=ground_from,
            size_px=size,
            line_px=_line(own.get("line-height"), size, above),
            bold=_is_bold(weight, element, above.bold),
            align=own.get("text-align", above.align),
            upper=own.get("text-transform", "uppercase" if above.upper else "") == "uppercase",
        )


@lru_cache(maxsize=4)
def cascade(mail: Mail, *, dark: bool) -> Cascade:
    """Return the looks of a mail in one mode; several rules ask for the same ones."""
    return Cascade(mail, dark=dark)


@lru_cache(maxsize=2)
def with_words(mail: Mail) -> tuple[HtmlElement, ...]:
    """Return the elements in which visible text stands directly."""
    found = dict.fromkeys(element for element, text in mail.texts if plain(text))
    return tuple(element for element in found if not is_hidden(element))


_BROWSERS = Look(
    colour="#000000", colour_from=None, ground="#FFFFFF", ground_from=None, size_px=16.0, line_px=None,
    bold=False, align="start", upper=False,
)  # fmt: skip


def _rules(mail: Mail, *, dark: bool) -> Iterator[tuple[StyleRule, str, bool]]:
    """Yield each rule that applies in the mode with one selector: the unconditional, then the dark."""
    for wanted in (False, True) if dark else (False,):
        for sheet in mail.sheets:
            for rule in sheet.rules:
                under = any(_DARK.search(condition) for condition in rule.conditions)
                if sheet.mso or under is not wanted or (rule.conditions and not under):
                    continue
                if not any(one.name in _ASKED for one in rule.declarations):
                    continue
                for selector in rule.selectors:
                    yield rule, selector, wanted


def _from_attributes(element: HtmlElement) -> Own:
    """Return what attributes from before CSS say; any style overrides them."""
    own: Own = {}
    if element.get("bgcolor"):
        own["background-color"] = element.get("bgcolor", "")
    if element.tag == "font" and element.get("color"):
        own["color"] = element.get("color", "")
    return own


def _size(value: str | None, element: HtmlElement, above: float) -> float:
    if value is None:
        return _HEADING_PX.get(str(element.tag), above)
    if value in _KEYWORD_PX:
        return _KEYWORD_PX[value]
    return _relative(value, above, root=16.0) or above


def _relative(value: str, above: float, *, root: float) -> float | None:
    """Return a length in pixels, relative ones included; None where it is none."""
    found = re.fullmatch(r"(\d*\.?\d+)(em|rem|%)", value.strip())
    if found:
        factor = float(found[1]) / (100 if found[2] == "%" else 1)
        return factor * (root if found[2] == "rem" else above)
    return pixels(value)


def _line(value: str | None, size: float, above: Look) -> float | None:
    """Return the line height in pixels; a length is inherited as it is."""
    if value is None:
        return above.line_px
    if re.fullmatch(r"\d*\.?\d+", value.strip()):
        return float(value) * size
    return _relative(value, size, root=16.0)


def _is_bold(weight: str, element: HtmlElement, above: bool) -> bool:
    if weight:
        return weight in {"bold", "bolder"} or (weight.isdigit() and int(weight) >= 600)
    return above or element.tag in _BOLD

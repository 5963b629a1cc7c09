"""Which elements a CSS rule applies to, for the selectors that mails are written with.

Elements, classes, ids, attributes, descendants and children. Anything else (siblings, pseudo-classes that
depend on what a reader does) matches nothing here; rule CSS-10 speaks of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from lxml.html import HtmlElement

_PART = re.compile(
    r"(?P<combinator>\s*[>+~]\s*|\s+)|(?P<tag>\*|[a-zA-Z][\w-]*)|\.(?P<class>[\w-]+)|#(?P<id>[\w-]+)"
    r"|\[\s*(?P<attribute>[\w-]+)\s*(?:(?P<operator>[~|^$*]?=)\s*[\"']?(?P<value>[^\"'\]]*)[\"']?\s*)?\]"
    r"|(?P<pseudo>::?[\w-]+(?:\([^)]*\))?)"
)


@dataclass(frozen=True, kw_only=True)
class Compound:
    """What one element must be: everything between two combinators."""

    combinator: str  # how it hangs on the compound before it: "", " ", ">", "+" or "~"
    tag: str = ""  # empty or "*": any
    classes: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    attributes: tuple[tuple[str, str, str], ...] = ()  # name, operator, value
    pseudos: tuple[str, ...] = ()


@lru_cache(maxsize=2048)
def compounds(selector: str) -> tuple[Compound, ...]:
    """Return a selector's parts from left to right; empty where it cannot be read."""
    made: list[dict[str, list[object]]] = [{}]
    combinators = [""]
    at = 0
    while at < len(selector):
        found = _PART.match(selector, at)
        if found is None:
            return ()
        at = found.end()
        kind = str(found.lastgroup)
        if kind == "combinator":
            made.append({})
            combinators.append(found[0].strip() or " ")
        elif kind in {"attribute", "operator", "value"}:
            one = found["attribute"].lower(), found["operator"] or "", found["value"] or ""
            made[-1].setdefault("attribute", []).append(one)
        else:
            made[-1].setdefault(kind, []).append(found[kind])
    return tuple(_compound(parts, combinator) for parts, combinator in zip(made, combinators, strict=True))


def _compound(parts: dict[str, list[object]], combinator: str) -> Compound:
    return Compound(
        combinator=combinator,
        tag=str(parts.get("tag", [""])[0]).lower(),
        classes=tuple(map(str, parts.get("class", []))),
        ids=tuple(map(str, parts.get("id", []))),
        attributes=tuple(one for one in parts.get("attribute", []) if isinstance(one, tuple)),
        pseudos=tuple(map(str, parts.get("pseudo", []))),
    )


def applies(selector: str, element: HtmlElement) -> bool:
    """Return whether a selector's rule dresses this element, whatever a reader does."""
    parts = compounds(selector)
    return bool(parts) and _fits(parts, len(parts) - 1, element)


class Index:
    """Many selectors, asked together which of them reach an element; few have to be tried for each."""

    def __init__(self, selectors: Sequence[str]) -> None:
        """Sort the selectors by what their last part asks for."""
        self._selectors = selectors
        self._places: dict[str, list[int]] = {}
        for place, selector in enumerate(selectors):
            parts = compounds(selector)
            if parts:
                last = parts[-1]
                key = f".{last.classes[0]}" if last.classes else last.tag or "*"
                self._places.setdefault(key, []).append(place)

    def reaching(self, element: HtmlElement) -> list[int]:
        """Return the places of the selectors that apply to the element, in their order."""
        keys = ["*", str(element.tag), *(f".{name}" for name in element.get("class", "").split())]
        tried = sorted({place for key in keys for place in self._places.get(key, ())})
        return [place for place in tried if applies(self._selectors[place], element)]


def _fits(parts: tuple[Compound, ...], last: int, element: HtmlElement) -> bool:
    part = parts[last]
    if not _is(part, element):
        return False
    if last == 0:
        return True
    parent = element.getparent()
    if part.combinator == ">":
        return parent is not None and _fits(parts, last - 1, parent)
    while part.combinator == " " and parent is not None:
        if _fits(parts, last - 1, parent):
            return True
        parent = parent.getparent()
    return False


def _is(part: Compound, element: HtmlElement) -> bool:
    if part.tag not in {"", "*", element.tag}:
        return False
    if part.pseudos:
        return part.pseudos == (":root",) and element.tag == "html"
    if part.classes and not set(part.classes) <= set(element.get("class", "").split()):
        return False
    if any(element.get("id") != one for one in part.ids):
        return False
    return all(_has(element.get(name), operator, value) for name, operator, value in part.attributes)


def _has(given: str | None, operator: str, value: str) -> bool:
    """Return whether an attribute's value is what a selector asks for (Selectors 4, 6.1 and 6.2)."""
    if given is None:
        return False
    answers = {
        "": True,
        "=": given == value,
        "~=": value in given.split(),
        "^=": given.startswith(value),
        "$=": given.endswith(value),
        "*=": value in given,
        "|=": given == value or given.startswith(f"{value}-"),
    }
    return answers[operator]

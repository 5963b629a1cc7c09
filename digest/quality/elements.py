"""Answers about one element of the mail: its styles, its text, where it stands, whether it is seen."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from digest.quality.css import declarations
from digest.quality.mail import Mail
from digest.quality.mojibake import CONTROLS
from digest.quality.report import Hit, Mender, Place, Severity

INVISIBLE = dict.fromkeys(
    map(ord, "\u00ad\u034f\u061c\u200b\u200c\u200d\u200e\u200f\u2007\u2060\u2061\u2062\u2063\u2064\ufeff")
)
"""Characters that take room in an inbox line, or none at all, and show nothing."""

HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
CODE = frozenset({"pre", "code", "kbd", "samp", "tt"})
_LONGEST = 100  # characters of a snippet


def styles(element: HtmlElement) -> dict[str, str]:
    """Return the declarations of an element's style attribute by property; the last of a name counts."""
    given = element.get("style")
    return {one.name: one.value for one in declarations(given)} if given else {}


def is_hidden(element: HtmlElement) -> bool:
    """Return whether nobody sees the element: it, or something around it, is not displayed."""
    return any(_hides(one) for one in (element, *element.iterancestors()))


def _hides(element: HtmlElement) -> bool:
    given = element.get("style")
    by_style = given and "none" in given and styles(element).get("display") == "none"
    return bool(by_style) or element.get("hidden") is not None


def plain(text: str) -> str:
    """Return text on one line without invisible characters."""
    return " ".join(text.translate(INVISIBLE).split())


def text_of(element: HtmlElement) -> str:
    """Return the text of an element and all within, on one line."""
    return plain("".join(_pieces(element)))


def _pieces(element: HtmlElement) -> Iterator[str]:
    for one in element.iter():
        if isinstance(one.tag, str):
            yield one.text or ""
            if one.tag == "br":
                yield " "
        if one is not element:
            yield one.tail or ""


def name_of(link: HtmlElement) -> str:
    """Return what a screen reader says of a link: its text, the alt texts of its pictures, or its label."""
    said = [text_of(link), *(picture.get("alt", "") for picture in link.iter("img"))]
    return plain(" ".join(said)) or plain(link.get("aria-label", ""))


def links(mail: Mail) -> list[HtmlElement]:
    """Return every link that leads somewhere or tries to."""
    return [one for one in mail.elements if one.tag in {"a", "area"} and one.get("href") is not None]


def pictures(mail: Mail) -> list[HtmlElement]:
    """Return every picture that is not hidden."""
    return [one for one in mail.elements if one.tag == "img" and not is_hidden(one)]


def pixels(value: str | None) -> float | None:
    """Return a length in CSS pixels; None for one that depends on something else, or is none."""
    found = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?|-?\.\d+)\s*(px|pt)?\s*", value or "")
    if found is None:
        return None
    return float(found[1]) * (4 / 3 if found[2] == "pt" else 1)


def place(element: HtmlElement) -> Place:
    """Return where an element is."""
    return Place(
        part="html",
        line=element.sourceline,
        path=str(element.getroottree().getpath(element)),
        snippet=snippet(element),
    )


def snippet(element: HtmlElement) -> str:
    """Return an element's start tag with the first words in it, in one short line."""
    tag = f"<{element.tag}"
    for name in ("class", "id", "href", "src", "alt", "role", "width", "style"):
        value = element.get(name)
        if value is not None:
            tag += f' {name}="{_cut(value, 60)}"'
    words = text_of(element) if element.tag not in {"html", "body"} else ""
    return _cut(f"{tag}>{words}", _LONGEST)


def _cut(text: str, longest: int) -> str:
    # What is quoted goes to a terminal: no control reaches it.
    text = " ".join(CONTROLS.sub("·", text).split())
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def hit(
    element: HtmlElement, detail: str = "", *, severity: Severity | None = None, who: Mender | None = None
) -> Hit:
    """Return a hit at an element."""
    return Hit(place=place(element), detail=detail, severity=severity, who=who)


def hit_in(
    part: str,
    detail: str = "",
    *,
    line: int | None = None,
    words: str = "",
    severity: Severity | None = None,
    who: Mender | None = None,
) -> Hit:
    """Return a hit in a part of the mail that is no element."""
    where = Place(part=part, line=line, snippet=_cut(words, _LONGEST))
    return Hit(place=where, detail=detail, severity=severity, who=who)


def in_code(element: HtmlElement) -> bool:
    """Return whether an element is shown as code, where any characters may stand on purpose."""
    return element.tag in CODE or any(above.tag in CODE for above in element.iterancestors())


def line_of(text: str, at: int) -> int:
    """Return the line, from 1, of a place in a text."""
    return text.count("\n", 0, at) + 1

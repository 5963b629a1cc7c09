"""A11Y, second half: whether people can see the text, tell the links apart and hit them with a thumb."""

from __future__ import annotations

from collections.abc import Iterator

from lxml.html import HtmlElement

from digest.quality.cascade import Cascade, cascade, with_words
from digest.quality.contrast import contrast, inverted, rgb
from digest.quality.elements import (
    HEADINGS,
    hit,
    is_hidden,
    links,
    name_of,
    pictures,
    pixels,
    plain,
    styles,
    text_of,
)
from digest.quality.facts import Facts
from digest.quality.mail import Mail
from digest.quality.report import Hit, Mender, NotLooked, Rule, Severity

_TEXT_AT_LEAST = 4.5
_LARGE_AT_LEAST = 3.0
_LARGE_PX = 24.0
_LARGE_BOLD_PX = 18.66
_SMALLEST_PX = 13.0
_SMALLEST_LABEL_PX = 12.0  # for a short label in capitals that never stands alone
_LONGEST_LABEL = 30
_TIGHTEST = 1.4
_RUNNING = 80  # characters from which a paragraph runs over several lines on a phone
_DISPLAY_PX = 20.0  # type this large is set tighter, and reads well so
_TARGET_PX = 24.0
_BUTTON_PX = 44.0
_LONGEST_ANIMATION_S = 5.0
_MOST_FLASHES = 3
_BLOCKS = frozenset({"p", "li", "td", "th", "div", "blockquote", "dd", "dt", "caption", *HEADINGS})


def _contrast(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    light, dark = cascade(mail, dark=False), cascade(mail, dark=True)
    for element in with_words(mail):
        if _is_preheader(element):
            continue
        for mode, looks in (("light", light), ("dark", dark), ("inverted", light)):
            ratio = _ratio(element, looks, inverting=mode == "inverted")
            look = looks.look(element)
            large = look.size_px >= _LARGE_PX or (look.bold and look.size_px >= _LARGE_BOLD_PX)
            wanted = _LARGE_AT_LEAST if large else _TEXT_AT_LEAST
            if ratio is not None and ratio < wanted:
                what = f"{ratio:.1f}:1 of {wanted:g}:1 in {mode}: {look.colour} on {look.ground}"
                yield hit(element, what)
                break


def _is_preheader(element: HtmlElement) -> bool:
    return pixels(styles(element).get("max-height")) == 0 or styles(element).get("opacity") == "0"


def _ratio(element: HtmlElement, looks: Cascade, *, inverting: bool) -> float | None:
    look = looks.look(element)
    text, ground = rgb(look.colour), rgb(look.ground)
    if text is None or ground is None:
        return None
    return contrast(inverted(text), inverted(ground)) if inverting else contrast(text, ground)


def _block(element: HtmlElement) -> HtmlElement | None:
    """Return the block of text an element stands in."""
    return next((above for above in element.iterancestors() if above.tag in _BLOCKS), None)


def _colour_only(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    looks = cascade(mail, dark=False)
    for link in links(mail):
        block = _block(link)
        if block is None or is_hidden(link) or not text_of(link) or not _is_plain(link, looks):
            continue
        others = [one for one in block.iter("a") if one.get("href") is not None]
        running = len(text_of(block)) - sum(len(text_of(one)) for one in others)
        if running >= 15 and looks.look(link).bold is looks.look(block).bold:
            yield hit(link)


def _is_plain(link: HtmlElement, looks: Cascade) -> bool:
    """Return whether a link is neither underlined nor bordered nor filled."""
    own = looks.own(link)
    decoration = own.get("text-decoration", own.get("text-decoration-line", "underline"))
    within = styles(link)
    return (
        "underline" not in decoration
        and "border-bottom" not in within
        and "background-color" not in own
        and all(
            "underline" not in looks.own(one).get("text-decoration", "")
            for one in link.iter()
            if one is not link
        )
    )


def _small_text(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    looks = cascade(mail, dark=False)
    for element in with_words(mail):
        if _is_preheader(element):
            continue
        look = looks.look(element)
        own = plain("".join([element.text or "", *(child.tail or "" for child in element)]))
        label = look.upper and len(own) <= _LONGEST_LABEL and look.size_px >= _SMALLEST_LABEL_PX
        if look.size_px < _SMALLEST_PX and not label:
            yield hit(element, f"{look.size_px:g} px of at least {_SMALLEST_PX:g}")
        elif look.align == "justify":
            yield hit(element, "justified")
        elif _shouts(own):
            yield hit(element, "typed in capitals", who=Mender.CONTENT)
        elif _is_tight(element, own, looks):
            yield hit(element, f"line height {look.line_px:g} px for letters of {look.size_px:g}")


def _shouts(text: str) -> bool:
    words = [word for word in text.split() if any(map(str.isalpha, word))]
    return len(words) >= 4 and sum(map(str.isalpha, text)) >= 20 and text.isupper()


def _is_tight(element: HtmlElement, own: str, looks: Cascade) -> bool:
    look = looks.look(element)
    in_heading = element.tag in HEADINGS or any(up.tag in HEADINGS for up in element.iterancestors())
    if in_heading or look.line_px is None or look.size_px >= _DISPLAY_PX or len(own) < _RUNNING:
        return False
    return look.line_px / look.size_px < _TIGHTEST


def _targets(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    looks = cascade(mail, dark=False)
    # The block of the link before, and how high it is.
    before: tuple[HtmlElement, float] | None = None
    for link in links(mail):
        if is_hidden(link):
            continue
        if _is_button(link, looks):
            height = _height(link, looks)
            if height < _BUTTON_PX:
                yield hit(link, f"a button {height:g} px high of at least {_BUTTON_PX:g}")
            before = None
            continue
        small = _small_picture(link)
        if small:
            yield hit(link, small)
        block = _block(link)
        if block is None or text_of(block) != text_of(link) or not text_of(link):
            before = None
            continue
        height = _height(block, looks)
        if before is not None and block.getprevious() is before[0] and (before[1] + height) / 2 < _TARGET_PX:
            yield hit(link, f"{height:g} px high, right below another link")
        before = (block, height)


def _is_button(link: HtmlElement, looks: Cascade) -> bool:
    """Return whether a link is drawn as a button: a padded block on a ground of its own."""
    own = styles(link)
    filled = "background-color" in looks.own(link) or (
        (cell := link.getparent()) is not None and cell.tag == "td" and "mso-padding-alt" in styles(cell)
    )
    return own.get("display") in {"inline-block", "block"} and filled and bool(text_of(link))


def _height(element: HtmlElement, looks: Cascade) -> float:
    """Return how high a line of the element is with its padding, in CSS pixels."""
    look = looks.look(element)
    own = styles(element)
    top, bottom = _vertical(own.get("padding", ""))
    top = pixels(own.get("padding-top")) or top
    bottom = pixels(own.get("padding-bottom")) or bottom
    above, below = _vertical(own.get("margin", ""))
    return (look.line_px or look.size_px * 1.2) + top + bottom + above + below


def _vertical(shorthand: str) -> tuple[float, float]:
    sides = [pixels(one) or 0.0 for one in shorthand.split()]
    return (sides[0], sides[2] if len(sides) > 2 else sides[0]) if sides else (0.0, 0.0)


def _small_picture(link: HtmlElement) -> str:
    """Return how large a picture is that is a link by itself beside another; empty when large enough."""
    shown = list(link.iter("img"))
    neighbour = link.getprevious() if link.getprevious() is not None else link.getnext()
    if len(shown) != 1 or text_of(link) or neighbour is None or neighbour.tag != "a":
        return ""
    width, height = pixels(shown[0].get("width")), pixels(shown[0].get("height"))
    if width is None or height is None or min(width, height) >= _TARGET_PX:
        return ""
    return f"{width:g} × {height:g} px, beside another link"


def _animations(mail: Mail, facts: Facts) -> Iterator[Hit | NotLooked]:
    for picture in pictures(mail):
        known = (facts.pictures or {}).get(picture.get("src", "").strip())
        if known is None or known.seconds == 0:
            continue
        if known.seconds > _LONGEST_ANIMATION_S:
            yield hit(picture, f"it moves for {known.seconds:.1f} s")
        elif known.endless:
            yield hit(picture, "it never stops")
        elif known.flashes is None:
            yield NotLooked(
                reason=f"the flashes of {name_of(picture) or picture.get('src', '')} were not counted"
            )
        elif known.flashes > _MOST_FLASHES:
            yield hit(picture, f"it flashes {known.flashes} times in a second")


_HTML = ("html",)
RULES = (
    Rule(id="A11Y-08", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=_HTML, looks=_contrast,
         says="Text stands out too little from its background.",
         mend="Darken the text or lighten what is behind it, in light mode and in dark.",
         source="Email Markup Consortium 7; WCAG 2.2, 1.4.3"),
    Rule(id="A11Y-09", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=_HTML, looks=_colour_only,
         says="A link in running text is told apart by its colour alone.",
         mend="Underline it.",
         source="Email Markup Consortium 11; WCAG 2.2, 1.4.1"),
    Rule(id="A11Y-11", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=_HTML, looks=_small_text,
         says="Text is hard to read: too small, too tight, justified, or in capitals.",
         mend="Set text at 13 px or more with a line height of 1.4, not justified; capitals by CSS only.",
         source="WCAG 2.2, 1.4.12; Parcel"),
    Rule(id="A11Y-12", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=_HTML, looks=_targets,
         says="A link or button is too small for a thumb.",
         mend="Make buttons 44 px high; keep 24 px from the middle of one link to the next.",
         source="WCAG 2.2, 2.5.8"),
    Rule(id="A11Y-14", severity=Severity.WARNING, who=Mender.CONTENT, needs=("html", "pictures"),
    looks=_animations,
         says="A picture moves for long, for ever, or flashes.",
         mend="Use a still picture, or an animation that ends within five seconds.",
         source="WCAG 2.2, 2.2.2 and 2.3.1"),
)  # fmt: skip

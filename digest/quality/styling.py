"""CSS: what mail programs drop, misread, or drop together with everything around it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from lxml.html import HtmlElement

from digest.quality.cascade import cascade, with_words
from digest.quality.css import Declaration, Sheet, StyleRule, declarations, sheet
from digest.quality.elements import hit, hit_in, is_hidden, styles
from digest.quality.facts import Facts
from digest.quality.mail import Mail
from digest.quality.report import Hit, Mender, Rule, Severity
from digest.quality.selectors import Compound, Index, compounds

_URL = re.compile(r"\burl\s*\(", re.IGNORECASE)
_NEW_COLOUR = re.compile(
    r"\b(?:(?:rgb|hsl)a?\(\s*[^,()]+?(?:\s+[^,()\s]+|\s*/)[^,()]*\)|(?:hwb|lab|lch|oklab|oklch|color|color-mix)\()",
    re.IGNORECASE,
)
_POSITIONED = frozenset({"absolute", "fixed", "sticky"})
_NEW_LAYOUT = frozenset({"flex", "inline-flex", "grid", "inline-grid"})
_NEW_VALUE = re.compile(r"\b(?:var|calc|min|max|clamp)\(|\b\d*\.?\d+rem\b", re.IGNORECASE)
_LOGICAL = re.compile(
    r"(?:margin|padding|border|inset)-(?:inline|block)\b|(?:min-|max-)?(?:inline|block)-size$|inset$"
)
_NEGATIVE = re.compile(r"(?:^|\s)-\d*\.?\d*[1-9]")
_SHORTHAND = re.compile(r"margin|padding|border|background|font|list-style")
_CELLS = frozenset({"td", "th", "table", "caption"})
_TEXT_BLOCKS = frozenset({
    "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "pre", "dl", "dt", "dd",
    "figcaption",
    "cite", "code",
})  # fmt: skip
_KNOWN_PSEUDOS = frozenset({":root", ":hover", ":focus", ":active", ":visited", ":link", ":focus-visible"})
_KNOWN_ATTRIBUTES = frozenset({"data-ogsc", "data-ogsb", "data-ogac", "data-ogab", "x-apple-data-detectors"})
_KNOWN_SELECTORS = re.compile(
    r"u \+ |#MessageViewBody|#outlook|\.ExternalClass|\* \[office365\]|\.moz-text-html"
)


def live(mail: Mail) -> Iterator[Sheet]:
    """Yield the stylesheets that are not for classic Outlook alone."""
    return (one for one in mail.sheets if not one.mso)


@dataclass(frozen=True, kw_only=True)
class _Declared:
    """One declaration, and where it stands."""

    one: Declaration
    element: HtmlElement | None  # whose style attribute it is in; None: a rule's
    rule: StyleRule | None

    def hit(self) -> Hit:
        """Return a hit at its place; made only where something is found, which is seldom."""
        words = f"{self.one.name}: {self.one.value}"
        if self.element is not None:
            return hit(self.element, words)
        assert self.rule is not None, "a declaration is an element's or a rule's"
        return _at(self.rule, words)


@lru_cache(maxsize=4)
def _declared(mail: Mail, *, conditional: bool = True) -> tuple[_Declared, ...]:
    """Return every declaration that is not for classic Outlook alone; in media queries or not."""
    inline = [
        _Declared(one=one, element=element, rule=None)
        for element in mail.elements
        for one in declarations(element.get("style") or "")
    ]
    ruled = [
        _Declared(one=one, element=None, rule=rule)
        for one_sheet in live(mail)
        for rule in one_sheet.rules
        if conditional or not rule.conditions
        for one in rule.declarations
    ]
    return (*inline, *ruled)


def _at(rule: StyleRule, detail: str) -> Hit:
    return hit_in("html", detail, line=rule.line, words=", ".join(rule.selectors))


def _urls(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for declared in _declared(mail):
        if _URL.search(declared.one.value):
            yield declared.hit()


def _nested_at_rules(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for one_sheet in live(mail):
        for at_rule in one_sheet.at_rules:
            if at_rule.depth:
                yield hit_in(
                    "html", f"@{at_rule.name} inside another", line=at_rule.line, words=at_rule.prelude
                )


def _new_colours(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for declared in _declared(mail):
        if _NEW_COLOUR.search(declared.one.value):
            yield declared.hit()


def _misplaced_styles(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for element in mail.elements:
        if element.tag == "style" and any(above.tag == "body" for above in element.iterancestors()):
            yield hit(element, "a style element in the body")
        if element.tag == "link" and "stylesheet" in element.get("rel", "").lower():
            yield hit(element, "a linked stylesheet")
    for one_sheet in live(mail):
        for at_rule in one_sheet.at_rules:
            if at_rule.name == "import":
                yield hit_in("html", "@import", line=at_rule.line, words=at_rule.prelude)


def _important(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for element in mail.elements:
        for one in declarations(element.get("style") or ""):
            if one.important:
                yield hit(element, f"{one.name}: {one.value} !important")
    for one_sheet in mail.sheets:
        for rule in one_sheet.rules if one_sheet.mso else ():
            for one in rule.declarations:
                if one.important and not one.spaced:
                    yield _at(rule, f"{one.name}: {one.value}!important")


def _layout(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for declared in _declared(mail, conditional=False):
        name, value = declared.one.name, declared.one.value.lower()
        if (
            (name == "position" and value in _POSITIONED)
            or (name == "float" and value in {"left", "right"})
            or (name == "display" and value in _NEW_LAYOUT)
            or (name.startswith("margin") and _NEGATIVE.search(value))
        ):
            yield declared.hit()


def _modern(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for declared in _declared(mail):
        one = declared.one
        if one.name.startswith("--") or _NEW_VALUE.search(one.value) or _LOGICAL.match(one.name):
            yield declared.hit()


def _boxes(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for element in mail.elements:
        given = element.get("style")
        if not given or is_hidden(element):
            continue
        own = styles(element)
        padded = [name for name, value in own.items() if name.startswith("padding") and _is_some(value)]
        if padded and element.tag not in _CELLS | _TEXT_BLOCKS and not _is_button(element, own):
            yield hit(element, f"{padded[0]}: {own[padded[0]]} on {element.tag}")
        sized_by_attribute = element.tag == "img" and element.get("width")
        if (
            "max-width" in own
            and element.tag != "table"
            and not sized_by_attribute
            and _is_some(own["max-width"])
        ):
            yield hit(element, f"max-width: {own['max-width']} on {element.tag}")


def _is_some(value: str) -> bool:
    """Return whether a length is more than nothing."""
    return bool(re.search(r"[1-9]", value))


def _is_button(element: HtmlElement, own: dict[str, str]) -> bool:
    """Return whether the element is the link of a button whose cell pads it for classic Outlook."""
    cell = next((above for above in element.iterancestors("td")), None)
    return (
        element.tag == "a"
        and own.get("display") in {"inline-block", "block"}
        and cell is not None
        and "mso-padding-alt" in styles(cell)
    )


def _dropped(mail: Mail, facts: Facts) -> Iterator[Hit]:
    """Compare what the source sheet says of each element with what its style attribute has become."""
    rules = [rule for rule in sheet(facts.source_css or "").rules if not rule.conditions]
    wanted = [(selector, rule) for rule in rules for selector in rule.selectors]
    index = Index([selector for selector, _ in wanted])
    told: set[tuple[str, str]] = set()
    for element in mail.elements:
        have = {_family(name) for name in styles(element)}
        for selector, rule in (wanted[place] for place in index.reaching(element)):
            for one in rule.declarations:
                if _family(one.name) not in have and (selector, one.name) not in told:
                    told.add((selector, one.name))
                    yield hit(element, f"{one.name}: {one.value} of {selector}")


def _family(name: str) -> str:
    """Return a property by the shorthand that may stand for it: "margin" for "margin-top"."""
    found = _SHORTHAND.match(name)
    return found[0] if found and name != "border-radius" else name


def _selectors(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for one_sheet in live(mail):
        for rule in one_sheet.rules:
            for selector in rule.selectors:
                why = _unusual(selector)
                if why and not _KNOWN_SELECTORS.search(selector):
                    yield hit_in("html", f"{why}: {selector}", line=rule.line, words=selector)


def _unusual(selector: str) -> str:
    """Return what is unusual about a selector; empty where every mail program of note knows it."""
    parts = compounds(selector)
    if not parts:
        return "unreadable"
    return next((why for part in parts if (why := _unusual_part(part))), "")


def _unusual_part(part: Compound) -> str:
    named = {">": "child", "+": "sibling", "~": "sibling"}.get(part.combinator, "")
    if part.tag == "*":
        return "universal"
    if any(name not in _KNOWN_ATTRIBUTES for name, _, _ in part.attributes):
        return "attribute"
    unknown = [one for one in part.pseudos if one.lower() not in _KNOWN_PSEUDOS]
    return named or (unknown[0] if unknown else "")


def _dark_pairs(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    dark = cascade(mail, dark=True)
    for element in with_words(mail):
        look = dark.look(element)
        changed = dark.is_dark(look.colour_from, "color")
        behind = dark.is_dark(look.ground_from, "background-color")
        if changed is not behind:
            yield hit(element, "the text changes, its background does not" if changed else
                      "the background changes, its text does not")  # fmt: skip


_HTML = ("html",)
RULES = (
    Rule(id="CSS-01", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=_HTML, looks=_urls,
         says="A style holds url(…): Gmail drops the whole block or attribute.",
         mend="Use an img element instead of a background picture.",
         source="email-bugs 130; caniemail css-background-image"),
    Rule(id="CSS-02", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=_HTML, looks=_nested_at_rules,
         says="An at-rule stands inside another: Gmail drops the whole block.",
         mend="Write the two conditions as one, or in blocks of their own.",
         source="email-bugs 21"),
    Rule(id="CSS-03", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=_HTML, looks=_new_colours,
         says="A colour is written in the new syntax: Gmail drops the whole block or attribute.",
         mend="Write colours as #RRGGBB.",
         source="email-bugs 160; caniemail css-modern-color"),
    Rule(id="CSS-04", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=_HTML, looks=_misplaced_styles,
         says="Styles stand where mail programs do not read them.",
         mend="Put every style element into the head; link and import none.",
         source="caniemail html-style, html-link, css-at-import"),
    Rule(id="CSS-05", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=_HTML, looks=_important,
         says="!important stands where classic Outlook misreads the declaration.",
         mend="Leave it out of style attributes; write “ !important”, with a space, for Outlook.",
         source="caniemail css-important"),
    Rule(id="CSS-06", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=_HTML, looks=_layout,
         says="The layout rests on what several mail programs ignore.",
         mend="Lay out with tables; keep position, float, flex and grid for media queries.",
         source="caniemail css-position, css-float, css-display-flex, css-display-grid, css-margin"),
    Rule(id="CSS-07", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=_HTML, looks=_modern,
         says="A custom property, calculation, rem or logical property is not understood everywhere.",
         mend="Write the value itself, in pixels; use left and right.",
         source="caniemail css-variables, css-unit-calc, css-unit-rem, css-margin-inline-start-end"),
    Rule(id="CSS-08", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=_HTML, looks=_boxes,
         says="Padding or a greatest width is set on an element where classic Outlook ignores it.",
         mend="Pad table cells and blocks of text; limit the width of tables.",
         source="caniemail css-padding, css-max-width"),
    Rule(id="CSS-09", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=("html", "source_css"),
    looks=_dropped,
         says="A style was lost while it was written into the elements.",
         mend="Write the declaration in a way the inliner keeps: no new colours, no pairs for fallback.",
         source="Everypost; premailer 3.10"),
    Rule(id="CSS-10", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=_HTML, looks=_selectors,
         says="A selector is not understood by several mail programs.",
         mend="Select by class.",
         source="caniemail css-selector-*, css-pseudo-*"),
    Rule(id="CSS-11", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=_HTML, looks=_dark_pairs,
         says="In dark mode either the text or its background changes, but not both.",
         mend="Set colour and background together: some programs read dark rules in light mode.",
         source="Everypost; WCAG 2.2, 1.4.3"),
)  # fmt: skip

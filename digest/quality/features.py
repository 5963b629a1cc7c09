"""Which features of caniemail a mail uses, and where it first does: from its tree, by exact names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from digest.quality.css import AtRule, Declaration, Sheet, StyleRule, declarations
from digest.quality.elements import hit, hit_in
from digest.quality.feature_names import (
    AT_RULES,
    COMBINATORS,
    FUNCTIONS,
    MEDIA,
    PROPERTIES,
    PSEUDOS,
    UNITS,
    VALUES,
)
from digest.quality.html_feature_names import ATTRIBUTES, ELEMENTS, PICTURES, TYPED
from digest.quality.mail import Mail
from digest.quality.report import Hit
from digest.quality.selectors import Compound, compounds

_FUNCTION = re.compile(r"(?<![\w-])([a-z-]+)\(", re.IGNORECASE)
_UNIT = re.compile(r"(?<![\w#.-])-?\d*\.?\d+([a-zA-Z]+|%)")
_MEDIA_FEATURE = re.compile(r"\(\s*(?:-webkit-|-moz-)?(?:min-|max-)?([a-z-]+)\s*[:)]", re.IGNORECASE)
_SPACED_COLOUR = re.compile(r"\b(?:rgb|hsl)a?\(\s*[^,()]+\s+[^,()]+\)", re.IGNORECASE)
_VALUES = [(name, re.compile(shape, re.IGNORECASE), slug) for (name, shape), slug in VALUES.items()]


def features(mail: Mail) -> dict[str, Hit]:
    """Return the first place of every feature the mail uses, by caniemail's slug."""
    found: dict[str, Hit] = {}
    for element in mail.elements:
        for slug in (*_of_element(element), *_of_styles(element)):
            if slug not in found:
                found[slug] = hit(element)
    for sheet in mail.sheets:
        if not sheet.mso:
            for slug, line, words in _of_sheet(sheet):
                if slug not in found:
                    found[slug] = hit_in("html", line=line, words=words)
    for text, line in mail.comments:
        found.setdefault("html-comments", hit_in("html", line=line, words=text))
    if re.match(r"\s*<!doctype", mail.html or "", re.IGNORECASE):
        found.setdefault("html-doctype", hit_in("html", line=1))
    return found


def _of_element(element: HtmlElement) -> Iterator[str]:
    tag = str(element.tag)
    if tag in ELEMENTS:
        yield ELEMENTS[tag]
    for name in element.keys():  # noqa: SIM118 -- an element iterates over its children
        if name in ATTRIBUTES:
            yield ATTRIBUTES[name]
    typed = TYPED.get((tag, element.get("type", "text" if tag == "input" else "").lower()))
    if typed:
        yield typed
    address = element.get("href" if tag == "a" else "src", "").strip()
    if tag == "a" and address.startswith("#"):
        yield "html-anchor-links"
    if tag == "a" and address.lower().startswith("mailto:"):
        yield "html-mailto-links"
    if tag == "meta" and element.get("name", "").lower() == "color-scheme":
        yield "html-meta-color-scheme"
    if tag == "img":
        yield from _of_picture(address)


def _of_picture(address: str) -> Iterator[str]:
    if address.lower().startswith("data:"):
        yield "image-base64"
        return
    try:
        ending = urlsplit(address).path.rpartition(".")[2].lower()
    except ValueError:  # an address that is none
        return
    if ending in PICTURES:
        yield PICTURES[ending]


def _of_styles(element: HtmlElement) -> Iterator[str]:
    given = element.get("style")
    for one in declarations(given) if given else ():
        yield from _of_declaration(one)


def _of_declaration(one: Declaration) -> Iterator[str]:
    if one.name in PROPERTIES:
        yield PROPERTIES[one.name]
    if one.name.startswith("--"):
        yield "css-variables"
    if one.important:
        yield "css-important"
    for name, shape, slug in _VALUES:
        if name in {"*", one.name} and shape.fullmatch(one.value):
            yield slug
    yield from _of_value(one.value)


def _of_value(value: str) -> Iterator[str]:
    if _SPACED_COLOUR.search(value):
        yield "css-modern-color"
    yield from _named(FUNCTIONS, _FUNCTION.findall(value))
    yield from _named(UNITS, _UNIT.findall(value))


def _named(table: Mapping[str, str], words: Iterable[str]) -> Iterator[str]:
    return (table[word.lower()] for word in words if word.lower() in table)


def _of_sheet(sheet: Sheet) -> Iterator[tuple[str, int, str]]:
    if "/*" in sheet.text:
        yield "css-comments", sheet.line, "/*"
    for at_rule in sheet.at_rules:
        for slug in _of_at_rule(at_rule):
            yield slug, at_rule.line, f"@{at_rule.name} {at_rule.prelude}"
    for rule in sheet.rules:
        words = ", ".join(rule.selectors)
        for slug in _of_selectors(rule):
            yield slug, rule.line, words
        for one in rule.declarations:
            for slug in _of_declaration(one):
                yield slug, rule.line, words


def _of_at_rule(at_rule: AtRule) -> Iterator[str]:
    if at_rule.name in AT_RULES:
        yield AT_RULES[at_rule.name]
    for feature in _MEDIA_FEATURE.findall(at_rule.prelude) if at_rule.name == "media" else ():
        if feature.lower() in MEDIA:
            yield MEDIA[feature.lower()]


def _of_selectors(rule: StyleRule) -> Iterator[str]:
    if rule.nested:
        yield "css-nesting"
    if len(rule.selectors) > 1:
        yield "css-selector-grouping"
    for selector in rule.selectors:
        for part in compounds(selector):
            yield from _of_compound(part)


def _of_compound(part: Compound) -> Iterator[str]:
    if part.combinator:
        yield COMBINATORS[part.combinator]
    if part.tag:
        yield "css-selector-universal" if part.tag == "*" else "css-selector-type"
    for kind, names in (("class", part.classes), ("id", part.ids), ("attribute", part.attributes)):
        if names:
            yield f"css-selector-{kind}"
    if len(part.classes) + len(part.ids) > 1:
        yield "css-selector-chaining"
    yield from _named(PSEUDOS, (pseudo.partition("(")[0] for pseudo in part.pseudos))

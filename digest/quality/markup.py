"""HTM: elements that mail programs remove, that are dangerous, or that WordPress left behind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from digest.quality.elements import hit, hit_in, in_code, text_of
from digest.quality.facts import Facts
from digest.quality.leftovers import BLOCK_COMMENT, EMBED, FOOTNOTE, SHORTCODE, WORDPRESS_CLASS
from digest.quality.mail import Mail
from digest.quality.report import Hit, Mender, Rule, Severity

_REMOVED = frozenset({
    "iframe", "object", "embed", "applet", "form", "input", "button", "select", "textarea", "frame",
    "frameset",
})  # fmt: skip
_PLAYERS = frozenset({"video", "audio"})
_WITH_ADDRESS = ("href", "src", "action", "formaction", "background", "poster", "xlink:href", "data")
_UNREADABLE = re.compile(r"[\x00-\x20\x7f-\x9f\u200b-\u200f\u2028-\u202f\ufeff]+")


def _removed(mail: Mail, facts: Facts) -> Iterator[Hit]:
    for element in mail.elements:
        tag = str(element.tag)
        if tag == "script" and not (facts.json_ld and element.get("type") == "application/ld+json"):
            yield hit(element, "script")
        elif tag in _REMOVED:
            yield hit(element, tag)
        elif tag in _PLAYERS and not _has_fallback(element):
            yield hit(element, f"{tag} without a link or picture inside")


def _has_fallback(player: HtmlElement) -> bool:
    return next(player.iter("a", "img"), None) is not None


def scheme(address: str) -> str:
    """Return an address's scheme as browsers read it: controls and invisible characters do not hide it."""
    head, colon, _ = _UNREADABLE.sub("", address).partition(":")
    return head.lower() if colon and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", head) else ""


def _dangerous(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for element in mail.elements:
        for name, value in element.items():
            lowered = name.lower()
            if lowered.startswith("on") and len(lowered) > 3:
                yield hit(element, lowered)
            elif lowered in _WITH_ADDRESS:
                named = scheme(value)
                is_picture = (
                    element.tag == "img" and lowered == "src" and value.lower().startswith("data:image/")
                )
                if named in {"javascript", "vbscript"} or (named == "data" and not is_picture):
                    yield hit(element, f"{named}: in {lowered}")


def _rarely_known(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for element in mail.elements:
        if element.tag in {"picture", "svg", "base"}:
            yield hit(element, str(element.tag))
        elif element.get("srcset") is not None:
            yield hit(element, "srcset")


def _leftovers(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for element, text in mail.texts:
        if not in_code(element):
            for found in SHORTCODE.finditer(text):
                yield hit(element, f"“{found[0]}”")
    for text, line in mail.comments:
        if BLOCK_COMMENT.match(text):
            yield hit_in("html", "a block comment", line=line, words=text)
    for element in mail.elements:
        if any(WORDPRESS_CLASS.fullmatch(name) for name in element.get("class", "").split()):
            yield hit(element, "a class of WordPress")
        if _is_bare_embed(element):
            yield hit(element, "an address that the site shows as a player")
        if element.tag == "a" and FOOTNOTE.fullmatch(element.get("href", "")):
            yield hit(element, "a footnote's anchor")


def _is_bare_embed(element: HtmlElement) -> bool:
    """Return whether an element holds a player's address and nothing else."""
    if element.tag not in {"p", "div", "td", "figure"} or any(isinstance(one.tag, str) for one in element):
        return False
    return EMBED.fullmatch(text_of(element)) is not None


_HTML = ("html",)
RULES = (
    Rule(id="HTM-01", severity=Severity.ERROR, who=Mender.CONTENT, needs=_HTML, looks=_removed,
         says="There is an element that mail programs remove, or that makes them distrust the mail.",
         mend="Link to the page that has it.",
         source="caniemail html-form, html-object, html-video"),
    Rule(id="HTM-02", severity=Severity.ERROR, who=Mender.CONTENT, needs=_HTML, looks=_dangerous,
         says="There is code where only addresses and text belong.",
         mend="Remove the attribute, or give it a web address.",
         source="OWASP; Everypost"),
    Rule(id="HTM-03", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=_HTML, looks=_rarely_known,
         says="There is an element or attribute that few mail programs know.",
         mend="Use a plain img with a JPEG, PNG or GIF, and absolute addresses.",
         source="caniemail html-picture, html-srcset, html-svg, html-base"),
    Rule(id="HTM-04", severity=Severity.WARNING, who=Mender.CONTENT, needs=_HTML, looks=_leftovers,
         says="Something of the site's editor was left in the post.",
         mend="Take it out of the post, or let `digest check --fix` do it.",
         source="Everypost"),
)  # fmt: skip

"""LINK: whether links lead where they say, and anywhere at all."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from lxml.html import HtmlElement

from digest.quality.elements import hit, hit_in, links, name_of, text_of
from digest.quality.facts import Answer, Facts
from digest.quality.generic_words import SPONSOR_LABELS
from digest.quality.mail import Mail
from digest.quality.report import Hit, Mender, Rule, Severity

MOST_LINKS = 100
LONGEST_URL = 2_000
_LOCAL_NAMES = re.compile(r"localhost|.*\.(?:localhost|local|internal|lan|home\.arpa)")
_WORKSHOP_HOSTS = ("staging.", "preview.")
_WORKSHOP = re.compile(r"/wp-admin(?:/|$)|/wp-login\.php|[?&]preview(?:_id)?=|/ghost/#|[?&]draft=")
_GONE = frozenset({404, 410})
_UNKNOWN_HOST = "unresolved"
SHORTENERS = frozenset({
    "bit.ly", "t.co", "goo.gl", "tinyurl.com", "ow.ly", "buff.ly", "is.gd", "v.gd", "lnkd.in", "rebrand.ly",
    "cutt.ly",
    "t.ly", "dlvr.it", "shorturl.at", "rb.gy", "tiny.cc", "bl.ink", "s.id", "adf.ly", "trib.al",
})  # fmt: skip
_A_HOST = re.compile(r"\s*(?:https?://)?(?:www\.)?((?:[\w-]+\.)+[a-z]{2,24})(?:[/?#:]\S*)?\s*", re.IGNORECASE)
_LARGEST_PANEL = 700  # characters: a block that a label can speak for


def split(address: str) -> SplitResult | None:
    """Return an address taken apart; None for one that cannot be."""
    try:
        parts = urlsplit(address.strip())
        _ = parts.port
    except ValueError:
        return None
    return parts


def target(link: HtmlElement) -> str:
    """Return a link's address as the mail has it."""
    return str(link.get("href", "").strip())


def _nowhere(mail: Mail, facts: Facts) -> Iterator[Hit]:
    for link in links(mail):
        why = _wrong_with(target(link), facts)
        if why:
            yield hit(link, why)


def _wrong_with(address: str, facts: Facts) -> str:
    """Return why a reader cannot follow an address; empty when nothing speaks against it."""
    if not address or address == "#":
        return "empty"
    parts = split(address)
    if parts is None:
        return "misspelled"
    if address.startswith("#") or parts.scheme in {"mailto", "tel", "sms"}:
        return ""  # anchors are LINK-06's
    if parts.scheme not in {"http", "https"}:
        return f"{parts.scheme}: is no web address" if parts.scheme else "relative"
    return _wrong_place(address, (parts.hostname or "").lower(), facts)


def _wrong_place(address: str, host: str, facts: Facts) -> str:
    """Return why a web address is none for the public; the publication's own hosts are meant as they are."""
    if host.startswith(_WORKSHOP_HOSTS) or _WORKSHOP.search(address):
        return "only editors can see it"
    if host in facts.hosts:
        return ""
    if ("." not in host and ":" not in host) or _LOCAL_NAMES.fullmatch(host) or _is_private(host):
        return "only this machine or network knows it"
    return ""


def _is_private(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return False


def _asked(mail: Mail, facts: Facts) -> Iterator[tuple[HtmlElement, Answer]]:
    seen: set[str] = set()
    for link in links(mail):
        answer = (facts.links or {}).get(target(link))
        if answer is not None and target(link) not in seen:
            seen.add(target(link))
            yield link, answer


def _answers(mail: Mail, facts: Facts) -> Iterator[Hit]:
    for link, answer in _asked(mail, facts):
        if answer.status in _GONE or answer.failure == _UNKNOWN_HOST:
            yield hit(link, f"it answered {answer.status}" if answer.status else "there is no such host")
        elif answer.failure or answer.status in {403, 429} or answer.status >= 500:
            said = answer.failure or f"it answered {answer.status}; it may only refuse programs"
            yield hit(link, said, severity=Severity.WARNING)
        elif answer.url and answer.url != target(link):
            yield hit(link, f"it leads on to {answer.url}", severity=Severity.NOTE)


def _plain_http(mail: Mail, facts: Facts) -> Iterator[Hit]:
    for link, answer in _asked(mail, facts):
        if target(link).startswith("http://") and answer.over_https:
            yield hit(link)


def _base_domain(host: str) -> str:
    """Return the last labels of a host, near enough to a registered domain to compare two."""
    labels = host.lower().removeprefix("www.").split(".")
    country = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3 if country else -2 :])


def _looks_false(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for link in links(mail):
        shown = _A_HOST.fullmatch(name_of(link))
        parts = split(target(link))
        if shown and parts and parts.hostname and _base_domain(shown[1]) != _base_domain(parts.hostname):
            yield hit(link, f"it shows {shown[1]} and leads to {parts.hostname}")


def _shortened(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for link in links(mail):
        parts = split(target(link))
        if parts and (parts.hostname or "").lower().removeprefix("www.") in SHORTENERS:
            yield hit(link, str(parts.hostname))


def _anchors(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    for link in links(mail):
        if target(link).startswith("#") and target(link) != "#":
            yield hit(link)


def _too_many(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    every = links(mail)
    if len(every) > MOST_LINKS:
        yield hit_in("html", f"{len(every)} links of at most {MOST_LINKS}")
    for link in every:
        if len(target(link)) > LONGEST_URL:
            yield hit(link, f"an address of {len(target(link)):,} characters")


def is_labelled(link: HtmlElement) -> bool:
    """Return whether the block around a link says that it is paid for."""
    for above in link.iterancestors():
        words = text_of(above)
        if len(words) > _LARGEST_PANEL:
            return False
        without_link = words.replace(text_of(link), " ").lower()
        if any(label in without_link for label in SPONSOR_LABELS):
            return True
    return False


def sponsor_links(mail: Mail, facts: Facts) -> list[HtmlElement]:
    """Return the links that somebody has paid for."""
    paid = {sponsor.link for sponsor in facts.sponsors or ()}
    return [one for one in links(mail) if "sponsored" in one.get("rel", "").split() or target(one) in paid]


def _unlabelled(mail: Mail, facts: Facts) -> Iterator[Hit]:
    for link in sponsor_links(mail, facts):
        if not is_labelled(link):
            yield hit(link)


_HTML = ("html",)
RULES = (
    Rule(id="LINK-01", severity=Severity.ERROR, who=Mender.CONTENT, needs=_HTML, looks=_nowhere,
         says="A link leads nowhere that a reader can go.",
         mend="Give the public address, beginning with https://.",
         source="mailpit"),
    Rule(id="LINK-02", severity=Severity.ERROR, who=Mender.CONTENT, needs=("html", "links"), looks=_answers,
         says="A link does not answer as it should.",
         mend="Open it in a browser; correct or remove it where it is dead.",
         source="mailpit; react-email"),
    Rule(id="LINK-03", severity=Severity.WARNING, who=Mender.CONTENT, needs=("html", "links"),
    looks=_plain_http,
         says="A link says http where https answers.",
         mend="Write https://, or let `digest check --fix --online` do it.",
         source="react-email"),
    Rule(id="LINK-04", severity=Severity.WARNING, who=Mender.CONTENT, needs=_HTML, looks=_looks_false,
         says="A link shows one site's name and leads to another: that is what fraud looks like.",
         mend="Show the name of the site it leads to, or words.",
         source="SpamAssassin; Gmail"),
    Rule(id="LINK-05", severity=Severity.WARNING, who=Mender.CONTENT, needs=_HTML, looks=_shortened,
         says="A link goes through a shortener, which spam filters distrust.",
         mend="Link to the page itself.",
         source="practice of spam filters"),
    Rule(id="LINK-06", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=_HTML, looks=_anchors,
         says="A link leads to another place in the mail, which many mail programs cannot do.",
         mend="Link to the post on the web.",
         source="caniemail html-anchor-links"),
    Rule(id="LINK-07", severity=Severity.WARNING, who=Mender.CONTENT, needs=_HTML, looks=_too_many,
         says="There are very many links, or one is very long.",
         mend="Show fewer posts; remove what was added to the address for counting.",
         source="mailpit"),
    Rule(id="LINK-08", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=_HTML, looks=_unlabelled,
         says="A paid link stands where nothing says that it is paid for.",
         mend="Put it into a block with a label such as “Sponsored”.",
         source="CAP Code 2.1 and 2.4"),
)  # fmt: skip

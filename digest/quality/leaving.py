"""UNS: whether a reader can leave: by a link they see, and by the button of their mail program."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from digest.quality.elements import hit, hit_in, is_hidden, links, name_of
from digest.quality.facts import Facts
from digest.quality.generic_words import LEAVE
from digest.quality.linking import split, target
from digest.quality.mail import Mail
from digest.quality.report import Hit, Mender, NotLooked, Rule, Severity

CLIPPED_FROM = 95_000
"""Octets of encoded HTML from which on a link may be clipped, with some room."""
_EVERY_WORD = tuple(word for words in LEAVE.values() for word in words)
# The shape of our own links (subscribers.tokens): purpose, key id, public id, and what proves it.
_TOKEN = re.compile(
    r"/(?:unsubscribe|preferences|confirm|undo)/[a-z0-9]{1,16}\.([A-Za-z0-9_-]{1,32})\.[0-9a-zA-Z.]+"
)
_URI = re.compile(r"<\s*([^<>]*?)\s*>")


def kind_of(mail: Mail, facts: Facts) -> str:
    """Return "issue" or "notice", as told or as the headers show; empty where neither says."""
    if facts.kind or mail.headers is None:
        return facts.kind
    if mail.count("List-Id") or mail.count("List-Unsubscribe"):
        return "issue"
    return "notice" if mail.header("Auto-Submitted").startswith("auto-") else ""


_UNKNOWN_KIND = NotLooked(reason="it is not known whether this is an issue or a notice to one person")


def leave_links(mail: Mail) -> list[HtmlElement]:
    """Return the links out of the list that a reader can see."""
    return [
        one
        for one in links(mail)
        if not is_hidden(one) and (_is_way_out(name_of(one)) or "/unsubscribe" in target(one).lower())
    ]


def is_personal(address: str) -> bool:
    """Return whether an address belongs to one reader: such links are never followed to look at them."""
    return _TOKEN.search(address) is not None


def _is_way_out(words: str) -> bool:
    lowered = words.lower()
    return any(word in lowered for word in _EVERY_WORD)


def _visible(mail: Mail, facts: Facts) -> Iterator[Hit | NotLooked]:
    kind = kind_of(mail, facts)
    out = leave_links(mail)
    if not kind:
        yield _UNKNOWN_KIND
    elif kind == "notice":
        # A welcome has one: its reader has joined. Whoever is only asked to confirm has nothing to leave.
        if out and any("/confirm/" in target(one) for one in links(mail)):
            yield hit(out[0], "whoever is asked to confirm has not joined yet")
        return
    if kind == "issue" and not out:
        yield hit_in("html", "there is none")
    if kind == "issue" and mail.text is not None and not _in_text(mail.text, out):
        yield hit_in("text", "there is none")


def _in_text(text: str, out: list[HtmlElement]) -> bool:
    return any(target(one) in text for one in out) or "/unsubscribe" in text.lower()


def _one_click(mail: Mail, facts: Facts) -> Iterator[Hit | NotLooked]:
    kind = kind_of(mail, facts)
    if kind != "issue":
        if not kind:
            yield _UNKNOWN_KIND
        elif mail.count("List-Unsubscribe"):
            yield hit_in("headers", "a notice has List-Unsubscribe")
        return
    found = _URI.findall(mail.header("List-Unsubscribe"))
    web = [uri for uri in found if _is_web(uri, facts)]
    if len(web) != 1:
        yield hit_in(
            "headers", f"List-Unsubscribe holds {len(web) or 'no'} https addresses", words=", ".join(found)
        )
    posted = mail.header("List-Unsubscribe-Post").replace(" ", "")
    if posted != "List-Unsubscribe=One-Click":
        yield hit_in("headers", f"List-Unsubscribe-Post is {posted or 'missing'}", words=posted)
    if facts.one_click is None:
        yield NotLooked(reason="the one-click address was not asked")
    elif facts.one_click.status != 200:
        yield hit_in(
            "headers", f"the one-click address answered {facts.one_click.status or facts.one_click.failure}"
        )
    yield from _signed(facts)


def _signed(facts: Facts) -> Iterator[Hit | NotLooked]:
    if facts.signed_headers is None:
        yield NotLooked(reason="what DKIM signs is known of received mail only")
        return
    for name in ("list-unsubscribe", "list-unsubscribe-post"):
        if name not in facts.signed_headers:
            yield hit_in("headers", f"DKIM does not cover {name}")


def _is_web(uri: str, facts: Facts) -> bool:
    parts = split(uri)
    if parts is None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and (parts.hostname or "") in facts.hosts)


def _clipped(mail: Mail, _facts: Facts) -> Iterator[Hit]:
    html = mail.html or ""
    out = leave_links(mail)
    if not out:
        return
    before = html.find(target(out[0]).replace("&", "&amp;"))
    share = mail.html_size / max(1, len(html.encode("utf-8", "replace")))
    octets = len(html[: max(before, 0)].encode("utf-8", "replace")) * share
    if octets > CLIPPED_FROM:
        yield hit(out[0], f"{octets / 1000:.0f} kB into the mail")


def _others_tokens(mail: Mail, facts: Facts) -> Iterator[Hit | NotLooked]:
    if facts.shown_as == "mail":
        yield NotLooked(reason="a mail to one reader carries that reader's own links")
        return
    for element in mail.elements:
        for name in ("href", "src", "action"):
            found = _TOKEN.search(element.get(name, ""))
            if found and found[1] != facts.nobody:
                yield hit(element, "it would let whoever sees this act for a reader")
    for number, line in enumerate((mail.text or "").splitlines(), 1):
        found = _TOKEN.search(line)
        if found and found[1] != facts.nobody:
            yield hit_in("text", "it would let whoever sees this act for a reader", line=number)


RULES = (
    Rule(id="UNS-01", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=("html",), looks=_visible,
         says="An issue has no visible link to unsubscribe, or a mail that asks to confirm has one.",
         mend="Put the link into the footer of the HTML and of the text.",
         source="PECR, regulations 22 and 23; Gmail's rules for senders"),
    Rule(id="UNS-02", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=("headers",), looks=_one_click,
         says="Mail programs cannot unsubscribe a reader with one click.",
         mend="Send List-Unsubscribe with one https address, and List-Unsubscribe-Post, both signed by DKIM.",
         source="RFC 8058; RFC 2369; Gmail's rules for senders"),
    Rule(id="UNS-03", severity=Severity.WARNING, who=Mender.SETTINGS, needs=("html",), looks=_clipped,
         says="The link to unsubscribe comes so late that Gmail would cut it off.",
         mend="Show fewer posts, or put a second link near the top.",
         source="email-bugs 41"),
    Rule(id="UNS-04", severity=Severity.ERROR, who=Mender.CONTENT, needs=("html",), looks=_others_tokens,
         says="A link that belongs to one reader is shown to others.",
         mend="Remove it from the post: somebody copied it from a mail of theirs.",
         source="Everypost"),
)  # fmt: skip

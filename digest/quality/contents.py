"""SPON, ID, DIG and SPAM: what the mail as a whole owes its readers, and how a filter sees it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from lxml.html import HtmlElement

from digest.quality.elements import HEADINGS, hit, hit_in, is_hidden, links, plain, text_of
from digest.quality.facts import Facts
from digest.quality.generic_words import REASONS, language_of
from digest.quality.leaving import kind_of
from digest.quality.linking import is_labelled, sponsor_links, target
from digest.quality.mail import Mail
from digest.quality.report import Hit, Mender, NotLooked, Rule, Severity

MOST_POSTS = 20
_SUSPECT, _REFUSED = 3.0, 5.0  # SpamAssassin's score: where it gets noticed, where it is taken for spam


def _sponsors(mail: Mail, facts: Facts) -> Iterator[Hit | NotLooked]:
    if facts.sponsors is None or facts.sent_on is None:
        yield NotLooked(reason="it is not known until when each sponsor is booked")
    else:
        for sponsor in facts.sponsors:
            if sponsor.ends_on < facts.sent_on:
                yield hit_in("html", f"{sponsor.name} was booked until {sponsor.ends_on}", words=sponsor.link)
    for link in sponsor_links(mail, facts):
        shown = list(link.iter("img"))
        if not is_labelled(link):
            yield hit(link, "no label")
        if any(not picture.get("alt", "").strip() for picture in shown):
            yield hit(link, "a picture without alternative text")
        elif shown and not _has_words_beside(link, mail):
            yield hit(link, "a logo and no text")


def _has_words_beside(link: HtmlElement, mail: Mail) -> bool:
    """Return whether some link to the same sponsor is made of words."""
    same = [one for one in links(mail) if target(one) == target(link)]
    return any(text_of(one) for one in same)


def _identity(mail: Mail, facts: Facts) -> Iterator[Hit | NotLooked]:
    words = text_of(mail.body) if mail.body is not None else ""
    for name, value, setting in (
        ("the sender's name", facts.sender, "publication.name"),
        ("the postal address", facts.postal_address, "publication.postal_address"),
    ):
        if value is None:
            yield NotLooked(reason=f"{name} was not gathered")
        elif not value.strip():
            yield hit_in("html", f"{name}: {setting} is empty", who=Mender.SETTINGS)
        elif plain(value) not in words:
            yield hit_in("html", name, words=value, who=Mender.TEMPLATE)
    language = language_of(mail.root.get("lang", "") if mail.root is not None else "")
    reasons = REASONS.get(language)
    if kind_of(mail, facts) == "notice":
        return
    if reasons is None:
        yield NotLooked(reason=f"no list of how a reason is worded in the language “{language}”")
    elif not any(reason in words.lower() for reason in reasons):
        yield hit_in("html", "why its reader receives it", who=Mender.TEMPLATE)


def _digest(mail: Mail, facts: Facts) -> Iterator[Hit | NotLooked]:
    if facts.layout != "digest":
        yield NotLooked(
            reason="a single post" if facts.layout == "post" else "it is not known to be a digest"
        )
        return
    titles = [
        one
        for one in links(mail)
        if not is_hidden(one) and any(up.tag in HEADINGS for up in one.iterancestors())
    ]
    counted = Counter(target(one) for one in titles)
    for one in titles:
        if counted[target(one)] > 1:
            counted[target(one)] = 0
            yield hit(one, "listed twice")
    yield from _empty_themes(mail)
    if facts.lead and facts.lead not in {target(one) for one in links(mail)}:
        yield hit_in("html", "the lead story is missing", words=facts.lead)
    if len(set(counted)) > MOST_POSTS:
        yield hit_in("html", f"{len(set(counted))} posts: show {MOST_POSTS} and a link to the rest")


def _empty_themes(mail: Mail) -> Iterator[Hit]:
    """Yield headings of themes that no post follows: the next heading is one of the same level."""
    headings = [one for one in mail.elements if one.tag in HEADINGS and not is_hidden(one)]
    for one, following in zip(headings, [*headings[1:], None], strict=False):
        names_theme = one.tag == "h2" and next(one.iter("a"), None) is None and not _links_beside(one)
        if names_theme and (following is None or following.tag in {"h1", "h2"}):
            yield hit(one, "a theme without posts")


def _links_beside(heading: HtmlElement) -> bool:
    """Return whether a heading is followed by links in its block, as that of a list of contents is."""
    beside = (link for one in heading.itersiblings() for link in one.iter("a"))
    return any("sponsored" not in link.get("rel", "").split() for link in beside)


def _score(_mail: Mail, facts: Facts) -> Iterator[Hit]:
    score = facts.spam_score or 0.0
    if score >= _SUSPECT:
        severity = Severity.ERROR if score >= _REFUSED else Severity.WARNING
        yield hit_in("mail", f"{score:.1f} of {_REFUSED:g}", severity=severity)


RULES = (
    Rule(id="SPON-01", severity=Severity.WARNING, who=Mender.SETTINGS, needs=("html",), looks=_sponsors,
         says="A sponsor's placement has expired, is not labelled, or is a picture without words.",
         mend="Correct it with `digest sponsor`; show the sponsor's name in words below a label.",
         source="CAP Code 2"),
    Rule(id="ID-01", severity=Severity.ERROR, who=Mender.TEMPLATE, needs=("html",), looks=_identity,
         says="The mail does not say who sends it, from where, and why its reader gets it.",
         mend="Set publication.postal_address; keep name, address and reason in the footer.",
         source="PECR; Companies Act trading disclosures; CAN-SPAM"),
    Rule(id="DIG-01", severity=Severity.WARNING, who=Mender.TEMPLATE, needs=("html",), looks=_digest,
         says="The digest lists a post twice, shows a theme without posts, lacks its lead, or is too long.",
         mend="Show each post once, at most 20, and leave out empty themes.",
         source="Everypost"),
    Rule(id="SPAM-01", severity=Severity.WARNING, who=Mender.CONTENT, needs=("spam_score",), looks=_score,
         says="SpamAssassin takes the mail for spam, or nearly so.",
         mend="Run `spamassassin -t` on it: it lists what it dislikes.",
         source="SpamAssassin"),
)  # fmt: skip

"""Nothing that readers see comes from anywhere but a catalogue, or from what somebody wrote."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from lxml import html as lxml_html

from digest.model import Edition, Rendering
from digest.rendering.issue import render_issue, render_web
from digest.rendering.transactional import render_notice
from digest.rendering.wording import (
    choices_in_words,
    request_in_words,
    welcome_in_words,
    when_in_words,
)
from subscribers.model import Cadence
from subscribers.tokens import Purpose
from tests.factories_mail import digest, publication, single
from tests.pseudo_locale import CLOSE, OPEN, TAG, lengthened, pseudo_templates
from tests.web_server import SampleSite, Visitor, a_site, person_of, serving

TEMPLATES = pseudo_templates()
PUBLICATION = publication(language=TAG)
ANN = "ann@reader.example"
# A translated sentence may hold another: the innermost go first.
_BRACKETED = re.compile(f"{OPEN}[^{OPEN}{CLOSE}]*{CLOSE}")


def bare(text: str, *written: str) -> str:
    """Return what is left of a text without translated sentences and what somebody wrote."""
    for words in sorted(written, key=len, reverse=True):
        text = text.replace(words, "")
    while _BRACKETED.search(text):
        text = _BRACKETED.sub("", text)
    months = "January|February|March|April|May|June|July|August|September|October|November|December"
    text = re.sub(rf"https?://\S+|@@\w+:\w+@@|\b(?:{months})\b", "", text)
    return " ".join(re.findall(r"[^\W\d_]{2,}", text))


def shown(markup: str) -> str:
    """Return all text of a page or mail that is seen or read out, alt texts included."""
    tree = lxml_html.document_fromstring(re.sub(r"<!--.*?-->", "", markup, flags=re.DOTALL))
    for silent in tree.xpath("//style|//script"):
        silent.drop_tree()
    attributes = tree.xpath("//@alt|//@title|//@aria-label|//@aria-roledescription|//@placeholder")
    return " ".join([tree.text_content(), *attributes])


def written_in(edition: Edition) -> list[str]:
    """Return what authors, editors and sponsors wrote."""
    items = [*(item for section in edition.sections for item in section.items)]
    items += [*edition.related, *([edition.lead] if edition.lead else [])]
    sponsors = [edition.sponsor, *(section.sponsor for section in edition.sections)]
    own = [PUBLICATION.name, PUBLICATION.name.upper(), PUBLICATION.tagline, PUBLICATION.postal_address]
    own += [PUBLICATION.author, edition.title, edition.subject, edition.preheader, edition.intro]
    own += [*edition.theme_names.values(), *(name.upper() for name in edition.theme_names.values())]
    for item in items:
        own += [item.title, item.standfirst, item.summary]
        if item.image:
            own += [item.image.alt, item.image.credit]
    for sponsor in filter(None, sponsors):
        own += [sponsor.name, sponsor.text, sponsor.link_text]
    return [words for words in own if words]


@pytest.mark.parametrize("edition", [digest(left_out=3), digest(left_out=1)])
def test_an_issue_has_no_words_of_its_own(edition: Edition) -> None:
    made, written = render_issue(edition, PUBLICATION, TEMPLATES), written_in(edition)
    text = " ".join(made.text.split())
    assert bare(text, *written) == ""
    assert bare(shown(made.html), *written) == ""
    assert bare(shown(render_web(edition, PUBLICATION, TEMPLATES)), *written) == ""


def test_a_post_has_no_words_but_its_own() -> None:
    edition = single(lead=digest().lead)
    made = render_issue(edition, PUBLICATION, TEMPLATES)
    body = lxml_html.fragment_fromstring(edition.lead.html, create_parent=True) if edition.lead else None
    assert body is not None
    written = [*written_in(edition), *(words.strip() for words in body.itertext()), "A desk at dusk"]
    assert bare(shown(made.html), *filter(None, written)) == ""


FACTS = {
    "confirm": {"confirm_url": "https://x.example/c", "choices": ""},
    "welcome": {"choices": "", "next_date": "8 June 2026"},
    "goodbye": {"subscribe_url": "https://x.example/s"},
    "address-change": {"confirm_url": "https://x.example/m", "old_address": "12"},
    "address-changed": {"new_address": "12", "subscribe_url": "https://x.example/s"},
    "re-permission": {"confirm_url": "https://x.example/k", "choices": "", "ends_on": "8 June 2026"},
    "preferences-link": {"preferences_url": "https://x.example/p"},
}


@pytest.mark.parametrize("kind", FACTS)
@pytest.mark.parametrize("given", [True, False])
def test_a_notice_has_no_words_of_its_own(kind: str, given: bool) -> None:
    made: Rendering = render_notice(kind, FACTS[kind] if given else {}, PUBLICATION, TEMPLATES)
    own = [PUBLICATION.name, PUBLICATION.name.upper(), PUBLICATION.tagline, PUBLICATION.postal_address]
    assert bare(made.subject, *own) == ""
    assert bare(" ".join(made.text.split()), *own) == ""
    assert bare(shown(made.html), *own) == ""


@pytest.mark.parametrize("cadence", Cadence)
def test_a_choice_is_one_sentence_in_every_cadence(cadence: Cadence) -> None:
    for words in (choices_in_words, request_in_words, welcome_in_words):
        for themes in ([], ["Prisons"]):
            told = words(cadence, themes, PUBLICATION, TEMPLATES)
            assert told.startswith(OPEN)
            assert told.endswith(CLOSE)
            assert told.count(OPEN) == 1
    assert when_in_words(cadence, 1, None, PUBLICATION, TEMPLATES).startswith(OPEN)


def pages(site: SampleSite, visitor: Visitor) -> dict[str, str]:
    """Return every kind of page that a reader or visitor meets, by what it is."""
    found = {
        "form": visitor.get("/subscribe").text,
        "form with an error": visitor.post("/subscribe", {"email": "odd"}).text,
        "check inbox": visitor.post("/subscribe", {"email": ANN}).text,
        "issues": visitor.get("/issues").text,
        "no page": visitor.get("/nowhere").text,
        "wrong method": visitor.post("/issues").text,
        "bad token": visitor.get("/confirm/odd").text,
    }
    ann = person_of(site.readers, ANN)
    paths = {purpose: f"/{purpose}/{site.readers.link(purpose, ann)}" for purpose in Purpose}
    confirm, choose, leave = (
        paths[one] for one in (Purpose.CONFIRM, Purpose.PREFERENCES, Purpose.UNSUBSCRIBE)
    )
    found["not yet subscribed"] = visitor.get(choose).text
    found["confirm"] = visitor.get(confirm).text
    found["confirmed"] = visitor.post(confirm).text
    found["preferences"] = visitor.get(choose).text
    for action in ("save", "pause", "resume"):
        found[action] = visitor.post(choose, {"action": action}).text
    found["leave"] = visitor.get(leave).text
    for action in ("pause", "monthly", "leave"):
        found[f"{action} instead"] = visitor.post(leave, {"action": action}).text
    found["left already"] = visitor.get(leave).text
    found["change after leaving"] = visitor.post(choose, {"action": "save"}).text
    found["left twice"] = visitor.post(leave, {"action": "leave"}).text
    found["undone"] = visitor.post(f"/unsubscribe/{site.readers.link(Purpose.UNDO, ann)}/undo").text
    return found


def test_no_page_has_words_of_its_own(tmp_path: Path) -> None:
    site = a_site(tmp_path, language=TAG, privacy_url="https://bench.example/privacy")
    site.templates = TEMPLATES
    own = [site.publication.name, site.publication.tagline, site.publication.postal_address]
    own += [theme.name for theme in site.themes()] + [title for _, title, _ in site.issue_index()]
    own += [line for _, line in site.cadences()] + ["a…@reader.example", "reader.example"]
    with serving(site) as visitor:
        left = {name: bare(shown(page), *own) for name, page in pages(site, visitor).items()}
    assert {name: words for name, words in left.items() if words} == {}


def test_the_language_is_as_long_as_it_claims() -> None:
    assert lengthened("Read %(title)s <b>now</b>") == f"{OPEN}Readdd %(title)s <b>nowww</b>{CLOSE}"

"""Notices say one thing, have one button, and repeat its address as text."""

import pytest
from lxml import html as lxml_html

from digest.errors import UnknownName
from digest.rendering.transactional import FACTS, render_notice
from digest.template_files import read_templates
from tests.factories_mail import publication

TEMPLATES = read_templates()
URL = "https://mail.quietbench.example/confirm/k1.a1b2c3d4e5f60718.c2lnbmF0dXJl"
GIVEN = {
    "confirm": {"confirm_url": URL, "choices": "You asked for the weekly digest."},
    "welcome": {"choices": "You get the weekly digest.", "next_date": "Sunday 14 June 2026"},
    "preferences-link": {"preferences_url": URL},
    "goodbye": {"subscribe_url": URL},
    "address-change": {"confirm_url": URL, "old_address": "a…@example.org"},
    "address-changed": {"new_address": "a…@example.net", "subscribe_url": URL},
    "re-permission": {"confirm_url": URL, "choices": "You get the weekly digest.", "ends_on": "30 June 2026"},
    "draft-ready": {
        "issue": "weekly-2026-06-14",
        "title": "What an hour in court costs",
        "posts": "What an hour in court costs\nThe library behind a locked door",
        "sends_at": "Sunday 14 June 2026, 07:00",
    },
    "alert": {
        "problem": "The feed is silent",
        "detail": "It timed out.\n\nTwice.",
        "what_to_do": "Look at it.",
    },
}


def notice(kind: str, facts=None, **changes):
    return render_notice(kind, GIVEN[kind] if facts is None else facts, publication(**changes), TEMPLATES)


@pytest.mark.parametrize("kind", FACTS)
def test_every_notice_shows_its_facts_in_both_parts_and_stays_small(kind):
    made = notice(kind)
    for value in GIVEN[kind].values():
        for line in filter(None, value.splitlines()):
            assert line in made.html
            assert line in made.text
    assert len(made.html.encode()) <= 15_000
    assert "<img" not in made.html
    assert len(lxml_html.document_fromstring(made.html).findall(".//h1")) == 1
    assert "\n" not in made.subject


@pytest.mark.parametrize("kind", FACTS)
def test_facts_not_given_leave_their_sentence_out(kind):
    made = notice(kind, {}, privacy_url="", postal_address="", reply_to="")
    assert "None" not in made.html + made.text
    assert "  " not in made.subject


def test_the_button_leads_where_the_text_says():
    made = notice("confirm")
    links = [link for _, _, link, _ in lxml_html.iterlinks(made.html)]
    assert links.count(URL) == 2  # the button, and the address as text
    assert f"\n{URL}\n" in made.text
    assert made.subject == "Confirm your subscription to The Quiet Bench"


def test_only_what_readers_get_as_readers_offers_to_leave():
    offers = ("welcome", "re-permission")
    for kind in offers:
        assert f"@@{notice(kind).nonce}:unsubscribe_url@@" in notice(kind).html
    for kind in set(FACTS) - set(offers):
        assert "unsubscribe_url" not in notice(kind).html


def test_unknown_kinds_and_facts_are_refused():
    with pytest.raises(UnknownName, match="farewell"):
        render_notice("farewell", {}, publication(), TEMPLATES)
    with pytest.raises(UnknownName, match="colour"):
        render_notice("confirm", {"colour": "red"}, publication(), TEMPLATES)

"""A digest that is too large loses text first, then posts; a post that is too long keeps its opening."""

from __future__ import annotations

from dataclasses import replace

from digest.editorial.shapes import SHAPES, Shape, openings, shortened
from digest.model import SHOWN_AT_MOST
from tests.factories_mail import LEAD, digest, single

WORDS = "One two three four five six seven eight nine ten. " * 20
LONG = replace(LEAD, title=WORDS, standfirst=WORDS, summary=WORDS)


def long_digest():
    sections = tuple(
        replace(section, items=tuple(replace(item, title=WORDS, summary=WORDS) for item in section.items))
        for section in digest().sections
    )
    return digest(lead=LONG, sections=sections, title=WORDS)


def test_texts_and_titles_are_shortened_at_a_word_and_the_lead_keeps_twice_as_much():
    made = shortened(long_digest(), Shape(text=100, title=60))
    items = [item for section in made.sections for item in section.items]
    assert {len(item.summary) <= 100 for item in items} == {True}
    assert {len(item.title) <= 60 for item in [made.lead, *items]} == {True}
    assert 100 < len(made.lead.standfirst) <= 200
    assert len(made.title) <= 60
    assert made.lead.summary.endswith("…")
    assert made.lead.html == LONG.html


def test_what_is_short_enough_stays_as_it_is():
    assert shortened(digest(), Shape(text=500, title=500)) == digest()
    assert shortened(digest(lead=None), Shape(text=500, title=500)) == digest(lead=None)


def test_every_shape_is_smaller_than_the_one_before():
    assert SHAPES[0].items == SHOWN_AT_MOST
    sizes = [(shape.text, shape.title, shape.items) for shape in SHAPES]
    assert sizes == sorted(set(sizes), reverse=True)
    assert SHAPES[-1].items == 2, "one item would be laid out as a post, with its whole body"


def test_a_post_keeps_less_and_less_of_its_body_and_in_the_end_none():
    post = single(lead=replace(LEAD, html=f"<p>{WORDS}</p>" * 40))
    bodies = [edition.lead.html for edition in openings(post, 0.5)]
    assert [len(body) for body in bodies] == sorted(map(len, bodies), reverse=True)
    assert 0.3 < len(bodies[0]) / len(post.lead.html) < 0.5
    assert bodies[-1] == ""
    assert all(edition.is_opening for edition in openings(post, 0.5))


def test_an_edition_without_a_post_has_no_opening():
    assert list(openings(digest(lead=None), 0.5)) == []

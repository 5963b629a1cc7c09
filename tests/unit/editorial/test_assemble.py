from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from gettext import NullTranslations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.assemble import assemble, items_of
from digest.errors import NotAllowed, UnknownName
from digest.model import SHOWN_AT_MOST, Content, Edition, IssueKind, Item, PostState, Section, Summary
from tests.unit.text_makers import PUBLICATION, make_content, make_item, make_post, make_sponsor, make_theme

ENGLISH = NullTranslations()
THEMES = (make_theme("prisons", 1), make_theme("courts", 2))
SHORT = make_item(1, theme_key="prisons", minutes=2)
LONG = make_item(2, theme_key="courts", minutes=9)
NEW = make_item(3, theme_key="prisons", minutes=2)


def edition_of(content: Content, *numbers: int, **more: object) -> Edition:
    return assemble(content, numbers or [item.number for item in content.items], PUBLICATION, ENGLISH, **more)


def shown(edition: Edition) -> list[Item]:
    assert edition.lead is not None
    return [edition.lead, *(item for section in edition.sections for item in section.items)]


def test_a_digest_is_its_lead_its_sections_and_the_words_around_them() -> None:
    content = make_content(SHORT, LONG, NEW, themes=THEMES, intro="Read the lead.")
    assert edition_of(content) == Edition(
        name="weekly-2026-11-23",
        kind=IssueKind.WEEKLY,
        layout="digest",
        subject="Post number 2. Plus 2 more",
        preheader="Also this week: Post number 1 and Post number 3",
        title="Post number 2. Plus 2 more",
        intro="Read the lead.",
        period_start=date(2026, 11, 16),
        period_end=date(2026, 11, 22),
        lead=LONG,
        sections=(Section(theme=THEMES[0], sponsor=None, items=(SHORT, NEW)),),
        theme_names={"prisons": "Prisons", "courts": "Courts"},
        sponsor=None,
        left_out=0,
        count=3,
    )


def test_the_lead_is_the_editors_then_the_longest_read_then_the_newest() -> None:
    assert edition_of(make_content(SHORT, LONG, NEW, lead=1)).lead == SHORT
    assert edition_of(make_content(SHORT, LONG, NEW, lead=1), 2, 3).lead == LONG
    assert edition_of(make_content(SHORT, NEW)).lead == NEW


@pytest.mark.parametrize(
    ("kind", "numbers", "layout"),
    [
        (IssueKind.EVERY_POST, [1], "post"),
        (IssueKind.EVERY_POST, [1, 2], "digest"),
        (IssueKind.WEEKLY, [1], "digest"),
        (IssueKind.TEST, [1], "digest"),
    ],
)
def test_only_one_post_to_an_every_post_reader_has_the_post_layout(
    kind: IssueKind, numbers: list[int], layout: str
) -> None:
    edition = edition_of(make_content(SHORT, LONG, kind=kind), *numbers)
    assert edition.layout == layout
    assert edition.count == len(numbers)
    assert bool(edition.sections) == (len(numbers) > 1)


def test_the_heading_is_the_editors_title_else_the_posts_or_the_subject() -> None:
    every_post = make_content(SHORT, kind=IssueKind.EVERY_POST)
    assert edition_of(replace(every_post, recent_subjects=("Post number 1",))).title == "Post number 1"
    assert edition_of(make_content(SHORT, title="A title")).title == "A title"
    assert edition_of(make_content(SHORT)).title == "Post number 1"


def test_the_newest_twenty_are_shown_and_the_rest_counted() -> None:
    content = make_content(*(make_item(number) for number in range(1, 26)))
    edition = edition_of(content)
    assert sorted(item.number for item in shown(edition)) == list(range(6, 26))
    assert (edition.count, edition.left_out) == (SHOWN_AT_MOST, 5)


def test_a_number_given_twice_is_one_post() -> None:
    assert edition_of(make_content(SHORT, LONG), 1, 1).count == 1


def test_nothing_to_show_and_a_number_from_elsewhere_are_refused() -> None:
    with pytest.raises(NotAllowed, match="no posts"):
        assemble(make_content(SHORT), [], PUBLICATION, ENGLISH)
    with pytest.raises(UnknownName, match="number 7"):
        assemble(make_content(SHORT), [1, 7], PUBLICATION, ENGLISH)


def test_a_subject_used_lately_is_varied() -> None:
    edition = edition_of(make_content(SHORT, recent_subjects=("Post number 1",)))
    assert edition.subject == "Post number 1 (22 November)"


def test_sponsors_stand_where_they_were_sold() -> None:
    primary, prisons = make_sponsor(), make_sponsor("prisons", name="Northlight")
    content = make_content(SHORT, LONG, themes=THEMES, sponsors=(prisons, primary))
    edition = edition_of(content)
    assert edition.sponsor == primary
    assert [section.sponsor for section in edition.sections] == [prisons]


def test_a_sponsor_outside_its_days_is_not_shown() -> None:
    over = make_sponsor(ends_on=date(2026, 11, 21))
    assert edition_of(make_content(SHORT, sponsors=(over,))).sponsor is None


def test_the_sponsor_of_the_leads_theme_takes_the_free_slot_when_it_has_no_section() -> None:
    courts, primary = make_sponsor("courts"), make_sponsor()
    assert edition_of(make_content(SHORT, LONG, themes=THEMES, sponsors=(courts,))).sponsor == courts
    assert edition_of(make_content(SHORT, LONG, themes=THEMES, sponsors=(courts, primary))).sponsor == primary
    other = make_item(4, theme_key="courts")
    placed = edition_of(make_content(LONG, other, themes=THEMES, sponsors=(courts,)))
    assert placed.sponsor is None
    assert placed.sections[0].sponsor == courts


def test_a_mail_of_one_post_shows_its_themes_sponsor_before_the_issues() -> None:
    courts, primary = make_sponsor("courts"), make_sponsor()
    every_post = {"kind": IssueKind.EVERY_POST, "sponsors": (primary, courts)}
    assert edition_of(make_content(LONG, **every_post)).sponsor == courts
    assert edition_of(make_content(SHORT, **every_post)).sponsor == primary
    assert edition_of(make_content(make_item(5), **every_post)).sponsor == primary


def test_items_are_the_posts_as_an_issue_shows_them() -> None:
    post = make_post(id=7, number=12, html="<p>" + "word " * 690 + "</p>", theme_key="courts", author="Ann")
    summary = Summary(text="It rained.", method="extract", source_hash=post.content_hash)
    assert items_of([post], {7: summary}, "Europe/London") == (
        Item(
            number=12,
            post_id=7,
            title="One",
            link="https://blog.example/one",
            author="Ann",
            published_on=date(2026, 11, 20),
            language="en",
            direction="ltr",
            standfirst="",
            summary="It rained.",
            html=post.html,
            image=None,
            minutes=3,
            theme_key="courts",
        ),
    )


def test_the_publishers_own_text_is_the_standfirst_and_not_shown_twice() -> None:
    summary = Summary(text="Desks fill up.", method="standfirst", source_hash="a" * 64)
    [item] = items_of([make_post()], {1: summary}, "UTC")
    assert (item.standfirst, item.summary) == ("Desks fill up.", "")


def test_items_stand_oldest_number_first_whatever_their_order_and_dates() -> None:
    posts = [make_post(id=n, number=n) for n in (3, 1, 2)]
    assert [item.number for item in items_of(posts, {}, "UTC")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", date(2026, 11, 20)), ("Pacific/Auckland", date(2026, 11, 21))]
)
def test_a_post_is_dated_in_the_publications_zone(zone: str, day: date) -> None:
    late = datetime(2026, 11, 20, 23, 30, tzinfo=UTC)
    dated, undated = make_post(published_at=late), make_post(published_at=None, first_seen_at=late)
    assert [item.published_on for item in items_of([dated, undated], {}, zone)] == [day, day]


def test_a_post_without_a_number_cannot_go_out() -> None:
    with pytest.raises(NotAllowed, match="Post 1 is held"):
        items_of([make_post(number=None, state=PostState.HELD)], {}, "UTC")


keys = st.sampled_from(["", "prisons", "courts", "unknown"])
contents = st.builds(
    lambda kind, parts, lead: make_content(
        *(make_item(n, theme_key=key, minutes=length) for n, (key, length) in enumerate(parts, start=1)),
        kind=kind,
        lead=lead,
        themes=THEMES,
        sponsors=(make_sponsor("courts"),),
    ),
    st.sampled_from(IssueKind),
    st.lists(st.tuples(keys, st.integers(1, 9)), min_size=1, max_size=30),
    st.none() | st.integers(1, 30),
)


@given(contents, st.data())
def test_an_edition_neither_loses_nor_repeats_a_post(content: Content, data: st.DataObject) -> None:
    every = [item.number for item in content.items]
    numbers = data.draw(st.lists(st.sampled_from(every), min_size=1))
    edition = edition_of(content, *numbers)
    told = [item.number for item in shown(edition)]
    assert sorted(told) == sorted(set(numbers), reverse=True)[:SHOWN_AT_MOST][::-1]
    assert edition.count == len(told)
    assert edition.count + edition.left_out == len(set(numbers))
    assert all(section.items for section in edition.sections)
    assert edition == edition_of(content, *reversed(numbers))

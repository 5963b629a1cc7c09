from __future__ import annotations

from dataclasses import replace
from datetime import date

from digest.editorial.sections import MOST_SECTIONS, running, sections
from digest.model import Section
from tests.unit.text_makers import make_item, make_sponsor, make_theme

TODAY = date(2026, 11, 22)
PRISONS, COURTS, WOMEN = make_theme("prisons", 1), make_theme("courts", 2), make_theme("women", 3)
THEMES = (PRISONS, COURTS, WOMEN)


def test_a_sponsor_runs_from_its_first_day_to_its_last() -> None:
    sponsor = make_sponsor("prisons", starts_on=date(2026, 11, 1), ends_on=date(2026, 11, 22))
    assert running([sponsor], "prisons", date(2026, 11, 1)) == sponsor
    assert running([sponsor], "prisons", date(2026, 11, 22)) == sponsor
    assert running([sponsor], "prisons", date(2026, 10, 31)) is None
    assert running([sponsor], "prisons", date(2026, 11, 23)) is None
    assert running([sponsor], "courts", TODAY) is None


def test_the_first_of_two_running_sponsors_is_the_one() -> None:
    first, second = make_sponsor(name="First"), make_sponsor(name="Second")
    assert running([first, second], "", TODAY) == first


def test_sections_stand_in_the_order_of_themes_and_empty_ones_are_absent() -> None:
    prison, women, lost = make_item(2, theme_key="prisons"), make_item(1, theme_key="women"), make_item(3)
    assert sections([women, prison, lost], [WOMEN, COURTS, PRISONS], [], TODAY) == (
        Section(theme=PRISONS, sponsor=None, items=(prison,)),
        Section(theme=WOMEN, sponsor=None, items=(women,)),
        Section(theme=None, sponsor=None, items=(lost,)),
    )


def test_themes_of_a_single_post_share_the_last_section_of_a_longer_issue() -> None:
    items = [make_item(n, theme_key=key) for n, key in enumerate(["women", "prisons", "courts", "courts"])]
    assert sections(items, THEMES, [], TODAY) == (
        Section(theme=COURTS, sponsor=None, items=(items[2], items[3])),
        Section(theme=None, sponsor=None, items=(items[0], items[1])),
    )


def test_one_theme_of_a_single_post_keeps_its_section() -> None:
    items = [make_item(n, theme_key=key) for n, key in enumerate(["women", "courts", "courts", "courts"])]
    assert [section.theme for section in sections(items, THEMES, [], TODAY)] == [COURTS, WOMEN]


def test_a_sponsored_theme_of_a_single_post_keeps_its_section_and_its_sponsor() -> None:
    items = [make_item(n, theme_key=key) for n, key in enumerate(["women", "prisons", "courts", ""])]
    sponsor = make_sponsor("women")
    divided = sections(items, THEMES, [make_sponsor(""), sponsor], TODAY)
    assert [(section.theme, section.sponsor) for section in divided] == [(WOMEN, sponsor), (None, None)]


def test_a_pinned_theme_stands_first_with_a_section_for_a_single_post() -> None:
    items = [make_item(n, theme_key=key) for n, key in enumerate(["women", "prisons", "courts", "courts"])]
    pinned = replace(WOMEN, pinned=True)
    divided = sections(items, (PRISONS, COURTS, pinned), [], TODAY)
    assert [section.theme for section in divided] == [pinned, PRISONS, COURTS]


def test_the_posts_of_a_hidden_theme_are_in_the_last_section() -> None:
    items = [make_item(n, theme_key=key) for n, key in enumerate(["women", "women", "courts", "courts"])]
    divided = sections(items, (COURTS, replace(WOMEN, hidden=True)), [], TODAY)
    assert divided == (
        Section(theme=COURTS, sponsor=None, items=tuple(items[2:])),
        Section(theme=None, sponsor=None, items=tuple(items[:2])),
    )


def test_more_themes_than_an_overview_holds_share_the_last_section_the_smallest_first() -> None:
    themes = [make_theme(f"theme-{number}", number) for number in range(1, 10)]
    sizes = [2, 3, 3, 3, 3, 3, 3, 3, 2]
    keys = [theme.key for theme, size in zip(themes, sizes, strict=True) for _ in range(size)]
    items = [make_item(n, theme_key=key) for n, key in enumerate(keys)]
    divided = sections(items, themes, [], TODAY)
    assert [section.theme for section in divided] == [*themes[1:8], None]
    assert len(divided) == MOST_SECTIONS + 1
    assert sorted(item.theme_key for item in divided[-1].items) == ["theme-1"] * 2 + ["theme-9"] * 2


def test_a_heading_found_in_the_text_never_stands_over_a_single_post() -> None:
    heading = make_theme("~visits", 1, name="Visits", passing=True)
    one, other = make_item(1, heading_key="~visits"), make_item(2, heading_key="~visits")
    assert [section.theme for section in sections([one], [heading], [], TODAY)] == [None]
    assert [section.theme for section in sections([one, other], [heading], [], TODAY)] == [heading]

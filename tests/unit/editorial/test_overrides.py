"""The editor's file: what it may say, and what is told where it cannot be followed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from digest.editorial.content import content_hash
from digest.editorial.overrides import Overrides, read
from digest.editorial.overriding import Overridden, override
from digest.errors import ConfigurationError
from digest.model import Content, IssueKind
from tests.unit.text_makers import PUBLICATION, make_content, make_item, make_theme

FILE = "overrides.toml"
THEMES = (make_theme("prisons", 1), make_theme("courts", 2), make_theme("gaols", 3, merged_into="prisons"))
FIRST = make_item(101, post_id=11, title="Bail", link="https://blog.example/bail", standfirst="Theirs.")
SECOND = make_item(102, post_id=12, title="Visits", link="https://blog.example/visits", theme_key="prisons")
THIRD = make_item(103, post_id=13, title="Tags", link="https://blog.example/tags")
PLAIN = make_content(FIRST, SECOND, THIRD, name="weekly-2026-11-29", window=(101, 102, 103))

WHOLE = """\
[weekly]
title = "Caseloads and courts"
intro = "Three posts this week."
subject = "Read these three"
preheader = "And tell us."
lead = "https://blog.example/visits"
order = [13, 11]

[weekly.posts.11]
summary = "Ours is better."
theme = "courts"

[weekly.posts."https://blog.example/tags"]
theme = "Gaols"
"""


def overridden(text: str, content: Content = PLAIN) -> Overridden:
    said = read(text, FILE)
    table = said.for_issue(content.name, content.kind)
    assert table is not None
    return override(content, table, said, THEMES)


def faults(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as raised:
        overridden(text)
    return [str(fault) for fault in raised.value.faults]


def test_all_that_a_table_says_holds() -> None:
    done = overridden(WHOLE)
    assert done.content == replace(
        PLAIN,
        title="Caseloads and courts",
        intro="Three posts this week.",
        subject="Read these three",
        preheader="And tell us.",
        lead=102,
        items=(
            replace(THIRD, theme_key="prisons"),
            replace(FIRST, standfirst="", summary="Ours is better.", theme_key="courts"),
            SECOND,
        ),
        overridden=(
            "title",
            "intro",
            "subject",
            "preheader",
            "lead",
            "order",
            "summary of post 11",
            "theme of post 11",
            "theme of post 13",
        ),
        overrides_mark=read(WHOLE, FILE).tables["weekly"].mark,
    )
    assert done.moved == {11: "courts", 13: "prisons"}


def test_overrides_are_part_of_what_is_approved() -> None:
    def hash_of(content: Content) -> str:
        return content_hash(content, publication=PUBLICATION, templates_hash="t")

    assert hash_of(overridden('[weekly]\npreheader = "Now"').content) != hash_of(PLAIN)


def test_what_a_table_does_not_say_stays() -> None:
    edited = replace(PLAIN, title="Before", lead=103)
    done = overridden('[weekly]\nintro = "Hello."', edited)
    assert (done.content.title, done.content.lead, done.content.items) == ("Before", 103, PLAIN.items)
    assert done.moved == {}
    assert done.content.overridden == ("intro",)
    summed = overridden('[weekly.posts.12]\nsummary = "Ours."')
    assert summed.content.items[1] == replace(SECOND, standfirst="", summary="Ours.")
    assert summed.moved == {}


def test_the_table_of_an_issues_own_name_goes_before_its_cadences() -> None:
    said = read('[weekly]\ntitle = "Any"\n[weekly-2026-11-29]\ntitle = "This one"\n[post-7]\n', FILE)
    own = said.for_issue("weekly-2026-11-29", IssueKind.WEEKLY)
    next_one = said.for_issue("weekly-2026-12-06", IssueKind.WEEKLY)
    assert own is not None
    assert next_one is not None
    assert (own.title, own.is_for_next) == ("This one", False)
    assert (next_one.title, next_one.is_for_next) == ("Any", True)
    assert said.for_issue("daily-2026-11-29", IssueKind.DAILY) is None


def test_the_mark_follows_what_is_said_and_not_how_it_is_written() -> None:
    def mark(text: str) -> str:
        return read(text, FILE).tables["weekly"].mark

    assert mark('[weekly]\ntitle = "A"\nlead = 1') == mark('# again\n[weekly]\nlead = 1\ntitle = "A"')
    assert mark('[weekly]\ntitle = "A"') != mark('[weekly]\ntitle = "B"')


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[weekly\n", "overrides.toml, line 1: this is not TOML"),
        ('[weekly]\ntitle = "', "overrides.toml, "),
        ("[weekley]\n", "overrides.toml, line 1: no issue is called weekley. Did you mean [weekly]?"),
        ("\n[zebra]\n", "line 2: no issue is called zebra. Write one of [every-post], [daily], [weekly]"),
        ("weekly = 3\n", "line 1: weekly must be a table. Write [weekly] on a line of its own."),
        ("[weekly]\n\ntitel = 'x'\n", "line 3: nothing is called titel. Did you mean title?"),
        ("[weekly]\nqqq = 'x'\n", "line 2: nothing is called qqq. Write one of title, intro,"),
        ("[weekly]\ntitle = 3\n", 'line 2: title must be text in quotes. Write such as title = "…".'),
        ("[weekly]\nlead = true\n", "line 2: lead must name a post. Write a post's id"),
        (
            "[weekly]\nlead = 99\n",
            "line 2: weekly-2026-11-29 has no post 99. Its posts are 11 (“Bail”), 12 (",
        ),
        ("[weekly]\norder = 3\n", "line 2: order must be a list of posts. Write such as order = [12, 15]."),
        ("[weekly]\norder = [11,\n 99]\n", "line 2: weekly-2026-11-29 has no post 99."),
        ("[weekly]\nposts = 3\n", "line 2: posts must be a table. Write [weekly.posts.12]"),
        ("[weekly.posts]\n11 = 3\n", "line 2: posts.11 must be a table."),
        ("[weekly.posts.11]\nsummery = 'x'\n", "line 2: nothing is called summery. Did you mean summary?"),
        ("[weekly.posts.11]\nsummary = 1\n", "line 2: summary must be text in quotes."),
        ("[weekly.posts.99]\nsummary = 'x'\n", "line 1: weekly-2026-11-29 has no post 99."),
        (
            "[weekly.posts.11]\ntheme = 'Zebra'\n",
            "line 2: there is no theme “Zebra”. Known themes: Prisons, Courts.",
        ),
    ],
)
def test_a_fault_names_its_line_and_what_to_write(text: str, fault: str) -> None:
    [told] = faults(text)
    assert fault in told


def test_every_fault_is_told_at_once() -> None:
    assert len(faults("[weekly]\ntitle = 1\nlead = true\n[daily]\nqqq = 1\n")) == 3
    assert len(faults("[weekly]\nlead = 98\norder = [99]\n")) == 2


def test_a_fault_of_something_without_a_line_names_the_file() -> None:
    said = Overrides(tables={}, file=FILE, lines={})
    assert str(said.fault(("weekly",), "it is so", "Mend it.")) == "overrides.toml: it is so. Mend it."


def test_an_empty_file_says_nothing() -> None:
    assert read("", FILE).for_issue("weekly-2026-11-29", IssueKind.WEEKLY) is None

from __future__ import annotations

from dataclasses import replace
from gettext import NullTranslations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.editorial.subject import MAX_PREHEADER, MAX_SUBJECT, preheader, subject
from digest.model import IssueKind, Item
from digest.template_files import read_templates
from digest.text.catalogues import catalogue
from tests.unit.text_makers import make_content, make_item, make_theme

ENGLISH = NullTranslations()
LEAD = make_item(
    1, title="Caseloads are falling", standfirst="But desks are filling up.", theme_key="probation"
)
ASKING = make_item(1, title="Who pays?")
SECOND = make_item(2, title="Friday releases", theme_key="prisons")
THIRD = make_item(3, title="Women in court", theme_key="prisons")
FOURTH = make_item(4, title="Bail")
THEMES = (make_theme("probation", 1, "On Probation"), make_theme("prisons", 2), make_theme("empty", 3))


def subject_of(kind: IssueKind, *items: Item, **more: object) -> str:
    return subject(make_content(*items, kind=kind), items, language="en", words=ENGLISH, **more)


def preheader_of(kind: IssueKind, *items: Item) -> str:
    return preheader(make_content(*items, kind=kind, themes=THEMES), items, language="en-GB", words=ENGLISH)


@pytest.mark.parametrize(
    ("kind", "items", "expected"),
    [
        (IssueKind.EVERY_POST, [LEAD], "Caseloads are falling"),
        (IssueKind.EVERY_POST, [LEAD, SECOND], "Caseloads are falling + 1 more"),
        (IssueKind.DAILY, [LEAD], "Caseloads are falling"),
        (IssueKind.DAILY, [LEAD, SECOND, THIRD], "Caseloads are falling + 2 more"),
        (IssueKind.WEEKLY, [LEAD], "Caseloads are falling"),
        (IssueKind.WEEKLY, [LEAD, SECOND], "Caseloads are falling. Plus 1 more"),
        (IssueKind.WEEKLY, [ASKING, SECOND], "Who pays? Plus 1 more"),
        (IssueKind.FORTNIGHTLY, [LEAD, SECOND], "Caseloads are falling. Plus 1 more"),
        (IssueKind.FORTNIGHTLY, [ASKING, SECOND], "Who pays? Plus 1 more"),
        (IssueKind.MONTHLY, [LEAD], "November: Caseloads are falling"),
        (IssueKind.MONTHLY, [ASKING, SECOND], "November: Who pays? and 1 more"),
        (IssueKind.TEST, [LEAD, SECOND], "Caseloads are falling + 1 more"),
        (IssueKind.TEST, [LEAD], "Caseloads are falling"),
        (IssueKind.RESEND, [LEAD], "Updated: Caseloads are falling"),
        (IssueKind.RESEND, [LEAD, SECOND], "Updated: Caseloads are falling + 1 more"),
    ],
)
def test_each_kind_has_its_subject(kind: IssueKind, items: list[Item], expected: str) -> None:
    assert subject_of(kind, *items) == expected


def test_the_editors_title_wins() -> None:
    content = make_content(LEAD, SECOND, title="A week\n on the landings")
    assert subject(content, (LEAD, SECOND), language="fr", words=ENGLISH) == "A week on the landings"


def test_a_long_title_is_cut_at_a_word_and_the_rest_of_the_pattern_stays() -> None:
    long = make_item(1, title="Caseloads " * 30)
    told = subject_of(IssueKind.WEEKLY, long, SECOND)
    assert told.endswith("Caseloads…. Plus 1 more")
    assert len(told) <= MAX_SUBJECT


def test_a_title_with_braces_is_a_title() -> None:
    braces = make_item(1, title="What {title} and {0} mean")
    assert subject_of(IssueKind.WEEKLY, braces, SECOND) == "What {title} and {0} mean. Plus 1 more"


def test_a_subject_used_lately_gets_the_date_then_the_year_then_a_number() -> None:
    used: list[str] = []
    for _ in range(5):
        used.append(subject_of(IssueKind.EVERY_POST, LEAD, recent=used))
    assert used == [
        "Caseloads are falling",
        "Caseloads are falling (22 November)",
        "Caseloads are falling (22 November 2026)",
        "Caseloads are falling (2)",
        "Caseloads are falling (3)",
    ]


def test_a_subject_that_differs_in_case_only_counts_as_used() -> None:
    assert subject_of(IssueKind.EVERY_POST, LEAD, recent=["CASELOADS are falling"]).endswith("(22 November)")


@pytest.mark.parametrize(
    ("kind", "items", "expected"),
    [
        (IssueKind.EVERY_POST, [LEAD], "But desks are filling up."),
        (IssueKind.EVERY_POST, [LEAD, SECOND], "Also new: Friday releases"),
        (IssueKind.DAILY, [LEAD, SECOND, THIRD, FOURTH], "Also today: Friday releases and Women in court"),
        (IssueKind.WEEKLY, [LEAD, SECOND], "Also this week: Friday releases"),
        (IssueKind.WEEKLY, [LEAD, SECOND, THIRD], "Also this week: Friday releases and Women in court"),
        (
            IssueKind.WEEKLY,
            [LEAD, SECOND, THIRD, FOURTH],
            "Also this week: Friday releases, Women in court and Bail",
        ),
        (IssueKind.FORTNIGHTLY, [LEAD, SECOND], "Also this fortnight: Friday releases"),
        (IssueKind.MONTHLY, [LEAD, SECOND, THIRD], "Prisons (2), On Probation (1)"),
        (IssueKind.MONTHLY, [SECOND, THIRD], "Also this month: Women in court"),
        (IssueKind.TEST, [LEAD, SECOND], "Also new: Friday releases"),
    ],
)
def test_each_kind_has_its_preheader(kind: IssueKind, items: list[Item], expected: str) -> None:
    assert preheader_of(kind, *items) == expected


def test_a_post_without_a_standfirst_is_told_by_its_summary_and_may_have_neither() -> None:
    assert preheader_of(IssueKind.DAILY, make_item(1, summary="It rained.")) == "It rained."
    assert preheader_of(IssueKind.DAILY, make_item(1)) == ""


def test_what_a_model_wrote_is_no_preheader() -> None:
    """There is no room to say who wrote it."""
    item = make_item(1, summary="It rained.", model="small")
    assert preheader_of(IssueKind.DAILY, item) == ""
    assert preheader_of(IssueKind.DAILY, replace(item, standfirst="It poured.")) == "It poured."


def test_long_titles_are_told_as_far_as_they_tell_something() -> None:
    long = make_item(2, title="A title of seventy characters or so, which is not rare on expert blogs")
    told = preheader_of(IssueKind.WEEKLY, LEAD, long, long, long)
    assert told == "Also this week: A title of seventy characters or so, which is not rare on expert blogs"
    assert preheader_of(IssueKind.WEEKLY, LEAD, SECOND, THIRD, long).endswith(
        " and A title of seventy characters or so, which is not rare on…"
    )


@pytest.mark.parametrize(
    ("language", "kind", "count", "expected"),
    [
        ("fr", IssueKind.WEEKLY, 2, "Caseloads are falling. Et 1 autre article"),
        ("fr", IssueKind.WEEKLY, 3, "Caseloads are falling. Et 2 autres articles"),
        ("fr", IssueKind.MONTHLY, 3, "Novembre\u00a0: Caseloads are falling et 2 autres"),
        ("de", IssueKind.DAILY, 2, "Caseloads are falling + 1 weiterer"),
        ("es", IssueKind.MONTHLY, 2, "Noviembre: Caseloads are falling y 1 más"),
        ("ar", IssueKind.WEEKLY, 2, "Caseloads are falling. ومقال آخر"),
        ("ar", IssueKind.WEEKLY, 3, "Caseloads are falling. ومقالان آخران"),
        ("ar", IssueKind.WEEKLY, 5, "Caseloads are falling. و4 مقالات أخرى"),
        ("ar", IssueKind.WEEKLY, 13, "Caseloads are falling. و12 مقالًا آخر"),
        ("ar", IssueKind.WEEKLY, 101, "Caseloads are falling. و100 مقال آخر"),
    ],
)
def test_a_subject_counts_as_its_language_does(
    language: str, kind: IssueKind, count: int, expected: str
) -> None:
    items = [LEAD, *(make_item(number, title="Other") for number in range(2, count + 1))]
    words = catalogue(read_templates(), language)
    assert subject(make_content(*items, kind=kind), items, language=language, words=words) == expected


def test_a_preheader_lists_as_its_language_does() -> None:
    items = (LEAD, SECOND, THIRD, FOURTH)
    content = make_content(*items, kind=IssueKind.WEEKLY)
    told = preheader(content, items, language="fr", words=catalogue(read_templates(), "fr"))
    assert told == "Aussi cette semaine\u00a0: Friday releases, Women in court et Bail"
    arabic = preheader(content, items, language="ar", words=catalogue(read_templates(), "ar"))
    assert arabic == "هذا الأسبوع أيضًا: Friday releases وWomen in court وBail"


titles = st.text(alphabet=st.characters(codec="utf-8"), max_size=300).map("T{}".format)


@given(
    kind=st.sampled_from(IssueKind), names=st.lists(titles, min_size=1, max_size=5), repeated=st.booleans()
)
def test_any_titles_make_one_line_within_the_limits_and_never_a_used_one(
    kind: IssueKind, names: list[str], *, repeated: bool
) -> None:
    items = [make_item(number, title=name, standfirst=name) for number, name in enumerate(names, start=1)]
    used = [subject_of(kind, *items)] if repeated else []
    told, before = subject_of(kind, *items, recent=used), preheader_of(kind, *items)
    assert len(told) <= MAX_SUBJECT
    assert len(before) <= MAX_PREHEADER
    assert told == " ".join(told.split())
    assert told not in used


def test_the_editors_subject_and_preheader_win_and_a_used_subject_is_still_told_apart() -> None:
    content = make_content(LEAD, SECOND, title="A title", subject="Read  this", preheader="Why\nnow")
    assert subject(content, [LEAD, SECOND], language="en", words=ENGLISH) == "Read this"
    assert (
        subject(content, [LEAD], language="en", words=ENGLISH, recent=["read this"])
        == "Read this (22 November)"
    )
    assert preheader(content, [LEAD, SECOND], language="en", words=ENGLISH) == "Why now"

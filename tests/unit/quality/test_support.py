"""CSS-12 knows each feature of caniemail by its exact name, and the data is read as its makers mean it."""

from __future__ import annotations

import pytest

from digest.quality.check import check
from digest.quality.facts import Facts
from digest.quality.feature_names import UNSEEN
from digest.quality.features import features
from digest.quality.harmless import HARMLESS
from digest.quality.mail import read_html
from digest.quality.report import Severity
from digest.quality.support import caniemail
from tests.data.quality.features import FEATURES
from tests.maintenance.caniemail_data import CLIENTS, compact, latest


@pytest.mark.parametrize("slug", FEATURES)
def test_each_feature_is_seen_in_the_least_html_that_uses_it(slug):
    assert slug in features(read_html(FEATURES[slug]))


def test_every_feature_of_caniemail_has_a_fixture_or_a_reason():
    assert set(caniemail().features) == set(FEATURES) | set(UNSEEN)


def test_what_is_harmless_is_a_feature_and_has_a_reason():
    assert set(HARMLESS) <= set(caniemail().features)
    assert all(len(reason.split()) >= 3 for reason in HARMLESS.values())


@pytest.mark.parametrize(
    ("html", "decoys"),
    [
        ('<p style="text-transform:uppercase">x</p>', {"css-transform"}),
        ('<p style="line-height:20px">x</p>', {"css-height"}),
        ('<p style="border-radius:2px">x</p>', {"css-border", "css-border-radius-logical"}),
        ('<p style="max-width:2px">x</p>', {"css-width"}),
        ('<p style="font-family:Arial">x</p>', {"css-font"}),
        ('<p style="background-color:#fff">x</p>', {"css-background"}),
        ('<p style="color:#123456; content:12pxy">x</p>', {"css-unit-px", "css-unit-em"}),
        ("<style>.hover{top:0}</style>", {"css-pseudo-class-hover"}),
        ('<p class="video">form</p>', {"html-video", "html-form"}),
        ("<style>a:first-of-type{top:0}</style>", {"css-pseudo-class-first-child"}),
        ("<!--[if mso]><style>p{float:left}</style><![endif]--><p>x</p>", {"css-float"}),
        ('<img src="http://[bad/a.webp">', {"image-webp"}),
    ],
)
def test_a_name_that_only_contains_another_is_not_taken_for_it(html, decoys):
    assert not decoys & set(features(read_html(html)))


def test_a_note_says_who_lacks_it_and_when_that_was_tested():
    report = check(
        read_html('<p style="text-shadow:1px 1px #000">x</p>'), Facts(clients=("outlook.windows",))
    )
    note = next(one for one in report.findings if one.rule == "CSS-12")
    assert note.severity is Severity.NOTE
    assert note.detail.startswith("text-shadow: not in Outlook for Windows (1 of 1; tested 20")


def test_no_harmless_feature_is_told():
    report = check(read_html('<p style="border-radius:2px">x</p>'), Facts())
    assert "CSS-12" in report.passed


@pytest.mark.parametrize(
    ("versions", "state"),
    [
        ({"2019-08": "n", "2021-03": "y"}, "y"),
        ({"2021-03": "y", "2019-08": "n"}, "y"),  # listed backwards
        ({"2019-10": "n", "16.80": "y #1"}, "y #1"),  # dates and versions mixed, in the right order
        ({"12.4": "a #2"}, "a #2"),
        ({}, "u"),
    ],
)
def test_the_newest_state_counts(versions, state):
    assert latest(versions) == state


def test_the_data_is_cut_down_to_the_programs_that_matter():
    feature = {
        "slug": "css-x", "title": "x", "last_test_date": "2026-01-01",
        "notes_by_num": {"1": "Only  on Sundays."},
        "stats": {"gmail": {"ios": {"2020-01": "a #1"}}, "orange": {"ios": {"2020-01": "n"}}},
    }  # fmt: skip
    families = {client.partition(".")[0] for client in CLIENTS}
    names = {
        "family": {one: one for one in families},
        "platform": {client.partition(".")[2]: "p" for client in CLIENTS},
    }
    made = compact({"last_update_date": "2026-05-13 x", "nicenames": names, "data": [feature]}, source="test")
    kept = made["features"]["css-x"]
    assert (made["data_date"], kept["states"].count("u"), kept["notes"]) == (
        "2026-05-13",
        20,
        ["Only on Sundays."],
    )

"""Every kind of mail in a real browser, light and dark: no barrier that axe-core knows, every word readable.

axe-core finds what machines can find of WCAG 2.2 A and AA, and its own best practice but for the two rules
that ask a document to be a page with landmarks.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.looking import NOT_FOR_MAIL, barriers, faint, faint_as_painted
from tests.every_mail import KINDS, html

pytestmark = pytest.mark.browser

WIDTHS = (360, 640, 1280)
INVERTED = (
    "html{filter:invert(1) hue-rotate(180deg);background:#fff} img{filter:invert(1) hue-rotate(180deg)}"
)


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_has_no_barriers_and_can_be_read_at_any_width(
    offline: Page, kind: str, direction: str
) -> None:
    offline.set_content(html(kind, direction))
    found = []
    for scheme in ("light", "dark"):
        offline.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            offline.set_viewport_size({"width": width, "height": 900})
            found += [f"{scheme} {width} {one}" for one in barriers(offline, rules=NOT_FOR_MAIL)]
            found += [f"{scheme} {width} {one}" for one in faint(offline)]

    assert found == []


@pytest.mark.parametrize("accent", ["#FFD400", "#FFFFFF", "#000000", "#808080", "#E4572E"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_whatever_colour_an_operator_chooses_every_word_can_be_read(
    offline: Page, scheme: str, accent: str
) -> None:
    offline.emulate_media(color_scheme=scheme)
    for kind in ("weekly", "post in full"):
        offline.set_content(html(kind, accent=accent))
        assert faint(offline) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_survives_being_inverted(offline: Page, kind: str) -> None:
    """As Gmail on an iPhone does to what it takes for a light mail."""
    offline.emulate_media(color_scheme="light")
    offline.set_viewport_size({"width": 360, "height": 900})
    offline.set_content(html(kind).replace("</head>", f"<style>{INVERTED}</style></head>"))

    assert faint_as_painted(offline) == []


def test_a_barrier_and_a_faint_word_are_noticed(offline: Page) -> None:
    offline.emulate_media(color_scheme="light")
    broken = (
        html("weekly").replace(' lang="en-GB"', "").replace("</h1>", '</h1><p style="color:#ccc">x</p>', 1)
    )
    offline.set_content(broken)

    assert any(one.startswith("html-has-lang") for one in barriers(offline, rules=NOT_FOR_MAIL))
    assert [one for one in faint(offline) if one.startswith("x:")]
    assert [one for one in faint_as_painted(offline) if one.startswith("x:")]

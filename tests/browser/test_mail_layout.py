"""What only a real browser knows of a mail: no sideways scroll, large buttons, words without pictures."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page

from tests.browser.looking import scrolls
from tests.every_mail import KINDS, html, notices

pytestmark = pytest.mark.browser

WIDTHS = (320, 360, 640, 1280)
# How far the words of a heading stay from each side of the window.
_EDGES = """() => [...document.querySelectorAll('h1')].flatMap(heading => {
  const words = document.createRange();
  words.selectNodeContents(heading);
  const box = words.getBoundingClientRect();
  return [box.left, innerWidth - box.right];
})"""
_STYLE = re.compile(r"<style\b.*?</style>", re.DOTALL | re.IGNORECASE)


def show(page: Page, markup: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.set_content(markup)


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_scrolls_sideways(offline: Page, kind: str, direction: str) -> None:
    show(offline, html(kind, direction), WIDTHS[0])
    wider = {}
    for width in WIDTHS:
        offline.set_viewport_size({"width": width, "height": 900})
        wider[width] = scrolls(offline)

    assert wider == dict.fromkeys(WIDTHS, 0)


def test_a_mail_that_scrolls_is_noticed(offline: Page) -> None:
    show(offline, html("weekly").replace("</h1>", "</h1><div style='width:500px'>Wide</div>", 1), 360)

    assert scrolls(offline) > 0


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("kind", KINDS)
def test_without_any_style_block_a_phone_still_shows_it_well(
    offline: Page, kind: str, direction: str
) -> None:
    """Some phones drop every style block (Gmail with another company's account, GMX)."""
    show(offline, _STYLE.sub("", html(kind, direction)), 360)
    edges = offline.evaluate(_EDGES)
    buttons = offline.evaluate(
        "[...document.querySelectorAll('.btna')].map(b => b.getBoundingClientRect().height)"
    )

    assert scrolls(offline) == 0
    assert min(edges) >= 16
    assert all(height >= 44 for height in buttons)
    assert buttons or kind in notices()


@pytest.mark.parametrize("kind", ["weekly", "post in full"])
def test_without_pictures_their_words_stand_in_their_place(offline: Page, kind: str) -> None:
    show(offline, html(kind), 360)
    styles = offline.evaluate(
        "[...document.images].filter(i => i.alt).map(i => {const s = getComputedStyle(i);"
        "return [parseFloat(s.fontSize), s.color !== getComputedStyle(document.body).backgroundColor,"
        "i.getBoundingClientRect().height > 0]})"
    )

    assert styles
    assert all(size >= 13 and visible and tall for size, visible, tall in styles)

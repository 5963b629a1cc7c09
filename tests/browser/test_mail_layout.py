"""What only a real browser knows of a mail: no sideways scroll, readable contrast, large enough buttons."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from digest.model import Edition
from digest.rendering.issue import render_issue
from digest.template_files import read_templates
from tests.factories_mail import LEAD, digest, publication, single

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium at /usr/bin/chromium"),
]

LONG = replace(
    LEAD, title="W" * 60 + " and more", standfirst="https://quietbench.example/" + "a" * 120, image=None
)
EDITIONS = {
    "digest": digest(),
    "post": single(),
    "long words": digest(title="Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbau", lead=LONG),
}

# Every visible text with its contrast against the nearest opaque ground (WCAG 2.2, 1.4.3).
CONTRASTS = """() => {
  const rgb = css => css.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const colour = rgb(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
    if (!text || !element.offsetParent) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground(element))];
    found.push([text.slice(0, 40), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]);
  }
  return found;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()


def html(edition: Edition, accent: str = "#0F4C5C") -> str:
    return render_issue(edition, publication(accent=accent), read_templates()).html


def opened(browser: Browser, markup: str, width: int, scheme: str = "light"):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    page.route("**/*", lambda route: route.abort())  # pictures stay away, and so does every other host
    page.set_content(markup)
    return page


@pytest.mark.parametrize("name", EDITIONS)
def test_nothing_scrolls_sideways(browser, name):
    markup = html(EDITIONS[name])
    for width in (320, 360, 640, 1280):
        page = opened(browser, markup, width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.context.close()


def test_without_any_style_block_a_phone_still_shows_it_well(browser):
    page = opened(browser, re.sub(r"<style>.*?</style>", "", html(digest()), flags=re.DOTALL), 360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("document.querySelector('.btna').getBoundingClientRect().height") >= 44
    assert page.evaluate("document.querySelector('h1').getBoundingClientRect().left") >= 16
    page.context.close()


@pytest.mark.parametrize("accent", ["#0F4C5C", "#FFD400"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["digest", "post"])
def test_every_word_can_be_read(browser, name, scheme, accent):
    page = opened(browser, html(EDITIONS[name], accent), 640, scheme)
    found = page.evaluate(CONTRASTS)
    assert len(found) > 20
    assert [(text, ratio) for text, ratio in found if ratio < 4.5] == []
    page.context.close()

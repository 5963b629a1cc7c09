"""What only a real browser knows of other languages: long words fit, and Arabic starts at the right."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from digest.rendering.issue import render_issue, render_web
from digest.rendering.transactional import render_notice
from digest.template_files import read_templates
from tests.factories_mail import arabic, digest, publication, single
from tests.integration.test_pseudo_locale import FACTS, TEMPLATES, pages
from tests.pseudo_locale import TAG
from tests.web_server import a_site, serving

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium at /usr/bin/chromium"),
]
WIDTHS = (320, 360, 640)
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-background-networking"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context() as context:
        page = context.new_page()
        page.route("**/*", lambda route: route.abort())
        yield page


def mails(language: str, templates: dict[str, str]) -> dict[str, str]:
    own = publication(language=language)
    issues = {"digest": digest(left_out=3), "post": single(), "arabic": arabic()}
    made = {name: render_issue(edition, own, templates).html for name, edition in issues.items()}
    return made | {kind: render_notice(kind, facts, own, templates).html for kind, facts in FACTS.items()}


def sideways(page: Page, markup: dict[str, str]) -> list[tuple[str, int, int]]:
    """Return what scrolls sideways: its name, the screen's width, and by how much."""
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        for name, source in markup.items():
            page.set_content(source)
            over = page.evaluate(SIDEWAYS)
            if over:
                found.append((name, width, over))
    return found


@pytest.mark.parametrize("language", [TAG, "ar", "de"])
def test_mails_in_a_long_or_mirrored_language_never_scroll_sideways(page: Page, language: str) -> None:
    assert sideways(page, mails(language, TEMPLATES)) == []


@pytest.mark.parametrize("language", [TAG, "ar", "de"])
def test_pages_in_a_long_or_mirrored_language_never_scroll_sideways(
    page: Page, tmp_path: Path, language: str
) -> None:
    site = a_site(tmp_path, language=language)
    site.templates = TEMPLATES
    with serving(site) as visitor:
        styles = f"<style>{visitor.get('/static/site.css').text}</style>"
        found = pages(site, visitor)
    found["issue"] = render_web(digest(), publication(language=language), TEMPLATES)
    assert sideways(page, {name: styled(source, styles) for name, source in found.items()}) == []


def styled(source: str, styles: str) -> str:
    """Return a page with its stylesheet inside, as no server answers here."""
    assert source.count('<link rel="stylesheet"') == 1
    return source.replace('<link rel="stylesheet"', f'{styles}<link rel="none"')


def test_an_arabic_mail_starts_at_the_right_and_has_its_thumbnails_at_the_left(page: Page) -> None:
    page.set_viewport_size({"width": 640, "height": 900})
    page.set_content(render_issue(arabic(), publication(language="ar"), read_templates()).html)
    place = "element => { const b = element.getBoundingClientRect(); return [b.left, b.right]; }"
    middle = 320
    left, right = page.locator("a.wordmark").evaluate(place)
    assert left > middle, "the name of the newsletter stands at the right"
    left, right = page.locator("img.thi").first.evaluate(place)
    assert right < middle, "a thumbnail stands at the left of its title"
    aligned = "element => getComputedStyle(element).textAlign"
    assert {one.evaluate(aligned) for one in page.locator("h1, h2, h3, .sum").all()} == {"right"}
    titles = page.locator("h3").evaluate_all("all => all.map(one => getComputedStyle(one).direction)")
    assert titles == ["ltr", "rtl", "rtl", "rtl"], "each title runs its own way"
    spaced = "all => all.map(one => getComputedStyle(one).letterSpacing)"
    assert set(page.locator("h1, h2, h3, .wordmark, .kick").evaluate_all(spaced)) <= {"normal", "0px"}


def test_lists_and_quotes_of_an_arabic_post_stand_at_the_right(page: Page) -> None:
    lead = single().lead
    assert lead is not None
    body = "<ul><li>أولًا</li></ul><blockquote><p>قال</p></blockquote>"
    edition = single(lead=replace(lead, html=body, language="ar", direction="rtl"))
    page.set_content(render_issue(edition, publication(language="ar"), read_templates()).html)
    sides = "one => { const s = getComputedStyle(one); return [s.paddingLeft, s.paddingRight]; }"
    assert page.locator(".body ul").evaluate(sides) == ["0px", "26px"]
    assert page.locator(".body blockquote").evaluate(sides) == ["0px", "20px"]
    bar = "one => { const s = getComputedStyle(one); return [s.borderLeftWidth, s.borderRightWidth]; }"
    assert page.locator(".body blockquote").evaluate(bar) == ["0px", "3px"]

"""What a hostile post does to a finished mail in a real browser that runs scripts: nothing at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from digest.feeds.article import clean
from digest.model import Edition, Image
from digest.quality.mail import read_mail
from digest.rendering.issue import render_issue, render_web
from digest.rendering.personalise import personalise, prepare
from digest.template_files import read_templates
from tests.factories_mail import DATE, LEAD, digest, item, publication, recipient, single
from tests.unit.quality.test_hostile_posts import ADDRESSES, SCRIPTS, STYLES, TITLES

CHROMIUM = Path("/usr/bin/chromium")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium at /usr/bin/chromium"),
]
TEMPLATES = read_templates()
ON_TOP = """link => {
  link.scrollIntoView({block: "center"});
  const box = link.getBoundingClientRect();
  const there = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
  return there === link || link.contains(there);
}"""
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LINKS = "".join(f'<p><a href="{address}">x</a><img src="{address}" alt="y"></p>' for address in ADDRESSES)
# Each is cleaned by itself, as one that is never closed would swallow those behind it.
VECTORS = [clean(one, base_url="https://b.example/").html for one in (*SCRIPTS, *STYLES, LINKS)]
BODY = f"<p>Before.</p>{''.join(VECTORS)}<p>After.</p>"


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
    with browser.new_context(viewport={"width": 360, "height": 800}) as context:
        page = context.new_page()
        page.route("**/*", lambda route: route.abort())
        yield page


def html_of(edition: Edition) -> str:
    """Return the HTML of the finished mail, read back from its bytes."""
    rendering = render_issue(edition, publication(), TEMPLATES)
    prepared = prepare(rendering, publication(), kind="issue", reference="x", language="en-GB")
    html = read_mail(personalise(prepared, recipient(), DATE).data).html
    assert html is not None
    return html


def opened(page: Page, html: str) -> list[str]:
    """Show the page; return the dialogs it opened and the hosts it asked, but for the blog's own."""
    told: list[str] = []
    page.on("dialog", lambda dialog: (told.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: told.append(request.url))
    page.set_content(html)
    page.mouse.move(100, 300)
    page.keyboard.press("Tab")
    return [one for one in told if "quietbench.example" not in one and "//b.example" not in one]


def test_the_vectors_would_run_were_they_not_cleaned(page: Page) -> None:
    """What the other tests call harmless is not harmless by itself."""
    assert opened(page, "<body>" + "".join(SCRIPTS[:2])) != []


@pytest.mark.parametrize("kind", ["mail", "archive"])
def test_nothing_runs_and_nobody_else_is_asked(page: Page, kind: str) -> None:
    edition = single(lead=replace(LEAD, html=BODY))
    html = html_of(edition) if kind == "mail" else render_web(edition, publication(), TEMPLATES)
    assert "Before." in html
    assert "After." in html
    assert opened(page, html) == []


def test_nothing_covers_the_way_out(page: Page) -> None:
    opened(page, html_of(single(lead=replace(LEAD, html=BODY))))
    link = page.locator(f'a[href="{recipient().unsubscribe_url}"]')
    assert link.count() == 1
    assert link.evaluate(ON_TOP)
    assert link.bounding_box()["height"] >= 10


def test_a_cover_would_be_seen(page: Page) -> None:
    cover = "<div style='position:fixed;top:0;left:0;width:100%;height:100%;z-index:9'>x</div></body>"
    opened(page, html_of(single()).replace("</body>", cover))
    assert not page.locator(f'a[href="{recipient().unsubscribe_url}"]').evaluate(ON_TOP)


EMPTY = Image(url="https://quietbench.example/empty.jpg", alt="", credit="", width=None, height=None)
SIXTY = "".join(f'<p><img src="https://quietbench.example/{n}.jpg" alt="Lamp {n}"></p>' for n in range(60))
SHAPES = {
    **{f"a title with {name}": digest(lead=replace(LEAD, title=title), title=title, subject=title)
       for name, title in TITLES.items() if name not in {"line ends", "C1 controls", "line separators"}},
    "no picture": digest(lead=replace(LEAD, image=None), sections=()),
    "sixty pictures": single(lead=replace(LEAD, html=SIXTY)),
    "pictures of no bytes": digest(lead=replace(LEAD, image=EMPTY)),
    "a picture of no bytes beside a title": digest(
        sections=(replace(digest().sections[0], items=(item(2, "A lamp", image=EMPTY),)),)
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHAPES)
def test_whatever_comes_fits_a_phone(page: Page, name: str) -> None:
    opened(page, html_of(SHAPES[name]))
    assert page.evaluate(SIDEWAYS) <= 0
    assert page.locator(f'a[href="{recipient().unsubscribe_url}"]').evaluate(ON_TOP)

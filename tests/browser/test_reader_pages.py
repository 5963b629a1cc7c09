"""The public pages as a reader meets them: no barrier, by keyboard alone, without scripts, enlarged."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from digest.rendering.issue import render_web
from digest.template_files import read_templates
from subscribers.model import Cadence, Status
from subscribers.tokens import Purpose
from tests.browser.looking import barriers, faint, scrolls
from tests.every_mail import editions
from tests.factories_mail import publication
from tests.web_server import SampleSite, a_site, person_of, serving

pytestmark = pytest.mark.browser

ANN = "ann@reader.example"


class Shown(SampleSite):
    """The sample site, whose issues are real pages."""

    def issue_page(self, name: str) -> str | None:
        edition = editions("ltr")["weekly" if name.startswith("weekly") else "post in full"]
        return render_web(edition, publication(public_url=self.publication.public_url), read_templates())


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> SampleSite:
    plain = a_site(tmp_path_factory.mktemp("site"))
    return Shown(**vars(plain))


@pytest.fixture(scope="module")
def address(site: SampleSite) -> Iterator[str]:
    with serving(site) as visitor:
        yield f"http://127.0.0.1:{visitor.port}"


@pytest.fixture(scope="module")
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A browser with scripts switched off."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 800})
    context.set_default_timeout(10_000)
    opened = context.new_page()
    yield opened
    context.close()


@pytest.fixture(scope="module")
def scripted(browser: Browser) -> Iterator[Page]:
    """A page in which axe may run; the site's own policy would refuse it."""
    context = browser.new_context(bypass_csp=True, viewport={"width": 640, "height": 800})
    context.set_default_timeout(10_000)
    opened = context.new_page()
    yield opened
    context.close()


def link(site: SampleSite, purpose: Purpose, email: str) -> str:
    return f"/{purpose.value}/{site.readers.link(purpose, person_of(site.readers, email))}"


def paths(site: SampleSite) -> dict[str, str]:
    """Return a path to every page that a reader can open, its links signed."""
    site.readers.subscribe(email=ANN, cadence=Cadence.WEEKLY, themes=frozenset(), shown="We promise.")
    confirm = link(site, Purpose.CONFIRM, ANN)
    site.readers.confirm(confirm.rpartition("/")[2])
    site.readers.subscribe(
        email="new@reader.example", cadence=Cadence.WEEKLY, themes=frozenset(), shown="We promise."
    )
    return {
        "subscribe": "/subscribe",
        "issues": "/issues",
        "an issue": "/issues/weekly-2026-11-22",
        "a post": "/issues/post-1",
        "confirm": link(site, Purpose.CONFIRM, "new@reader.example"),
        "preferences": link(site, Purpose.PREFERENCES, ANN),
        "unsubscribe": link(site, Purpose.UNSUBSCRIBE, ANN),
        "not there": "/nowhere",
    }


def test_no_page_has_barriers_scrolls_or_asks_anybody_else(
    scripted: Page, site: SampleSite, address: str
) -> None:
    elsewhere: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(address) and request.resource_type != "image":
            elsewhere.append(request.url)

    scripted.on("request", note)
    scripted.route(re.compile(r"^https://"), lambda route: route.abort())
    found = []
    for name, path in paths(site).items():
        scripted.goto(address + path)
        for scheme in ("light", "dark"):
            scripted.emulate_media(color_scheme=scheme)
            for width in (320, 390, 1280):
                scripted.set_viewport_size({"width": width, "height": 800})
                about = f"{name} {scheme} {width}"
                found += [f"{about} {one}" for one in barriers(scripted)]
                found += [f"{about} {one}" for one in faint(scripted)]
                found += [f"{about} scrolls by {wide}" for wide in filter(None, [scrolls(scripted)])]

    assert found == []
    assert elsewhere == []


def test_twice_as_large_no_page_scrolls_sideways_on_a_small_screen(
    browser: Browser, site: SampleSite, address: str
) -> None:
    """200 % of a window 320 wide leaves 160 CSS pixels; the letters twice as large leave the same room."""
    context = browser.new_context(bypass_csp=True, viewport={"width": 320, "height": 600})
    page = context.new_page()
    page.route(re.compile(r"^https://"), lambda route: route.abort())
    wider = {}
    for name, path in paths(site).items():
        page.goto(address + path)
        page.add_style_tag(content="html{font-size:200%!important}")
        wider[name] = scrolls(page)
    context.close()

    assert set(wider.values()) == {0}, wider


def focused(page: Page, name: str) -> None:
    """Press Tab until that has the focus, as somebody without a mouse does."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.locator(f"{name}:focus").count():
            return
    raise AssertionError(f"{name} cannot be reached with the keyboard")


def press(page: Page, name: str) -> None:
    """Reach a button by keyboard, press it, and wait for the page that answers."""
    focused(page, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_a_reader_joins_chooses_and_leaves_by_keyboard_and_without_scripts(
    page: Page, site: SampleSite, address: str
) -> None:
    ben = "ben@reader.example"
    page.goto(f"{address}/subscribe")
    focused(page, "input[type=email]")
    page.keyboard.type(ben)
    focused(page, "input[name=cadence]")
    page.keyboard.press("ArrowDown")
    press(page, "form button")
    expect(page.locator("h1")).to_have_text(re.compile("inbox", re.IGNORECASE))

    page.goto(address + link(site, Purpose.CONFIRM, ben))
    press(page, "form button")
    person = person_of(site.readers, ben)
    assert (person.status, person.preferences.cadence) == (Status.CONFIRMED, Cadence.MONTHLY)

    page.goto(address + link(site, Purpose.PREFERENCES, ben))
    focused(page, "input[name=themes]")
    page.keyboard.press("Space")
    press(page, "form button")
    expect(page.locator("[role=status]")).to_be_visible()
    assert person_of(site.readers, ben).preferences.themes == {"on-probation"}

    page.goto(address + link(site, Purpose.UNSUBSCRIBE, ben))
    press(page, "form button")
    assert person_of(site.readers, ben).status is Status.UNSUBSCRIBED


def test_whatever_has_the_focus_shows_it(scripted: Page, address: str) -> None:
    scripted.goto(f"{address}/subscribe")
    for name in ("input[type=email]", "input[name=cadence]", "form button"):
        focused(scripted, name)
        outline = scripted.evaluate(
            "(() => {for (let e = document.activeElement; e && e !== document.body; e = e.parentElement) {"
            "const s = getComputedStyle(e); if (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2)"
            "return true} return false})()"
        )
        assert outline, name

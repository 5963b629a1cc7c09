"""In a real browser, the worst mail we can think of can be looked at and does nothing."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, BrowserContext

from digest.demo.inbox import Inbox
from digest.preview.server import PreviewMail, serve_preview
from tests.mails_for_pages import HOSTILE_HTML, TEMPLATES, a_mail

pytestmark = pytest.mark.browser


@contextmanager
def watched(browser: Browser) -> Iterator[tuple[BrowserContext, list[str]]]:
    """Give a fresh context, and the list into which every dialog of it and its tabs falls."""
    dialogs: list[str] = []
    context = browser.new_context()
    context.set_default_timeout(10_000)

    def note(dialog):
        dialogs.append(dialog.message)
        dialog.dismiss()

    context.on("dialog", note)
    yield context, dialogs
    context.close()


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    with Inbox(clock=lambda: datetime(2026, 11, 23, tzinfo=UTC), templates=TEMPLATES) as running:
        yield running


def send(inbox: Inbox, html: str) -> None:
    with smtplib.SMTP(inbox.smtp_host, inbox.smtp_port, timeout=20) as client:
        client.sendmail("b@example.org", ["ann@example.org"], a_mail(html=html))


@contextmanager
def previewed(html: str) -> Iterator[str]:
    mail = PreviewMail(key="m", group="Digests", label="Weekly", data=a_mail(html=html))
    server, url = serve_preview(lambda: [mail], "Plain Words", TEMPLATES, token="token")
    with server:
        yield url


def press_everything(context: BrowserContext, page) -> None:
    """Press each thing in the mail that means harm; then let the page answer, so that all had its turn."""
    frame = page.frame_locator(".desktop iframe")
    frame.locator("text=Words to be read").wait_for()
    for name in ("#script-link", "#top-link", "#send"):
        frame.locator(name).click(no_wait_after=True)
    for tab in context.pages:
        tab.wait_for_load_state()
        tab.evaluate("1")


def test_the_hostile_mail_bites_where_nothing_holds_it(browser):
    """Else the tests below could not fail."""
    with watched(browser) as (context, dialogs):
        page = context.new_page()
        page.set_content(HOSTILE_HTML.replace("http-equiv", "data-not-now"))
        with page.expect_event("dialog", lambda dialog: dialog.message == "link"):
            page.locator("#script-link").click()

        assert {"script", "onload", "onerror", "svg", "link"} <= set(dialogs)


def test_a_hostile_mail_does_nothing_in_the_preview(browser):
    with watched(browser) as (context, dialogs), previewed(HOSTILE_HTML) as url:
        page = context.new_page()
        page.goto(url)
        press_everything(context, page)

        assert dialogs == []
        assert [tab.url for tab in context.pages] == [url]
        assert [frame.url for frame in page.main_frame.child_frames] == [
            f"{url}frame?mail=m&scheme=light"
        ] * 2


def test_a_hostile_mail_does_nothing_in_the_inbox_but_open_empty_tabs(browser, inbox):
    send(inbox, HOSTILE_HTML)
    with watched(browser) as (context, dialogs):
        page = context.new_page()
        page.goto(f"{inbox.url}/messages/1")
        press_everything(context, page)

        assert dialogs == []
        assert page.url == f"{inbox.url}/messages/1"
        assert {frame.url for frame in page.main_frame.child_frames} == {
            f"{inbox.url}/messages/1/frame?scheme=light"
        }
        assert {tab.url for tab in context.pages} <= {page.url, "about:blank", "about:blank#blocked"}


def test_a_hostile_frame_opened_by_itself_does_nothing_either(browser, inbox):
    send(inbox, HOSTILE_HTML)
    with watched(browser) as (context, dialogs):
        page = context.new_page()
        page.goto(f"{inbox.url}/messages/1/frame")
        page.locator("#send").click(no_wait_after=True)
        page.evaluate("1")

        assert dialogs == []
        assert page.url == f"{inbox.url}/messages/1/frame"


def test_a_link_in_a_mail_opens_in_a_tab_that_cannot_reach_back(browser, inbox):
    send(inbox, f'<p><a href="{inbox.url}/api/newest">Read on</a></p>')
    with watched(browser) as (context, _):
        page = context.new_page()
        page.goto(f"{inbox.url}/messages/1")
        with context.expect_page() as opened:
            page.frame_locator(".desktop iframe").locator("a").click()
        opened.value.wait_for_load_state()

        assert opened.value.url == f"{inbox.url}/api/newest"
        assert opened.value.evaluate("window.opener") is None


@pytest.mark.parametrize(("scheme", "colour"), [("light", "rgb(1, 1, 1)"), ("dark", "rgb(9, 9, 9)")])
def test_a_frame_shows_the_scheme_that_was_chosen_whatever_the_machine_prefers(browser, scheme, colour):
    html = (
        "<!doctype html><html><head><style>p{color:#010101}"
        "@media (prefers-color-scheme: dark){p{color:#090909}}</style></head><body><p>Words</p></body></html>"
    )
    for machine in ("light", "dark"):
        with previewed(html) as url:
            page = browser.new_page(color_scheme=machine)
            page.goto(f"{url}?scheme={scheme}")
            words = page.frame_locator(".phone iframe").locator("p")

            assert words.evaluate("p => getComputedStyle(p).color") == colour
            page.close()


def test_a_phone_frame_is_375_wide_and_the_page_fits_a_phone(browser):
    with previewed("<p>Words</p>") as url:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(url)

        assert page.frame_locator(".phone iframe").locator("html").evaluate("() => innerWidth") == 375
        assert page.frame_locator(".desktop iframe").locator("html").evaluate("() => innerWidth") == 640
        assert page.evaluate("document.documentElement.scrollWidth") == 390
        page.close()


def test_the_pages_of_the_bench_break_none_of_their_own_rules(browser, inbox):
    """A refused style or script shows as a message in the console."""
    send(inbox, "<p>Words</p>")
    with watched(browser) as (context, _):
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        for path in ("/", "/messages/1", "/messages/1?tab=source", "/messages/1?tab=headers"):
            page.goto(inbox.url + path)

        assert said == []


def test_new_mail_appears_by_itself(browser, inbox):
    with watched(browser) as (context, _):
        page = context.new_page()
        page.goto(inbox.url)
        page.locator("text=No mail yet").wait_for()
        send(inbox, "<p>Words</p>")

        page.locator(".mails li").wait_for(timeout=20_000)


def test_keys_choose_sides_and_widths(browser):
    with previewed("<p>Words</p>") as url:
        page = browser.new_page()
        page.goto(url)
        page.keyboard.press("p")
        page.wait_for_url("**view=phone")
        page.keyboard.press("2")
        page.wait_for_url("**tab=text&view=phone")
        page.close()

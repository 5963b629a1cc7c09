"""One browser for each module of these tests, and pages that are used again: starting one takes seconds."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.programs import path_of


@pytest.fixture(scope="module")
def flags() -> list[str]:
    """What the browser of a module is started with beside the usual; a module may say otherwise."""
    return []


@pytest.fixture(scope="module")
def browser(flags: list[str]) -> Iterator[Browser]:
    """A browser that asks for nothing by itself."""
    chromium = path_of("chromium", "how mails and pages look in a browser")
    usual = ["--no-sandbox", "--disable-background-networking"]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=usual + flags)
        yield running
        running.close()


@pytest.fixture(scope="module")
def offline(browser: Browser) -> Iterator[Page]:
    """A page without network, one for the module: pictures stay away, and so does every other host."""
    page = browser.new_page(viewport={"width": 640, "height": 900})
    page.route("**/*", lambda route: route.abort())
    yield page
    page.close()

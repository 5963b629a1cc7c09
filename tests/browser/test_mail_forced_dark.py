"""Every kind of mail where the device darkens what it shows by itself, as Android does."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.browser.looking import NOT_FOR_MAIL, barriers, faint_as_painted, scrolls
from tests.every_mail import KINDS, html

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def flags() -> list[str]:
    return ["--blink-settings=forceDarkModeEnabled=true"]


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_can_be_read_where_the_device_darkens_it(offline: Page, kind: str, direction: str) -> None:
    """The colours of the page stay as they were, so axe cannot tell: what is painted counts."""
    offline.set_content(html(kind, direction).replace("color-scheme:light dark", "color-scheme:light"))
    for width in (360, 640, 1280):
        offline.set_viewport_size({"width": width, "height": 900})
        assert faint_as_painted(offline) == []
        assert scrolls(offline) == 0
    assert barriers(offline, rules=NOT_FOR_MAIL) == []


def test_the_device_does_darken(offline: Page) -> None:
    """Else the test above would prove nothing."""
    offline.set_content("<body style='background:#fff'><p>Words</p></body>")

    with Image.open(io.BytesIO(offline.screenshot())) as painted:
        assert painted.convert("L").getpixel((600, 800)) < 40

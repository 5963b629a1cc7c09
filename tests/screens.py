"""Pictures of every kind of mail, for eyes: ``python -m tests.screens FOLDER [KIND …]`` (``make screens``).

Each at 360 and 640 pixels, light and dark; the two layouts of issues also from right to left and without
pictures. Nothing is asserted here: ``tests/browser`` does that.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page, Route, sync_playwright

from tests.every_mail import KINDS, html
from tests.pictures import picture
from tests.programs import path_of

WIDTHS = (360, 640)
ISSUES = ("weekly", "post in full")


def main(folder: Path, kinds: list[str]) -> None:
    """Write the pictures into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        chromium = path_of("chromium", "how mails look")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(device_scale_factor=1)
        page.route("**/*", _picture)
        for kind in kinds:
            for direction in ("ltr", "rtl") if kind in ISSUES else ("ltr",):
                page.set_content(html(kind, direction))
                _shoot(page, folder, kind if direction == "ltr" else f"{kind} {direction}")
        page.unroute("**/*")
        page.route("**/*", lambda route: route.abort())
        for kind in set(kinds) & set(ISSUES):
            page.set_content(html(kind))
            _shoot(page, folder, f"{kind} no pictures")
        browser.close()


def _picture(route: Route) -> None:
    """Answer any request with a picture: there is no network here."""
    route.fulfill(body=_PHOTOGRAPH, content_type="image/jpeg")


def _shoot(page: Page, folder: Path, name: str) -> None:
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=folder / f"{name.replace(' ', '-')}-{width}-{scheme}.png", full_page=True)


_PHOTOGRAPH = picture(size=(1200, 600))

if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:] or KINDS)

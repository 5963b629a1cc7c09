"""What a browser is asked about a page: barriers, sideways scrolling, and whether every word can be read."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_FILE_PATH
from PIL import Image
from playwright.sync_api import Page

AXE = Path(AXE_FILE_PATH).read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NOT_FOR_MAIL = {"landmark-one-main": {"enabled": False}, "region": {"enabled": False}}  # a mail is no page

READABLE = 4.5  # WCAG 2.2, 1.4.3

# Every visible text with its contrast against the nearest opaque ground, and where it stands.
_TEXTS = """() => {
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
    if (!text || !element.offsetParent || getComputedStyle(element).visibility === 'hidden') continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const box = [...range.getClientRects()].sort((a, b) => b.width - a.width)[0];  // a full stop may be apart
    if (!box || box.width < 2 || box.height < 2) continue;
    const [a, b] = [light(rgb(getComputedStyle(element).color)), light(ground(element))];
    found.push({text: text.slice(0, 40), ratio: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05),
                box: [box.left + scrollX, box.top + scrollY, box.right + scrollX, box.bottom + scrollY]});
  }
  return found;
}"""


def barriers(page: Page, *, rules: dict[str, Any] | None = None) -> list[str]:
    """Return what axe-core objects to in what the page shows now; ``rules`` switches some off."""
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(AXE)
    options = {"runOnly": TAGS, "rules": rules or {}, "resultTypes": ["violations"]}
    found = page.evaluate("options => axe.run(document, options)", options)
    assert found["passes"], "axe looked at nothing"
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found["violations"]]


def scrolls(page: Page) -> int:
    """Return by how many pixels a page is wider than its window; 0 when nothing scrolls sideways."""
    wide: int = page.evaluate("Math.max(0, document.documentElement.scrollWidth - innerWidth)")
    return wide


def faint(page: Page) -> list[str]:
    """Return the texts whose colours, as the page computes them, are too close to their ground."""
    texts = page.evaluate(_TEXTS)
    assert texts, "there is no text"
    return [f"{one['text']}: {one['ratio']:.1f}" for one in texts if one["ratio"] < READABLE]


def faint_as_painted(page: Page) -> list[str]:
    """Return the texts that are hard to read in the picture itself: for what changes colours afterwards."""
    texts = page.evaluate(_TEXTS)
    assert texts, "there is no text"
    painted = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    scale = painted.width / page.evaluate("innerWidth")
    found = []
    for one in texts:
        if not any(sign.isalnum() for sign in one["text"]):
            continue  # a lone dot is too small to be painted in its full colour
        box = tuple(round(edge * scale) for edge in one["box"])
        lights = [_light(colour) for _, colour in painted.crop(box).getcolors(maxcolors=4096)]
        ratio = (max(lights) + 0.05) / (min(lights) + 0.05)
        if ratio < READABLE:
            found.append(f"{one['text']}: {ratio:.1f}")
    return found


@cache
def _light(colour: tuple[int, int, int]) -> float:
    """Return a colour's relative luminance (WCAG 2.2)."""
    parts = [value / 255 for value in colour]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

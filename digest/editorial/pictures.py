"""Which pictures an item shows, once they were looked at: measured, made fit for mail, or left out.

Pure. What a look found is a ``Picture``; ``illustrated`` writes it into an item when the draft is made, so
that it is part of the content that is hashed, approved and sent. Neighbours: ``feeds.pictures`` looks,
``pipeline.pictures`` remembers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from html import escape

from lxml import html as lxml_html
from lxml.html import HtmlElement

from digest.model import Image, Item, Post

WIDE_PX = 1200  # the full width of a mail, twice
SMALL_PX = 256  # a thumbnail, twice
_HOLDERS = ("figure", "a", "p")  # what goes with a picture that it alone filled


class Verdict(StrEnum):
    """Whether a mail shows a picture."""

    FINE = "fine"
    UNSEEN = "unseen"  # it could not be looked at just now, or not by us: it stays as the publisher gave it
    LEFT_OUT = "left-out"  # there is nothing a mail could show


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What looking at a picture found."""

    url: str
    looked_at: datetime
    verdict: Verdict
    reason: str = ""  # why it is unseen or left out, in words for the editor
    kind: str = ""  # media type by its first bytes; empty when they were not seen
    width: int = 0  # pixels as a reader sees them; 0: unknown
    height: int = 0
    wide: str = ""  # names of the renditions made here; empty: the publisher's own is shown
    small: str = ""


def addresses(post: Post | Item, *, with_body: bool) -> list[str]:
    """Return the pictures a mail shows of a post, each once: the header image, and with it the body's."""
    found = [post.image.url] if post.image else []
    if with_body and "<img" in post.html:
        found += [str(img.get("src")) for img in _parsed(post.html).iter("img") if img.get("src")]
    return list(dict.fromkeys(found))


def illustrated(item: Item, found: Mapping[str, Picture], *, folder_url: str) -> Item:
    """Return an item with its pictures as they were found; one that nobody looked at stays as it is.

    ``folder_url`` is where the public finds the renditions.
    """
    image = item.image and _header(item.image, found.get(item.image.url), folder_url)
    return replace(item, image=image, html=_body(item.html, found, folder_url))


def _header(image: Image, seen: Picture | None, folder_url: str) -> Image | None:
    if seen is None or seen.verdict is Verdict.UNSEEN:
        return image
    if seen.verdict is Verdict.LEFT_OUT:
        return None
    if not seen.wide:
        # The file knows its own shape better than the markup, which often tells that of another size.
        return replace(image, width=seen.width, height=seen.height) if seen.width else image
    width, height = scaled(seen.width, seen.height, WIDE_PX)
    return replace(
        image,
        url=f"{folder_url}/{seen.wide}",
        small=f"{folder_url}/{seen.small}",
        width=width,
        height=height,
    )


def _body(html: str, found: Mapping[str, Picture], folder_url: str) -> str:
    """Return a body whose pictures have numbers and addresses as found; untouched where none has."""
    if not found or "<img" not in html:
        return html
    tree = _parsed(html)
    seen = [(img, found[img.get("src", "")]) for img in tree.iter("img") if img.get("src", "") in found]
    changed = [(img, picture) for img, picture in seen if picture.verdict is not Verdict.UNSEEN]
    for img, picture in changed:
        if picture.verdict is Verdict.LEFT_OUT:
            _take_out(img)
        else:
            _settle(img, picture, folder_url)
    return _written(tree) if changed else html


def _settle(img: HtmlElement, picture: Picture, folder_url: str) -> None:
    """Give a picture the width its author chose, else its own; the height follows from its shape."""
    if picture.wide:
        img.set("src", f"{folder_url}/{picture.wide}")
    if picture.width:
        chosen = img.get("width", "")
        shown = int(chosen) if chosen.isascii() and chosen.isdigit() and int(chosen) else picture.width
        width, height = scaled(picture.width, picture.height, min(shown, WIDE_PX))
        img.set("width", str(width))
        img.set("height", str(height))


def _take_out(img: HtmlElement) -> None:
    """Remove a picture with the figure, caption, link or paragraph that held nothing else."""
    for holder in _around(img):
        if holder.tag in _HOLDERS and _holds_only(holder, img):
            holder.drop_tree()
            return
    img.drop_tree()


def _around(img: HtmlElement) -> Iterator[HtmlElement]:
    """Yield what is around a picture, outermost first."""
    yield from reversed(list(img.iterancestors()))


def _holds_only(holder: HtmlElement, img: HtmlElement) -> bool:
    """Return whether a picture and its caption are all there is in an element."""
    caption = "".join("".join(map(str, found.itertext())) for found in holder.iter("figcaption"))
    words = "".join(map(str, holder.itertext())).strip()
    return words == caption.strip() and all(other is img for other in holder.iter("img"))


def scaled(width: int, height: int, widest: int) -> tuple[int, int]:
    """Return a size in the same shape, no wider than ``widest``."""
    if width <= widest:
        return width, height
    return widest, max(1, round(height * widest / width))


def _parsed(html: str) -> HtmlElement:
    """Return a sanitised body as the children of one ``div``."""
    document = lxml_html.document_fromstring(f"<html><body><div>{html}</div></body></html>")
    body = document.find("body")
    assert body is not None
    return body[0]


def _written(tree: HtmlElement) -> str:
    children = (lxml_html.tostring(child, encoding="unicode") for child in tree)
    return escape(tree.text or "", quote=False) + "".join(children)

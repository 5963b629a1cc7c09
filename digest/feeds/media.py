"""The pictures a feed gives beside its text, with their words and their makers (Media RSS 1.5.1).

Pure. feedparser cannot say which ``media:credit`` belongs to which ``media:content``, and takes a
``media:description`` for the entry's own: so ``parse`` hides those from it with ``hidden`` and asks here.
Neighbour: ``parse``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import lxml.etree

from digest.feeds import markup
from digest.model import Image

_NAMESPACE = b"search.yahoo.com/mrss"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_OLD_NAMESPACE = "{http://search.yahoo.com/mrss}"
_DESCRIBING = re.compile(rb"(</?)media:(description|title)\b")
_LONGEST_ALT = 200  # characters; a longer "description" is an article of its own
# The faces of authors and commenters, which WordPress.com gives as the first picture of each post.
_FACE = re.compile(r"^https?://(?:[\w.-]+\.)?gravatar\.com/avatar|/blavatar/", re.IGNORECASE)


def hidden(body: bytes) -> bytes:
    """Return a feed in which nobody takes a picture's title or description for the entry's."""
    return _DESCRIBING.sub(rb"\1media:picture-\2", body) if _NAMESPACE in body else body


def pictures(body: bytes, encoding: str = "") -> tuple[tuple[Image, ...], ...]:
    """Return, for each entry of a feed in its order, the pictures given as ``media:content``.

    Empty when the feed gives none, or cannot be read that way; addresses are as the feed wrote them.
    """
    if _NAMESPACE not in body:
        return ()
    try:
        parser = lxml.etree.XMLParser(
            recover=True, resolve_entities=False, no_network=True, load_dtd=False, encoding=encoding or None
        )
        root = lxml.etree.fromstring(body, parser)
    except (lxml.etree.XMLSyntaxError, LookupError, ValueError):
        return ()
    if root is None:
        return ()
    entries = root.iter("{*}item", "{*}entry", "item", "entry")
    return tuple(tuple(_of_entry(entry)) for entry in entries)


def _of_entry(entry: lxml.etree._Element) -> Iterator[Image]:
    """Yield the pictures of one entry; what a group says goes for each picture in it."""
    for content in _all(entry, "content"):
        kind = content.get("type", "")
        url = content.get("url", "").strip()
        if not (content.get("medium") == "image" or kind.startswith("image/")) or _FACE.search(url):
            continue
        yield Image(
            url=url,
            alt=_alt(content),
            credit=_said(content, "credit") or _said(content, "copyright"),
            width=_pixels(content.get("width", "")),
            height=_pixels(content.get("height", "")),
        )


def _alt(content: lxml.etree._Element) -> str:
    """Return the words for a picture: its description, else its title unless that is a file's name."""
    described = _said(content, "description")
    if described and len(described) <= _LONGEST_ALT:
        return described
    title = _said(content, "title")
    return "" if markup.names_a_file(title) else title


def _said(content: lxml.etree._Element, name: str) -> str:
    """Return what a picture's own element of that name says, else its group's."""
    parent = content.getparent()
    holders = [content]
    if parent is not None and parent.tag in (f"{_MEDIA}group", f"{_OLD_NAMESPACE}group"):
        holders.append(parent)
    for holder in holders:
        texts = [markup.plain("".join(map(str, child.itertext()))) for child in _children(holder, name)]
        said = ", ".join(dict.fromkeys(filter(None, texts)))
        if said:
            return said
    return ""


def _all(entry: lxml.etree._Element, name: str) -> Iterator[lxml.etree._Element]:
    return entry.iter(f"{_MEDIA}{name}", f"{_OLD_NAMESPACE}{name}")


def _children(holder: lxml.etree._Element, name: str) -> Iterator[lxml.etree._Element]:
    return holder.iterchildren(f"{_MEDIA}{name}", f"{_OLD_NAMESPACE}{name}")


def _pixels(text: str) -> int | None:
    """Return a size in pixels, when it is one."""
    return int(text) if re.fullmatch(r"[0-9]{1,5}", text) else None

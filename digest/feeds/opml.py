"""Reads the list of feeds that feed readers export: OPML 1.0 and 2.0 (http://opml.org/spec2.opml).

Pure. The file comes from anywhere, so a document type declaration is refused outright: OPML has none, and
entities are how XML bombs are built. Neighbours: ``pipeline.add_feeds`` adds what is listed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import lxml.etree

from digest.errors import NotAFeed
from digest.feeds import markup


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One feed of an OPML file."""

    line: int  # where it stands, from 1
    url: str  # as written; it may be no address at all
    title: str  # as the exporting program called it; may be empty


def read(body: bytes) -> tuple[Listed, ...]:
    """Return the feeds of an OPML file in its order, from every depth of its folders.

    Raises NotAFeed (``xml``, ``entities`` or ``not_opml``) before anything is read from it.
    """
    if b"<!doctype" in body.replace(b"\x00", b"").lower():
        raise _refused("declares a document type, which no list of feeds needs; remove that line", "entities")
    parser = lxml.etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = lxml.etree.fromstring(body, parser)
    except (lxml.etree.XMLSyntaxError, ValueError) as error:
        raise _refused(f"is no readable XML ({error})", "xml") from error
    if root.tag.lower() != "opml":
        raise _refused("is no OPML; export the list from your feed reader as OPML", "not_opml")
    return tuple(_listed(outline) for outline in root.iter("outline") if _attribute(outline, "xmlurl"))


def _listed(outline: lxml.etree._Element) -> Listed:
    title = _attribute(outline, "title") or _attribute(outline, "text")
    return Listed(
        line=cast("int | None", outline.sourceline) or 0,
        url=_attribute(outline, "xmlurl"),
        title=markup.one_line(title),
    )


def _attribute(outline: lxml.etree._Element, name: str) -> str:
    """Return an attribute, whatever the case of its name: programs write xmlUrl, xmlurl and XMLURL."""
    return next((str(value).strip() for key, value in outline.items() if str(key).lower() == name), "")


def _refused(what: str, reason: str) -> NotAFeed:
    return NotAFeed(f"The file {what}.", reason=reason)

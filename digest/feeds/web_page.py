"""A post read from its page on the site, by the page's own words about itself.

Pure. For the operator who asks about one address; feeds come in through ``parse``. Neighbour: ``fulltext``
asks for the page.
"""

from __future__ import annotations

import lxml.etree
import lxml.html

from digest.feeds import entry, markup
from digest.model import FoundPost

_ARTICLE = ("//article", "//main", "//*[@role='main']", "//body")
_FURNITURE = "//nav|//header[not(ancestor::article)]|//footer|//aside|//form|//script|//style|//noscript"
_SAID_OF_ITSELF = "//meta[@property=$name or @name=$name]/@content"


def post_of(page: str, url: str, body: str = "") -> FoundPost:
    """The post on a page; ``body`` is its article where something better than ``main_part`` found that."""
    tree = _tree(page)
    title = _said(tree, "og:title") or _first(tree, "string(//title)") or _first(tree, "string(//h1)")
    return entry.found_post(
        entry.RawEntry(
            link=url,
            title=title,
            language=_first(tree, "string(/html/@lang)"),
            contents=(body or _main_part(tree),),
            summary=_said(tree, "og:description") or _said(tree, "description"),
            feed_url=url,
        )
    )


def _tree(page: str) -> lxml.html.HtmlElement:
    try:
        return lxml.html.document_fromstring(markup.without_controls(page) or "<html></html>")
    except (lxml.etree.LxmlError, ValueError):
        return lxml.html.document_fromstring("<html></html>")


def _main_part(tree: lxml.html.HtmlElement) -> str:
    """The article in a page as HTML that is not yet clean: the longest article, else all."""
    for element in tree.xpath(_FURNITURE):
        element.drop_tree()
    for path in _ARTICLE:
        found = tree.xpath(path)
        if found:
            longest = max(found, key=lambda element: len(element.text_content()))
            return str(lxml.html.tostring(longest, encoding="unicode", with_tail=False))
    return ""


def _said(tree: lxml.html.HtmlElement, name: str) -> str:
    return next(iter(map(str, tree.xpath(_SAID_OF_ITSELF, name=name))), "")


def _first(tree: lxml.html.HtmlElement, path: str) -> str:
    return str(tree.xpath(path))

"""The body of a post as plain text: 72 columns, links numbered, nothing lost that words can carry.

Only for bodies: the text parts of mails are templates of their own. Tables are laid out by inscriptis;
everything else is walked here, because a mail's text needs wrapped lines, quotes and numbered links.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lxml import html as lxml_html
from lxml.html import HtmlElement

from digest.rendering.body import parse
from digest.rendering.columns import COLUMNS, columns, underlined

_BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "dd", "details", "div", "dl", "dt", "figcaption", "figure",
    "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
    "section", "summary", "table", "ul",
})  # fmt: skip
_SILENT = frozenset({"script", "style", "template", "noscript", "svg", "math"})


def to_text(html: str, words: Mapping[str, str]) -> str:
    """Return a body as text, ending in its numbered links; empty when there is nothing to read.

    ``words`` names what text cannot show: ``image``, ``table``, ``media``.
    """
    if not html.strip():
        return ""
    writer = _Writer(words)
    blocks = [block for block in writer.blocks(parse(html), COLUMNS) if block.strip()]
    if writer.links:
        blocks.append("\n".join(f"[{number}] {link}" for number, link in enumerate(writer.links, 1)))
    return "\n\n".join(blocks)


class _Writer:
    """Walks one body and collects its links."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = words
        self.links: list[str] = []

    def blocks(self, element: HtmlElement, width: int) -> Iterator[str]:
        """Yield the paragraphs of an element, each wrapped and without blank lines around it."""
        run = element.text or ""
        for child in element:
            if child.tag in _BLOCKS:
                yield _wrapped(run, width)
                run = child.tail or ""
                yield from self._block(child, width)
            else:
                run += self._inline(child) + (child.tail or "")
        yield _wrapped(run, width)

    def _block(self, element: HtmlElement, width: int) -> Iterator[str]:
        """Yield what one block becomes; the ways are written out, as each is a method of its own."""
        match str(element.tag):
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                yield self._heading(element)
            case "ul" | "ol":
                yield self._list(element, width)
            case "blockquote":
                yield self._quote(element, width)
            case "pre":
                yield _indented(element.text_content().strip("\n"), "    ")
            case "table":
                yield self._table(element, width)
            case "hr":
                yield "* * *"
            case _:
                yield from self.blocks(element, width)

    def _heading(self, element: HtmlElement) -> str:
        words = "".join(self._content(element)).strip()
        return underlined(words, "-") if words else ""

    def _list(self, element: HtmlElement, width: int) -> str:
        start = element.get("start") or "1"
        number = int(start) if start.isdigit() else 1
        lines = []
        for item in element.iterchildren("li"):
            mark = f"{number}. " if element.tag == "ol" else "* "
            number += 1
            inside = [block for block in self.blocks(item, width - len(mark)) if block.strip()]
            lines.append(mark + _indented("\n".join(inside), " " * len(mark)).lstrip(" "))
        return "\n".join(lines)

    def _quote(self, element: HtmlElement, width: int) -> str:
        inside = "\n\n".join(block for block in self.blocks(element, width - 2) if block.strip())
        return "\n".join(f"> {line}".rstrip() for line in inside.splitlines())

    def _table(self, element: HtmlElement, width: int) -> str:
        """Return the table in columns, or say where to see it when it does not fit."""
        from inscriptis import get_text  # noqa: PLC0415 -- few posts have tables

        text: str = get_text(lxml_html.tostring(element, encoding="unicode", with_tail=False))
        lines = [line.rstrip() for line in text.splitlines() if line.strip()]
        if any(len(line) > width for line in lines):
            return columns(f"[{self.words['table']}]", width=width)
        return "\n".join(lines)

    def _content(self, element: HtmlElement) -> Iterator[str]:
        yield element.text or ""
        for child in element:
            yield self._inline(child)
            yield child.tail or ""

    def _inline(self, element: HtmlElement) -> str:
        """Return an inline element's words, with marks for what only HTML can show."""
        tag = str(element.tag)
        if tag in _SILENT:
            return ""
        if tag == "br":
            return "\u2028"
        if tag == "img":
            alt = element.get("alt", "").strip()
            return f"[{self.words['image']}: {alt}]" if alt else ""
        if tag in {"iframe", "video", "audio", "embed", "object"}:
            return self._linked(self.words["media"], element.get("src") or "")
        words = "".join(self._content(element))
        return self._linked(words, element.get("href") or "") if tag == "a" else words

    def _linked(self, words: str, link: str) -> str:
        """Return the words with the number of their link; a link that is its own words needs none."""
        if (
            not link.startswith(("https://", "http://", "mailto:"))
            or words.strip() == link
            or not words.strip()
        ):
            return words
        if link not in self.links:
            self.links.append(link)
        return f"{words}\u00a0[{self.links.index(link) + 1}]"


def _wrapped(run: str, width: int) -> str:
    """Return running text wrapped, with the line breaks the author made (U+2028 stands for them)."""
    lines = (columns(part, width=width) for part in run.split("\u2028"))
    return "\n".join(lines).replace("\u00a0[", " [").strip("\n")


def _indented(text: str, margin: str) -> str:
    return "\n".join((margin + line).rstrip() for line in text.splitlines())

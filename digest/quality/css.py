"""Reads CSS as mail programs meet it: rules, declarations and where each stands.

A small tokenizer of our own: the gate must see what a forgiving library repairs or drops (a colour in the
new syntax, an at-rule inside another), with its line. Neighbour: ``selectors`` says what a rule applies to.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_IMPORTANT = re.compile(r"(\s*)!\s*important\s*$", re.IGNORECASE)
_STOP = re.compile(r"[{};\"'(]")
DEEPEST = 16  # blocks inside blocks that are read; nobody writes more on purpose


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """One property and its value."""

    name: str  # lower case
    value: str  # without ``!important``
    important: bool = False
    spaced: bool = True  # whether a space stood before ``!important``


@dataclass(frozen=True, kw_only=True)
class StyleRule:
    """Selectors with their declarations, and the conditions around them."""

    selectors: tuple[str, ...]
    declarations: tuple[Declaration, ...]
    conditions: tuple[str, ...]  # preludes of the at-rules around it, outermost first
    line: int
    nested: bool = False  # inside another style rule (CSS nesting)


@dataclass(frozen=True, kw_only=True)
class AtRule:
    """``@media``, ``@import`` and the like."""

    name: str  # "media"
    prelude: str  # "(prefers-color-scheme: dark)"
    depth: int  # at-rules around it
    line: int


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The text of one ``style`` element, read."""

    text: str
    rules: tuple[StyleRule, ...]
    at_rules: tuple[AtRule, ...]
    line: int = 1  # where the text begins in the HTML
    mso: bool = False  # inside a conditional comment: only classic Outlook reads it
    in_body: bool = False


def sheet(text: str, *, line: int = 1, mso: bool = False, in_body: bool = False) -> Sheet:
    """Return a stylesheet read; whatever is broken is read as far as it makes sense."""
    bare = _without_comments(text.replace("<!--", "    ").replace("-->", "   "))
    reader = _Reader(bare, line)
    reader.block(0, (), ())
    return Sheet(
        text=text,
        rules=tuple(reader.rules),
        at_rules=tuple(reader.at_rules),
        line=line,
        mso=mso,
        in_body=in_body,
    )


@lru_cache(maxsize=4096)
def declarations(text: str) -> tuple[Declaration, ...]:
    """Return the declarations of a style attribute or of a rule's block, in order."""
    return tuple(_declared(piece) for piece in _pieces(_without_comments(text)) if ":" in piece)


def _without_comments(text: str) -> str:
    return _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text) if "/*" in text else text


def _declared(piece: str) -> Declaration:
    name, _, value = piece.partition(":")
    value = value.strip()
    important = _IMPORTANT.search(value)
    return Declaration(
        name=name.strip().lower(),
        value=value[: important.start()].strip() if important else value,
        important=important is not None,
        spaced=bool(important is None or important[1]),
    )


def _pieces(text: str) -> Iterator[str]:
    """Yield what stands between semicolons, but for those inside brackets and quotes."""
    if "(" not in text and '"' not in text and "'" not in text:
        yield from text.split(";")
        return
    start = at = 0
    while found := _STOP.search(text, at):
        at = found.end()
        if found[0] == ";":
            yield text[start : found.start()]
            start = at
        elif found[0] in "\"'(":
            at = _closing(text, found.start())
    yield text[start:]


def _closing(text: str, at: int) -> int:
    """Return the place behind the quote or bracket that opens at ``at``; the end where it never closes."""
    if text[at] != "(":
        return _closing_quote(text, at)
    depth = 0
    while at < len(text):
        if text[at] in "\"'":
            at = _closing_quote(text, at)
            continue
        depth += (text[at] == "(") - (text[at] == ")")
        at += 2 if text[at] == "\\" else 1
        if depth == 0:
            return at
    return len(text)


def _closing_quote(text: str, at: int) -> int:
    quote = text[at]
    at += 1
    while at < len(text) and text[at] != quote:
        at += 2 if text[at] == "\\" else 1
    return min(at + 1, len(text))


class _Reader:
    """Walks one stylesheet."""

    def __init__(self, text: str, line: int) -> None:
        self.text = text
        self.first_line = line
        self.rules: list[StyleRule] = []
        self.at_rules: list[AtRule] = []

    def block(self, at: int, conditions: tuple[str, ...], within: tuple[str, ...]) -> int:
        """Read statements from ``at`` to the bracket that closes the block; return the place behind it."""
        start = at
        loose: list[str] = []
        while found := _STOP.search(self.text, at):
            at = found.end()
            if found[0] in "\"'(":
                at = _closing(self.text, found.start())
                continue
            prelude = self.text[start : found.start()]
            if found[0] == "{":
                at = self._statement(prelude, start, at, conditions, within)
            elif found[0] == ";":
                self._loose(prelude, start, conditions, loose)
            else:
                loose.append(prelude)
                self._keep(within, loose, start, conditions)
                return at
            start = at
        loose.append(self.text[start:])
        self._keep(within, loose, start, conditions)
        return len(self.text)

    def _statement(
        self, prelude: str, start: int, at: int, conditions: tuple[str, ...], within: tuple[str, ...]
    ) -> int:
        """Read a block with what stands before it; return the place behind it."""
        words = prelude.strip()
        if len(conditions) + len(within) > DEEPEST:
            return len(self.text)
        if words.startswith("@"):
            self._at_rule(words, start, conditions)
            return self.block(at, (*conditions, words), within)
        return self.block(at, conditions, (*within, words))

    def _loose(self, words: str, start: int, conditions: tuple[str, ...], loose: list[str]) -> None:
        if words.strip().startswith("@"):
            self._at_rule(words.strip(), start, conditions)
        else:
            loose.append(words)

    def _at_rule(self, words: str, start: int, conditions: tuple[str, ...]) -> None:
        name, _, prelude = words[1:].partition(" ")
        name, bracket, rest = name.partition("(")
        self.at_rules.append(
            AtRule(
                name=name.lower(),
                prelude=(bracket + rest + " " + prelude).strip(),
                depth=len(conditions),
                line=self._line(start),
            )
        )

    def _keep(
        self, within: tuple[str, ...], loose: list[str], start: int, conditions: tuple[str, ...]
    ) -> None:
        """Keep the declarations of a style rule; at the top level there are none."""
        if not within:
            return
        self.rules.append(
            StyleRule(
                selectors=tuple(" ".join(part.split()) for part in within[-1].split(",") if part.strip()),
                declarations=declarations(";".join(loose)),
                conditions=conditions,
                line=self._line(start),
                nested=len(within) > 1,
            )
        )

    def _line(self, at: int) -> int:
        """Return the line of the first word from ``at`` on."""
        while at < len(self.text) and self.text[at].isspace():
            at += 1
        return self.first_line + self.text.count("\n", 0, at)

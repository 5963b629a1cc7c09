"""Prints for people and for scripts: tables, JSON, and progress on long work.

Neighbours: every command. Nothing here decides what to say, only how it stands on the page.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from typing import Any, Self, TextIO

WIDEST = 100  # characters of a table cell; --json has the whole
MOST = 2**31 - 1
"""The greatest number an argument may be: what the databases' id columns hold."""

REDRAW_S = 0.1  # seconds between two redraws of a progress line; faster only flickers


def table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return rows below their column names, aligned by spaces; numbers to the right.

    No borders, so that ``grep`` and ``cut`` work; line breaks in a cell become spaces.
    """
    cells = [[_shown(cell) for cell in row] for row in rows]
    widths = [max(map(_width, column), default=0) for column in zip(columns, *cells, strict=True)]
    right = [
        bool(rows) and all(isinstance(row[index], int | float) for row in rows)
        for index in range(len(columns))
    ]
    lines = []
    for line in [list(columns), *cells]:
        padded = [
            _pad(cell, width, to_the_right)
            for cell, width, to_the_right in zip(line, widths, right, strict=True)
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)


def _shown(cell: object) -> str:
    """Return a cell in one line of at most WIDEST characters."""
    text = " ".join(str("" if cell is None else cell).split())
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1].rstrip()}…"


def _width(text: str) -> int:
    """Return how many columns of a terminal the text takes."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    marks = sum(unicodedata.combining(character) != 0 for character in text)
    return len(text) + wide - marks


def _pad(text: str, width: int, to_the_right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if to_the_right else text + space


def json_text(value: object) -> str:
    """Return a value as indented JSON: dataclasses as objects, instants and days in ISO form."""
    return json.dumps(value, indent=2, ensure_ascii=False, default=_plain)


def _plain(value: object) -> Any:
    """Return what JSON has no form for, as something it has."""
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Path):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


class Progress:
    """Shows how far long work is: one line redrawn on a terminal, a line per tenth elsewhere.

    Goes to stderr by default, so that what a command prints can still be piped. Use as a context manager and
    call ``advance``.
    """

    def __init__(self, label: str, total: int, stream: TextIO | None = None) -> None:
        self._label, self._total = label, total
        self._stream = sys.stderr if stream is None else stream
        self._live = self._stream.isatty()
        self._done = self._told = 0
        self._drawn_at = float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._stream.write(f"\r{self._line()}\n")
        elif self._told < self._done:
            self._stream.write(f"{self._line()}\n")
        self._stream.flush()

    def advance(self, count: int = 1) -> None:
        """Count that many more as done."""
        self._done += count
        if self._live:
            if monotonic() - self._drawn_at >= REDRAW_S:
                self._drawn_at = monotonic()
                self._stream.write(f"\r{self._line()}")
                self._stream.flush()
        elif (self._done - self._told) * 10 >= self._total:
            self._told = self._done
            self._stream.write(f"{self._line()}\n")
            self._stream.flush()

    def _line(self) -> str:
        share = 100 * self._done // self._total if self._total else 100
        return f"{self._label}: {self._done} of {self._total} ({share} %)"

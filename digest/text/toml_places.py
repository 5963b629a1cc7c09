"""Where each key and table of a TOML document stands: ``tomllib`` keeps no positions.

Pure. For faults told with their line, of the settings and of an editor's overrides alike.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from io import StringIO
from typing import Any

Path_ = tuple[str, ...]
"""Where a value stands in the tree: ``("smtp", "port")``."""


def lines_of(text: str) -> dict[Path_, int]:
    """Return the line, from 1, on which each key and table of a valid TOML document starts.

    ``tomllib`` keeps no positions, so the document is read statement by statement: a statement ends on the
    first line up to which it parses. That way the TOML grammar keeps its one home.
    """
    lines: dict[Path_, int] = {}
    table: Path_ = ()
    for number, statement in _statements(text):
        keys = list(_keys(tomllib.loads(statement)))
        header = statement.lstrip().startswith("[")
        for key in keys:
            lines.setdefault(key if header else table + key, number)
        if header:
            table = keys[-1]
    return lines


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield each header or key of a valid document with its value, and the line it starts on."""
    start, pending = 0, ""
    for number, line in enumerate(StringIO(text), 1):
        start, pending = (start, pending + line) if pending else (number, line)
        try:
            parsed = tomllib.loads(pending)
        except tomllib.TOMLDecodeError:
            continue  # inside a list or text of several lines
        if parsed:
            yield start, pending
        pending = ""


def _keys(tree: Any, at: Path_ = ()) -> Iterator[Path_]:
    """Yield the path of everything in a tree of tables, outer before inner."""
    if isinstance(tree, list) and tree and isinstance(tree[-1], dict):  # [[table]]: its last one
        tree = tree[-1]
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield (*at, key)
            yield from _keys(value, (*at, key))

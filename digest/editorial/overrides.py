"""What the editor's file says of the next issues: its tables, read and checked.

    [weekly]                        # the next weekly issue; ["weekly-2026-11-29"]: the issue of that name
    title = "Caseloads and courts"
    intro = "Seven posts this week."
    subject = "…"
    preheader = "…"
    lead = 12                       # a post by its id (`digest post list`) or its address
    order = [12, "https://blog.example/bail"]
    [weekly.posts.12]
    summary = "…"
    theme = "Courts"                # moves the post for good

Pure. All of a table holds or none of it: a fault names its line and what to write. Neighbour: ``overriding``
lays a table over an issue's content.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from digest.errors import ConfigurationError, Fault
from digest.model import IssueKind
from digest.text.toml_places import Path_, lines_of
from digest.text.words import normalised

_KINDS = tuple(kind.value for kind in IssueKind if kind.cadence)
_NAME = re.compile(rf"(?:{'|'.join(_KINDS)})-\d{{4}}-\d\d-\d\d|post-\d+")
_TEXTS = ("title", "intro", "subject", "preheader")
_KEYS = (*_TEXTS, "lead", "order", "posts")
_POST_KEYS = ("summary", "theme")


@dataclass(frozen=True, kw_only=True)
class PostTable:
    """What the file says of one post; None: nothing."""

    post: str  # its id or its address, as written
    summary: str | None = None
    theme: str | None = None  # name or key


@dataclass(frozen=True, kw_only=True)
class Table:
    """What the file says of one issue."""

    name: str  # "weekly", or the issue's own name
    title: str = ""
    intro: str = ""
    subject: str = ""
    preheader: str = ""
    lead: str = ""  # a post, as PostTable has it
    order: tuple[str, ...] = ()  # posts that stand first, in this order
    posts: tuple[PostTable, ...] = ()
    mark: str  # hash of the table: the same table is not used for two issues

    @property
    def is_for_next(self) -> bool:
        """Whether it is for whatever issue of a cadence comes next, and so for one only."""
        return self.name in _KINDS


@dataclass(frozen=True, kw_only=True)
class Overrides:
    """The file, with where everything in it stands."""

    tables: Mapping[str, Table]
    file: str
    lines: Mapping[Path_, int]

    def for_issue(self, name: str, kind: IssueKind) -> Table | None:
        """The table for an issue: the one of its name, else the one of its cadence."""
        return self.tables.get(name) or self.tables.get(kind.value)

    def fault(self, path: Path_, problem: str, mend: str) -> Fault:
        """A fault at the line where that key stands."""
        return Fault(where=_where(self.file, self.lines, path), problem=problem, mend=mend)


def read(text: str, file: str) -> Overrides:
    """The overrides that a file's text says. Raises ConfigurationError with every fault in it."""
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem, _, place = str(error).partition(" (at ")
        line = re.match(r"line (\d+)", place)
        where = f"{file}, line {line[1]}" if line else f"{file}, at its end"
        mend = 'Write such as title = "…" below a line with [weekly].'
        raise ConfigurationError(
            [Fault(where=where, problem=f"this is not TOML: {problem}", mend=mend)]
        ) from None
    checker = _Checker(file=file, lines=lines_of(text), faults=[])
    tables = {name: checker.table(name, values) for name, values in tree.items()}
    if checker.faults:
        raise ConfigurationError(checker.faults)
    return Overrides(
        tables={name: table for name, table in tables.items() if table},
        file=file,
        lines=checker.lines,
    )


def _where(file: str, lines: Mapping[Path_, int], path: Path_) -> str:
    """The line of a key, or of what it stands in."""
    known = next((path[:length] for length in range(len(path), 0, -1) if path[:length] in lines), None)
    return f"{file}, line {lines[known]}" if known else file


@dataclass(kw_only=True)
class _Checker:
    """Makes tables of a TOML tree, and collects what is wrong with it."""

    file: str
    lines: Mapping[Path_, int]
    faults: list[Fault]

    def table(self, name: str, values: Any) -> Table | None:
        """One issue's table; None with a fault."""
        if name not in _KINDS and not _NAME.fullmatch(name):
            near = get_close_matches(name, _KINDS, n=1)
            hint = f"Did you mean [{near[0]}]?" if near else f"Write one of [{'], ['.join(_KINDS)}]."
            self._fault((name,), f"no issue is called {name}", hint)
            return None
        if not isinstance(values, dict):
            self._fault((name,), f"{name} must be a table", f"Write [{name}] on a line of its own.")
            return None
        self._known((name,), values, _KEYS)
        posts = values.get("posts", {})
        if not isinstance(posts, dict):
            self._fault(
                (name, "posts"), "posts must be a table", f"Write [{name}.posts.12] on a line of its own."
            )
            posts = {}
        return Table(
            name=name,
            **{key: self._text((name, key), values.get(key, "")) for key in _TEXTS},
            lead=self._post((name, "lead"), values["lead"]) if "lead" in values else "",
            order=self._order((name, "order"), values.get("order", [])),
            posts=tuple(self._post_table((name, "posts", post), said) for post, said in posts.items()),
            mark=_mark(name, values),
        )

    def _post_table(self, path: Path_, values: Any) -> PostTable:
        if not isinstance(values, dict):
            self._fault(path, f"posts.{path[-1]} must be a table", 'Write such as summary = "…" below it.')
            return PostTable(post=path[-1])
        self._known(path, values, _POST_KEYS)
        given = {key: self._text((*path, key), values[key]) for key in _POST_KEYS if key in values}
        return PostTable(post=path[-1], **given)

    def _known(self, path: Path_, values: Mapping[str, Any], keys: Sequence[str]) -> None:
        for key in values:
            if key not in keys:
                near = get_close_matches(key, keys, n=1)
                hint = f"Did you mean {near[0]}?" if near else f"Write one of {', '.join(keys)}."
                self._fault((*path, key), f"nothing is called {key}", hint)

    def _text(self, path: Path_, value: Any) -> str:
        if isinstance(value, str):
            return normalised(value)
        self._fault(path, f"{path[-1]} must be text in quotes", f'Write such as {path[-1]} = "…".')
        return ""

    def _post(self, path: Path_, value: Any) -> str:
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value)
        mend = "Write a post's id, as `digest post list` shows it, or its address in quotes."
        self._fault(path, f"{path[-1]} must name a post", mend)
        return ""

    def _order(self, path: Path_, value: Any) -> tuple[str, ...]:
        if isinstance(value, list):
            return tuple(self._post(path, post) for post in value)
        self._fault(path, "order must be a list of posts", "Write such as order = [12, 15].")
        return ()

    def _fault(self, path: Path_, problem: str, mend: str) -> None:
        self.faults.append(Fault(where=_where(self.file, self.lines, path), problem=problem, mend=mend))


def _mark(name: str, values: Mapping[str, Any]) -> str:
    """The hash of what a table says, whatever way it is written."""
    said = json.dumps([name, values], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(said.encode()).hexdigest()

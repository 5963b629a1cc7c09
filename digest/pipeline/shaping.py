"""What shapes a draft beside its posts: the editor's file of overrides, and the grouping of its posts.

    file → the table for this issue → content as the editor wants it → headings for what has no theme

``editorial.overrides`` describes the file. Neighbour: ``compose`` calls this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from digest.delivery.issue_states import IssueState
from digest.editorial import overrides
from digest.editorial.grouping import grouping
from digest.editorial.overrides import Overrides, Table
from digest.editorial.overriding import override
from digest.editorial.sections import running
from digest.errors import ConfigurationError, Fault
from digest.model import Content, IssueKind, Theme
from digest.pipeline.tools import Tools
from digest.store import issues, themes

_USED = frozenset(
    {
        IssueState.APPROVED,
        IssueState.FREEZING,
        IssueState.SENDING,
        IssueState.STOPPED,
        IssueState.DONE,
        IssueState.DONE_WITH_HOLDS,
    }
)
_LOOKED_AT = 10  # issues of a cadence, the newest, in which a table may have been used


@dataclass(frozen=True, kw_only=True)
class Found:
    """What the file says of one issue."""

    overrides: Overrides | None = None
    table: Table | None = None  # None: nothing, or nothing any more
    used_for: str = ""  # the issue that the cadence's table was used for before


@dataclass(frozen=True, kw_only=True)
class Editing:
    """What shapes one draft."""

    themes: Sequence[Theme]  # every one, hidden and merged too
    earlier: Sequence[str]  # headings that were found for the issues before
    found: Found


@dataclass(frozen=True, kw_only=True)
class Edited:
    """A draft's content as the editor wants it."""

    content: Content
    moved: Mapping[int, str]  # post id → key of the theme the editor gives it for good
    used_for: str  # as in Found


def overrides_file(tools: Tools) -> Overrides | None:
    """Return the overrides, or None where there is no file. Raises ConfigurationError."""
    path = tools.overrides_file
    if path is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None  # there is nothing to override most weeks
    except UnicodeDecodeError:
        fault = Fault(where=str(path), problem="is not UTF-8 text", mend="Save it as UTF-8.")
        raise ConfigurationError([fault]) from None
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        fault = Fault(where=str(path), problem=problem, mend="Make it readable for this user.")
        raise ConfigurationError([fault]) from None
    return overrides.read(text, str(path))


def _for_issue(conn: Connection, said: Overrides | None, name: str, kind: IssueKind) -> Found:
    """Return the table for an issue. A cadence's table is for one issue: it is not used again, unchanged."""
    table = said.for_issue(name, kind) if said else None
    if table is None or not table.is_for_next:
        return Found(overrides=said, table=table)
    for earlier in issues.newest(conn, _LOOKED_AT, states=_USED, kinds=[kind]):
        stored = issues.content(conn, earlier.id)
        if earlier.name != name and stored and stored.get("overrides_mark") == table.mark:
            return Found(overrides=said, used_for=earlier.name)
    return Found(overrides=said, table=table)


def read(conn: Connection, said: Overrides | None, name: str, kind: IssueKind) -> Editing:
    """Return what shapes the draft of an issue."""
    return Editing(
        themes=themes.every(conn),
        earlier=issues.recent_headings(conn, kind),
        found=_for_issue(conn, said, name, kind),
    )


def edited(plain: Content, editing: Editing) -> Edited:
    """Return the content as the editor wants it. Raises ConfigurationError with every fault."""
    found = editing.found
    if found.table is None or found.overrides is None:
        return Edited(content=plain, moved={}, used_for=found.used_for)
    done = override(plain, found.table, found.overrides, editing.themes)
    return Edited(content=done.content, moved=done.moved, used_for="")


def grouped(whole: Content, editing: Editing) -> Content:
    """Return the content with its themes, and with headings for the posts of its window that have none.

    Posts from before the window are for single readers: headings found among them would be nobody else's.
    """
    known = editing.themes
    kept = {theme.key for theme in known if theme.pinned or running(whole.sponsors, theme.key, whole.sent_on)}
    window = [item for item in whole.items if item.number in whole.window]
    found = grouping(window, known, whole=kept, earlier=editing.earlier)
    items = tuple(replace(item, heading_key=found.keys.get(item.number, "")) for item in whole.items)
    occurring = {key for item in items for key in (item.theme_key, item.section_key)}
    shown = (theme for theme in known if theme.shown and theme.key in occurring)
    return replace(whole, items=items, themes=(*shown, *found.headings))

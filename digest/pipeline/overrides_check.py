"""What the editor's file of overrides would change, issue by issue, before anything is made."""

from __future__ import annotations

from dataclasses import dataclass

from digest.pipeline import drafting, due_issues, shaping
from digest.pipeline.tools import Tools
from digest.store import installation


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What the file changes in one coming issue."""

    table: str  # as the file names it
    issue: str  # the issue it is for; empty: none of those that come next
    changes: tuple[str, ...]  # in words
    note: str = ""  # why it changes nothing


def check(tools: Tools) -> list[Checked]:
    """Return what each table of the file changes. Raises ConfigurationError with every fault of one table."""
    said = shaping.overrides_file(tools)
    if said is None:
        return []
    with tools.db.read() as conn:
        cutoff = installation.last_number(conn)
    found = {}
    for due in due_issues.upcoming(tools, tools.clock()):
        table = said.for_issue(due.name, due.kind)
        if table is None:
            continue
        draft = drafting.drafted(tools, due, cutoff=cutoff)
        note = "" if draft else "nothing new has come in for it yet"
        if draft and draft.edited.used_for:
            note = f"used for {draft.edited.used_for} already: change it to use it again"
        changes = draft.content.overridden if draft else ()
        found[table.name] = Checked(table=table.name, issue=due.name, changes=changes, note=note)
    unmet = "no issue of that name comes next"
    return [found.get(name, Checked(table=name, issue="", changes=(), note=unmet)) for name in said.tables]

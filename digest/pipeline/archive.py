"""Issues after the fact: the web page of one, and the list of all. Reads only; shows no reader's data."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from digest.delivery.issue_states import IssueState
from digest.editorial import content
from digest.model import IssueKind
from digest.pipeline import press
from digest.pipeline.tools import Tools
from digest.rendering.issue import render_web
from digest.store import issues

_PUBLIC = frozenset({IssueState.SENDING, IssueState.STOPPED, IssueState.DONE, IssueState.DONE_WITH_HOLDS})
_SCHEDULED = frozenset(kind for kind in IssueKind if kind.cadence is not None)
_LISTED = 200


def page(tools: Tools, name: str) -> str | None:
    """Return an issue's web page, with everything its window holds; None when none of that name was sent."""
    with tools.db.read() as conn:
        found = issues.find(conn, name)
        if found is None or found.state not in _PUBLIC or found.kind is IssueKind.TEST:
            return None
        stored = issues.content(conn, found.id)
    assert stored is not None, "a frozen issue has content"
    whole = content.from_json(stored)
    edition = press.edition(whole, whole.window, tools, at_most=len(whole.window))
    return render_web(edition, tools.speaking(), tools.templates)


def index(tools: Tools) -> list[tuple[str, str, date]]:
    """Return name, title and local day of the newest issues that were sent."""
    zone = ZoneInfo(tools.publication.zone)
    with tools.db.read() as conn:
        sent = issues.newest(conn, _LISTED, states=_PUBLIC, kinds=_SCHEDULED)
    return [(issue.name, issue.subject, issue.due_at.astimezone(zone).date()) for issue in sent]

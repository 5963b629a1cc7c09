"""Sending one issue to one typed address: ``digest issue send``. Counts for nobody's progress."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from digest.delivery.issue_states import IssueState
from digest.delivery.lanes import lane_of
from digest.editorial import content
from digest.errors import UnknownName
from digest.model import Content, IssueKind
from digest.pipeline import drafting, due_issues, gate, pictures
from digest.pipeline.freeze import segment
from digest.pipeline.tools import Tools
from digest.quality.report import Report
from digest.store import deliveries, installation, issues
from subscribers.model import Cadence

GOOD_FOR = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class Queued:
    """A trial that waits to be sent."""

    name: str  # the trial's own, as `digest issue show` takes it
    delivery_id: int
    report: Report  # what the gate says of it; a trial goes out all the same, as it is for looking


def send_to(tools: Tools, name: str, address: str) -> Queued:
    """Queue an issue for one address; the next delivery run sends it.

    ``name`` is an issue's name, or a cadence for its next issue as things stand. Raises UnknownName, and
    TemplateFault where it cannot be rendered: nothing is queued then.
    """
    whole = content_of(tools, name)
    now = tools.clock()
    rendering, report = gate.rendered_and_checked(tools, whole, whole.window, "", now)
    with tools.db.transaction() as conn:
        trial = issues.start_trial(conn, of=name, content=content.to_json(whole), now=now)
        only = segment(conn, trial.id, whole.window, tools.speaking().language)
        issues.keep_rendering(conn, only, rendering, renderer=content.RENDERER, now=now)
        row = {
            "issue_id": trial.id,
            "segment_id": only,
            "address": address,
            "lane": lane_of(address),
            "deadline": now + GOOD_FOR,
        }
        delivery_id = deliveries.insert_one(conn, row, now=now)
        issues.move(conn, trial.id, IssueState.SENDING, frozen_at=now, expected=1)
    return Queued(name=trial.name, delivery_id=delivery_id, report=report)


def content_of(tools: Tools, name: str) -> Content:
    """Return the content of the issue of that name,
    or of the next one of that cadence. Raises UnknownName."""
    with tools.db.read() as conn:
        found = issues.find(conn, name)
        stored = issues.content(conn, found.id) if found else None
        cutoff = installation.last_number(conn)
    if stored is not None:
        return content.from_json(stored)
    if name in {cadence.value for cadence in Cadence}:
        for due in due_issues.upcoming(tools, tools.clock()):
            if due.kind is IssueKind(name):
                shown = drafting.shown_in(tools, due, cutoff)
                pictures.look(tools, [(due.kind, post) for post in shown], tools.clock())
                draft = drafting.drafted(tools, due, cutoff=cutoff)
                if draft is not None:
                    return draft.content
        raise UnknownName(f"There is nothing new yet for the next {name} issue.")
    raise UnknownName(
        f"There is no issue named {name!r} with anything in it. `digest issue list` shows the names; "
        "a cadence such as `weekly` stands for its next issue."
    )

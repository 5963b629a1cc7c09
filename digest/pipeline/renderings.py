"""The renderings of an issue: one per segment, made at the end of the freeze and never again (invariant 2).

Each passes the gate first. Neighbours: ``freeze`` calls it before anything is sent; ``press`` fills the
slots of what is kept here.
"""

from __future__ import annotations

from datetime import datetime

from digest.editorial import content
from digest.model import Content, Rendering
from digest.pipeline import gate
from digest.pipeline.tools import Tools
from digest.store import findings, issues


def render_segments(tools: Tools, issue_id: int, whole: Content, now: datetime) -> bool:
    """Render every segment that has no rendering yet; return False where a signal asked to stop first.

    Each is kept in a transaction of its own, so that the next run goes on. Raises TemplateFault where one
    cannot be rendered, and GateRefused where one breaks a rule and no operator has accepted that.
    """
    with tools.db.read() as conn:
        missing = issues.unrendered(conn, issue_id)
    for segment in missing:
        if tools.stopping():
            return False
        made = _gated(tools, issue_id, whole, segment, now)
        with tools.db.transaction() as conn:
            issues.keep_rendering(conn, segment.id, made, renderer=content.RENDERER, now=now)
    return True


def _gated(
    tools: Tools, issue_id: int, whole: Content, segment: issues.StoredSegment, now: datetime
) -> Rendering:
    """Return one segment's rendering once the gate has nothing against it; what it found is kept."""
    rendering, report = gate.rendered_and_checked(tools, whole, segment.numbers, segment.language, now)
    with tools.db.transaction() as conn:
        findings.add(conn, issue_id, gate.as_kept(report.findings))
        refusal = gate.refusal(conn, issue_id, report)
    if refusal is not None:
        raise refusal
    return rendering

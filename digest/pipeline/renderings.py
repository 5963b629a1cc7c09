"""The renderings of an issue: one per segment, made at the end of the freeze and never again (invariant 2).

Neighbours: ``freeze`` calls it before anything is sent; ``press`` fills the slots of what is kept here.
"""

from __future__ import annotations

from datetime import datetime

from digest.editorial import content
from digest.model import Content
from digest.pipeline.press import rendered
from digest.pipeline.tools import Tools
from digest.store import issues


def render_segments(tools: Tools, issue_id: int, whole: Content, now: datetime) -> bool:
    """Render every segment that has no rendering yet; return False where a signal asked to stop first.

    Each is kept in a transaction of its own, so that the next run goes on. Raises TemplateFault where one
    cannot be rendered.
    """
    with tools.db.read() as conn:
        missing = issues.unrendered(conn, issue_id)
    for segment in missing:
        if tools.stopping():
            return False
        made = rendered(whole, segment.numbers, tools, segment.language)
        with tools.db.transaction() as conn:
            issues.keep_rendering(conn, segment.id, made, renderer=content.RENDERER, now=now)
    return True

"""Letting in posts whose time has come: dated ahead, or settling. Their numbers are given now (rule a)."""

from __future__ import annotations

from datetime import datetime

import structlog

from digest.pipeline.tools import Tools
from digest.store import posts, recognition

log = structlog.get_logger()


def release_due(tools: Tools, now: datetime) -> list[str]:
    """Make every held post mailable that waits for an instant that has come; return their titles."""
    with tools.db.read() as conn:
        if not recognition.due(conn, now):
            return []
    with tools.db.transaction() as conn:
        due = recognition.due(conn, now)
        for post in due:
            number = posts.let_in(conn, post.id)
            log.info("post.released", post=post.id, number=number, reason=post.held_because)
    return [post.title for post in due]

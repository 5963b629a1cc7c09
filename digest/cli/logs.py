"""Logs: one line per fact on stderr, an event name then key=value. Never an address, never a token."""

from __future__ import annotations

import logging
import os
import sys

import structlog


def configure(default: str = "warning") -> None:
    """Log to stderr; DIGEST_LOG names another level, and DIGEST_LOG_FORMAT=json writes JSON."""
    level = os.environ.get("DIGEST_LOG", default).upper()
    json = os.environ.get("DIGEST_LOG_FORMAT") == "json"
    renderer = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.processors.LogfmtRenderer(
            key_order=["timestamp", "level", "event"], bool_as_flag=False
        )
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,  # rehearsal=True, from App.rehearsal
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level, logging.WARNING)),
        # Asked for at each line: whoever replaced or closed stderr since then must not lose us an answer.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )

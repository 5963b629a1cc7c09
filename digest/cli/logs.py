"""Logs: one line per fact on stderr, an event name then key=value. Never an address, never a token."""

from __future__ import annotations

import logging
import os
import sys

import structlog


def configure() -> None:
    """Log warnings to stderr; DIGEST_LOG=info (or debug) logs more, DIGEST_LOG_FORMAT=json as JSON."""
    level = os.environ.get("DIGEST_LOG", "warning").upper()
    json = os.environ.get("DIGEST_LOG_FORMAT") == "json"
    renderer = (
        structlog.processors.JSONRenderer()
        if json
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,  # rehearsal=True, from App.rehearsal
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level, logging.WARNING)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )

"""Where the log goes: the stderr of the moment, whatever became of an earlier one."""

from __future__ import annotations

import io
import sys

import structlog

from digest.cli.logs import configure


def test_a_line_is_written_after_the_stream_of_the_start_was_closed(monkeypatch):
    first, second = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", first)
    configure()
    first.close()
    monkeypatch.setattr(sys, "stderr", second)
    structlog.get_logger().warning("feed.failed", feed="blog")
    assert "event=feed.failed" in second.getvalue()

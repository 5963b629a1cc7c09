"""What a run says of itself."""

from __future__ import annotations

from digest.cli.running import told
from digest.pipeline.tick import Report


def test_a_run_without_a_feed_says_how_to_add_one() -> None:
    assert told(Report(), dry_run=False).splitlines()[0] == "feed   none was added yet: `digest feed add URL`"


def test_a_run_that_asks_no_feed_says_that_none_is_due() -> None:
    assert told(Report(feeds_known=2), dry_run=False).splitlines()[0] == "feed   none is due for a poll"

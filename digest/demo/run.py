"""``digest demo``: the set, the story, then the addresses to open, and a tick every few seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

from starlette.types import ASGIApp

from digest.app import App
from digest.demo.stage import OPERATOR, Stage
from digest.demo.story import Say, Summary, tell

TICK_S = 3.0
"""Seconds between ticks while somebody is looking around: what they sign up for arrives at once."""


def run_demo(
    real_clock: Callable[[], datetime],
    pages: Callable[[App], ASGIApp],
    say: Say,
    *,
    stop: threading.Event | None,
) -> Summary:
    """Play the story; with ``stop``, keep everything running until it is set. Return how it came out."""
    began = time.monotonic()
    with Stage(real_clock, pages) as stage:
        summary = tell(stage, say)
        say("")
        for line in _told(summary, time.monotonic() - began):
            say(line)
        if stop is not None and not summary.faults:
            for line in _addresses(stage):
                say(line)
            while not stop.wait(TICK_S):
                stage.app.run()
    return summary


def _told(summary: Summary, seconds: float) -> list[str]:
    mails = ", ".join(f"{count} to {address}" for address, count in summary.by_reader.items())
    lines = [
        f"{summary.baseline} older posts went to nobody, {summary.published} new ones to those who asked.",
        f"Issues: {mails}.",
        f"{summary.mails} mails in all, with confirm and welcome mails, in {seconds:.1f} s.",
    ]
    return lines + [f"NOT AS IT SHOULD BE: {fault}" for fault in summary.faults]


def _addresses(stage: Stage) -> list[str]:
    return [
        "",
        "Open in a browser:",
        f"  {stage.inbox.url}/   the inbox: what each reader received (HTML, text, source)",
        f"  {stage.site.url}/   the site, with its subscribe box",
        f"  {stage.pages_url}/   the newsletter's own pages: subscribe, past issues",
        "",
        f"Sign up with any address: the confirm mail arrives in the inbox. Alerts go to {OPERATOR}.",
        "Stop with Ctrl-C; nothing is left behind.",
    ]

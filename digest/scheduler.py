"""``digest run --forever``: APScheduler ticks, the database decides. The only home of APScheduler.

The schedule lives in memory and is made anew at each start: what is due is a question to the database, so a
late, doubled or skipped tick changes nothing. One process leads, by the run lock; ``App.lock`` is held for as
long as this runs.
"""

from __future__ import annotations

import threading
from datetime import UTC

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler

from digest.app import App
from digest.errors import TemporaryError, in_one_line

log = structlog.get_logger()

TICK_S = 15
"""Seconds between ticks: how long a confirm mail may wait. A tick with nothing to do only reads."""


def run_forever(app: App, stop: threading.Event) -> None:
    """Tick until ``stop`` is set; finish what is in flight, then return.

    Raises AlreadyRunning where another process leads.
    """
    # A late tick is still wanted (the library's default would skip it after a second), two at once never.
    defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
    with app.lock():
        scheduler = BackgroundScheduler(job_defaults=defaults, timezone=UTC)
        scheduler.add_listener(_tell, EVENT_JOB_ERROR | EVENT_JOB_MAX_INSTANCES | EVENT_JOB_MISSED)
        scheduler.add_job(_tick, "interval", [app], seconds=TICK_S, next_run_time=app.clock())
        scheduler.start()
        log.info("scheduler.started", every_s=TICK_S)
        stop.wait()
        scheduler.shutdown(wait=True)
    log.info("scheduler.stopped")


def _tick(app: App) -> None:
    try:
        app.tick()
    except TemporaryError as error:
        log.warning("tick.failed", reason=str(error))


def _tell(event: JobEvent) -> None:
    """Log what went wrong with a tick; the next one goes on from the database."""
    error = getattr(event, "exception", None)
    log.error("scheduler.trouble", code=event.code, reason=in_one_line(error) if error else "")

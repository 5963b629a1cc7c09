"""One run of the sender over a ledger made here, as a line of JSON. ``delivery`` compares several.

    python -m tests.benchmarks.delivery_load PORT READERS CONNECTIONS [DATABASE]

An issue of one segment is written down as the freeze leaves it, its mail about 30 kB, and sent by the
pipeline's own ``deliver`` into the SMTP server at PORT: every claim, commit point and outcome is stored as in
real life.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from datetime import timedelta
from logging import CRITICAL
from pathlib import Path
from typing import Any

import structlog

from digest.app import App
from digest.delivery.issue_states import IssueState
from digest.model import IssueKind, Rendering
from digest.pipeline.deliver import deliver
from digest.pipeline.freeze import segment
from digest.store import deliveries, issues
from tests.benchmarks.many_readers import add_readers
from tests.installation import Clock, installation

MAIL_BYTES = 30_000
_AROUND = 2_500  # headers, slots and what quoted-printable adds
_PAGE = 10_000


def measure(port: int, readers: int, connections: int, database: str = "") -> dict[str, Any]:
    """Send one issue to so many readers; return seconds, messages a second and peak memory in MB."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    with tempfile.TemporaryDirectory() as folder:
        sections = into(port, connections)
        if database:
            sections["database"] = {"url": database}
        with installation(Path(folder), clock=Clock(), **sections) as app:
            fill(app, readers)
            began, cpu = time.perf_counter(), time.process_time()
            done = deliver(app.tools)
            seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
            accepted = sum(done.events.values())
    return {
        "seconds": seconds,
        "cpu_s": cpu,
        "accepted": accepted,
        "trouble": done.trouble,
        "a_second": accepted / seconds,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def into(port: int, connections: int) -> dict[str, dict[str, Any]]:
    """Return the settings that send into the SMTP server at ``port``."""
    smtp = {"host": "127.0.0.1", "port": port, "security": "none", "connections": connections}
    return {"mail": {"backend": "smtp"}, "smtp": smtp}


def a_rendering() -> Rendering:
    """Return a mail whose finished bytes are about MAIL_BYTES."""
    line = "Average caseloads in the community teams are down on last year, and nobody feels it.\n"
    words = line * ((MAIL_BYTES - _AROUND) // len(line) // 2)
    nonce = "0" * 16
    slots = f"@@{nonce}:to@@ @@{nonce}:since@@ @@{nonce}:choices@@ @@{nonce}:unsubscribe_url@@\n"
    return Rendering(
        subject="Caseloads are falling. Plus 9 more",
        html=f"<!DOCTYPE html>\n<html><body><p>{words}</p>{slots}</body></html>",
        text=words + slots,
        nonce=nonce,
    )


def fill(app: App, readers: int) -> None:
    """Write so many confirmed readers and one frozen issue for all of them."""
    now = app.clock()
    add_readers(app, readers)
    with app.database.transaction() as conn:
        made = issues.start(
            conn, name="weekly-2026-11-22", kind=IssueKind.WEEKLY, cutoff=2, due_at=now, now=now
        )
        assert made is not None
        same = segment(conn, made.id, (1, 2), "en")
        issues.keep_rendering(conn, same, a_rendering(), renderer="1", now=now)
    shared = {"issue_id": made.id, "segment_id": same, "lane": "", "deadline": now + timedelta(days=5)}
    for start in range(1, readers + 1, _PAGE):
        with app.database.transaction() as conn:
            ids = range(start, min(start + _PAGE, readers + 1))
            deliveries.insert_many(conn, [shared | {"subscriber_id": number} for number in ids], now=now)
    with app.database.transaction() as conn:
        issues.approve(conn, made.id, "", now)
        issues.move(conn, made.id, IssueState.FREEZING)
        issues.move(conn, made.id, IssueState.SENDING, frozen_at=now, expected=readers)


if __name__ == "__main__":
    port, readers, connections, *database = sys.argv[1:]
    print(json.dumps(measure(int(port), int(readers), int(connections), *database)))

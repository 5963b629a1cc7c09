"""A run that is killed, and readers who leave while it sends: how soon each counts.

    python -m tests.benchmarks.interrupted send FOLDER PORT READERS    send; a new FOLDER is filled first
    python -m tests.benchmarks.interrupted leave PORT READERS          send, while readers leave

Neighbour: ``delivery`` prints what these find.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from logging import CRITICAL
from pathlib import Path
from statistics import median
from typing import Any

import structlog
from sqlalchemy import select

from digest.delivery.states import DeliveryState
from digest.pipeline.deliver import deliver
from digest.pipeline.sweep import sweep
from digest.store.tables import delivery
from subscribers import store as people
from subscribers.lifecycle import Event
from tests.benchmarks.delivery_load import fill, into
from tests.benchmarks.sink import counting_sink
from tests.installation import Clock, installation
from tests.postfix import until

_CONNECTIONS = 8
_ME = "tests.benchmarks.interrupted"


def restart(mails: int) -> None:
    """Print how long after a kill the next mail goes, from the start of the new process on."""
    spans = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder, counting_sink() as sink:
            command = [sys.executable, "-m", _ME, "send", folder, str(sink.port), str(mails)]
            first = subprocess.Popen(command)
            until(lambda sink=sink: sink.taken() > mails // 3, "a third of the mail")
            first.kill()
            first.wait()
            before, began = sink.taken(), time.perf_counter()
            second = subprocess.Popen(command)
            while sink.taken() == before and second.poll() is None:
                time.sleep(0.005)
            spans.append(time.perf_counter() - began)
            if second.wait():
                raise SystemExit("the run after the kill failed")
            taken = sink.taken()
    print(
        f"\nkilled while sending: the next mail goes {median(spans):.1f} s after a new process is started "
        f"(at most 5: {'met' if median(spans) <= 5 else 'MISSED'}); {mails} readers, the sink took {taken}"
    )


def leaving(mails: int) -> None:
    """Print how long leaving takes beside a run that sends, and whether anybody was mailed after it."""
    with counting_sink() as sink:
        command = [sys.executable, "-m", _ME, "leave", str(sink.port), str(mails)]
        told = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)
        taken = sink.taken()
    print(
        f"{told['left']} readers left while it was sending, those next in line: each within "
        f"{told['median_ms']:.0f} ms (longest {told['longest_ms']:.0f}); mailed all the same: "
        f"{told['mailed']}; the sink took {taken} of {mails - told['left']}"
    )


def _send(folder: str, port: str, readers: str) -> None:
    is_new = not (Path(folder) / "digest.db").exists()
    sections = into(int(port), _CONNECTIONS)
    with installation(Path(folder), clock=Clock(), live=is_new, **sections) as app:
        if is_new:
            fill(app, int(readers))
        sweep(app.tools, app.clock())
        deliver(app.tools)


def _leave(port: str, readers: str) -> dict[str, Any]:
    """Send, and let whoever was claimed and not committed yet leave, ten times a second."""
    gone: list[int] = []
    spans: list[float] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        installation(Path(folder), clock=Clock(), **into(int(port), _CONNECTIONS)) as app,
    ):
        fill(app, int(readers))
        sending = threading.Thread(target=deliver, args=(app.tools,))
        sending.start()
        claimed = select(delivery.c.subscriber_id).where(delivery.c.state == DeliveryState.CLAIMED)
        while sending.is_alive():
            time.sleep(0.1)
            began = time.perf_counter()
            with app.database.transaction() as conn:
                next_in_line = conn.execute(claimed.order_by(delivery.c.id).limit(1)).scalar()
                if next_in_line is None:
                    continue
                person = people.by_id(conn, next_in_line)
                people.apply(conn, person, Event.UNSUBSCRIBE, now=app.clock(), source="bench")
            spans.append(time.perf_counter() - began)
            gone.append(next_in_line)
        sending.join()
        sent = select(delivery.c.id).where(
            delivery.c.subscriber_id.in_(gone), delivery.c.state == DeliveryState.ACCEPTED
        )
        with app.database.read() as conn:
            mailed = len(conn.execute(sent).all())
    return {
        "left": len(gone),
        "mailed": mailed,
        "median_ms": 1000 * median(spans),
        "longest_ms": 1000 * max(spans),
    }


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    what, *rest = sys.argv[1:]
    if what == "send":
        _send(*rest)
    else:
        print(json.dumps(_leave(*rest)))

"""Polls bad answers between good ones, each in a process with little memory and little time.

python -m tests.faults.poll_in_bounds FOLDER    each folder in FOLDER holds body and headers; prints JSON

One process imports what an installation needs; a fork of it, with limits of its own, polls each answer.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from logging import CRITICAL
from pathlib import Path
from typing import Any

import structlog

from digest.store import feeds, posts
from tests.installation import Clock, installation
from tests.servers import FeedServer

MEMORY = 256 * 1024 * 1024  # bytes, beyond what the installation has when it has started
KILLED_AFTER_S = 20  # of processor time: a poll that hangs
GOOD = b"<rss version='2.0'><channel><item><title>Good</title><guid>1</guid></item></channel></rss>"


def main(folder: Path) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    told = {}
    for case in sorted(path for path in folder.iterdir() if path.is_dir()):
        child = os.fork()
        if child == 0:
            try:
                (case / "told").write_text(json.dumps(poll(case)))
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        answer = case / "told"
        told[case.name] = json.loads(answer.read_text()) if answer.exists() else {"ended": _ended(status)}
    print(json.dumps(told))


def poll(folder: Path) -> dict[str, Any]:
    """Poll a good answer, the bad one within bounds, and the good one again."""
    clock = Clock()
    with FeedServer() as site, installation(folder, clock=clock, feeds={"allow_private": True}) as app:
        url = site.route("/feed", GOOD)
        with app.database.transaction() as conn:
            feed = feeds.add(conn, url=url, title="", site_url="", now=clock())
        app.feed_desk.poll()
        clock.pass_time(hours=2)
        site.route(
            "/feed",
            (folder / "body").read_bytes(),
            headers=json.loads((folder / "headers").read_text()),
        )
        _bound()
        before = _processor_s()
        (bad,) = app.feed_desk.poll()
        spent = _processor_s() - before
        clock.pass_time(hours=2)
        site.route("/feed", GOOD)
        (after,) = app.feed_desk.poll()
        with app.database.read() as conn:
            titles = [post.title for post in posts.newest_of_feed(conn, feed.id, 5000)]
    return {
        "line": bad.line,
        "failed": bad.failed,
        "spent_s": spent,
        "oldest": titles[-1],
        "line_after": after.line,
    }


def _bound() -> None:
    """Allow this process so much memory beyond what it has, and so much time."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    memory = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    seconds = int(_processor_s()) + KILLED_AFTER_S
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _ended(status: int) -> str:
    """Return how a process ended that said nothing."""
    if os.WIFSIGNALED(status):
        return signal.Signals(os.WTERMSIG(status)).name
    return f"exit {os.waitstatus_to_exitcode(status)}"


if __name__ == "__main__":
    main(Path(sys.argv[1]))

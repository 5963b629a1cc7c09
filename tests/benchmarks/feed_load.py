"""What a large feed and a poll without news cost: each measured in a process of its own.

    python -m tests.benchmarks.feed_load       one measurement, as a line of JSON

The feed is made here: 1,000 posts in 4 MB, each with headings, paragraphs, a list, a lazy picture, share
buttons and an "appeared first on" tail, as a plug-in-laden WordPress sends them. It is served on this
machine and polled by a whole installation: fetched, parsed, cleaned, recognised, stored. Peak memory is that
of the whole process, the server included.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from logging import CRITICAL
from pathlib import Path
from statistics import median
from typing import Any

import feedparser
import structlog

from digest.store import feeds, posts
from tests.installation import Clock, installation
from tests.servers import FeedServer

_POSTS = 1000
_BYTES = 4_000_000
_RUNS = 5
_SENTENCE = (
    "The report finds that <em>early</em> contact with a <a href='/officers/'>named officer</a> matters. "
)


def show() -> None:
    """Print medians of five measurements."""
    runs = [_run() for _ in range(_RUNS)]
    middle = {name: median(run[name] for run in runs) for name in runs[0]}
    print(f"A feed of {_POSTS:,} posts and {_BYTES / 1e6:.0f} MB, medians of {_RUNS}:")
    print(f"  polled first:        {middle['first']:6.2f} s, {middle['stored']:.0f} posts stored")
    print(f"  the same body again: {middle['again']:6.2f} s")
    calls = max(run["parsed"] for run in runs)
    print(f"  not modified (304):  {middle['unchanged']:6.2f} s, {calls:.0f} parser calls")
    print(f"  peak memory:         {middle['peak']:6.0f} MB")


def _run() -> dict[str, float]:
    command = [sys.executable, "-m", "tests.benchmarks.feed_load"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    measured: dict[str, float] = json.loads(done.stdout)
    return measured


def large_feed(count: int = _POSTS, size: int = _BYTES) -> bytes:
    """Return a feed of so many posts and about so many bytes."""
    filler = size // count - 793
    items = "".join(_item(number, filler) for number in range(count, 0, -1))
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Long</title>'
        f"<link>https://long.example</link>{items}</channel></rss>"
    ).encode()


def _item(number: int, filler: int) -> str:
    link = f"https://long.example/{number}/"
    words = _SENTENCE * max(1, filler // 2 // len(_SENTENCE))
    body = (
        "<figure><img src='data:image/gif;base64,R0' data-src='/a.jpg' alt='A bridge' width='1200'>"
        f"<figcaption>Photo: Ann Lens</figcaption></figure><p>{words}</p><h2>What was asked</h2>"
        f"<ul><li>One</li><li>Two</li></ul><p>{words}</p><img src='https://pixel.wp.com/b.gif' width='1'>"
        "<div class='sharedaddy sd-sharing-enabled'><h3>Share this:</h3><ul><li><a href='#'>Email</a></li>"
        f"</ul></div><p>The post <a href='{link}'>Post {number}</a> "
        "appeared first on <a href='/'>Long</a>.</p>"
    )
    return (
        f"<item><title>Post {number}</title><link>{link}</link><guid isPermaLink='false'>?p={number}</guid>"
        "<pubDate>Mon, 23 Nov 2026 07:00:00 +0000</pubDate><category>On Probation</category>"
        f"<description><![CDATA[What the report on post {number} says, in a line.]]></description>"
        f"<content:encoded><![CDATA[{body}]]></content:encoded></item>"
    )


def measure() -> dict[str, float]:
    """Poll the large feed, poll it again, and poll it not modified."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(CRITICAL))
    body = large_feed()
    with (
        tempfile.TemporaryDirectory() as folder,
        FeedServer() as site,
        installation(Path(folder), clock=Clock(), feeds={"allow_private": True}) as app,
    ):
        url = site.route("/feed", body, headers={"ETag": '"1"'})
        with app.database.transaction() as conn:
            feeds.add(conn, url=url, title="", site_url="", now=app.clock())
        first, again = _seconds(app.feed_desk.poll), _seconds(app.feed_desk.poll)
        with app.database.read() as conn:
            stored = sum(posts.counts(conn).values())
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        site.route("/feed", status=304)
        unchanged = _seconds(app.feed_desk.poll)
        parsed = _parser_calls(app.feed_desk.poll)
    return {
        "first": first,
        "again": again,
        "stored": stored,
        "peak": peak,
        "unchanged": unchanged,
        "parsed": parsed,
    }


def _seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def _parser_calls(act: Callable[[], object]) -> int:
    """Return how often a parser of feeds was called."""
    calls = 0
    original = feedparser.parse

    def counted(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        return original(*args, **kwargs)

    feedparser.parse = counted
    try:
        act()
    finally:
        feedparser.parse = original
    return calls


if __name__ == "__main__":
    print(json.dumps(measure()))

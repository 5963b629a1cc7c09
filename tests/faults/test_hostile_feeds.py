"""Feeds that mean harm, each served to a whole installation: a named failure in bounds, nothing lost.

The bounds are 256 MB and two seconds of processor time, in a process of its own: waiting for a slow machine
does not count, and a poll that hangs is killed.
"""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
MOST_PROCESSOR_S = 2.0


def rss(items: str, head: str = "") -> bytes:
    return f"<?xml version='1.0'?>{head}<rss version='2.0'><channel>{items}</channel></rss>".encode()


def laughs() -> bytes:
    layers = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    return rss("<item><title>&l9;</title></item>", f"<!DOCTYPE rss [<!ENTITY l0 'lol'>{layers}]>")


def quadratic() -> bytes:
    return rss(
        f"<item><title>{'&a;' * 50_000}</title></item>", f"<!DOCTYPE rss [<!ENTITY a '{'a' * 50_000}'>]>"
    )


def item(body: str) -> str:
    return f"<item><title>x</title><guid>2</guid><description><![CDATA[{body}]]></description></item>"


HOSTILE: dict[str, tuple[Callable[[], bytes], dict[str, str], str]] = {
    # name: body, headers, how the answer must begin or what it must hold
    "billion laughs": (laughs, {}, "declares entities of its own"),
    "quadratic blow-up": (quadratic, {}, "declares entities of its own"),
    "external entity": (
        lambda: rss(
            "<item><title>&x;</title></item>", "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>"
        ),
        {},
        "declares entities of its own",
    ),
    "parameter entity from elsewhere": (
        lambda: rss("", "<!DOCTYPE rss [<!ENTITY % p SYSTEM 'http://127.0.0.1:9/x.dtd'> %p;]>"),
        {},
        "declares entities of its own",
    ),
    "gzip bomb": (
        lambda: gzip.compress(b"<rss>" + b" " * 60_000_000),
        {"Content-Encoding": "gzip"},
        "sent more than",
    ),
    "deflate bomb": (
        lambda: zlib.compress(b"<rss>" + b" " * 60_000_000, 9),
        {"Content-Encoding": "deflate"},
        "sent more than",
    ),
    "bomb in a bomb": (
        lambda: gzip.compress(gzip.compress(b" " * 60_000_000)),
        {"Content-Encoding": "gzip, gzip"},
        "compression nobody asked for",
    ),
    "40 MB": (lambda: b"<rss>" + b" " * 40_000_000, {}, "sent more than"),
    "XML nested 200,000 deep": (lambda: rss("<a>" * 200_000), {}, "nests elements a thousand deep"),
    "HTML nested 100,000 deep in a post": (lambda: rss(item("<div>" * 100_000 + "words")), {}, "1 new"),
    "tables nested in tables": (lambda: rss(item("<table><tr><td>" * 20_000 + "words")), {}, "1 new"),
    "a megabyte of attributes": (
        lambda: rss("<item " + " ".join(f"a{n}='x'" for n in range(90_000)) + "><title>x</title></item>"),
        {},
        "thousands of attributes",
    ),
    "a megabyte of attributes in a post": (
        lambda: rss(item("<p " + " ".join(f"a{n}=x" for n in range(120_000)) + ">words</p>")),
        {},
        "1 new",
    ),
    "one attribute of a megabyte": (
        lambda: rss(item(f"<p title='{'x' * 1_000_000}'>words</p>")),
        {},
        "1 new",
    ),
    "a hundred thousand entries": (
        lambda: rss("".join(f"<item><title>{n}</title><guid>{n}</guid></item>" for n in range(100_000))),
        {},
        "more than 10,000 posts",
    ),
    "half a million unclosed tags": (lambda: rss(item("<b>" * 300_000 + "<i>" * 200_000)), {}, "1 new"),
    "attributes behind a quote": (
        lambda: rss(item("<p ' title='>' " + " ".join(f"a{n}" for n in range(30_000)) + ">words</p>") * 20),
        {},
        "1 new",
    ),
    "nesting hidden behind a comment": (
        lambda: rss("<!-- <![CDATA[ -->" + "<a>" * 200_000),
        {},
        "nests elements a thousand deep",
    ),
    "wrong charset": (
        lambda: (
            "<?xml version='1.0' encoding='utf-16'?><rss version='2.0'><channel><item><title>Füße</title>"
            "<guid>2</guid></item></channel></rss>".encode("windows-1252")
        ),
        {"Content-Type": "text/xml; charset=utf-32"},
        "1 new",
    ),
    "unknown charset": (
        lambda: rss("<item><title>x</title><guid>2</guid></item>").replace(
            b"1.0'?", b"1.0' encoding='no-such'?"
        ),
        {},
        "1 new",
    ),
    "invalid characters": (
        lambda: rss("<item><title>a\x00\x0b\x1f&#0;&#xFFFF;b</title><guid>2</guid></item>"),
        {},
        "1 new",
    ),
    "HTML instead of a feed": (
        lambda: b"<!DOCTYPE html><html><title>Sign in</title><body>Are you human?</body></html>",
        {"Content-Type": "application/rss+xml"},
        "is a web page",
    ),
    "noise": (lambda: bytes(range(256)) * 4000, {}, "is no feed"),
    "JSON nested 100,000 deep": (lambda: b'{"items":' + b"[" * 100_000, {}, "JSON that cannot be read"),
}


pytestmark = pytest.mark.skipif(
    not Path("/proc/self/statm").exists(), reason="memory is bounded the way Linux does it"
)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What became of each hostile answer; one run for all of them."""
    folder = tmp_path_factory.mktemp("hostile")
    for name, (make, headers, _) in HOSTILE.items():
        case = folder / name.replace(" ", "-")
        case.mkdir()
        (case / "body").write_bytes(make())
        (case / "headers").write_text(json.dumps(headers))
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.poll_in_bounds", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    answers: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return answers


@pytest.mark.timeout(600)  # the first to ask waits for all
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_feed_stays_in_bounds_and_loses_nothing(name: str, told: dict[str, dict[str, Any]]) -> None:
    answer = told[name.replace(" ", "-")]
    assert "ended" not in answer
    assert HOSTILE[name][2] in answer["line"]
    assert answer["failed"] or answer["line"].startswith("200, ")
    assert answer["spent_s"] < MOST_PROCESSOR_S
    assert answer["oldest"] == "Good"
    assert answer["line_after"] == "200, 1 post, 0 new"

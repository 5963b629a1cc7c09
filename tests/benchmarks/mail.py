"""What a mail costs to make, beside the targets: once a segment, and once a reader (``make bench-mail``).

    python -m tests.benchmarks.mail

Medians of processor time, so that what else the machine does counts little. Exit code 1 where a target is
missed.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from digest.model import Edition, Rendering, Section
from digest.quality.check import check
from digest.quality.facts import Facts
from digest.quality.mail import read_mail
from digest.rendering import inline as inliner
from digest.rendering.issue import render_issue
from digest.rendering.personalise import personalise, prepare
from digest.template_files import read_templates
from tests.factories_mail import DATE, LEAD, THEMES, digest, image, item, publication, recipient, single

POSTS = 20
INLINE_MS = 60.0  # of a mail of 20 posts, once a segment
PERSONALISE_US = 100.0  # of a message of 60 kB, once a reader
MESSAGE_BYTES = 60_000

_NAMED: Mapping[str, Any] = {"kind": "issue", "reference": "weekly-2026-06-14", "language": "en"}
_FACTS = Facts(kind="issue")


def main() -> int:
    """Measure, print, and return the exit code."""
    templates, of = read_templates(), publication()
    issue = _of_twenty_posts()
    html, css = _before_inlining(issue)
    large = _message_of_60_kb()
    prepared = prepare(large, of, **_NAMED)
    to = recipient()
    size = len(personalise(prepared, to, DATE).data)
    inlined = _median_s(lambda: inliner.inline(html, css), 15) * 1_000
    rendered = _median_s(lambda: render_issue(issue, of, templates), 9) * 1_000
    sample = personalise(prepare(render_issue(issue, of, templates), of, **_NAMED), to, DATE).data
    judged = _median_s(lambda: check(read_mail(sample), _FACTS), 9) * 1_000
    each = _median_s(lambda: _many(lambda: personalise(prepared, to, DATE), 500), 11) / 500 * 1_000_000
    print(f"inlining {POSTS} posts ({len(html) / 1000:.0f} kB): {inlined:.0f} ms, target {INLINE_MS:.0f}")
    print(f"rendering and inlining {POSTS} posts: {rendered:.0f} ms, once a segment")
    print(f"the gate's look at them ({len(sample) / 1000:.0f} kB): {judged:.0f} ms, once a segment")
    print(f"personalising a message of {size / 1000:.0f} kB: {each:.0f} µs, target {PERSONALISE_US:.0f}")
    return 0 if inlined <= INLINE_MS and each <= PERSONALISE_US else 1


def _of_twenty_posts() -> Edition:
    items = tuple(
        item(
            number,
            f"What the {number}th report of the year says about waiting, and what it leaves out",
            summary="Three findings return in nearly every report, and only one is about money. " * 3,
            image=image("shelves") if number % 2 else None,
        )
        for number in range(2, POSTS + 1)
    )
    return digest(
        lead=LEAD, sections=(Section(theme=THEMES["prisons"], items=items, sponsor=None),), count=POSTS
    )


def _before_inlining(issue: Edition) -> tuple[str, str]:
    """Return what the inliner is given for an issue."""
    given: list[tuple[str, str]] = []
    ours = inliner.inline
    from digest.rendering import issue as maker  # noqa: PLC0415 -- its name for the inliner is exchanged

    def note(html: str, css: str) -> str:
        given.append((html, css))
        return ours(html, css)

    maker.inline = note
    try:
        render_issue(issue, publication(), read_templates())
    finally:
        maker.inline = ours
    return given[0]


def _message_of_60_kb() -> Rendering:
    """Return a rendering whose finished mail has about 60 kB."""
    paragraph = "<p>Supervision happens in conversations, and a form that took four minutes takes eleven.</p>"
    words = 20
    while True:
        long = single(lead=replace(LEAD, html=paragraph * words))
        made = render_issue(long, publication(every_post="whole"), read_templates())
        if len(made.html) + len(made.text) > MESSAGE_BYTES * 0.93:
            return made
        words += 20


def _many(act: Callable[[], object], times: int) -> None:
    for _ in range(times):
        act()


def _median_s(act: Callable[[], object], times: int) -> float:
    act()  # what is loaded and cached once is not counted
    took = []
    for _ in range(times):
        began = time.process_time()
        act()
        took.append(time.process_time() - began)
    return statistics.median(took)


if __name__ == "__main__":
    sys.exit(main())

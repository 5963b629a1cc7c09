"""What an operator may do while a run is at work: look at an issue in a mailbox, have a feed asked."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.store import lanes
from tests.newsroom import Newsroom, newsroom, rss

READERS = [f"reader{number}@example.org" for number in range(1, 7)]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    """Six readers of every post, live, and one post to send."""
    with newsroom(tmp_path) as room:
        with room.opened() as app:
            app.add_feed(room.feed_url)
        room.join(*READERS)
        room.go_live()
        room.publish("The door that did not lock")
        with room.opened() as app:
            app.feed_desk.poll()
        yield room


def beside_a_run(room: Newsroom, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command while a run has a mail in its hands; return what it said when both are over."""
    said: list[subprocess.CompletedProcess[str]] = []

    def overheard(moment: str, _address: str) -> None:
        if moment == "MAIL" and not said:
            said.append(room.digest(*arguments))

    room.sink.overheard = overheard
    assert room.digest("run").returncode == 0
    room.sink.overheard = lambda _moment, _address: None
    return said[0]


def test_an_issue_for_one_address_is_sent_by_the_run(room: Newsroom) -> None:
    said = beside_a_run(room, "issue", "send", "post-1", "--to", "me@example.org")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout.endswith("queued for me@example.org. The running job sends it within 15 s.\n")
    room.digest("run")
    assert len(room.mails_to("me@example.org")) == 1


def test_without_a_run_it_is_sent_now_and_nothing_else_is(room: Newsroom) -> None:
    room.sink.refusals["MAIL"] = "451 later"
    room.digest("run")
    room.sink.refusals.clear()
    with room.opened() as app, app.database.transaction() as conn:
        conn.exec_driver_sql("UPDATE delivery SET not_before = '2026-01-01T00:00:00.000000Z'")
        lanes.keep_slowed(conn, {}, app.clock())  # as if the minutes that the lane was closed had passed
    said = room.digest("issue", "send", "post-1", "--to", "me@example.org")
    assert (said.returncode, said.stdout.split(": ")[1]) == (0, "handed over for me@example.org.\n")
    assert Counter(address for mail in room.sink.accepted for address in mail.recipients) == Counter(
        ["me@example.org"]
    )
    room.digest("run")
    assert Counter(address for mail in room.sink.accepted for address in mail.recipients) == Counter(
        ["me@example.org", *READERS]
    )


def test_a_feed_is_asked_by_the_run(room: Newsroom) -> None:
    said = beside_a_run(room, "feed", "poll")
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == f"{room.feed_url}: due now; the running job asks it within 15 s.\n"
    room.publish("The second door")
    assert "The second door" in room.digest("run").stdout


def test_older_pages_are_not_read_beside_a_run(room: Newsroom) -> None:
    assert beside_a_run(room, "feed", "poll", "--backfill").returncode == 3


def test_a_feed_can_be_added_beside_a_run(room: Newsroom) -> None:
    other = f"{room.site.url}/other"
    room.site.route("/other", "<rss version='2.0'><channel><title>Other</title></channel></rss>")
    assert beside_a_run(room, "feed", "add", other).returncode == 0
    assert [feed.url for feed in room.feeds()] == [room.feed_url, other]


def test_what_a_rehearsal_logs_says_so(room: Newsroom) -> None:
    said = room.digest("run", "--dry-run", DIGEST_LOG="info")
    facts = [line for line in said.stderr.splitlines() if "event=issue." in line]
    assert facts
    assert all("rehearsal=true" in line for line in facts)
    assert "rehearsal" not in room.digest("run", DIGEST_LOG="info").stderr


def test_who_asks_a_feed_by_hand_hears_where_held_posts_are_explained(room: Newsroom) -> None:
    room.publish("A door of last year")
    dated = "<pubDate>Mon, 06 Jan 2020 09:00:00 GMT</pubDate></item>"
    room.site.route("/feed", rss(room.site.url, room.titles).replace("</item>", dated, 1))
    said = room.digest("feed", "poll").stdout.splitlines()
    assert said[0].endswith("0 new, 1 held")
    assert said[1].startswith("  `digest post list --state held` says why")
    assert "A door of last year" in room.digest("post", "list", "--state", "held").stdout

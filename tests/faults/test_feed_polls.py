"""What a poll does when feeds and their servers misbehave, kept in the store: real requests, a real database.

The rows named are those of the fault catalogue. Mail is written to files; a clock stands still until moved.
"""

from __future__ import annotations

import gzip
import itertools
import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import structlog

from digest.app import App
from digest.errors import EverypostError, NotAFeed, NotAllowed, UnknownName
from digest.model import Feed, FeedState
from digest.net.client import Client, Limits
from digest.net.guard import resolve
from digest.store import feeds, posts
from tests.installation import Clock, installation, join, mails
from tests.servers import FeedServer


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


def opened(folder: Path, clock: Clock, **sections: dict[str, Any]) -> App:
    app = installation(folder, clock=clock, feeds={"allow_private": True, "timeout_s": 2}, **sections)
    app.tools = replace(app.tools, jitter=lambda: 0.5)
    return app


@pytest.fixture
def app(tmp_path: Path, clock: Clock) -> Iterator[App]:
    with opened(tmp_path, clock) as made:
        yield made


def item(number: int, *, body: str = "Words.") -> str:
    return (
        f"<item><title>Post {number}</title><link>https://b.example/{number}</link>"
        f"<guid isPermaLink='false'>?p={number}</guid><description>{body}</description></item>"
    )


def rss(*numbers: int, extra: str = "") -> str:
    head = f"<title>Blog</title><link>https://b.example/</link>{extra}"
    return f"<rss version='2.0'><channel>{head}{''.join(map(item, numbers))}</channel></rss>"


FIRST = rss(3, 2, 1)


def added(app: App, site: FeedServer, body: str = FIRST, **route: Any) -> Feed:
    return app.feed_desk.add(site.route("/feed", body, **route)).feed


def poll(app: App) -> tuple[bool, tuple[str, ...]]:
    """Poll the only feed; return whether that failed, and the new posts."""
    (collected,) = app.feed_desk.poll("1")
    return collected.failed, collected.new


def the_feed(app: App) -> Feed:
    return app.feed_desk.show("1").feed


def lines(app: App) -> list[str]:
    return [answer.line for answer in app.feed_desk.show("1").answers]


def alerts(app: App) -> list[str]:
    """Send what waits and return what the operator was told of feeds, oldest first."""
    app.run()
    told = [_headline(mail.get_body(("plain",)).get_content()) for mail in mails(app)]
    return [line for line in told if line.startswith("The feed")]


def _headline(text: str) -> str:
    """Return what stands underlined at the top of a mail's text, on one line."""
    above = text.splitlines()[2:]
    return " ".join(takewhile(lambda line: line.strip("="), above))


# --- 90: not modified ------------------------------------------------------------------------------


def test_90_a_not_modified_poll_reads_no_byte_and_keeps_the_validators(
    app: App, site: FeedServer, clock: Clock
) -> None:
    added(app, site, headers={"ETag": 'W/"1"', "Last-Modified": "then"})
    # A body that no parser could read: a 304 that were parsed would fail.
    site.route("/feed", status=304)
    clock.pass_time(hours=1)
    assert poll(app) == (False, ())
    assert lines(app)[0] == "304, not modified since the last poll"
    assert site.asked[-1].headers["if-none-match"] == 'W/"1"'
    feed = the_feed(app)
    assert (feed.etag, feed.last_modified, feed.last_ok_at) == ('W/"1"', "then", clock.now)


def test_adding_a_feed_asks_for_it_once(app: App, site: FeedServer) -> None:
    added(app, site)
    assert [asked.path for asked in site.asked] == ["/feed"]


# --- 91: moved -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 308])
def test_91_three_equal_permanent_redirects_become_the_feeds_address(
    app: App, site: FeedServer, status: int
) -> None:
    feed = added(app, site)
    new = site.route("/new", rss(4, 3, 2, 1))
    site.redirect("/feed", "/new", status)
    assert poll(app) == (False, ("Post 4",))
    assert (the_feed(app).url, the_feed(app).moved_to, the_feed(app).moved_seen) == (feed.url, new, 1)
    poll(app)
    assert the_feed(app).url == feed.url
    poll(app)
    assert (the_feed(app).url, the_feed(app).moved_to) == (new, "")
    assert lines(app)[0].startswith(f"moved: 3 polls in a row were redirected for good from {feed.url}")
    poll(app)
    assert site.asked[-1].path == "/new"
    assert alerts(app) == [f"The feed {feed.url} has moved."]
    with app.database.read() as conn:
        assert posts.count_of_feed(conn, 1) == 4  # its posts are known under the new address too


@pytest.mark.parametrize("status", [302, 303, 307])
def test_91_a_temporary_redirect_is_followed_and_forgotten(app: App, site: FeedServer, status: int) -> None:
    feed = added(app, site)
    site.route("/new", FIRST)
    site.redirect("/feed", "/new", status)
    for _ in range(4):
        assert poll(app) == (False, ())
    assert (the_feed(app).url, the_feed(app).moved_to, the_feed(app).moved_seen) == (feed.url, "", 0)


def test_91_one_answer_in_between_starts_the_count_again(app: App, site: FeedServer) -> None:
    feed = added(app, site)
    site.route("/new", FIRST)
    for redirected in (True, True, False, True, True):
        if redirected:
            site.redirect("/feed", "/new", 301)
        else:
            site.route("/feed", FIRST)
        poll(app)
    assert (the_feed(app).url, the_feed(app).moved_seen) == (feed.url, 2)


def test_91_a_feed_that_moves_onto_another_stays_and_is_told(app: App, site: FeedServer) -> None:
    feed = added(app, site)
    app.feed_desk.add(site.route("/other", FIRST))
    site.redirect("/feed", "/other", 301)
    for _ in range(4):
        poll(app)
    assert the_feed(app).url == feed.url
    assert alerts(app) == [f"The feed {feed.url} has moved to one that is read already."]


# --- 92, 93, 94, 95: refused, gone, too often, broken for long ---------------------------------------


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_92_a_refusal_backs_off_and_is_told_once_and_its_end_once(
    app: App, site: FeedServer, clock: Clock, status: int
) -> None:
    feed = added(app, site)
    site.route("/feed", status=status)
    waits = []
    for _ in range(8):
        clock.pass_time(hours=1)
        assert poll(app)[0]
        due = the_feed(app).next_poll_at
        assert due is not None
        waits.append(due - clock.now)
    failing = the_feed(app)
    assert (failing.state, failing.cause, failing.failures) == (FeedState.FAILING, f"http_{status}", 8)
    assert waits == [timedelta(hours=hours) for hours in (1, 2, 4, 8, 16, 24, 24, 24)]
    broken = f"The feed {feed.url} cannot be read (http_{status})."
    assert alerts(app) == [broken]
    site.route("/feed", rss(4, 3, 2, 1))
    assert poll(app) == (False, ("Post 4",))
    poll(app)
    assert (the_feed(app).state, the_feed(app).cause) == (FeedState.HEALTHY, "")
    assert alerts(app) == [broken, f"The feed {feed.url} can be read again."]


def test_92_one_failure_wakes_nobody(app: App, site: FeedServer) -> None:
    added(app, site)
    site.route("/feed", status=502)
    poll(app)
    site.route("/feed", FIRST)
    poll(app)
    assert alerts(app) == []


def test_93_a_feed_that_is_gone_is_asked_no_more_until_it_is_started(
    app: App, site: FeedServer, clock: Clock
) -> None:
    feed = added(app, site)
    site.route("/feed", status=410)
    poll(app)
    assert (the_feed(app).state, the_feed(app).cause) == (FeedState.STOPPED, "http_410")
    asked = len(site.asked)
    clock.pass_time(days=2)
    assert alerts(app) == [f"The feed {feed.url} is gone for good and was stopped."]
    assert len(site.asked) == asked
    with pytest.raises(NotAllowed, match="stopped"):
        poll(app)
    app.feed_desk.start("1")
    site.route("/feed", rss(4, 3))
    assert [one.new for one in app.run().feeds] == [("Post 4",)]


@pytest.mark.parametrize(("status", "asked_for_s", "wait_s"), [(429, 7_200, 7_200), (503, 999_999, 86_400)])
def test_94_the_wish_to_be_left_alone_is_obeyed_for_a_day_at_most(
    app: App, site: FeedServer, clock: Clock, status: int, asked_for_s: int, wait_s: int
) -> None:
    added(app, site)
    site.route("/feed", status=status, headers={"Retry-After": str(asked_for_s)})
    clock.pass_time(hours=7)
    app.run()
    asked = len(site.asked)
    clock.pass_time(seconds=wait_s - 1)
    app.run()
    assert len(site.asked) == asked
    clock.pass_time(seconds=1)
    app.run()
    assert len(site.asked) == asked + 1


def test_95_what_a_broken_feed_published_is_mailed_once_when_it_is_back(
    app: App, site: FeedServer, clock: Clock
) -> None:
    added(app, site)
    join(app, "ann@reader.example")
    site.route("/feed", status=500)
    for _ in range(16):
        clock.pass_time(hours=3)
        app.run()
    site.route("/feed", rss(5, 4, 3, 2, 1))
    clock.pass_time(days=1)
    assert [one.new for one in app.run().feeds] == [("Post 4", "Post 5")]


# --- 96, 97, 98: answers without end ---------------------------------------------------------------


def test_96_97_98_endless_huge_and_packed_answers_fail_by_name_and_change_nothing(
    app: App, site: FeedServer
) -> None:
    added(app, site)
    big = app.settings.feeds.max_megabytes * 1024 * 1024 + 1
    bomb = gzip.compress(b"<rss>" + b" " * big)
    causes = {
        "timeout": {"chunks": itertools.repeat(b" "), "pause_s": 0.2},
        "too_large": {"chunks": itertools.repeat(b" " * 1_000_000)},
        "protocol": {"body": FIRST, "cut": True},
    }
    for cause, route in causes.items():
        site.route("/feed", **route)
        poll(app)
        assert the_feed(app).cause == cause
    site.route("/feed", bomb, headers={"Content-Encoding": "gzip"})
    poll(app)
    assert the_feed(app).cause == "too_large"
    site.route("/feed", bomb, headers={"Content-Encoding": "br"})
    poll(app)
    assert the_feed(app).cause == "protocol"
    assert app.feed_desk.show("1").posts == 3
    site.route("/feed", FIRST)
    assert poll(app) == (False, ())


# --- 99, 102, 103: half a feed, no feed, an empty feed ---------------------------------------------


def test_99_a_cut_off_answer_with_known_posts_alone_is_good(app: App, site: FeedServer) -> None:
    added(app, site, headers={"ETag": '"1"'})
    site.route("/feed", FIRST[: FIRST.index("Post 1")], headers={"ETag": '"2"'})
    assert poll(app) == (False, ())
    feed = the_feed(app)
    assert (feed.state, feed.etag) == (FeedState.HEALTHY, "")
    assert any("not well-formed" in warning for warning in feed.warnings)


def test_99_what_is_new_in_a_cut_off_answer_waits_for_a_whole_one(app: App, site: FeedServer) -> None:
    added(app, site)
    whole = rss(5, 4, 3, 2, 1)
    site.route("/feed", whole[: whole.index("Post 3")])
    assert poll(app) == (True, ())
    assert the_feed(app).cause == "cut_off"
    site.route("/feed", whole)
    assert poll(app) == (False, ("Post 4", "Post 5"))


def test_99_a_feed_that_never_closes_its_root_is_read_from_the_third_time_on(
    app: App, site: FeedServer
) -> None:
    """Refusing it for ever would lose posts that every feed reader shows."""
    added(app, site, FIRST.removesuffix("</rss>"))
    site.route("/feed", rss(4, 3, 2, 1).removesuffix("</rss>"))
    assert [poll(app)[0] for _ in range(3)] == [True, True, False]
    assert app.feed_desk.show("1").posts == 4


def test_99_a_feed_that_is_cut_off_when_it_is_added_is_not_added(app: App, site: FeedServer) -> None:
    """Its other half would be mailed as new."""
    site.route("/feed", chunks=_shrinking(FIRST))
    with pytest.raises(EverypostError, match="ended in the middle"):
        app.feed_desk.add(f"{site.url}/feed")
    assert app.feeds() == []


def _shrinking(feed: str) -> Iterator[bytes]:
    """Yield a feed shorter each time: one piece is sent per request."""
    return _OnePiece([feed[:-40].encode(), feed[:-80].encode()])


class _OnePiece:
    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        yield self._pieces.pop(0)

    def __next__(self) -> bytes:
        raise StopIteration


def test_102_a_web_page_instead_of_the_feed_is_no_empty_feed(app: App, site: FeedServer) -> None:
    added(app, site)
    site.route("/feed", "<!DOCTYPE html><html><title>Sign in</title></html>")
    assert poll(app) == (True, ())
    assert the_feed(app).cause == "not_a_feed:html"
    site.route("/feed", FIRST)
    assert poll(app) == (False, ())


def test_103_an_emptied_feed_loses_no_post_repeats_none_and_is_told_at_the_third_poll(
    app: App, site: FeedServer
) -> None:
    feed = added(app, site, headers={"ETag": '"full"'})
    site.route("/feed", rss(), headers={"ETag": '"empty"'})
    assert [poll(app) for _ in range(3)] == [(True, ())] * 3
    assert app.feed_desk.show("1").posts == 3
    assert site.asked[-1].headers["if-none-match"] == '"full"'
    assert alerts(app) == [f"The feed {feed.url} cannot be read (no_posts)."]
    site.route("/feed", rss(4, 3, 2, 1))
    assert poll(app) == (False, ("Post 4",))


def test_103_a_feed_that_begins_empty_is_healthy(app: App, site: FeedServer) -> None:
    added(app, site, rss())
    assert poll(app) == (False, ())
    site.route("/feed", rss(2, 1))
    assert poll(app) == (False, ("Post 1", "Post 2"))
    assert the_feed(app).gap_at is None


def test_a_feed_that_shrinks_to_one_post_repeats_nothing_when_it_grows_back(
    app: App, site: FeedServer
) -> None:
    added(app, site)
    site.route("/feed", rss(1))
    poll(app)
    site.route("/feed", FIRST)
    assert poll(app) == (False, ())


def test_a_poll_that_shows_nothing_known_says_that_posts_may_be_missing(
    app: App, site: FeedServer, clock: Clock
) -> None:
    added(app, site)
    site.route("/feed", rss(9, 8, 7))
    poll(app)
    assert the_feed(app).gap_at == clock.now
    clock.pass_time(hours=1)
    poll(app)
    assert the_feed(app).gap_at == clock.now - timedelta(hours=1)  # stays until somebody looks for them


# --- 112, 113: no such host, no valid certificate ----------------------------------------------------


def test_112_a_host_without_an_address_fails_and_recovers(app: App, site: FeedServer) -> None:
    url = added(app, site).url
    moved = url.replace("127.0.0.1", "feed.invalid")
    with app.database.transaction() as conn:
        feeds.record(conn, 1, url=moved)
    poll(app)
    assert (the_feed(app).state, the_feed(app).cause) == (FeedState.FAILING, "unresolved")
    limits = Limits(allow_private=True)

    def both_families(host: str, port: int, timeout_s: float) -> tuple[str, ...]:
        return ("::1", "127.0.0.1") if host == "feed.invalid" else resolve(host, port, timeout_s)

    # Nobody listens on the first address: the second one is tried.
    app.tools = replace(app.tools, client=lambda: Client(limits, "test", resolver=both_families))
    assert poll(app) == (False, ())


def test_113_tls_trouble_fails_by_name_and_never_falls_back_to_clear_text(app: App, site: FeedServer) -> None:
    url = added(app, site).url
    with app.database.transaction() as conn:
        feeds.record(conn, 1, url=url.replace("http:", "https:"))
    asked = len(site.asked)
    poll(app)
    assert (the_feed(app).cause, len(site.asked)) == ("tls", asked)


# --- Pace, several feeds, and the operator ---------------------------------------------------------


def test_a_feed_is_asked_at_its_own_pace(app: App, site: FeedServer, clock: Clock) -> None:
    added(app, site, rss(3, 2, 1, extra="<ttl>240</ttl>"))
    feed = the_feed(app)
    assert (feed.poll_every_s, feed.poll_because) == (14_400, "it asks to be left alone for 4 hours")
    for hours, asked in ((3, 1), (1, 2)):
        clock.pass_time(hours=hours)
        app.run()
        assert len(site.asked) == asked


def test_a_daily_blog_is_asked_every_three_hours(app: App, site: FeedServer, clock: Clock) -> None:
    body = rss(9, 8, 7)
    for number in (9, 8, 7):
        date = f"<pubDate>{clock.now - timedelta(days=9 - number):%a, %d %b %Y %H:%M:%S GMT}</pubDate>"
        body = body.replace(f"?p={number}</guid>", f"?p={number}</guid>{date}")
    added(app, site, body, headers={"Cache-Control": "max-age=60"})
    assert (the_feed(app).poll_every_s, the_feed(app).poll_because) == (10_800, "it posts about every day")


def test_a_slow_feed_holds_up_no_other_and_results_keep_their_order(app: App, site: FeedServer) -> None:
    """The slow answers wait for each other: asked one by one, they would never come."""
    for name in ("a", "b", "c"):
        app.feed_desk.add(site.route(f"/{name}", rss(1, extra=f"<description>{name}</description>")))
    for name in ("a", "b", "c"):
        site.route(f"/{name}", chunks=_Together(site, rss(2, 1)))
    collected = app.feed_desk.poll()
    assert [one.feed_url[-1] for one in collected] == ["a", "b", "c"]
    assert not any(one.failed for one in collected)


class _Together:
    """An answer that is given only once three requests have arrived."""

    def __init__(self, site: FeedServer, body: str) -> None:
        self._site, self._body = site, body

    def __iter__(self) -> Iterator[bytes]:
        while sum(asked.path != "/feed" for asked in self._site.asked) < 6:
            if self._site.over.wait(0.01):
                return
        yield self._body.encode()


def test_a_feed_stopped_while_it_is_asked_stays_stopped(app: App, site: FeedServer) -> None:
    added(app, site)
    site.route("/feed", chunks=_Stopping(app, rss(4, 3)))
    (collected,) = app.feed_desk.poll()
    assert "stopped while it was being asked" in collected.line
    assert (the_feed(app).state, app.feed_desk.show("1").posts) == (FeedState.STOPPED, 3)


class _Stopping:
    def __init__(self, app: App, body: str) -> None:
        self._app, self._body = app, body

    def __iter__(self) -> Iterator[bytes]:
        self._app.feed_desk.stop("1")
        yield self._body.encode()


def test_a_poll_asked_for_during_a_poll_is_not_forgotten(app: App, site: FeedServer, clock: Clock) -> None:
    added(app, site)
    site.route("/feed", chunks=_Hurrying(app, clock))
    poll(app)
    assert the_feed(app).next_poll_at == clock.now


class _Hurrying:
    def __init__(self, app: App, clock: Clock) -> None:
        self._app, self._clock = app, clock

    def __iter__(self) -> Iterator[bytes]:
        with self._app.database.transaction() as conn:
            feeds.record(conn, 1, next_poll_at=self._clock.now)
        yield FIRST.encode()


def test_a_feed_is_stopped_and_started_by_name_or_address(app: App, site: FeedServer) -> None:
    feed = added(app, site)
    assert app.feed_desk.stop(feed.url).state is FeedState.STOPPED
    assert app.run().feeds == ()
    with pytest.raises(NotAllowed, match="stopped already"):
        app.feed_desk.stop("1")
    assert app.feed_desk.start("1").state is FeedState.HEALTHY
    with pytest.raises(NotAllowed, match="not stopped"):
        app.feed_desk.start("1")
    with pytest.raises(UnknownName):
        app.feed_desk.stop("7")


def test_the_newest_posts_of_a_new_feed_are_mailed_on_request(app: App, site: FeedServer) -> None:
    found = app.feed_desk.add(site.route("/feed", rss(5, 4, 3, 2, 1)), newest=2)
    assert (found.new, found.known) == (("Post 4", "Post 5"), 3)
    with app.database.read() as conn:
        assert [(post.number, post.title) for post in posts.by_numbers(conn, [1, 2])] == [
            (1, "Post 4"),
            (2, "Post 5"),
        ]
    assert poll(app) == (False, ())


def test_a_feed_is_added_once(app: App, site: FeedServer) -> None:
    feed = added(app, site)
    with pytest.raises(NotAllowed, match="as feed 1"):
        app.feed_desk.add(feed.url)


def test_a_list_of_feeds_is_brought_in_line_by_line(app: App, site: FeedServer) -> None:
    added(app, site)
    site.route("/two", rss(9, 8))
    home = site.route("/", "<html><link rel=alternate type=application/rss+xml href=/two></html>")
    addresses = ["not an address", f"{site.url}/feed", f"{site.url}/missing", f"{site.url}/two", home]
    outlines = "".join(f"<outline xmlUrl='{address}'/>\n" for address in addresses)
    report = app.feed_desk.bring_in(f"<opml><body>\n{outlines}</body></opml>".encode())
    assert [(one.line, one.result, one.cause) for one in report] == [
        (2, "failed", "address_refused"),
        (3, "known", ""),
        (4, "failed", "http_404"),
        (5, "added", ""),
        (6, "known", ""),
    ]
    assert [feed.url for feed in app.feeds()] == [f"{site.url}/feed", f"{site.url}/two"]
    assert app.feed_desk.bring_in(b"<opml/>") == []
    with pytest.raises(NotAFeed):
        app.feed_desk.bring_in(b"<html/>")


# --- Secrets ---------------------------------------------------------------------------------------

KEY = "s3cr3t-and-seen-nowhere"


@pytest.mark.parametrize(
    ("login", "path", "sent"),
    [
        ({"username": "ann", "password": KEY}, "/private", ("authorization", "Basic ")),
        ({"bearer": KEY}, "/private", ("authorization", f"Bearer {KEY}")),
        ({"header": f"X-Token: {KEY}"}, "/private", ("x-token", KEY)),
        ({"query": f"key={KEY}"}, f"/private?key={KEY}", ("accept-encoding", "gzip")),
    ],
    ids=["basic", "bearer", "header", "query"],
)
def test_a_login_reaches_its_feed_and_no_log_error_or_table(
    tmp_path: Path,
    clock: Clock,
    site: FeedServer,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    login: dict[str, str],
    path: str,
    sent: tuple[str, str],
) -> None:
    caplog.set_level(logging.DEBUG)
    structlog.reset_defaults()
    keys = {"token_keys": {"k1": "11" * 32}, "address_key": "22" * 32}
    secrets = keys | {"feed_credentials": {f"{site.url}/private": login}}
    seen: list[object] = []
    with opened(tmp_path, clock, secrets=secrets) as app:
        site.route(path, FIRST)
        seen.append(app.feed_desk.add(f"{site.url}/private"))
        name, start = sent
        assert site.asked[0].headers[name].startswith(start)
        for _ in range(3):  # moved, and the address it moved to repeats what it was asked with
            site.redirect(path, path.replace("/private", "/private/new"), 301)
            site.route(path.replace("/private", "/private/new"), rss(4, 3, 2, 1))
            seen.append(app.feed_desk.poll())
        assert app.feeds()[0].url == f"{site.url}/private/new"
        for status in (401, 403, 500, 410):
            site.route(path.replace("/private", "/private/new"), status=status)
            seen.append(app.feed_desk.poll())
        seen.append(app.feed_desk.show("1"))
        assert app.feed_desk.show("1").login == _kind(login)
        app.run()
        seen.append([mail.as_string() for mail in mails(app)])
    dump = "\n".join(sqlite3.connect(tmp_path / "digest.db").iterdump())
    assert "/private/new" in dump
    output = capfd.readouterr()
    everything = "\n".join([repr(seen), dump, caplog.text, output.out, output.err])
    assert KEY not in everything
    assert "feed.polled" in output.out + output.err


def _kind(login: dict[str, str]) -> str:
    return "basic" if "password" in login else next(iter(login))


def test_without_its_login_a_protected_feed_says_what_to_do(app: App, site: FeedServer) -> None:
    site.route("/private", status=401)
    with pytest.raises(EverypostError, match="feed_credentials"):
        app.feed_desk.add(f"{site.url}/private")

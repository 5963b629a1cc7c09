"""``digest summarise`` by id and by address, on a real installation and a real site."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner

from digest.app import App
from digest.cli.frame import app as command_line
from digest.store import feeds
from tests.installation import Clock, installation
from tests.servers import FeedServer

BODY = (
    "<h2>What was counted</h2><p>The inspectorate counted 312 court days, fewer than in any year before.</p>"
    "<p>Subscribe to get every post by email.</p>"
)
RSS = (
    "<rss version='2.0'><channel><title>T</title><item><title>Court days</title><guid>1</guid>"
    f"<description><![CDATA[{BODY}]]></description></item></channel></rss>"
)
SENTENCE = "The inspectorate counted 312 court days, fewer than in any year before."


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def app(site: FeedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    clock = Clock()
    with installation(tmp_path, clock=clock, feeds={"allow_private": True}) as opened:
        site.route("/feed", RSS)
        with opened.database.transaction() as conn:
            feeds.add(conn, url=f"{site.url}/feed", title="", site_url="", now=clock())
        opened.feed_desk.poll()

        @contextmanager
        def lent(_: object) -> Iterator[App]:
            yield opened

        monkeypatch.setattr("digest.cli.context.Context.app", lent)
        yield opened


def run(*words: str) -> str:
    done = CliRunner().invoke(command_line, ["summarise", *words])
    if done.exception and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == 0, done.output
    return done.output


def test_an_id_is_answered_without_the_network_and_twice_alike(app: App, site: FeedServer) -> None:
    asked = len(site.asked)
    once = run("1", "--explain")
    assert once == run("1", "--explain")
    assert len(site.asked) == asked
    assert once.splitlines()[0] == SENTENCE
    assert "paragraph 1 (paragraph), under “What was counted”" in once
    assert "boilerplate: Subscribe" in once
    assert run("1") == f"{SENTENCE}\n"


def test_json_holds_the_working(app: App) -> None:
    told = json.loads(run("1", "--json", "--sentences", "1"))
    assert told["summary"]["text"] == SENTENCE
    assert told["summary"]["weighings"][0]["parts"]


def test_an_address_is_asked_for_as_feeds_are(app: App, site: FeedServer) -> None:
    page = f"<html lang=en><title>Court days</title><article>{BODY * 2}</article>"
    site.route("/page/", page, headers={"Content-Type": "text/html"})
    assert run(f"{site.url}/page/") == f"{SENTENCE}\n"


@pytest.mark.parametrize("wanted", ["99", "99999999999"])
def test_an_unknown_id_says_where_ids_are(app: App, wanted: str) -> None:
    with pytest.raises(Exception, match="digest post list"):
        run(wanted)


def test_a_page_that_is_not_there_says_so(app: App, site: FeedServer) -> None:
    with pytest.raises(Exception, match="answered 404"):
        run(f"{site.url}/none/")

"""The feed commands as an operator types them: exit codes, words, and JSON that can be read."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from digest.cli.frame import main
from tests.servers import FeedServer

Run = Callable[..., tuple[int, str, str]]

FEED = (
    "<rss version='2.0'><channel><title>Blog</title><link>https://b.example/</link>"
    "<item><title>Two</title><link>https://b.example/2</link><guid>2</guid></item>"
    "<item><title>One</title><link>https://b.example/1</link><guid>1</guid></item></channel></rss>"
)


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        server.route("/feed", FEED)
        server.route("/", "<html><link rel=alternate type=application/rss+xml title=Posts href=/feed></html>")
        yield server


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    monkeypatch.setenv("DIGEST_FEEDS__ALLOW_PRIVATE", "true")
    monkeypatch.setenv("DIGEST_CONFIG", str(tmp_path / "digest.toml"))
    monkeypatch.setenv("DIGEST_LOG", "error")
    flags = {"--name": "N", "--site": "https://b.example", "--public-url": "https://n.example"}
    flags |= {"--from": "n@b.example", "--operator": "o@b.example"}
    assert main(["init", str(tmp_path), *(word for flag in flags.items() for word in flag)]) == 0
    capsys.readouterr()

    def _run(*words: str) -> tuple[int, str, str]:
        code = main(["feed", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return _run


def test_adding_a_site_says_which_feed_and_why(run: Run, site: FeedServer) -> None:
    code, said, _ = run("add", site.url, "--newest", "1")
    assert code == 0
    assert said.splitlines() == [
        f"Added feed 1 “Blog”: {site.url}/feed",
        f"  why this one  The page {site.url}/ names it as Posts.",
        "  known now     1 post, which is not mailed; what appears from here on is",
        "  to be mailed  Two",
        "  warning       2 of 2 posts are without a readable date; first sight counts.",
        "  warning       2 of 2 posts are without any text.",
    ]
    code, _, error = run("add", f"{site.url}/feed")
    assert code == 1
    assert "added before, as feed 1" in error


def test_a_list_of_feeds_is_told_line_by_line(run: Run, site: FeedServer, tmp_path: Path) -> None:
    file = tmp_path / "feeds.opml"
    file.write_text(f"<opml><body><outline xmlUrl='{site.url}/feed'/>\n<outline xmlUrl='x'/></body></opml>")
    code, said, _ = run("import", str(file))
    assert code == 1
    assert said.splitlines() == [
        f"line 1: added: feed 1, {site.url}/feed: 200, 2 posts, taken as the baseline",
        "line 2: failed (address_refused): The address 'x' must begin with http:// or https://.",
        "1 added, 0 known, 1 failed",
    ]
    code, said, _ = run("import", str(file), "--json")
    assert [one["result"] for one in json.loads(said)] == ["known", "failed"]
    file.write_text("<opml/>")
    assert run("import", str(file))[:2] == (0, "The file lists no feed: no outline in it has an xmlUrl.\n")


def test_a_feed_is_polled_stopped_started_and_shown(run: Run, site: FeedServer) -> None:
    assert run("poll")[1] == "No feed to poll: `digest feed add URL`.\n"
    assert run("list")[1] == "No feed yet: `digest feed add URL`.\n"
    run("add", site.url)
    new = "<item><title>Three</title><link>https://b.example/3</link></item><item>"
    site.route("/feed", FEED.replace("<item>", new, 1))
    assert run("poll", "1")[:2] == (0, f"{site.url}/feed: 200, 3 posts, 1 new\n  new  Three\n")
    assert run("stop", "1")[0] == 0
    code, _, error = run("poll", "1")
    assert (code, error) == (1, "digest: Feed 1 is stopped; `digest feed start 1` lets it be asked.\n")
    assert run("start", f"{site.url}/feed")[0] == 0
    site.route("/feed", status=404)
    assert run("poll")[0] == 1
    assert "http_404" in run("list")[1]
    assert "healthy" not in run("show", "1")[1]
    shown = json.loads(run("show", "1", "--json")[1])
    assert (shown["feed"]["cause"], shown["login"], len(shown["newest"])) == ("http_404", "", 3)
    assert shown["answers"][1]["line"] == "started by the operator"
    assert json.loads(run("list", "--json")[1])[0]["state"] == "failing"

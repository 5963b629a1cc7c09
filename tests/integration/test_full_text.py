"""Pages read for a feed that carries only first lines, from a real server, by a whole installation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import pytest

from digest.app import App
from digest.errors import ConfigurationError
from digest.feeds.fulltext import FullText, extract, reader
from digest.model import Post
from digest.pipeline import collect, full_text
from digest.store import feeds, pages, posts
from tests.installation import Clock, installation
from tests.servers import FeedServer

ARTICLE = "<h2>Part</h2>" + "<p>Every word of the page that the feed leaves out.</p>" * 20
HTML = {"Content-Type": "text/html; charset=utf-8"}


def rss(site: FeedServer, *names: str) -> str:
    items = "".join(
        f"<item><title>{name}</title><link>{site.url}/{name}/</link><guid>{name}</guid>"
        f"<description>{name} in a line.</description></item>"
        for name in names
    )
    return f"<rss version='2.0'><channel><title>T</title><link>{site.url}/</link>{items}</channel></rss>"


def cut_out(page: str, _: str) -> str:
    """Stands for the extra: the article is what lies between two marks."""
    return page.partition("<main>")[2].partition("</main>")[0]


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def app(site: FeedServer, clock: Clock, tmp_path: Path) -> Iterator[App]:
    """An installation that reads pages, and whose feed's baseline holds one old post."""
    with installation(tmp_path, clock=clock, feeds={"allow_private": True}) as opened:
        how = FullText(extract=cut_out, obey_robots=True, user_agent="Everypost-test")
        opened.tools = replace(opened.tools, full_text=how)
        site.route("/feed", rss(site, "old"))
        site.route("/old/", f"<main>{ARTICLE}</main>", headers=HTML)
        with opened.database.transaction() as conn:
            feeds.add(conn, url=f"{site.url}/feed", title="", site_url="", now=clock())
        opened.feed_desk.poll()
        yield opened


def newest(app: App) -> Post:
    with app.database.read() as conn:
        return posts.newest_of_feed(conn, 1, 1)[0]


def asked(site: FeedServer) -> list[str]:
    return [request.path for request in site.asked if request.path != "/feed"]


def kept(app: App, url: str) -> pages.Page:
    with app.database.read() as conn:
        return pages.kept(conn, [url])[url]


def test_the_page_of_a_new_short_post_takes_the_place_of_its_first_line(app: App, site: FeedServer) -> None:
    site.route("/feed", rss(site, "new", "old"))
    site.route("/new/", f"<nav>Menu</nav><main>{ARTICLE}</main>", headers=HTML)
    app.feed_desk.poll()
    assert newest(app).html == ARTICLE
    assert newest(app).excerpt == "new in a line."
    assert asked(site) == ["/robots.txt", "/new/"]


def test_a_page_is_asked_for_once_and_its_text_stays(app: App, site: FeedServer, clock: Clock) -> None:
    site.route("/feed", rss(site, "new", "old"))
    site.route("/new/", f"<main>{ARTICLE}</main>", headers=HTML)
    app.feed_desk.poll()
    before = newest(app)
    clock.pass_time(days=3)
    app.feed_desk.poll()
    assert newest(app) == before
    assert asked(site).count("/new/") == 1


@pytest.mark.parametrize(
    ("headers", "status", "body", "reason"),
    [
        (HTML, 404, b"", "answered 404"),
        ({"Content-Type": "application/pdf"}, 200, b"%PDF", "with application/pdf"),
        (HTML, 200, b"<p>Sign in to read.</p>", "No article was found"),
    ],
)
def test_a_page_that_gives_nothing_leaves_the_post_as_its_feed_has_it(
    app: App, site: FeedServer, headers: dict[str, str], status: int, body: bytes, reason: str
) -> None:
    site.route("/feed", rss(site, "new", "old"))
    site.route("/new/", body, status=status, headers=headers)
    (collected,) = app.feed_desk.poll()
    assert not collected.failed
    assert newest(app).html == "<p>new in a line.</p>"
    assert reason in kept(app, f"{site.url}/new/").reason


def test_a_page_that_failed_is_asked_for_again_after_a_day(app: App, site: FeedServer, clock: Clock) -> None:
    site.route("/feed", rss(site, "new", "old"))
    app.feed_desk.poll()
    clock.pass_time(hours=23)
    app.feed_desk.poll()
    assert asked(site).count("/new/") == 1
    clock.pass_time(hours=1)
    site.route("/new/", f"<main>{ARTICLE}</main>", headers=HTML)
    app.feed_desk.poll()
    assert newest(app).html == ARTICLE


@pytest.mark.parametrize(("status", "rules"), [(200, "User-agent: *\nDisallow: /new"), (503, "")])
def test_rules_for_robots_are_obeyed(app: App, site: FeedServer, status: int, rules: str) -> None:
    site.route("/robots.txt", rules, status=status)
    site.route("/feed", rss(site, "new", "old"))
    app.feed_desk.poll()
    assert asked(site) == ["/robots.txt"]
    assert "robots.txt" in kept(app, f"{site.url}/new/").reason


def test_the_operator_may_read_their_own_site_without_asking(app: App, site: FeedServer) -> None:
    assert app.tools.full_text is not None
    app.tools = replace(app.tools, full_text=replace(app.tools.full_text, obey_robots=False))
    site.route("/feed", rss(site, "new", "old"))
    app.feed_desk.poll()
    assert asked(site) == ["/new/"]


def test_pages_of_one_host_are_asked_for_a_second_apart_and_ten_at_most(
    app: App, site: FeedServer, clock: Clock
) -> None:
    site.route("/feed", rss(site, *(f"n{number}" for number in range(14)), "old"))
    with app.database.read() as conn:
        feed = feeds.every(conn)[0]
    pauses: list[float] = []
    (polled,) = collect.ask(app.tools.client, [feed], clock())
    full_text.fill(app.tools, polled, clock(), pause=pauses.append)
    assert pauses == [1.0] * 9
    assert len([path for path in asked(site) if path.startswith("/n")]) == 10


def test_a_post_with_enough_text_needs_no_page(app: App, site: FeedServer) -> None:
    body = rss(site, "new", "old").replace("new in a line.", "Enough words of its own. " * 40)
    site.route("/feed", body)
    app.feed_desk.poll()
    assert asked(site) == []


def test_a_page_in_another_charset_is_readable(app: App, site: FeedServer) -> None:
    site.route("/feed", rss(site, "new", "old"))
    page = f"<main>{'<p>Grüße aus Köln.</p>' * 40}</main>".encode("windows-1252")
    site.route("/new/", page, headers={"Content-Type": "text/html"})
    app.feed_desk.poll()
    assert newest(app).html.startswith("<p>Grüße aus Köln.</p>")


def test_without_the_setting_no_page_is_read(app: App, site: FeedServer) -> None:
    app.tools = replace(app.tools, full_text=None)
    site.route("/feed", rss(site, "new", "old"))
    app.feed_desk.poll()
    assert asked(site) == []
    assert reader(False, True, "x") is None


@pytest.mark.skipif(find_spec("trafilatura") is not None, reason="the extra `extract` is installed")
def test_wanting_pages_without_the_extra_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"everypost\[extract\]"):
        installation(tmp_path, clock=Clock(), feeds={"full_text": True})


@pytest.mark.skipif(find_spec("trafilatura") is None, reason="needs the extra `extract`")
def test_the_extra_finds_the_article_of_a_page() -> None:
    page = f"<html><body><nav><a href='/'>Home</a></nav><article><h1>T</h1>{ARTICLE}</article></body></html>"
    found = extract(page, "https://blog.example/new/")
    assert "Every word of the page" in found
    assert "Home" not in found

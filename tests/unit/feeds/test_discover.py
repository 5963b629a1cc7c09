from __future__ import annotations

from collections.abc import Iterator

import pytest

from digest.errors import FetchFailed, NotAFeed
from digest.feeds.discover import FeedLink, feed_links, find
from digest.net.client import Client, Limits
from tests.servers import FeedServer

FEED = b"<rss version='2.0'><channel><title>Blog</title><item><title>x</title></item></channel></rss>"


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(Limits(allow_private=True), "Everypost-test") as made:
        yield made


def test_a_page_names_its_feeds_posts_before_comments() -> None:
    page = b"""<html><head><base href="/sub/"><link rel="stylesheet" href="x.css">
      <link rel="alternate" type="application/rss+xml" title="Blog &raquo; Comments Feed" href="comments/">
      <link REL="Alternate home" type="Application/Atom+XML; charset=utf-8" title="Blog" href="feed.atom">
      <link rel="alternate" type="application/rss+xml" href="feed.atom">
      <link rel="alternate" type="application/rss+xml" href="javascript:x">
      <link rel="alternate" type="text/html" hreflang="de" href="/de"><link rel="alternate"></head></html>"""
    assert feed_links(page, "https://blog.example/about") == (
        FeedLink(url="https://blog.example/sub/feed.atom", title="Blog", type="application/atom+xml"),
        FeedLink(
            url="https://blog.example/sub/comments/", title="Blog » Comments Feed", type="application/rss+xml"
        ),
    )


@pytest.mark.parametrize("page", [b"", b"   ", b"\x00", b"plain"])
def test_what_is_no_page_names_no_feed(page: bytes) -> None:
    assert feed_links(page, "https://blog.example/") == ()


def test_the_address_of_a_feed_is_used_as_it_is(site: FeedServer, client: Client) -> None:
    url = site.route("/feed", FEED)
    found = find(client, url)
    assert (found.url, found.parsed.title, found.why) == (url, "Blog", "The address is a feed.")


def test_a_permanent_redirect_gives_the_new_address_and_a_temporary_one_the_old(
    site: FeedServer, client: Client
) -> None:
    site.route("/feed", FEED)
    assert find(client, site.redirect("/old", "/feed", 301)).url == f"{site.url}/feed"
    assert find(client, site.redirect("/temporary", "/feed", 302)).url == f"{site.url}/temporary"


def test_a_home_page_leads_to_the_feed_it_names(site: FeedServer, client: Client) -> None:
    site.route("/blog/posts.rss", FEED)
    url = site.route(
        "/",
        "<html><link rel=alternate type=application/rss+xml title=Dead href=/dead>"
        "<link rel=alternate type=application/rss+xml title=Posts href=/blog/posts.rss></html>",
    )
    found = find(client, url)
    assert found.url == f"{site.url}/blog/posts.rss"
    assert "names it as Posts" in found.why


@pytest.mark.parametrize("place", ["/feed", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml"])
def test_a_silent_page_is_no_obstacle_where_the_feed_is_in_its_usual_place(
    site: FeedServer, client: Client, place: str
) -> None:
    site.route(place, FEED)
    found = find(client, site.route("/", "<html>Hello</html>"))
    assert found.url == site.url + place
    assert place in found.why


def test_a_site_without_a_feed_is_told_what_was_tried(site: FeedServer, client: Client) -> None:
    url = site.route("/", "<html><link rel=alternate type=application/rss+xml href=/feed>Hello</html>")
    with pytest.raises(NotAFeed) as failed:
        find(client, url)
    assert failed.value.reason == "html"
    for place in ("/feed,", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml"):
        assert site.url + place in str(failed.value)
    assert [asked.path for asked in site.asked].count("/feed") == 1


def test_what_is_neither_page_nor_feed_is_not_searched(site: FeedServer, client: Client) -> None:
    with pytest.raises(NotAFeed) as failed:
        find(client, site.route("/x", "Just a moment"))
    assert failed.value.reason == "text"
    with pytest.raises(FetchFailed):
        find(client, f"{site.url}/missing")

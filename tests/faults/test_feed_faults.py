"""What feeds and their servers do wrong, end to end: fetched from a real server, parsed, recognised.

The rows are those of the fault catalogue; what storage must do about them is tested with the store.
"""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Iterator

import pytest

from digest.errors import EverypostError, FetchFailed, NotAFeed
from digest.feeds.fetch import fetch
from digest.feeds.identity import recognise
from digest.feeds.parse import parse
from digest.model import Alias, ParsedFeed
from digest.net.client import Client, Limits
from tests.servers import FeedServer


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def client() -> Iterator[Client]:
    limits = Limits(total_s=1.0, max_bytes=200_000, allow_private=True)
    with Client(limits, "Everypost-test") as made:
        yield made


def rss(*items: str) -> bytes:
    body = "".join(f"<item>{item}</item>" for item in items)
    return f"<rss version='2.0'><channel><title>T</title><link>https://b.example/</link>{body}</channel></rss>".encode()


def item(number: int, *, guid: str = "", link: str = "", title: str = "") -> str:
    return (
        f"<title>{title or f'Post {number}'}</title><link>{link or f'https://b.example/{number}'}</link>"
        f"<guid isPermaLink='false'>{guid or f'?p={number}'}</guid>"
    )


TITLED = "<rss version='2.0'><channel><title>Füße</title></channel></rss>"


def poll(client: Client, url: str) -> ParsedFeed:
    answer = fetch(client, url)
    assert answer.body is not None
    return parse(answer.body, content_type=answer.content_type, url=answer.url)


def name_of(client: Client, url: str) -> str:
    """The one word by which a failure is told from every other."""
    with pytest.raises(EverypostError) as failed:
        poll(client, url)
    error = failed.value
    return error.cause if isinstance(error, FetchFailed) else getattr(error, "reason", type(error).__name__)


def test_each_way_to_fail_has_a_name_of_its_own(site: FeedServer, client: Client) -> None:
    names = {
        "empty": name_of(client, site.route("/empty", b"")),
        "html": name_of(client, site.route("/wall", "<!DOCTYPE html><html>Are you human?</html>")),
        "http_500": name_of(client, site.route("/500", status=500)),
        "http_404": name_of(client, f"{site.url}/missing"),
        "http_410": name_of(client, site.route("/gone", status=410)),
        "too_large": name_of(client, site.route("/big", chunks=itertools.repeat(b" " * 9999))),
        "timeout": name_of(client, site.route("/stall", b"x", pause_s=30)),
        "protocol": name_of(client, site.route("/cut", rss(item(1)), cut=True)),
        "entities": name_of(
            client, site.route("/bomb", b"<!DOCTYPE r [<!ENTITY a 'b'>]><rss version='2.0'/>")
        ),
        "too_many_redirects": name_of(client, site.redirect("/loop", "/loop")),
    }
    assert names == {name: name for name in names}


def test_a_polite_server_sends_nothing_twice(site: FeedServer, client: Client) -> None:
    url = site.route("/feed", rss(item(1)), headers={"ETag": '"1"'})
    first = fetch(client, url)
    site.route("/feed", status=304)
    again = fetch(client, url, first.etag, first.last_modified)
    assert (again.body, again.etag) == (None, '"1"')


def test_a_packed_bomb_never_reaches_the_parser(site: FeedServer, client: Client) -> None:
    bomb = gzip.compress(b"<rss>" + b" " * 3_000_000)
    assert name_of(client, site.route("/b", bomb, headers={"Content-Encoding": "gzip"})) == "too_large"


def test_a_feed_cut_off_by_its_generator_gives_its_whole_entries_and_says_so(
    site: FeedServer, client: Client
) -> None:
    found = poll(client, site.route("/feed", rss(item(1), item(2), item(3))[:-60]))
    assert [post.title for post in found.posts] == ["Post 1", "Post 2"]
    assert "not well-formed" in found.warnings[0]


def test_an_emptied_feed_is_an_answer_without_posts_and_no_error(site: FeedServer, client: Client) -> None:
    assert poll(client, site.route("/feed", rss())).posts == ()


@pytest.mark.parametrize(
    "body",
    [
        TITLED.encode("utf-16"),
        b"\xef\xbb\xbf" + TITLED.encode(),
        f"<?xml version='1.0' encoding='utf-8'?>{TITLED}".encode("windows-1252"),
        f"<?xml version='1.0' encoding='utf-16'?>{TITLED}".encode(),
    ],
)
def test_a_wrong_label_still_gives_readable_text(site: FeedServer, client: Client, body: bytes) -> None:
    assert (
        poll(client, site.route("/feed", body, headers={"Content-Type": "application/rss+xml"})).title
        == "Füße"
    )


def test_every_guid_changing_repeats_no_post(site: FeedServer, client: Client) -> None:
    before = poll(client, site.route("/feed", rss(*(item(n) for n in range(20)))))
    known = remember(before)
    churned = rss(
        *(item(n, guid=f"urn:new:{n}", link=f"http://www.b.example/{n}/?utm_source=x") for n in range(20))
    )
    after = poll(client, site.route("/feed", churned))
    found = recognise(after.posts, known, site_url=after.site_url)
    assert [post.post_id for post in found] == list(range(20))
    assert all(post.new_aliases for post in found)


def test_a_cache_that_flips_between_copies_repeats_no_post(site: FeedServer, client: Client) -> None:
    old, new = rss(item(1)), rss(item(2), item(1))
    known: dict[Alias, int] = {}
    fresh = 0
    for body in (old, new, old, new, old):
        answer = poll(client, site.route("/feed", body))
        for found in recognise(answer.posts, known, site_url=answer.site_url):
            fresh += found.post_id is None
            post_id = found.post_id or len(known) + 1
            known |= dict.fromkeys(found.new_aliases, post_id)
    assert fresh == 2


def test_relative_addresses_and_xml_base_come_out_absolute(site: FeedServer, client: Client) -> None:
    body = (
        f"<feed xmlns='http://www.w3.org/2005/Atom' xml:base='{site.url}/blog/'>"
        "<entry><title>x</title><id>1</id><link href='one'/><content type='html'>"
        "<![CDATA[<p>a <a href='../b?utm_source=f'>b</a></p>]]></content></entry></feed>"
    )
    (post,) = poll(client, site.route("/feed", body)).posts
    assert post.link == f"{site.url}/blog/one"
    assert post.html == f'<p>a <a href="{site.url}/b?utm_source=f">b</a></p>'


def test_tls_trouble_never_falls_back_to_clear_text(site: FeedServer, client: Client) -> None:
    url = site.route("/feed", rss(item(1))).replace("http:", "https:")
    assert name_of(client, url) == "tls"
    assert site.asked == []


def test_hundreds_of_huge_entries_are_bounded(site: FeedServer, client: Client) -> None:
    body = rss(*(f"<title>{n}</title><guid>{n}</guid>" for n in range(3000)))
    found = poll(client, site.route("/feed", body))
    assert len(found.posts) == 1000


def test_a_feed_that_becomes_a_web_page_is_told_apart_from_an_empty_one(
    site: FeedServer, client: Client
) -> None:
    with pytest.raises(NotAFeed):
        poll(
            client,
            site.route("/feed", "<html><title>Parked</title></html>", headers={"Content-Type": "text/xml"}),
        )


def remember(answer: ParsedFeed) -> dict[Alias, int]:
    return {
        alias: number
        for number, found in enumerate(recognise(answer.posts, {}, site_url=answer.site_url))
        for alias in found.new_aliases
    }

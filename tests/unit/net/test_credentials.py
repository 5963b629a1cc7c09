"""Logins go to the address they are for, and are seen nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from digest.errors import FetchFailed
from digest.net.client import Client, Limits, Reply
from digest.net.credentials import Credential, for_url, gives_away, with_query, without_query
from tests.servers import FeedServer

KEY = "s3cr3t-key"


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


def query(url: str) -> Credential:
    return Credential(url=url, kind="query", query=f"key={KEY}", secrets=(KEY,))


def bearer(url: str) -> Credential:
    return Credential(url=url, kind="bearer", headers=(("Authorization", f"Bearer {KEY}"),), secrets=(KEY,))


def get(url: str, *credentials: Credential) -> Reply:
    with Client(Limits(allow_private=True), "Everypost-test", credentials=credentials) as client:
        return client.get(url)


@pytest.mark.parametrize(
    ("url", "covered"),
    [
        ("https://a.example/private/feed", True),
        ("https://a.example/private/feed/", True),
        ("https://a.example/private/feed/atom?x=1", True),
        ("https://A.EXAMPLE:443/private/%66eed", True),
        ("https://a.example/private/feedback", False),
        ("https://a.example/private", False),
        ("https://a.example/private/feed/../../public", False),
        ("https://a.example/private/feed/%2e%2e/x", False),
        ("http://a.example/private/feed", False),
        ("https://a.example:8443/private/feed", False),
        ("https://www.a.example/private/feed", False),
        ("https://a.example.evil.example/private/feed", False),
    ],
)
def test_a_login_covers_its_address_and_what_lies_below(url: str, covered: bool) -> None:
    ours = bearer("https://a.example/private/feed")
    assert for_url([ours], url) == (ours if covered else None)


def test_the_login_with_the_longest_path_is_the_one() -> None:
    whole, part = bearer("https://a.example/"), bearer("https://a.example/part/")
    assert for_url([whole, part], "https://a.example/part/feed") == part
    assert for_url([whole, part], "https://a.example/feed") == whole


def test_a_query_is_added_and_taken_off_again() -> None:
    ours = query("https://a.example/feed")
    wired = with_query("https://a.example/feed?page=2", ours)
    assert wired == f"https://a.example/feed?page=2&key={KEY}"
    assert without_query(wired, ours) == "https://a.example/feed?page=2"
    assert with_query("https://a.example/", None) == without_query("https://a.example/", None)


def test_a_secret_is_seen_through_its_encoding() -> None:
    ours = query("https://a.example/feed")
    asked = ours.url
    assert gives_away(f"https://a.example/in?next=%252Ffeed%253Fkey%253D{KEY}", ours, asked=asked)
    assert gives_away("https://a.example/in?next=s3cr3t%2Dkey", ours, asked=asked)
    assert not gives_away("https://a.example/in", ours, asked=asked)
    assert not gives_away("https://a.example/in", None, asked=asked)
    poor = Credential(url=asked, kind="bearer", secrets=("feed",))
    assert not gives_away("https://a.example/feed/", poor, asked=asked)


def test_what_holds_a_secret_does_not_show_it() -> None:
    assert KEY not in repr([query("https://a.example/"), bearer("https://a.example/")])


def test_a_login_is_sent_with_the_request_and_absent_from_the_reply(site: FeedServer) -> None:
    site.route(f"/feed?key={KEY}", b"x")
    reply = get(f"{site.url}/feed", query(f"{site.url}/feed"))
    assert (reply.status, reply.url) == (200, f"{site.url}/feed")
    get(f"{site.url}/feed", bearer(f"{site.url}/feed"))
    assert site.asked[-1].headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("make", [query, bearer])
def test_no_redirect_carries_a_login_to_another_place(site: FeedServer, make: object) -> None:
    with FeedServer() as other:
        target = other.route("/feed", b"x")
        site.redirect(f"/feed?key={KEY}", f"{target}?key={KEY}", 301)
        site.redirect("/feed", target, 301)
        reply = get(f"{site.url}/feed", make(f"{site.url}/feed"))  # type: ignore[operator]
    assert (reply.url, reply.moved_to) == (target, target)
    assert other.asked[0].path == "/feed"
    assert "authorization" not in other.asked[0].headers


def test_a_redirect_on_the_same_site_gets_the_login_again(site: FeedServer) -> None:
    site.redirect(f"/feed?key={KEY}", f"/feed/?key={KEY}", 301)
    site.route(f"/feed/?key={KEY}", b"x")
    reply = get(f"{site.url}/feed", query(f"{site.url}/feed"))
    assert (reply.body, reply.moved_to) == (b"x", f"{site.url}/feed/")


def test_a_redirect_that_repeats_a_login_is_not_followed(site: FeedServer) -> None:
    site.redirect(f"/feed?key={KEY}", f"/login?next=%2Ffeed%3Fkey%3D{KEY}")
    with pytest.raises(FetchFailed) as failed:
        get(f"{site.url}/feed", query(f"{site.url}/feed"))
    assert failed.value.cause == "bad_redirect"
    assert KEY not in str(failed.value)

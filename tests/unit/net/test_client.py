from __future__ import annotations

import gzip
import itertools
import socket
import zlib
from collections.abc import Iterator

import httpx2
import pytest

from digest.errors import AddressRefused, FetchFailed
from digest.net.client import Client, Limits
from digest.net.guard import GuardedBackend, resolve
from tests.servers import FeedServer

LOCAL = Limits(allow_private=True)


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(LOCAL, "Everypost-test") as made:
        yield made


def cause(client: Client, url: str) -> str:
    with pytest.raises(FetchFailed) as failed:
        client.get(url)
    return failed.value.cause


def test_an_answer_comes_whole_with_its_headers_in_lower_case(site: FeedServer, client: Client) -> None:
    url = site.route("/feed", b"<rss/>", headers={"ETag": '"a"'})
    reply = client.get(url)
    assert (reply.status, reply.url, reply.body, reply.moved_to) == (200, url, b"<rss/>", "")
    assert reply.headers["etag"] == '"a"'


def test_a_request_says_who_asks_and_accepts_only_what_we_can_bound(site: FeedServer, client: Client) -> None:
    client.get(site.route("/feed"), [("if-none-match", '"a"')])
    headers = site.asked[0].headers
    assert headers["user-agent"] == "Everypost-test"
    assert headers["accept-encoding"] == "gzip, deflate"
    assert headers["if-none-match"] == '"a"'


def test_any_status_is_an_answer(site: FeedServer, client: Client) -> None:
    assert client.get(site.route("/gone", status=410)).status == 410


@pytest.mark.parametrize("status", [301, 308])
def test_permanent_redirects_tell_the_new_address(site: FeedServer, client: Client, status: int) -> None:
    site.route("/new", b"x")
    site.redirect("/mid", "/new", 301)
    reply = client.get(site.redirect("/old", "/mid", status))
    assert reply.moved_to == reply.url == f"{site.url}/new"


@pytest.mark.parametrize("status", [302, 303, 307])
def test_one_temporary_redirect_makes_the_whole_chain_temporary(
    site: FeedServer, client: Client, status: int
) -> None:
    site.route("/new", b"x")
    site.redirect("/mid", "/new", status)
    reply = client.get(site.redirect("/old", "/mid", 301))
    assert (reply.moved_to, reply.url, reply.body) == ("", f"{site.url}/new", b"x")


def test_five_redirects_are_followed_and_a_sixth_is_not(site: FeedServer, client: Client) -> None:
    for step in range(6):
        site.redirect(f"/{step}", f"/{step + 1}")
    site.route("/6", b"end")
    assert client.get(f"{site.url}/1").body == b"end"
    assert cause(client, f"{site.url}/0") == "too_many_redirects"


def test_a_redirect_to_nowhere_is_named(site: FeedServer, client: Client) -> None:
    assert cause(client, site.route("/none", status=302)) == "bad_redirect"
    assert cause(client, site.redirect("/bad", "http://[::1")) == "bad_redirect"


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://example.org/", "http://169.254.169.254/latest"]
)
def test_every_hop_is_checked(site: FeedServer, client: Client, location: str) -> None:
    with pytest.raises(AddressRefused):
        client.get(site.redirect("/feed", location))


def test_a_password_header_stays_on_its_own_site(site: FeedServer, client: Client) -> None:
    with FeedServer() as other:
        target = other.route("/feed", b"x")
        client.get(site.redirect("/feed", target), [("Authorization", "Basic x"), ("X-Kept", "1")])
        assert site.asked[0].headers["authorization"] == "Basic x"
        assert "authorization" not in other.asked[0].headers
        assert other.asked[0].headers["x-kept"] == "1"


def test_a_cookie_is_forgotten_before_the_next_request(site: FeedServer, client: Client) -> None:
    url = site.route("/feed", headers={"Set-Cookie": "seen=1"})
    client.get(url)
    client.get(url)
    assert "cookie" not in site.asked[1].headers


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://[::1]:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f000001:{port}/",
        "http://0177.0.0.1:{port}/",
        "http://127.1:{port}/",
        "http://0.0.0.0:{port}/",
    ],
)
def test_this_machine_is_out_of_reach_however_it_is_spelled(site: FeedServer, url: str) -> None:
    port = site.url.rpartition(":")[2]
    with Client(Limits(), "t") as strict, pytest.raises((AddressRefused, FetchFailed)):
        strict.get(url.format(port=port))
    assert site.asked == []


def test_the_guard_sits_in_the_library_where_it_is_used(client: Client) -> None:
    """The attribute is private: this fails when a release of the library moves it."""
    pool = client._http._transport._pool  # type: ignore[attr-defined]
    assert isinstance(pool._network_backend, GuardedBackend)
    assert isinstance(client._http, httpx2.Client)


def test_the_address_that_was_checked_is_the_one_connected_to(site: FeedServer) -> None:
    """A name that answers differently the second time (rebinding) gets no second look-up."""
    asked: list[str] = []

    def rebinding(host: str, port: int, timeout_s: float) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.1",) if len(asked) == 1 else ("10.0.0.1",)

    port = site.url.rpartition(":")[2]
    site.route("/feed", b"x")
    with Client(LOCAL, "t", resolver=rebinding) as client:
        assert client.get(f"http://rebind.example:{port}/feed").body == b"x"
    assert asked == ["rebind.example"]
    assert site.asked[0].headers["host"] == f"rebind.example:{port}"


def test_a_public_name_with_a_private_address_is_refused(site: FeedServer) -> None:
    with (
        Client(Limits(), "t", resolver=lambda *_: ("93.184.216.34", "127.0.0.1")) as client,
        pytest.raises(AddressRefused, match="private network"),
    ):
        client.get(site.url.replace("127.0.0.1", "blog.example"))


def test_a_host_whose_first_address_is_dead_is_reached_by_the_second(site: FeedServer) -> None:
    port = site.url.rpartition(":")[2]
    site.route("/feed", b"x")
    with Client(LOCAL, "t", resolver=lambda *_: ("::1", "127.0.0.1")) as client:
        assert client.get(f"http://dual.example:{port}/feed").body == b"x"


def test_a_name_that_does_not_exist_is_unresolved() -> None:
    with pytest.raises(FetchFailed) as failed:
        resolve("no-such-name.invalid", 80, 20.0)
    assert failed.value.cause == "unresolved"


def test_a_name_that_is_not_resolved_in_time_is_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = __import__("threading").Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: waiting.wait(30) or [])
    try:
        with Client(Limits(total_s=0.05), "t") as client:
            assert cause(client, "http://slow.example/") == "timeout"
    finally:
        waiting.set()


def test_a_host_without_any_address_is_refused() -> None:
    with Client(LOCAL, "t", resolver=lambda *_: ()) as client:
        assert cause(client, "http://empty.example/") == "refused"


def test_a_closed_port_is_refused(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert cause(client, f"http://127.0.0.1:{port}/") == "refused"


def test_a_server_without_tls_is_a_tls_failure_and_never_asked_in_clear(
    site: FeedServer, client: Client
) -> None:
    assert cause(client, site.url.replace("http:", "https:")) == "tls"
    assert site.asked == []


def test_a_server_that_never_answers_times_out(site: FeedServer) -> None:
    url = site.route("/hang", b"x", pause_s=30)
    with Client(Limits(total_s=0.2, allow_private=True), "t") as client:
        assert cause(client, url) == "timeout"


def test_a_body_dripped_byte_by_byte_is_cut_off_by_the_total_time(site: FeedServer) -> None:
    url = site.route("/drip", chunks=itertools.repeat(b"x"), pause_s=0.02)
    with Client(Limits(total_s=0.3, allow_private=True), "t") as client:
        assert cause(client, url) == "timeout"


def test_redirects_share_one_total_time(site: FeedServer) -> None:
    for step in range(5):
        site.route(f"/{step}", status=302, headers={"Location": f"/{step + 1}"}, pause_s=0.15)
    with Client(Limits(total_s=0.3, allow_private=True), "t") as client:
        assert cause(client, f"{site.url}/0") == "timeout"


def test_an_endless_body_stops_at_the_limit(site: FeedServer) -> None:
    url = site.route("/endless", chunks=itertools.repeat(b"x" * 1000))
    with Client(Limits(max_bytes=50_000, allow_private=True), "t") as client:
        assert cause(client, url) == "too_large"


def test_a_compressed_bomb_is_measured_unpacked(site: FeedServer) -> None:
    packed = gzip.compress(b"\0" * 5_000_000)
    url = site.route("/bomb", packed, headers={"Content-Encoding": "gzip"})
    with Client(Limits(max_bytes=100_000, allow_private=True), "t") as client:
        assert cause(client, url) == "too_large"


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_a_compressed_body_is_unpacked(site: FeedServer, client: Client, encoding: str, pack: object) -> None:
    assert callable(pack)
    url = site.route("/packed", pack(b"<rss/>"), headers={"Content-Encoding": encoding})
    assert client.get(url).body == b"<rss/>"


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip"])
def test_a_compression_nobody_asked_for_is_refused(site: FeedServer, client: Client, encoding: str) -> None:
    assert cause(client, site.route("/odd", b"x", headers={"Content-Encoding": encoding})) == "protocol"


def test_a_broken_compression_and_a_broken_off_body_are_failures(site: FeedServer, client: Client) -> None:
    assert cause(client, site.route("/gz", b"no gzip", headers={"Content-Encoding": "gzip"})) == "protocol"
    assert cause(client, site.route("/cut", b"<rss>", cut=True)) == "protocol"


def test_a_redirect_with_an_endless_body_is_not_read(site: FeedServer, client: Client) -> None:
    site.route("/new", b"x")
    url = site.route("/old", status=302, headers={"Location": "/new"}, chunks=itertools.repeat(b"x" * 999))
    assert client.get(url).body == b"x"

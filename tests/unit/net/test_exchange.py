"""A call and its one answer; above all, whether anything had gone out when there was none."""

from __future__ import annotations

import gzip

import pytest

from digest.errors import CallFailed, FetchFailed
from digest.net.call import Answer, Call
from digest.net.client import Limits
from digest.net.exchange import Exchange
from tests.servers import FeedServer
from tests.smtp_servers import closed_port

LIMITS = Limits(total_s=5.0, connect_s=2.0, max_bytes=1000, max_hops=0, allow_private=True)


def made(url: str, **more: object) -> Answer:
    exchange = Exchange("Everypost/test", LIMITS, **more)  # type: ignore[arg-type]
    try:
        return exchange.make(Call(method="GET", url=url, headers=(("authorization", "Bearer s3cret"),)))
    finally:
        exchange.close()


def failed(url: str, **more: object) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        made(url, **more)
    assert "s3cret" not in str(caught.value)
    return caught.value


def test_an_answer_is_complete_whatever_its_status() -> None:
    with FeedServer() as site:
        site.route(
            "/x", gzip.compress(b'{"a": 1}'), status=418, headers={"Content-Encoding": "gzip", "X-A": "1"}
        )
        answer = made(f"{site.url}/x")
        assert (answer.status, answer.json(), answer.headers["x-a"]) == (418, {"a": 1}, "1")
        assert site.asked[0].headers["user-agent"] == "Everypost/test"


def test_a_redirect_is_an_answer_and_a_cookie_is_forgotten() -> None:
    with FeedServer() as site:
        site.route("/x", status=307, headers={"Location": f"{site.url}/y", "Set-Cookie": "a=b"})
        exchange = Exchange("Everypost/test", LIMITS)
        for _ in range(2):
            assert exchange.make(Call(method="GET", url=f"{site.url}/x")).status == 307
        exchange.close()
        assert [one.path for one in site.asked] == ["/x", "/x"]
        assert "cookie" not in site.asked[1].headers


def test_a_body_that_is_no_json_is_none() -> None:
    assert Answer(status=200, headers={}, body=b"{").json() is None


@pytest.mark.parametrize("url", ["ftp://a.example/", "http://user:pw@a.example/", "http://a b/"])
def test_an_address_we_do_not_talk_to_is_not_called(url: str) -> None:
    error = failed(url)
    assert (error.cause, error.sent) == ("address", False)
    assert "pw" not in str(error)


def test_nothing_was_sent_where_nobody_listens_or_the_name_is_unknown() -> None:
    error = failed(f"http://127.0.0.1:{closed_port()}/")
    assert (error.cause, error.sent) == ("refused", False)

    def unknown(host: str, port: int, timeout_s: float) -> tuple[str, ...]:
        raise FetchFailed("no such name", cause="unresolved")

    error = failed("http://a.example/", resolver=unknown)
    assert (error.cause, error.sent) == ("unresolved", False)
    error = failed("http://a.example/", resolver=lambda host, port, timeout_s: ("169.254.169.254",))
    assert (error.cause, error.sent) == ("address", False)


def test_no_tls_where_it_was_expected_sends_nothing() -> None:
    with FeedServer() as site:
        error = failed(site.url.replace("http://", "https://") + "/x")
    assert (error.cause, error.sent) == ("tls", False)


def test_once_something_went_out_it_may_count() -> None:
    with FeedServer() as site:
        site.route("/cut", b"abc", cut=True)
        site.route("/huge", b"x" * 2000)
        assert [
            (failed(site.url + path).cause, failed(site.url + path).sent) for path in ("/cut", "/huge")
        ] == [
            ("protocol", True),
            ("too_large", True),
        ]

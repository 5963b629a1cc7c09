from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from digest.errors import FetchFailed
from digest.feeds.fetch import Answer, fetch, fresh_for_s, retry_after_s
from digest.net.client import Client, Limits
from tests.servers import FeedServer

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def site() -> Iterator[FeedServer]:
    with FeedServer() as server:
        yield server


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(Limits(allow_private=True), "Everypost-test") as made:
        yield made


def failure(client: Client, url: str, **validators: str) -> FetchFailed:
    with pytest.raises(FetchFailed) as failed:
        fetch(client, url, **validators, now=NOW)  # type: ignore[arg-type]
    return failed.value


def test_a_first_answer_brings_body_and_validators_as_received(site: FeedServer, client: Client) -> None:
    headers = {
        "ETag": 'W/"a b"',
        "Last-Modified": "yesterday, roughly",
        "Content-Type": "text/xml; charset=x",
    }
    url = site.route("/feed", b"<rss/>", headers=headers)
    assert fetch(client, url) == Answer(
        status=200,
        url=url,
        moved_to="",
        etag='W/"a b"',
        last_modified="yesterday, roughly",
        content_type="text/xml; charset=x",
        body=b"<rss/>",
    )
    assert "if-none-match" not in site.asked[0].headers


def test_validators_go_back_unchanged_and_a_304_keeps_them(site: FeedServer, client: Client) -> None:
    url = site.route("/feed", status=304)
    answer = fetch(client, url, 'W/"a b"', "yesterday, roughly")
    assert site.asked[0].headers["if-none-match"] == 'W/"a b"'
    assert site.asked[0].headers["if-modified-since"] == "yesterday, roughly"
    assert (answer.body, answer.etag, answer.last_modified) == (None, 'W/"a b"', "yesterday, roughly")


def test_a_304_may_bring_new_validators(site: FeedServer, client: Client) -> None:
    url = site.route("/feed", status=304, headers={"ETag": '"new"'})
    assert fetch(client, url, '"old"').etag == '"new"'


def test_a_200_without_validators_forgets_the_old_ones(site: FeedServer, client: Client) -> None:
    assert fetch(client, site.route("/feed", b"x"), '"old"').etag == ""


def test_a_304_nobody_asked_for_is_a_failure(site: FeedServer, client: Client) -> None:
    assert failure(client, site.route("/feed", status=304)).cause == "http_304"


@pytest.mark.parametrize("status", [204, 206, 400, 401, 403, 404, 410, 418, 429, 500, 502, 503])
def test_every_other_status_is_a_named_failure(site: FeedServer, client: Client, status: int) -> None:
    error = failure(client, site.route("/feed", status=status, headers={"Content-Length": "0"}))
    assert error.cause == f"http_{status}"
    assert error.retry_after_s is None
    assert f"answered {status}" in str(error)


@pytest.mark.parametrize("status", [429, 503])
def test_the_wish_to_be_left_alone_is_handed_on(site: FeedServer, client: Client, status: int) -> None:
    assert (
        failure(client, site.route("/s", status=status, headers={"Retry-After": "120"})).retry_after_s == 120
    )


def test_a_date_to_return_at_is_counted_from_the_servers_own_clock(site: FeedServer, client: Client) -> None:
    """The in-process server sends the Date of this machine; a date in the past is no wait at all."""
    url = site.route("/feed", status=503, headers={"Retry-After": "Mon, 01 Jan 2024 00:00:00 GMT"})
    assert failure(client, url).retry_after_s == 0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        (" 90 ", 90),
        ("9999999", 86_400),
        ("9" * 5000, 86_400),
        ("Mon, 23 Nov 2026 12:01:00 GMT", 60),
        ("Mon, 23 Nov 2026 12:01:00 -0000", 60),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0),
        ("Mon, 23 Nov 2099 12:00:00 GMT", 86_400),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_in_both_forms(value: str, seconds: int | None) -> None:
    assert retry_after_s(value, NOW) == seconds


def test_a_date_means_nothing_without_a_clock() -> None:
    assert retry_after_s("Mon, 23 Nov 2026 12:01:00 GMT", None) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "public, max-age=600"}, 600),
        ({"cache-control": "s-maxage=900"}, None),
        ({"cache-control": "max-age=99999999"}, 86_400),
        ({"cache-control": 'MAX-AGE="60", no-cache'}, 60),
        ({"expires": "Mon, 23 Nov 2026 13:00:00 GMT", "date": "Mon, 23 Nov 2026 12:00:00 GMT"}, 3_600),
        ({"expires": "Mon, 23 Nov 2026 11:00:00 GMT", "date": "Mon, 23 Nov 2026 12:00:00 GMT"}, 0),
        ({"expires": "Mon, 23 Nov 2026 13:00:00 GMT"}, None),
        (
            {
                "expires": "Mon, 23 Nov 2026 13:00:00 GMT",
                "date": "Mon, 23 Nov 2026 12:00:00 GMT",
                "cache-control": "no-store",
            },
            None,
        ),
        ({"expires": "0", "date": "Mon, 23 Nov 2026 12:00:00 GMT"}, None),
    ],
)
def test_how_long_the_server_says_an_answer_stays_good(headers: dict[str, str], seconds: int | None) -> None:
    assert fresh_for_s(headers) == seconds

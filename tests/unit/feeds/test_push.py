from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from digest.errors import AddressRefused, FetchFailed
from digest.feeds import push as websub
from digest.feeds.push import hub_and_topic, is_due, lease_of, may_verify, signature_holds, subscribe
from digest.hubs import FeedLinks, Push, PushState
from digest.model import Feed, FeedState, ParsedFeed
from digest.net.client import Client, Limits
from tests.hub_server import HubServer

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HUB, TOPIC, URL = "https://hub.example/", "https://blog.example/feed", "https://blog.example/feed/"
FEED = Feed(id=1, url=URL, state=FeedState.HEALTHY, added_at=NOW, hub_url=HUB, topic_url=TOPIC)
ACTIVE = Push(
    feed_id=1,
    hub_url=HUB,
    topic_url=TOPIC,
    state=PushState.ACTIVE,
    requested_at=NOW,
    lease_until=NOW + timedelta(days=8),
)
ASKED = replace(ACTIVE, state=PushState.ASKED, lease_until=None)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("links", "header", "expected"),
    [
        (FeedLinks(), "", ("", "")),
        (FeedLinks(own=TOPIC), "", ("", "")),
        (FeedLinks(own=TOPIC, hub=HUB), "", (HUB, TOPIC)),
        (FeedLinks(hub=HUB), "", (HUB, URL)),
        (FeedLinks(own=TOPIC), f"<{HUB}>; rel=hub", (HUB, TOPIC)),
        (
            FeedLinks(own=TOPIC, hub=HUB),
            "<https://b.example/>; rel=hub, </t>; rel=self",
            ("https://b.example/", "https://blog.example/t"),
        ),
    ],
)
def test_a_feed_names_its_hub_and_its_topic(links: FeedLinks, header: str, expected: tuple[str, str]) -> None:
    assert hub_and_topic(ParsedFeed(links=links), header, URL) == expected


@pytest.mark.parametrize(
    ("feed", "push", "waited", "due"),
    [
        (FEED, None, timedelta(), True),
        (replace(FEED, hub_url=""), None, timedelta(), False),
        (replace(FEED, state=FeedState.STOPPED), None, timedelta(), False),
        (replace(FEED, state=FeedState.NEW), None, timedelta(), False),
        (replace(FEED, state=FeedState.FAILING), None, timedelta(), True),
        # Never twice within the time a hub has to verify.
        (FEED, ASKED, HOUR * 0.99, False),
        (FEED, ASKED, HOUR, True),
        (FEED, replace(ASKED, state=PushState.REFUSED), HOUR * 0.99, False),
        (FEED, replace(ASKED, state=PushState.REFUSED), HOUR, True),
        (FEED, replace(ASKED, state=PushState.DENIED), DAY * 6.9, False),
        (FEED, replace(ASKED, state=PushState.DENIED), DAY * 7, True),
        # Renewed at three quarters of the lease, however short it is but for the hour.
        (FEED, ACTIVE, DAY * 5.9, False),
        (FEED, ACTIVE, DAY * 6, True),
        (FEED, replace(ACTIVE, lease_until=NOW + timedelta(seconds=60)), HOUR * 0.99, False),
        (FEED, replace(ACTIVE, lease_until=NOW + timedelta(seconds=60)), HOUR, True),
        (FEED, replace(ACTIVE, lease_until=None), HOUR, True),
        # Another hub or topic is another subscription.
        (replace(FEED, hub_url="https://b.example/"), ACTIVE, timedelta(), True),
        (replace(FEED, topic_url=URL), replace(ASKED, state=PushState.DENIED), timedelta(), True),
    ],
)
def test_when_a_hub_is_asked(feed: Feed, push: Push | None, waited: timedelta, due: bool) -> None:
    assert is_due(feed, push, NOW + waited) is due


@pytest.mark.parametrize(
    ("push", "mode", "topic", "may"),
    [
        (ASKED, "subscribe", TOPIC, True),
        (ACTIVE, "subscribe", TOPIC, True),
        (replace(ASKED, state=PushState.REFUSED), "subscribe", TOPIC, True),  # its answer came too late
        (replace(ASKED, state=PushState.DENIED), "subscribe", TOPIC, False),
        (ASKED, "unsubscribe", TOPIC, False),
        (ASKED, "subscribe", URL, False),
        (ASKED, "", "", False),
        (None, "subscribe", TOPIC, False),
    ],
)
def test_what_a_hub_may_verify(push: Push | None, mode: str, topic: str, may: bool) -> None:
    assert may_verify(push, mode=mode, topic_url=topic) is may


@pytest.mark.parametrize(
    ("text", "lease"),
    [
        ("60", timedelta(seconds=60)),
        ("999999999999", websub.LONGEST_LEASE),
        ("9" * 5000, websub.LEASE),
        ("", websub.LEASE),
        ("-1", websub.LEASE),
        ("²", websub.LEASE),
    ],
)
def test_the_lease_is_what_the_hub_says_within_reason(text: str, lease: timedelta) -> None:
    assert lease_of(text) == lease


def test_a_signature_holds_for_its_own_body_and_secret_only() -> None:
    mac = hmac.new(b"secret", b"body", hashlib.sha256).hexdigest()
    assert signature_holds(f"sha256={mac}", b"body", "secret")
    assert signature_holds(f" SHA256={mac.upper()} ", b"body", "secret")
    assert not signature_holds(f"sha256={mac}", b"another", "secret")
    assert not signature_holds(f"sha256={mac}", b"body", "guess")
    assert not signature_holds(f"sha1={mac}", b"body", "secret")


@pytest.mark.parametrize("header", ["", "sha256", "sha256=", "md5=00", "sha256=é", "=", "sha256=\x00"])
def test_no_other_header_is_a_signature(header: str) -> None:
    assert not signature_holds(header, b"body", "secret")


# --- Asking a real hub -----------------------------------------------------------------------------


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer() as server:
        server.verifies = False
        yield server


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(Limits(allow_private=True), "Everypost-test") as made:
        yield made


def ask(client: Client, url: str) -> None:
    subscribe(client, hub_url=url, topic_url=TOPIC, callback="https://news.example/push/x?é=&", secret="s")


def test_a_request_says_what_is_wanted(hub: HubServer, client: Client) -> None:
    ask(client, hub.url)
    assert hub.asked == [
        {
            "hub.mode": "subscribe",
            "hub.topic": TOPIC,
            "hub.callback": "https://news.example/push/x?é=&",
            "hub.lease_seconds": "864000",
            "hub.secret": "s",
        }
    ]


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_success_is_one(hub: HubServer, client: Client, status: int) -> None:
    hub.status = status
    ask(client, hub.url)


@pytest.mark.parametrize(("words", "told"), [("No <b>such</b>\ntopic", ": No such topic"), ("", ".")])
def test_a_refusal_is_told_in_the_hubs_words(hub: HubServer, client: Client, words: str, told: str) -> None:
    hub.status, hub.words = 404, words
    with pytest.raises(FetchFailed) as failed:
        ask(client, hub.url)
    assert (str(failed.value), failed.value.cause) == (f"{hub.url} answered 404{told}", "http_404")


@pytest.mark.parametrize("status", [307, 308])
def test_a_redirect_that_keeps_the_method_is_followed(hub: HubServer, client: Client, status: int) -> None:
    hub.locations["/old"] = (status, hub.url)
    ask(client, hub.url.replace("/hub", "/old"))
    assert hub.asked[0]["hub.topic"] == TOPIC


@pytest.mark.parametrize("status", [301, 302, 303])
def test_any_other_redirect_is_a_refusal(hub: HubServer, client: Client, status: int) -> None:
    hub.locations["/old"] = (status, hub.url)
    with pytest.raises(FetchFailed):
        ask(client, hub.url.replace("/hub", "/old"))
    assert hub.asked == []


def test_a_hub_on_a_private_network_is_not_asked(hub: HubServer) -> None:
    with Client(Limits(), "Everypost-test") as guarded, pytest.raises(AddressRefused):
        ask(guarded, hub.url)
    assert hub.asked == []

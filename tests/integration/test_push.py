"""A hub that verifies and delivers, a site that pings: over real HTTP, on a whole installation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from digest.app import App
from digest.feeds.hook_tokens import Hook
from digest.hubs import Push, PushState
from digest.model import Feed
from digest.pipeline import collect, tick
from digest.pipeline.pushes import callback
from digest.store import pushes
from tests.hub_server import HubServer
from tests.installation import Clock, installation
from tests.servers import FeedServer
from tests.web_server import Visitor, serving


@dataclass
class Stage:
    """A site with a hub, and an installation that has read its feed once."""

    site: FeedServer
    hub: HubServer
    app: App
    visitor: Visitor
    clock: Clock

    def publish(self, *titles: str) -> None:
        """Make the feed list these posts."""
        self.site.route("/feed", feed_xml(*titles, hub=self.hub.url))

    def tick(self) -> list[str]:
        """Do one tick; return the titles of the posts that were new."""
        return [title for one in self.app.run().feeds for title in one.new]

    @property
    def feed(self) -> Feed:
        return self.app.feeds()[0]

    @property
    def push(self) -> Push | None:
        with self.app.database.read() as conn:
            return pushes.by_feed(conn, self.feed.id)

    def address(self, hook: Hook) -> str:
        """Return the path a hub or site calls."""
        return callback(self.app.tools, hook, self.feed.id).removeprefix(
            self.app.tools.publication.public_url
        )


def feed_xml(*titles: str, hub: str = "") -> str:
    items = "".join(
        f"<item><title>{title}</title><link>https://blog.example/{title}/</link><guid>{title}</guid></item>"
        for title in titles
    )
    links = f"<atom:link rel='hub' href='{hub}'/><atom:link rel='self' href='https://blog.example/feed'/>"
    return (
        "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>Blog</title>"
        f"<link>https://blog.example/</link>{links if hub else ''}{items}</channel></rss>"
    )


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    clock = Clock()
    with (
        FeedServer() as site,
        HubServer() as hub,
        installation(tmp_path, clock=clock, feeds={"allow_private": True}) as app,
        serving(app) as visitor,  # type: ignore[arg-type]
    ):
        public = replace(app.publication, public_url=f"http://127.0.0.1:{visitor.port}")
        app.tools = replace(app.tools, publication=public, push=True)
        site.route("/feed", feed_xml("one", hub=hub.url))
        app.add_feed(f"{site.url}/feed")
        yield Stage(site=site, hub=hub, app=app, visitor=visitor, clock=clock)


def test_a_hub_is_asked_at_the_next_tick_and_may_verify_while_it_is_asked(stage: Stage) -> None:
    stage.tick()
    assert stage.hub.asked[0] | {"hub.secret": "", "hub.callback": ""} == {
        "hub.mode": "subscribe",
        "hub.topic": "https://blog.example/feed",
        "hub.lease_seconds": "864000",
        "hub.callback": "",
        "hub.secret": "",
    }
    assert stage.hub.echoes == [(200, "kitten<&>7")]
    push = stage.push
    assert push is not None
    assert (push.state, push.topic_url) == (PushState.ACTIVE, "https://blog.example/feed")
    assert push.lease_until is not None
    assert (push.lease_until - stage.clock()).total_seconds() == 86_400


def test_a_push_makes_a_post_appear_at_the_next_tick(stage: Stage) -> None:
    stage.tick()
    stage.publish("two", "one")
    stage.clock.pass_time(seconds=15)
    assert stage.tick() == []
    assert stage.hub.deliver(b"<rss>anything at all</rss>") == 202
    stage.clock.pass_time(seconds=15)
    assert stage.tick() == ["two"]


def test_without_a_push_polling_finds_it(stage: Stage) -> None:
    stage.publish("two", "one")
    stage.clock.pass_time(hours=7)
    assert stage.tick() == ["two"]


def test_what_is_pushed_is_never_taken_for_a_post(stage: Stage) -> None:
    stage.tick()
    stage.hub.deliver(feed_xml("invented", "one").encode())
    stage.clock.pass_time(seconds=15)
    assert stage.tick() == []


@pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
def test_every_method_of_signing_is_understood(stage: Stage, method: str) -> None:
    stage.tick()
    before = stage.feed.next_poll_at
    assert stage.hub.deliver(b"x" * 100_000, method=method) == 202
    assert stage.feed.next_poll_at != before


def test_a_forged_delivery_is_answered_and_changes_nothing(stage: Stage) -> None:
    stage.tick()
    before = stage.feed
    assert stage.hub.deliver(b"<rss/>", secret="guessed") == 202
    assert stage.visitor.ask("POST", stage.address(Hook.PUSH), b"<rss/>").status == 202
    assert stage.feed == before


def test_a_delivery_too_large_to_check_is_refused_and_changes_nothing(stage: Stage) -> None:
    stage.tick()
    before = stage.feed
    assert stage.visitor.ask("POST", stage.address(Hook.PUSH), b"x" * (5 << 20)).status == 413
    assert stage.feed == before


def test_a_verification_nobody_waits_for_is_refused(stage: Stage) -> None:
    """Before the first tick no hub was asked, so there is nothing to verify or deliver to."""
    path = stage.address(Hook.PUSH)
    query = "?hub.mode=subscribe&hub.topic=https://blog.example/feed&hub.challenge=x&hub.lease_seconds=60"
    assert stage.visitor.get(path + query).status == 404
    assert stage.visitor.get(path).status == 404
    assert stage.visitor.ask("POST", path, b"<rss/>").status == 404
    assert stage.push is None


@pytest.mark.parametrize(
    "changes", [{"topic": "https://blog.example/other"}, {"mode": "unsubscribe"}, {"challenge": ""}]
)
def test_only_the_subscription_we_asked_for_is_verified(stage: Stage, changes: dict[str, str]) -> None:
    stage.hub.verifies = False
    stage.tick()
    assert stage.hub.verify(**changes)[0] == 404
    assert stage.push is not None
    assert stage.push.state is PushState.ASKED


@pytest.mark.parametrize("path", ["/push/{}", "/ping/{}"])
@pytest.mark.parametrize("token", ["k1.1.0000000000000000000000000000000000000000", "x", "k1.1", "%00", "é"])
def test_a_wrong_token_is_not_found_and_changes_nothing(stage: Stage, path: str, token: str) -> None:
    stage.tick()
    before = stage.feed
    assert stage.visitor.ask("POST", path.format(token.replace("é", "%C3%A9")), b"").status == 404
    assert stage.feed == before


def test_a_token_serves_one_purpose(stage: Stage) -> None:
    stage.tick()
    before = stage.feed
    swapped = stage.address(Hook.PUSH).replace("/push/", "/ping/")
    assert stage.visitor.ask("POST", swapped, b"").status == 404
    assert stage.feed == before


def test_a_denial_is_written_down_and_polling_goes_on(stage: Stage) -> None:
    stage.tick()
    assert stage.hub.verify(mode="denied", reason="Not <b>today</b>", challenge="")[0] == 202
    assert stage.push is not None
    assert (stage.push.state, stage.push.reason) == (PushState.DENIED, "Not today")
    assert stage.hub.verify()[0] == 404
    stage.publish("two", "one")
    stage.clock.pass_time(hours=7)
    assert stage.tick() == ["two"]


def test_a_denial_of_another_topic_is_not_ours(stage: Stage) -> None:
    stage.tick()
    assert stage.hub.verify(mode="denied", topic="https://blog.example/other")[0] == 404
    assert stage.push is not None
    assert stage.push.state is PushState.ACTIVE


def test_a_lease_is_renewed_before_it_ends_and_pushes_count_meanwhile(stage: Stage) -> None:
    stage.tick()
    stage.clock.pass_time(hours=12)
    stage.tick()
    assert len(stage.hub.asked) == 1
    stage.hub.verifies = False
    stage.clock.pass_time(hours=7)
    stage.tick()
    assert len(stage.hub.asked) == 2
    before = stage.feed.next_poll_at
    stage.clock.pass_time(seconds=20)
    assert stage.hub.deliver(b"<rss/>") == 202
    assert stage.feed.next_poll_at != before


def test_a_hub_that_refuses_is_asked_again_an_hour_later(stage: Stage) -> None:
    stage.hub.status, stage.hub.words = 422, "topic <i>unknown</i>"
    stage.tick()
    assert stage.push is not None
    assert stage.push.state is PushState.REFUSED
    assert stage.push.reason.endswith("answered 422: topic unknown")
    stage.clock.pass_time(minutes=59)
    stage.tick()
    assert len(stage.hub.asked) == 1
    stage.hub.status = 202
    stage.clock.pass_time(minutes=1)
    stage.tick()
    assert stage.push.state is PushState.ACTIVE


def test_no_hub_is_asked_when_pushes_are_off(stage: Stage) -> None:
    stage.app.tools = replace(stage.app.tools, push=False)
    stage.tick()
    assert (stage.hub.asked, stage.push) == ([], None)


def test_a_feed_that_changes_its_hub_is_subscribed_there(stage: Stage) -> None:
    stage.tick()
    with HubServer() as other:
        stage.site.route("/feed", feed_xml("one", hub=other.url))
        stage.clock.pass_time(hours=7)
        stage.tick()
        assert len(other.asked) == 1
        assert stage.push is not None
        assert stage.push.hub_url == other.url


def test_a_link_header_names_the_hub_before_the_feed_does(stage: Stage) -> None:
    with HubServer() as other:
        links = f'<{other.url}>; rel="hub", <https://blog.example/feed?full>; rel="self"'
        stage.site.route("/feed", feed_xml("one", hub=stage.hub.url), headers={"Link": links})
        stage.clock.pass_time(hours=7)
        stage.tick()
        assert [form["hub.topic"] for form in other.asked] == ["https://blog.example/feed?full"]


# --- Pings -----------------------------------------------------------------------------------------


def test_a_ping_makes_a_post_appear_at_the_next_tick(stage: Stage) -> None:
    stage.publish("two", "one")
    stage.clock.pass_time(seconds=15)
    assert stage.visitor.ask("POST", stage.address(Hook.PING), b'{"post": {}}').status == 202
    assert stage.tick() == ["two"]


def test_an_xml_rpc_ping_is_told_yes_in_its_own_words(stage: Stage) -> None:
    """What WordPress's update services send."""
    call = b"<?xml version='1.0'?><methodCall><methodName>weblogUpdates.ping</methodName></methodCall>"
    answer = stage.visitor.ask("POST", stage.address(Hook.PING), call, {"Content-Type": "text/xml"})
    assert (answer.status, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert "<name>flerror</name><value><boolean>0</boolean>" in answer.text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_following_the_ping_address_changes_nothing(stage: Stage, method: str) -> None:
    before = stage.feed
    assert stage.visitor.ask(method, stage.address(Hook.PING)).status == 405
    assert stage.feed == before


def test_the_addresses_of_hooks_are_kept_out_of_caches_and_indexes(stage: Stage) -> None:
    headers = stage.visitor.ask("POST", stage.address(Hook.PING), b"").headers
    assert (headers["cache-control"], headers["x-robots-tag"]) == ("no-store", "noindex, nofollow")


def test_pings_never_bring_two_polls_within_ten_seconds(stage: Stage) -> None:
    asked = len(stage.site.asked)
    for _ in range(3):
        stage.visitor.ask("POST", stage.address(Hook.PING), b"")
        stage.tick()
    assert len(stage.site.asked) == asked
    stage.clock.pass_time(seconds=10)
    stage.tick()
    assert len(stage.site.asked) == asked + 1


def test_a_feed_that_fails_is_left_alone_longer(stage: Stage) -> None:
    """It may have asked for that itself (429, 503)."""
    stage.site.route("/feed", status=503)
    stage.clock.pass_time(hours=7)
    stage.tick()
    stage.visitor.ask("POST", stage.address(Hook.PING), b"")
    assert stage.feed.next_poll_at is not None
    assert (stage.feed.next_poll_at - stage.clock()).total_seconds() == 300


def test_a_ping_that_comes_while_the_feed_is_asked_is_not_lost(stage: Stage) -> None:
    """The post it tells of may be newer than the answer under way."""
    stage.clock.pass_time(hours=7)
    (under_way,) = tick.ask(stage.app.tools)
    stage.publish("two", "one")
    stage.visitor.ask("POST", stage.address(Hook.PING), b"")
    assert collect.keep(stage.app.tools, under_way, stage.clock()).new == ()
    assert stage.tick() == ["two"]


def test_a_ping_for_a_feed_that_is_gone_is_not_found(stage: Stage) -> None:
    token = stage.app.tools.hook_tokens.token(Hook.PING, 99)
    assert stage.visitor.ask("POST", f"/ping/{token}", b"").status == 404

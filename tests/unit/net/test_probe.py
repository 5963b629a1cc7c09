"""Asking our own pages, wherever they listen."""

from __future__ import annotations

import socket

import pytest

from digest.net.probe import own_url, silence
from tests.servers import FeedServer


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8025"),
        ("news.example", "http://news.example:8025"),
        ("0.0.0.0", "http://127.0.0.1:8025"),
        ("::", "http://[::1]:8025"),
        ("::1", "http://[::1]:8025"),
        ("2001:db8::7", "http://[2001:db8::7]:8025"),
    ],
)
def test_who_listens_on_every_address_is_asked_at_one(host: str, url: str) -> None:
    assert own_url(host, 8025) == url


def test_a_page_that_answers_is_not_silent_and_one_that_does_not_says_why() -> None:
    with FeedServer() as site:
        site.route("/healthz", "ok")
        assert silence(f"{site.url}/healthz", "Everypost") == ""
        assert "answered 404" in silence(f"{site.url}/nowhere", "Everypost")


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
def test_an_address_in_brackets_can_be_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    assert "misspelled" not in silence(f"{own_url('::', port)}/healthz", "Everypost")

"""Where feeds of each format point beside their posts."""

from __future__ import annotations

import json
from typing import Any

import pytest

from digest.feeds.parse import parse
from digest.hubs import FeedLinks

URL = "https://blog.example/feed"
ATOM = "xmlns:atom='http://www.w3.org/2005/Atom'"
ITEM = "<item><title>x</title><atom:link rel='next' href='/no'/></item>"


def links(body: str) -> FeedLinks:
    return parse(body.encode(), content_type="", url=URL).links


def rss(head: str) -> FeedLinks:
    return links(f"<rss version='2.0' {ATOM}><channel><title>T</title>{head}{ITEM}</channel></rss>")


def test_rss_names_them_in_atoms_words() -> None:
    head = (
        "<link>https://blog.example/</link><atom:link rel='self' href='https://blog.example/feed'/>"
        "<atom:link rel='hub' href='https://hub.example/'/><atom:link rel='hub' href='https://b.example/'/>"
        "<atom:link rel='next' href='/feed?page=2'/>"
    )
    expected = FeedLinks(
        own="https://blog.example/feed", hub="https://hub.example/", older="https://blog.example/feed?page=2"
    )
    assert rss(head) == expected


def test_atom_has_them_itself() -> None:
    body = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>T</title><link rel='self' href='/feed'/>"
        "<link rel='hub' href='https://hub.example/'/><link rel='prev-archive' href='/2025.xml'/></feed>"
    )
    expected = FeedLinks(
        own="https://blog.example/feed", hub="https://hub.example/", older="https://blog.example/2025.xml"
    )
    assert links(body) == expected


@pytest.mark.parametrize(
    "head", ["", "<atom:link href='x'/>", "<atom:link rel='hub' href='mailto:a@b.example'/>"]
)
def test_most_feeds_name_none(head: str) -> None:
    assert rss(head) == FeedLinks()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {
                "feed_url": "/feed",
                "next_url": "/feed?2",
                "hubs": [{"type": "rssCloud", "url": "x"}, {"type": "WebSub", "url": "https://hub.example/"}],
            },
            FeedLinks(
                own="https://blog.example/feed",
                hub="https://hub.example/",
                older="https://blog.example/feed?2",
            ),
        ),
        ({"hubs": ["x", {"type": "rssCloud", "url": "x"}]}, FeedLinks()),
        ({"hubs": {"type": "WebSub"}}, FeedLinks()),
        ({}, FeedLinks()),
    ],
)
def test_json_feed_has_names_of_its_own(values: dict[str, Any], expected: FeedLinks) -> None:
    assert links(json.dumps({"title": "T", "items": []} | values)) == expected


def test_the_software_is_told() -> None:
    body = "<rss version='2.0'><channel><title>T</title><generator>Hugo 1</generator></channel></rss>"
    assert parse(body.encode(), content_type="", url=URL).generator == "Hugo 1"

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from digest.errors import NotAFeed
from digest.feeds.wordpress import api_root, is_wordpress, paged, rest_page, rest_posts
from digest.model import FoundPost, Image, ParsedFeed

URL = "https://blog.example/wp-json/wp/v2/posts"


def feed(*guids: str, generator: str = "") -> ParsedFeed:
    posts = tuple(FoundPost(guid=guid, link="", title="x") for guid in guids)
    return ParsedFeed(generator=generator, posts=posts)


@pytest.mark.parametrize(
    ("parsed", "expected"),
    [
        (feed(generator="https://wordpress.org/?v=6.8.1"), True),
        (feed(generator="WordPress.com"), True),
        (feed("https://a.example/?p=1", "https://a.example/?page_id=2", "x"), True),
        (feed("https://a.example/?post_type=film&p=1"), True),
        (feed("https://a.example/?p=1", "x"), False),
        (feed("https://a.example/?p=one"), False),
        (feed(generator="Hugo"), False),
        (feed(), False),
    ],
)
def test_wordpress_is_known_by_its_name_or_its_guids(parsed: ParsedFeed, expected: bool) -> None:
    assert is_wordpress(parsed) is expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/feed/", "https://a.example/feed/?paged=2"),
        ("https://a.example/?feed=rss2", "https://a.example/?feed=rss2&paged=2"),
        ("https://a.example/feed/?paged=7&x=", "https://a.example/feed/?x=&paged=2"),
    ],
)
def test_the_address_of_an_older_page(url: str, expected: str) -> None:
    assert paged(url, 2) == expected


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        ("https://a.example/wp-json/", "https://a.example/wp-json/wp/v2/posts?per_page=100&page=3&"),
        (
            "https://a.example/?rest_route=/",
            "https://a.example/?rest_route=/wp/v2/posts&per_page=100&page=3&",
        ),
    ],
)
def test_the_address_of_a_page_of_the_interface(root: str, expected: str) -> None:
    assert rest_page(root, 3).startswith(expected)


@pytest.mark.parametrize(
    ("html", "root"),
    [
        (b"<link rel='stylesheet' href='/x'><link rel='https://api.w.org/' href='/wp-json/'>", "/wp-json/"),
        (b"<html><p>Nothing</p>", ""),
        (b"<link rel='https://api.w.org/'>", ""),
        (b"<link href='/x'>", ""),
        (b"", ""),
    ],
)
def test_a_page_names_the_interface(html: bytes, root: str) -> None:
    assert api_root(html, "https://blog.example/") == (f"https://blog.example{root}" if root else "")


def rest(*items: Any, language: str = "en-GB") -> tuple[FoundPost, ...]:
    return rest_posts(json.dumps(items).encode(), url=URL, language=language)


def test_a_post_of_the_interface_is_the_post_of_the_feed() -> None:
    (found,) = rest(
        {
            "guid": {"rendered": "https://blog.example/?post_type=film&#038;p=7"},
            "link": "https://blog.example/seven/",
            "date_gmt": "2026-11-20T08:30:00",
            "title": {"rendered": "Bail &#8211; &amp; <em>after</em>"},
            "content": {"rendered": "<p>The whole text of the post.</p>", "protected": False},
            "excerpt": {"rendered": "<p>What it is about.</p>"},
            "_embedded": {
                "author": [{"name": "Ann Reader"}],
                "wp:term": [[{"name": "Prisons"}], [{"name": "bail"}]],
                "wp:featuredmedia": [
                    {
                        "source_url": "https://blog.example/a.jpg",
                        "alt_text": "A bridge",
                        "caption": {"rendered": "<p>Photo: B. Lens</p>"},
                    }
                ],
            },
        }
    )
    assert found == FoundPost(
        guid="https://blog.example/?post_type=film&p=7",
        link="https://blog.example/seven/",
        title="Bail – & after",
        author="Ann Reader",
        published_at=datetime(2026, 11, 20, 8, 30, tzinfo=UTC),
        language="en-GB",
        html="<p>The whole text of the post.</p>",
        excerpt="What it is about.",
        categories=("Prisons", "bail"),
        image=Image(url="https://blog.example/a.jpg", alt="A bridge", credit="Photo: B. Lens"),
    )


def test_a_value_of_the_wrong_type_counts_as_absent() -> None:
    (found,) = rest(
        {"guid": "x", "link": 7, "title": [], "content": None, "_embedded": {"author": [3], "wp:term": 1}}
    )
    assert found == FoundPost(guid="", link="", title="–", language="en-GB")


def test_what_is_no_post_or_behind_a_password_is_left_out() -> None:
    assert rest("x", {"content": {"rendered": "", "protected": True}}) == ()


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"code": "rest_disabled"}', b"[" * 100_000])
def test_an_answer_that_is_no_list_of_posts_is_named(body: bytes) -> None:
    with pytest.raises(NotAFeed) as refused:
        rest_posts(body, url=URL)
    assert refused.value.reason == "json"

from __future__ import annotations

import pytest

from digest.feeds.entry import RawEntry, found_post, language_tag, with_body
from digest.model import FoundPost, Image

LONG = "A sentence that is long enough to be a body of its own, because it goes on and on. " * 8


def made(**fields: object) -> FoundPost:
    return found_post(RawEntry(feed_url="https://blog.example/feed", **fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("EN", "en"),
        ("en_gb", "en-GB"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("de-1996", "de-1996"),
        ("en-!!", "en"),
        ("english", ""),
        ("", ""),
    ],
)
def test_a_language_is_a_tag_in_its_usual_case(text: str, tag: str) -> None:
    assert language_tag(text) == tag


def test_a_post_without_title_is_named_by_how_it_begins() -> None:
    assert made(summary=f"<p>{LONG}</p>").title == (
        "A sentence that is long enough to be a body of its own, because it goes on and…"
    )
    assert made(summary="日本語" * 50).title == ("日本語" * 50)[:80] + "…"


def test_a_post_without_title_and_text_is_named_by_its_address() -> None:
    assert made(link="/2026/post").title == "blog.example/2026/post"


def test_the_excerpt_is_a_text_of_its_own_or_nothing() -> None:
    body = f"<p>{LONG}</p>"
    assert made(contents=(body,), summary="Why it matters.").excerpt == "Why it matters."
    assert made(contents=(body,), summary="A sentence that is long enough […]").excerpt == ""
    assert made(contents=(body,), summary="<b>A sentence</b> – that is long enough").excerpt == ""
    assert made(contents=(body,), summary="x" * 501).excerpt == ""


def test_the_longest_content_is_the_body() -> None:
    assert made(contents=("<p>short</p>", f"<p>{LONG}</p>")).html == f"<p>{LONG.strip()} </p>"


def test_a_summary_that_is_the_whole_text_beats_a_teaser() -> None:
    assert made(contents=(f"<p>{LONG[:150]}</p>",), summary=f"<p>{LONG}</p>").html == f"<p>{LONG}</p>"


def test_a_picture_with_few_words_beats_a_longer_standfirst() -> None:
    post = made(contents=("<p>See:</p><img src='/a.jpg'>",), summary="A standfirst of several words.")
    assert "a.jpg" in post.html
    assert post.excerpt == "A standfirst of several words."


def test_a_picture_given_apart_is_used_only_when_its_address_is_good() -> None:
    tracker = Image(url="https://pixel.wp.com/b.gif?post=1")
    pictures = (Image(url="data:x"), tracker, Image(url="/a.jpg", alt="A &amp; B", credit="<b>Ann</b>"))
    assert made(pictures=pictures).image == Image(url="https://blog.example/a.jpg", alt="A & B", credit="Ann")


def test_categories_are_plain_and_counted_once() -> None:
    assert made(categories=("R &amp; D", "r & d", " ", "<i>X</i>")).categories == ("R & D", "X")


def test_bidirectional_overrides_and_line_breaks_never_reach_a_title() -> None:
    assert made(title="Invoice\u202efdp\r\nBcc: x\u2028y").title == "Invoicefdp Bcc: xy"


def test_a_page_takes_the_place_of_a_body_only_when_it_says_more() -> None:
    found = FoundPost(
        guid="1",
        link="https://b.example/1/",
        title="T",
        html="<p>Eleven whole words are more than what the page has.</p>",
    )
    assert with_body(found, "<p>Less.</p>") is found
    assert with_body(
        found, "<h1>T</h1><p>More and more and more words than the feed has of it.</p>"
    ).html == ("<p>More and more and more words than the feed has of it.</p>")

"""Pictures beside the text, where the sample feeds leave edges."""

from __future__ import annotations

import pytest

from digest.feeds.media import hidden, pictures

FEED = (
    "<rss xmlns:media='http://search.yahoo.com/mrss/'><item><media:content url='/a.jpg' medium='image'>"
    "<media:title>{title}</media:title></media:content></item></rss>"
)


def test_pictures_are_read_in_the_encoding_that_was_found() -> None:
    ((picture,),) = pictures(FEED.format(title="Füße").encode("windows-1252"), "windows-1252")
    assert picture.alt == "Füße"


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(FEED.format(title="x").encode(), "no-such-encoding"), (b"search.yahoo.com/mrss", "utf-8")],
)
def test_what_cannot_be_read_gives_no_pictures(body: bytes, encoding: str) -> None:
    assert pictures(body, encoding) == ()


def test_a_feed_that_gives_no_pictures_is_left_as_it_is() -> None:
    body = b"<rss><item><description>media:title</description></item></rss>"
    assert (hidden(body), pictures(body)) == (body, ())


@pytest.mark.parametrize(
    ("title", "alt"), [("A bridge", "A bridge"), ("IMG_2034", ""), ("bridge-1024.jpg", "")]
)
def test_the_name_of_a_file_describes_no_picture(title: str, alt: str) -> None:
    ((picture,),) = pictures(FEED.format(title=title).encode())
    assert picture.alt == alt

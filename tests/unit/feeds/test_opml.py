"""Lists of feeds from feed readers."""

from __future__ import annotations

import pytest

from digest.errors import NotAFeed
from digest.feeds.opml import Listed, read


def opml(body: str) -> bytes:
    return f"<?xml version='1.0'?>\n<opml version='2.0'><head/><body>\n{body}\n</body></opml>".encode()


def test_feeds_come_from_every_depth_in_the_files_order_with_their_lines() -> None:
    found = read(
        opml(
            "<outline text='Law'>\n<outline text='Courts'>\n"
            "<outline type='rss' text='One' title='First' xmlUrl='https://a.example/feed' htmlUrl='x'/>\n"
            "</outline></outline>\n<outline TEXT=' Two ' XMLURL=' https://b.example/ '/>"
        )
    )
    assert found == (
        Listed(line=5, url="https://a.example/feed", title="First"),
        Listed(line=7, url="https://b.example/", title="Two"),
    )


def test_outlines_without_an_address_are_folders() -> None:
    assert read(opml("<outline text='x' xmlUrl=''/><outline text='y'/>")) == ()


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "xml"),
        (b"not xml", "xml"),
        (b"<opml><body><outline>", "xml"),
        (b"<rss version='2.0'/>", "not_opml"),
        (b"<!DOCTYPE opml [<!ENTITY a 'b'>]><opml><body><outline xmlUrl='&a;'/></body></opml>", "entities"),
        (b"<!doctype opml SYSTEM 'http://127.0.0.1/x.dtd'><opml/>", "entities"),
        ("<?xml version='1.0' encoding='utf-16'?><!DOCTYPE opml []><opml/>".encode("utf-16"), "entities"),
    ],
)
def test_what_is_no_list_of_feeds_is_refused_by_name(body: bytes, reason: str) -> None:
    with pytest.raises(NotAFeed) as refused:
        read(body)
    assert refused.value.reason == reason

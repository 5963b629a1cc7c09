"""Golden pairs: each feed in tests/data/feeds has a module beside it that says what must come out."""

from __future__ import annotations

import importlib.util
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from digest.errors import NotAFeed
from digest.feeds.parse import parse

DATA = Path(__file__).parents[2] / "data" / "feeds"
SAMPLES = sorted(path for path in DATA.iterdir() if path.suffix in (".xml", ".json"))
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def expectation(sample: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"sample_{sample.stem}", sample.with_suffix(".py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rss(items: str, head: str = "") -> bytes:
    feed = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>"
    return f"<?xml version='1.0'?>{head}{feed}".encode()


def read(body: bytes, content_type: str = "", url: str = "https://blog.example/feed"):  # type: ignore[no-untyped-def]
    return parse(body, content_type=content_type, url=url, now=NOW)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_says_what_is_written_beside_it(sample: Path) -> None:
    module = expectation(sample)
    assert parse(sample.read_bytes(), content_type="", url=module.URL) == module.EXPECTED


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"<!DOCTYPE html><html><body>Are you human?</body></html>", "html"),
        (b"<html><head><title>502</title></head></html>", "html"),
        (b"<meta charset=utf-8><title>Soon</title><p>Nothing here yet.", "html"),
        (b"<?xml version='1.0'?><urlset><url/></urlset>", "xml"),
        (b"Just a moment...", "text"),
        (b"\x00\x01\x02\xff\xfe", "text"),
        (b"[1, 2]", "json"),
        (b'{"status": "error"}', "json"),
        (b'{"items": [', "json"),
        (b"[" * 100_000, "json"),
        (
            b"<?xml version='1.0'?><rss xmlns:wp='http://wordpress.org/export/1.2/'><channel/></rss>",
            "wxr",
        ),
    ],
)
def test_what_is_no_feed_is_named(body: bytes, reason: str) -> None:
    with pytest.raises(NotAFeed) as refused:
        read(body)
    assert refused.value.reason == reason
    assert "https://blog.example/feed" in str(refused.value)


BOMB = "<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>]>"


@pytest.mark.parametrize(
    "head",
    [
        BOMB,
        "<!-- <rss> --><?pi <rss> ?>" + BOMB,
        "<!DOCTYPE rss [<!ENTITY % p SYSTEM 'http://evil.example/x.dtd'> %p;]>",
        "<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        "<!doctype rss [<!entity x 'y'>]>",
        "<!DOCTYPE rss SYSTEM 'x' [" + " " * 70_000 + "<!ENTITY x 'y'>]>",
    ],
)
def test_entities_of_its_own_refuse_a_feed(head: str) -> None:
    body = rss("<item><title>&x;</title></item>", head)
    for spelling in (body, b"\xef\xbb\xbf" + body, body.decode().encode("utf-16")):
        with pytest.raises(NotAFeed) as refused:
            read(spelling)
        assert refused.value.reason == "entities"


def test_a_declared_document_type_without_entities_is_read() -> None:
    head = '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "http://my.netscape.example/rss-0.91.dtd">'
    assert len(read(rss("<item><title>x</title></item>", head)).posts) == 1


def test_a_post_may_write_about_entities() -> None:
    text = "<![CDATA[<!DOCTYPE a [<!ENTITY x 'y'>]>]]>"
    found = read(rss(f"<item><title>x</title><description>{text}</description></item>"))
    assert len(found.posts) == 1


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "windows-1252", "iso-8859-1"])
def test_the_declared_encoding_is_read(charset: str) -> None:
    feed = "<rss version='2.0'><channel><title>Füße</title></channel></rss>"
    assert read(f"<?xml version='1.0' encoding='{charset}'?>{feed}".encode(charset)).title == "Füße"


def test_the_charset_of_the_header_decides_where_the_feed_is_silent() -> None:
    body = "<rss version='2.0'><channel><title>Füße</title></channel></rss>".encode("iso-8859-1")
    assert read(body, "application/rss+xml; charset=iso-8859-1").title == "Füße"


def test_windows_characters_in_a_feed_labelled_utf_8_are_still_readable() -> None:
    body = rss("<item><title>He said \u201cno\u201d</title></item>").replace("\u201c".encode(), b"\x93")
    body = body.replace("\u201d".encode(), b"\x94")
    assert read(body).posts[0].title == "He said \u201cno\u201d"


def test_invalid_characters_and_a_cut_off_end_are_read_with_a_warning() -> None:
    found = read(rss("<item><title>a\x0bb</title><link>https://b.example/1</link></item><item><titl")[:-20])
    assert [post.title for post in found.posts] == ["ab"]
    assert found.cut_off
    assert any("not well-formed" in warning for warning in found.warnings)


def test_only_entries_that_were_ended_are_taken_from_a_cut_off_feed() -> None:
    items = "".join(f"<item><title>{n}</title><description>Words.</description></item>" for n in range(3))
    whole = rss(items)
    for kept, end in ((3, b"</channel>"), (2, b"</description></item></channel>")):
        found = read(whole[: whole.index(end) + 4])
        assert (len(found.posts), found.cut_off) == (kept, True)
    assert not read(whole + b"<!-- cached in 0.1 s -->").cut_off


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ("", None),
        ("<ttl>90</ttl>", 5_400),
        ("<ttl>soon</ttl>", None),
        ("<sy:updatePeriod> daily </sy:updatePeriod>", 86_400),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 900),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", 3_600),
        ("<sy:updatePeriod>whenever</sy:updatePeriod>", None),
        ("<ttl>60</ttl><sy:updatePeriod>daily</sy:updatePeriod>", 86_400),
    ],
)
def test_how_long_a_feed_asks_to_be_left_alone(asked: str, seconds: int | None) -> None:
    feed = f"<rss version='2.0' xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'><channel>{asked}"
    assert read(f"{feed}<item><title>a</title></item></channel></rss>".encode()).ttl_s == seconds


def test_a_wrong_media_type_is_no_warning() -> None:
    assert (
        read(rss("<item><title>a</title><guid>1</guid></item>"), "text/plain")
        .warnings[0]
        .startswith("1 of 1")
    )


def test_whatever_the_parser_raises_is_one_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("inside the library")

    monkeypatch.setattr("feedparser.parse", broken)
    with pytest.raises(NotAFeed) as refused:
        read(rss(""))
    assert isinstance(refused.value.__cause__, KeyError)


def test_an_empty_feed_is_a_feed() -> None:
    found = read(rss(""))
    assert (found.posts, found.warnings) == ((), ("The feed lists no posts.",))


def numbered(count: int, dates: list[str] | None = None) -> bytes:
    def item(i: int) -> str:
        date = f"<pubDate>{dates[i]}</pubDate>" if dates else ""
        return f"<item><title>{i}</title><guid>{i}</guid>{date}</item>"

    return rss("".join(item(i) for i in range(count)))


def test_only_the_first_thousand_entries_are_read() -> None:
    found = read(numbered(1020))
    assert [found.posts[0].title, found.posts[-1].title] == ["0", "999"]
    assert found.warnings[0] == "The feed lists 1020 posts; only 1000 were read."


def test_of_a_long_feed_written_oldest_first_the_newest_are_read() -> None:
    dates = [f"Mon, 01 Jan {2000 + i // 28} 00:00:{i % 28:02} GMT" for i in range(1020)]
    assert read(numbered(1020, dates)).posts[-1].title == "1019"
    assert read(numbered(1020, dates[::-1])).posts[-1].title == "999"


@pytest.mark.parametrize(
    ("item", "link"),
    [
        ("<guid>https://b.example/1</guid>", "https://b.example/1"),
        ("<guid>abc</guid>", ""),
        ("<guid isPermaLink='false'>https://b.example/1</guid>", ""),
        ("<link>javascript:alert(1)</link>", ""),
        ("<link>//b.example/x</link>", "https://b.example/x"),
        ("<link>https://b.example/?a=1&amp;b=2</link>", "https://b.example/?a=1&b=2"),
    ],
)
def test_only_a_web_address_is_a_link(item: str, link: str) -> None:
    assert read(rss(f"<item><title>x</title>{item}</item>")).posts[0].link == link


def test_a_bare_guid_stays_the_same_when_the_feed_moves() -> None:
    body = rss("<item><guid>abc</guid><title>x</title></item>")
    assert read(body, url="https://a.example/f").posts == read(body, url="https://b.example/g").posts


def test_an_author_given_as_a_mail_address_is_not_shown() -> None:
    assert read(rss("<item><title>x</title><author>ann@b.example</author></item>")).posts[0].author == ""


def test_blogger_s_own_kind_is_no_category() -> None:
    body = b"""<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>x</title>
      <category scheme='http://schemas.google.com/g/2005#kind' term='http://schemas.google.com/blogger/2008/kind#post'/>
      <category term='R &amp; D'/></entry></feed>"""
    assert read(body).posts[0].categories == ("R & D",)


def test_content_that_is_neither_text_nor_html_is_left_out() -> None:
    body = b"""<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>x</title>
      <content type='image/png'>iVBORw0KGgo=</content></entry></feed>"""
    assert read(body).posts[0].html == ""


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("November 20 2026 10:00", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("Παρ, 20 Νοε 2026 10:00:00 GMT", datetime(2026, 11, 20, 10, tzinfo=UTC)),
        ("2026년 11월 20일  01:31:15", None),
        ("2026-november-20T10:00+01:00", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1700000000", None),
        ("soon", None),
        ("", None),
    ],
)
def test_feedparser_s_reading_of_a_date_counts_when_the_text_bears_it_out(
    text: str, instant: datetime | None
) -> None:
    found = read(rss(f"<item><title>x</title><pubDate>{text}</pubDate></item>"))
    assert found.posts[0].published_at == instant


def test_the_picture_may_come_as_a_thumbnail_or_an_itunes_image() -> None:
    media = "xmlns:media='http://search.yahoo.com/mrss/' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'"
    for tag in (
        "<media:thumbnail url='/a.png' width='90'/>",
        "<itunes:image href='/a.png'/>",
        "<media:content url='/a.mp4' type='video/mp4'/><media:content url='/a.png' type='image/png'/>",
        "<enclosure url='data:x' type='image/png'/><media:thumbnail url='/a.png' width='x'/>",
    ):
        body = rss(f"<item><title>x</title>{tag}</item>").replace(b"<rss", f"<rss {media}".encode())
        image = read(body).posts[0].image
        assert image is not None
        assert image.url == "https://blog.example/a.png"


def test_more_than_a_feed_needs_is_refused_by_name() -> None:
    with pytest.raises(NotAFeed, match="nests elements a thousand deep") as refused:
        read(rss("<a>" * 2000))
    assert refused.value.reason == "depth"

"""The sample site, over real HTTP on 127.0.0.1."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urldefrag, urlsplit

import feedparser
import pytest

from digest.demo import sample_feed, sample_posts
from digest.demo.sample_posts import THEMES, BadSample
from digest.demo.site import SampleSite

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
GOOD_POST = """\
+++
title = "A title"
standfirst = "One line."
theme = "Courts"
days_ago = 3
at = 08:00:00
author = "Imogen Hartle"
+++
<p>Text.</p>
"""


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with SampleSite(NOW) as running:
        yield running


@pytest.fixture
def full_site() -> Iterator[SampleSite]:
    with SampleSite(NOW) as running:
        running.publish_all()
        yield running


class Answered:
    def __init__(self, url: str, *, method: str = "GET", headers: dict[str, str] | None = None) -> None:
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, headers=headers or {})
        answer = connection.getresponse()
        self.status, self.headers, self.body = answer.status, answer.headers, answer.read()
        connection.close()

    @property
    def text(self) -> str:
        return self.body.decode()


class Addresses(HTMLParser):
    """Every address a page leads to or loads, and every id it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.ids: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "data-src") and value:
                self.found.add(value)
            elif name in ("srcset", "data-srcset") and value:
                self.found.update(part.split()[0] for part in value.split(","))
            elif name == "id" and value:
                self.ids.add(value)


# --- The content -------------------------------------------------------------------------------------


def test_posts_are_enough_and_cover_eight_weeks_and_every_theme() -> None:
    posts = sample_posts.load_posts()
    newest = [post for post in posts if post.days_ago < 7]

    assert len(posts) >= 26
    assert posts[0].days_ago == 56
    assert len(newest) >= 8
    assert {post.theme for post in newest} == set(THEMES)
    assert any(sample_posts.UNCATEGORISED in post.also for post in newest)
    assert len({post.slug for post in posts}) == len(posts)


def test_the_newest_posts_hold_the_awkward_kinds() -> None:
    newest = [post for post in sample_posts.load_posts() if post.days_ago < 7]
    bodies = "".join(post.body for post in newest)

    for sign in ("<table", "footnotes", "<iframe", 'dir="rtl"', "<pre", "data-srcset"):
        assert sign in bodies
    assert any(not post.image for post in newest)
    assert any("&" in post.title and "“" in post.title and "📱" in post.title for post in newest)
    assert max(len(post.body.split()) for post in newest) > 5000


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("+++\ntitle", "title"), "two lines of"),
        (('title = "A title"', "title = A title"), "no TOML"),
        (('standfirst = "One line."\n', ""), "lacks standfirst"),
        (("days_ago = 3", 'days_ago = "3"'), "unexpected days_ago"),
        (("days_ago = 3", "days_ago = 0"), "lacks days_ago"),
        (('theme = "Courts"', 'theme = "Cats"'), "not one of the themes"),
        (("author =", 'colour = "red"\nauthor ='), "unexpected colour"),
        (("author =", 'image = "gate.jpg"\nauthor ='), "image_alt"),
        (("<p>Text", "Text"), "start with an element"),
        (("Text.", '<a href="http://other.example/">x</a>'), "unexpected address"),
    ],
)
def test_a_faulty_post_is_refused_with_its_fault(change: tuple[str, str], complaint: str) -> None:
    assert GOOD_POST.count(change[0]) == 1
    with pytest.raises(BadSample, match=complaint) as refused:
        sample_posts.read_post("01-a.html", GOOD_POST.replace(*change))
    assert "01-a.html" in str(refused.value)


@pytest.mark.parametrize(
    ("second", "complaint"),
    [
        (("03-b.html", GOOD_POST.replace("= 3", "= 2")), "does not follow"),
        (("02-b.html", GOOD_POST), "not newer"),
        (("02-b.html", GOOD_POST.replace("= 3", "= 4")), "not newer"),
        (("02-b.html", GOOD_POST.replace("= 3", "= 2").replace("Text", "post://c")), "not an older post"),
        (("02-b.html", GOOD_POST.replace("= 3", "= 2").replace("Text", "image://c.jpg")), "no image"),
        (("02-b.html", GOOD_POST.replace("= 3", "= 2").replace("Text", "watch://a")), "own post"),
    ],
)
def test_posts_that_do_not_agree_are_refused(second: tuple[str, str], complaint: str) -> None:
    posts = [sample_posts.read_post("01-a.html", GOOD_POST), sample_posts.read_post(*second)]
    with pytest.raises(BadSample, match=complaint):
        sample_posts.check_together(posts, images=set())


# --- Publishing in two steps -------------------------------------------------------------------------


def test_the_baseline_is_older_than_a_week_and_the_rest_appears_when_published(site: SampleSite) -> None:
    before = feedparser.parse(Answered(site.feed_url).body)
    appeared = site.publish_all()
    after = feedparser.parse(Answered(site.feed_url).body)

    week_ago = NOW - timedelta(days=7)
    assert all(datetime(*entry.published_parsed[:6], tzinfo=UTC) < week_ago for entry in before.entries)
    new = {entry.link for entry in after.entries} - {entry.link for entry in before.entries}
    assert {site.url + post.path(NOW) for post in appeared} <= new
    assert len(appeared) >= 8
    assert site.waiting == ()


def test_posts_appear_one_by_one_oldest_first() -> None:
    site = SampleSite(NOW, published=0)

    assert site.published == ()
    assert site.publish() == site.posts[:1]
    assert site.publish(2) == site.posts[1:3]
    assert site.publish(-5) == ()
    assert site.published == site.posts[:3]
    assert SampleSite(NOW, published=999).waiting == ()


def test_a_post_that_is_not_out_yet_has_no_page(site: SampleSite) -> None:
    address = site.url + site.waiting[0].path(NOW)
    before = Answered(address).status
    site.publish()

    assert (before, Answered(address).status) == (404, 200)


def test_no_post_is_dated_after_now_at_any_hour() -> None:
    for hour in (0, 12, 23):
        now = NOW.replace(hour=hour)
        assert all(post.published_at(now) < now for post in sample_posts.load_posts())


def test_the_sponsor_runs_now() -> None:
    site = SampleSite(NOW)

    assert site.sponsor.starts_on < NOW.date() < site.sponsor.ends_on
    assert site.sponsor.theme_key in {sample_posts.theme_key(theme) for theme in THEMES}


# --- Pages -------------------------------------------------------------------------------------------


def test_every_address_on_every_page_resolves(full_site: SampleSite) -> None:
    waiting, done, pages, outside = [f"{full_site.url}/"], set(), {}, set()
    fragments = set()
    while waiting:
        address, fragment = urldefrag(waiting.pop())
        if fragment:
            fragments.add((address, fragment))
        if address in done:
            continue
        done.add(address)
        answer = Answered(address)
        assert answer.status == 200, address
        assert answer.body, address
        if not answer.headers["Content-Type"].startswith("text/html"):
            continue
        pages[address] = Addresses(answer.text)
        for found in pages[address].found:
            if found.startswith("#"):
                fragments.add((address, found[1:]))
            elif found.startswith(full_site.url):
                waiting.append(found)
            else:
                outside.add(found.split(":")[0])

    assert {full_site.url + post.path(NOW) for post in full_site.posts} <= set(pages)
    assert outside <= {"mailto", "data", "https"}
    assert [pair for pair in fragments if pair[1] not in pages[pair[0]].ids] == []


def test_the_home_page_leads_to_the_feed_and_to_subscribing(site: SampleSite) -> None:
    site.subscribe_url = "http://127.0.0.1:8025/subscribe"
    page = Answered(f"{site.url}/").text

    link = f'type="application/rss+xml" title="After the Gate feed" href="{site.feed_url}">'
    assert f'<link rel="alternate" {link}' in page
    assert "Get every post by email for free" in page
    assert 'href="http://127.0.0.1:8025/subscribe"' in page
    assert all(site.url + post.path(NOW) in page for post in site.published)


def test_a_post_page_shows_picture_credit_sponsor_and_related_posts(full_site: SampleSite) -> None:
    post = next(post for post in full_site.posts[::-1] if post.theme == "Prisons" and post.image)
    page = Answered(full_site.url + post.path(NOW)).text

    assert f"{full_site.url}/images/{post.image}" in page
    assert post.image_credit in page
    assert full_site.sponsor.name in page
    assert "Share this post" in page
    assert "Related posts" in page


def test_only_the_sponsored_theme_shows_the_sponsor(full_site: SampleSite) -> None:
    post = next(post for post in full_site.posts if post.theme == "Courts")

    assert full_site.sponsor.name not in Answered(full_site.url + post.path(NOW)).text


def test_an_empty_site_still_has_a_home_page_and_a_feed() -> None:
    with SampleSite(NOW, published=0) as site:
        assert "Nothing published yet" in Answered(f"{site.url}/").text
        assert feedparser.parse(Answered(site.feed_url).body).entries == []


@pytest.mark.parametrize("name", ["../site.py", "gate.svg", "nothing.jpg", "%2e%2e/site.py", ""])
def test_only_the_pictures_of_the_package_are_served(site: SampleSite, name: str) -> None:
    assert Answered(f"{site.url}/images/{name}").status == 404


def test_pictures_are_small_jpegs(site: SampleSite) -> None:
    for name in {post.image for post in site.posts if post.image}:
        answer = Answered(f"{site.url}/images/{name}")
        assert answer.headers["Content-Type"] == "image/jpeg"
        assert answer.body.startswith(b"\xff\xd8")
        assert len(answer.body) <= 60_000


def test_the_short_link_redirects_to_the_post(site: SampleSite) -> None:
    post = site.posts[0]
    answer = Answered(f"{site.url}/?p={post.id}")

    assert (answer.status, answer.headers["Location"]) == (301, site.url + post.path(NOW))
    assert Answered(f"{site.url}/?p=1").status == 404


def test_head_answers_without_a_body(site: SampleSite) -> None:
    answer = Answered(site.feed_url, method="HEAD")

    assert (answer.status, answer.body) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 0


def test_the_address_is_known_only_while_it_runs() -> None:
    site = SampleSite(NOW)
    with pytest.raises(RuntimeError, match="with"):
        _ = site.url
    site.__exit__(None, None, None)  # leaving what was never entered does nothing


# --- The feed ----------------------------------------------------------------------------------------


def test_the_feed_tells_everything_about_a_post(full_site: SampleSite) -> None:
    feed = feedparser.parse(Answered(full_site.feed_url).body)
    entry, post = feed.entries[0], full_site.posts[-1]

    assert not feed.bozo
    assert (feed.feed.title, feed.feed.language) == (sample_posts.NAME, "en-GB")
    assert len(feed.entries) == sample_feed.PAGE_SIZE
    assert (entry.title, entry.author) == (post.title, post.author)
    assert entry.link == full_site.url + post.path(NOW)
    assert (entry.id, entry.guidislink) == (f"{full_site.url}/?p={post.id}", False)
    assert [tag.term for tag in entry.tags] == [post.theme]
    assert post.standfirst in unescape(entry.summary)
    assert "appeared first on" in entry.content[0].value
    assert "Related posts" in entry.content[0].value


def test_titles_survive_the_feed_unchanged(full_site: SampleSite) -> None:
    feed = feedparser.parse(Answered(full_site.feed_url).body)
    expected = [post.title for post in full_site.posts[::-1]]

    assert [entry.title for entry in feed.entries] == expected[: len(feed.entries)]


def test_pictures_come_in_the_text_or_beside_it(full_site: SampleSite) -> None:
    entries = feedparser.parse(Answered(full_site.feed_url).body).entries
    for entry, post in zip(entries, full_site.posts[::-1], strict=False):
        address = f"{full_site.url}/images/{post.image}"
        if post.image_outside:
            assert entry.media_content[0]["url"] == address
            assert post.image_credit in entry.content[0].value
        elif post.image:
            assert address in entry.content[0].value
            assert "media_content" not in entry


def test_some_excerpts_are_cut_off_as_wordpress_does() -> None:
    with SampleSite(NOW) as site:
        entries = feedparser.parse(Answered(site.feed_url).body).entries
    cut = [entry.title for entry in entries if "[…]" in unescape(entry.summary)]

    assert cut == [post.title for post in site.published[::-1] if post.cut_excerpt]
    assert cut


def test_older_posts_are_on_the_next_page_of_the_feed(full_site: SampleSite) -> None:
    first = feedparser.parse(Answered(full_site.feed_url).body).entries
    second = feedparser.parse(Answered(f"{full_site.feed_url}?paged=2").body).entries

    assert len(first) + len(second) == len(full_site.posts)
    assert second[-1].title == full_site.posts[0].title
    assert Answered(f"{full_site.feed_url}?paged=3").status == 404
    assert Answered(f"{full_site.feed_url}?paged=x").status == 200


def test_an_unchanged_feed_answers_304_to_its_own_validators(site: SampleSite) -> None:
    first = Answered(site.feed_url)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]

    for headers in (
        {"If-None-Match": etag},
        {"If-None-Match": f'"other", W/{etag}'},
        {"If-None-Match": "*"},
        {"If-Modified-Since": modified},
    ):
        again = Answered(site.feed_url, headers=headers)
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)


def test_a_changed_feed_is_sent_again(site: SampleSite) -> None:
    first = Answered(site.feed_url)
    etag, modified = first.headers["ETag"], first.headers["Last-Modified"]
    site.publish()

    for headers in (
        {"If-None-Match": etag},
        {"If-Modified-Since": modified},
        {"If-None-Match": etag, "If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"},
        {"If-Modified-Since": "yesterday"},
        {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 -0000"},
    ):
        assert Answered(site.feed_url, headers=headers).status == 200

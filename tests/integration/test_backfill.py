"""Posts that came and went between two polls are found on older pages; the archive is never mailed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from digest.app import App
from digest.model import Feed, PostState
from digest.store import posts
from tests.installation import BEGINNING, Clock, installation
from tests.servers import FeedServer

WINDOW = 10  # posts a page of the feed lists
WORDPRESS = "<generator>https://wordpress.org/?v=6.8</generator>"


@dataclass
class Blog:
    """A WordPress site that publishes a post a minute."""

    site: FeedServer
    app: App
    clock: Clock
    dates: list[datetime] = field(default_factory=list)  # of every post, the first one first

    @property
    def published(self) -> int:
        return len(self.dates)

    def publish(self, count: int, *, until: datetime | None = None) -> None:
        """Publish posts, the newest just before ``until`` (now), and show the newest ten."""
        newest = until or self.clock()
        self.dates += [newest - timedelta(minutes=count - place) for place in range(1, count + 1)]
        self.show()

    def show(self, *, head: str = WORDPRESS, headers: dict[str, str] | None = None) -> None:
        self.site.route("/feed/", self.page(1, head), headers=headers)

    def page(self, number: int, head: str = WORDPRESS) -> str:
        """Return one page of the feed, newest first."""
        last = self.published - (number - 1) * WINDOW
        numbers = range(last, max(last - WINDOW, 0), -1)
        items = "".join(item(each, self.dates[each - 1], self.site.url) for each in numbers)
        return feed_xml(items, head, self.site.url)

    def offer_pages(self) -> None:
        """Answer ``?paged=N`` as WordPress does: 404 after the last page."""
        for number in range(2, (self.published - 1) // WINDOW + 2):
            self.site.route(f"/feed/?paged={number}", self.page(number))

    def offer_rest(self, root: str = "/wp-json/", *, numbers: Sequence[int] | None = None) -> str:
        """Answer the REST interface; return the Link header that names it."""
        found = [
            rest_post(each, self.dates[each - 1], self.site.url) for each in range(self.published, 0, -1)
        ]
        query = "per_page=100&page={}&_embed=author%2Cwp%3Aterm%2Cwp%3Afeaturedmedia"
        joint = "&" if "?" in root else "?"
        for page in range(1, len(found) // 100 + 2):
            body = json.dumps(found[(page - 1) * 100 : page * 100])
            path = f"{root.rstrip('/')}/wp/v2/posts{joint}{query.format(page)}"
            self.site.route(path, body, headers={"Content-Type": "application/json"})
        beyond = f"{root.rstrip('/')}/wp/v2/posts{joint}{query.format(len(found) // 100 + 2)}"
        self.site.route(beyond, '{"code": "rest_post_invalid_page_number"}', status=400)
        return f'<{self.site.url}{root}>; rel="https://api.w.org/"'

    def poll(self, *, backfill: bool = False) -> list[str]:
        """Poll; return the titles that were new, in the order of their numbers."""
        (collected,) = self.app.feed_desk.poll(backfill=backfill)
        assert not collected.failed
        return list(collected.new)

    @property
    def feed(self) -> Feed:
        return self.app.feeds()[0]

    @property
    def known(self) -> int:
        with self.app.database.read() as conn:
            return posts.count_of_feed(conn, self.feed.id)

    @property
    def asked(self) -> list[str]:
        return [asked.path for asked in self.site.asked]


def titles(first: int, last: int) -> list[str]:
    return [f"Post {number}" for number in range(first, last + 1)]


def item(number: int, date: datetime, site: str) -> str:
    return (
        f"<item><title>Post {number}</title><link>{site}/post-{number}/</link>"
        f"<guid isPermaLink='false'>{site}/?p={number}</guid><pubDate>{format_datetime(date)}</pubDate>"
        "<description>It says what it says.</description></item>"
    )


def feed_xml(items: str, head: str, site: str) -> str:
    return (
        "<rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom'><channel><title>Blog</title>"
        f"<link>{site}/</link>{head}{items}</channel></rss>"
    )


def rest_post(number: int, date: datetime, site: str) -> dict[str, object]:
    return {
        "id": number,
        "guid": {"rendered": f"{site}/?p={number}"},
        "link": f"{site}/post-{number}/",
        "date_gmt": f"{date.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
        "title": {"rendered": f"Post {number}"},
        "content": {"rendered": "<p>It says what it says.</p>", "protected": False},
    }


@pytest.fixture
def blog(tmp_path: Path) -> Iterator[Blog]:
    """A blog that had three posts when its feed was added."""
    clock = Clock()
    with FeedServer() as site, installation(tmp_path, clock=clock, feeds={"allow_private": True}) as app:
        made = Blog(site=site, app=app, clock=clock)
        made.publish(3)
        app.add_feed(f"{site.url}/feed/")
        clock.pass_time(days=2)
        yield made


def test_posts_that_outran_the_window_are_found_on_older_pages(blog: Blog) -> None:
    blog.publish(22)
    blog.offer_pages()
    assert blog.poll() == titles(4, 25)
    assert blog.known == 25
    assert blog.asked[-3:] == ["/feed/", "/feed/?paged=2", "/feed/?paged=3"]
    assert (blog.feed.warnings, blog.feed.gap_at) == ((), None)


def test_posts_that_outran_the_window_are_found_by_rest(blog: Blog) -> None:
    blog.publish(22)
    blog.show(headers={"Link": blog.offer_rest()})
    assert blog.poll() == titles(4, 25)
    assert blog.known == 25


def test_the_last_page_of_the_rest_interface_is_no_trouble(blog: Blog) -> None:
    blog.publish(197)
    blog.show(headers={"Link": blog.offer_rest()})
    assert blog.poll(backfill=True) == titles(4, 200)
    assert blog.feed.warnings == ()


def test_the_home_page_may_name_the_rest_interface(blog: Blog) -> None:
    """As it is where the site has no pretty addresses, too."""
    blog.publish(22)
    blog.offer_rest("/?rest_route=/")
    blog.site.route("/", f"<html><head><link rel='https://api.w.org/' href='{blog.site.url}/?rest_route=/'>")
    assert blog.poll() == titles(4, 25)


@pytest.mark.parametrize("relation", ["next", "prev-archive"])
def test_a_feeds_own_links_to_older_pages_are_followed(blog: Blog, relation: str) -> None:
    """RFC 5005, for feeds of any software."""

    def link(number: int) -> str:
        return f"<atom:link rel='{relation}' href='/older-{number}.xml'/>"

    blog.publish(22)
    blog.show(head=link(2))
    blog.site.route("/older-2.xml", blog.page(2, link(3)))
    blog.site.route("/older-3.xml", blog.page(3, link(2)))  # a circle: never walked twice
    assert blog.poll() == titles(4, 25)


def test_an_answer_that_shows_a_known_post_needs_no_older_page(blog: Blog) -> None:
    blog.publish(5)
    blog.offer_pages()
    assert blog.poll() == titles(4, 8)
    assert "/feed/?paged=2" not in blog.asked


def test_on_request_the_archive_becomes_known_and_is_never_new(tmp_path: Path) -> None:
    """The feed lists 10 posts, 25 were published: all are found, and none is mailed as new."""
    clock = Clock()
    with FeedServer() as site, installation(tmp_path, clock=clock, feeds={"allow_private": True}) as app:
        blog = Blog(site=site, app=app, clock=clock)
        blog.publish(25, until=BEGINNING - timedelta(days=1))
        blog.offer_pages()
        app.add_feed(f"{site.url}/feed/")
        assert blog.known == 10
        assert blog.poll(backfill=True) == []
        assert blog.known == 25
        with app.database.read() as conn:
            assert posts.counts(conn) == {PostState.BASELINE: 25}
        assert blog.feed.last_answer == "200, 25 posts, 0 new"


def test_on_request_an_unmodified_feed_is_paged_as_well(blog: Blog) -> None:
    blog.publish(22)
    blog.show(headers={"ETag": '"a"'})
    assert blog.poll() == titles(16, 25)
    blog.offer_pages()
    blog.clock.pass_time(hours=1)
    assert blog.poll(backfill=True) == titles(4, 15)


def test_a_failing_backfill_never_spoils_the_poll(blog: Blog) -> None:
    blog.publish(22)
    blog.site.route("/feed/?paged=2", status=500)
    assert blog.poll() == titles(16, 25)
    (warning,) = blog.feed.warnings
    assert warning.startswith("Older posts could not all be read: ")
    assert "500" in warning
    assert "`digest feed poll --backfill`" in warning
    assert blog.feed.gap_at == blog.clock()


def test_what_a_failing_backfill_missed_can_be_found_later(blog: Blog) -> None:
    blog.publish(32)
    blog.offer_pages()
    blog.site.route("/feed/?paged=3", "<html>Are you human?</html>")
    assert blog.poll() == titles(16, 35)
    blog.offer_pages()
    blog.clock.pass_time(hours=1)
    assert blog.poll(backfill=True) == titles(4, 15)
    assert blog.feed.warnings == ()
    assert blog.feed.gap_at is None


def test_a_server_that_knows_no_pages_is_asked_for_one_only(blog: Blog) -> None:
    blog.publish(22)
    blog.site.route("/feed/?paged=2", blog.page(1))
    blog.site.route("/feed/?paged=3", blog.page(1))
    assert blog.poll() == titles(16, 25)
    assert "/feed/?paged=3" not in blog.asked


def test_no_page_of_another_host_is_read(blog: Blog) -> None:
    blog.publish(22)
    with FeedServer() as other:
        # The same machine by another name is another host.
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        other.route("/older.xml", blog.page(2))
        blog.show(head=f"<atom:link rel='next' href='{elsewhere}/older.xml'/>")
        assert blog.poll() == titles(16, 25)
        assert other.asked == []
    assert "lies at localhost" in blog.feed.warnings[0]


def test_a_redirect_to_another_host_is_not_followed_into_the_store(blog: Blog) -> None:
    blog.publish(22)
    with FeedServer() as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost")
        other.route("/older.xml", blog.page(2))
        blog.show(head="<atom:link rel='next' href='/older.xml'/>")
        blog.site.redirect("/older.xml", f"{elsewhere}/older.xml")
        assert blog.poll() == titles(16, 25)


def test_no_more_than_twenty_pages_are_asked_for(blog: Blog) -> None:
    blog.publish(250)
    blog.offer_pages()
    new = blog.poll()
    assert len(new) == WINDOW * 21
    assert sum("paged" in path for path in blog.asked) == 20


def test_a_feed_of_other_software_is_not_asked_for_wordpress_pages(blog: Blog) -> None:
    blog.publish(22)
    page = blog.page(1, head="").replace("/?p=", "/id-")
    blog.site.route("/feed/", page)
    assert blog.poll() == titles(16, 25)
    assert all("paged" not in path and path != "/" for path in blog.asked)
    assert blog.poll(backfill=True) == []
    assert blog.feed.warnings == ("The feed offers no older pages, or they hold nothing more.",)


def test_a_rest_interface_that_is_closed_is_only_a_warning(blog: Blog) -> None:
    blog.publish(22)
    header = blog.offer_rest()
    blog.site.routes.clear()
    blog.show(headers={"Link": header})
    assert blog.poll() == titles(16, 25)
    assert "404" in blog.feed.warnings[0]


def test_a_dry_run_finds_them_too_and_stores_nothing(blog: Blog) -> None:
    blog.publish(22)
    blog.offer_pages()
    (collected,) = blog.app.rehearse().feeds
    assert list(collected.new) == titles(4, 25)
    assert blog.known == 3

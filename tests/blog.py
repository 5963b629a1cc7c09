"""A blog with a feed on a real local server, and an installation that reads it, with a clock to move.

with blog(tmp_path) as one:
    one.show(entry(1), entry(2))
    one.add()
    one.show(entry(1), entry(2), entry(3))
    assert one.poll() == ["Post 3"]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any

from digest.app import App
from digest.explain import PostStory
from digest.model import KnownPost, PostState
from digest.pipeline.tick import Report
from subscribers.model import Cadence
from tests.installation import Clock, installation, join, mails
from tests.servers import FeedServer


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One entry of a feed."""

    title: str
    link: str
    guid: str
    dated: datetime | None = None
    html: str = ""
    tags: tuple[str, ...] = ()


def entry(number: int, title: str = "", **changes: Any) -> Entry:
    """Return an entry whose number makes its names and its text."""
    values: dict[str, Any] = {
        "title": title or f"Post {number}",
        "link": f"https://blog.example/post-number-{number}",
        "guid": f"https://blog.example/?p={number}",
        "html": f"<p>{_TEXT.format(number=number)}</p>",
    }
    return Entry(**values | changes)


_TEXT = (
    "Inspection {number} took a day and a half. The inspectors counted {number} doors in the building, and "
    "found that every second one of the {number} did not lock. Nobody had asked the people behind those "
    "doors. When somebody did, after {number} weeks, the answers were short, clear and all the same."
)


def rss(entries: Sequence[Entry], site_url: str = "https://blog.example/") -> str:
    """Return a feed of these entries, the last one given at the top."""
    items = "".join(_item(one) for one in reversed(entries))
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>Blog</title><link>{site_url}</link>"
        f"<description>On doors</description>{items}</channel></rss>"
    )


def _item(one: Entry) -> str:
    dated = f"<pubDate>{format_datetime(one.dated)}</pubDate>" if one.dated else ""
    guid = f"<guid isPermaLink='false'>{escape(one.guid)}</guid>" if one.guid else ""
    tags = "".join(f"<category>{escape(tag)}</category>" for tag in one.tags)
    return (
        f"<item><title>{escape(one.title)}</title><link>{escape(one.link)}</link>{guid}{dated}{tags}"
        f"<description>{escape(one.html)}</description></item>"
    )


@dataclass(kw_only=True)
class Blog:
    """The blog, and the installation that reads it."""

    site: FeedServer
    app: App
    clock: Clock
    reports: list[Report] = field(default_factory=list)

    def show(self, *entries: Entry, feed: str = "/feed") -> str:
        """Let a feed say exactly this from now on; return its address."""
        return self.site.route(feed, rss(entries))

    def add(self, feed: str = "/feed") -> None:
        """Add a feed and take its baseline."""
        self.app.add_feed(f"{self.site.url}{feed}")

    def poll(self) -> list[str]:
        """Let two hours pass, ask every feed, and do all that is due.

        Returns the titles that became mailable.
        """
        self.clock.pass_time(hours=2)
        collected = self.app.feed_desk.poll()
        assert not any(one.failed for one in collected), collected
        self.reports.append(self.app.run())
        return [title for one in collected for title in one.new]

    def join(self, email: str, cadence: Cadence = Cadence.EVERY_POST) -> None:
        """Make somebody a reader."""
        join(self.app, email, cadence)

    def mails(self, to: str = "") -> list[EmailMessage]:
        """Return the issues that were mailed, oldest first; to one reader if named."""
        return mails(self.app, to=to, issues_only=True)

    def subjects(self, to: str = "") -> list[str]:
        return [str(mail["Subject"]) for mail in self.mails(to)]

    def alerts(self) -> list[str]:
        """Return the subjects and texts of mails to the operator."""
        found = [mail for mail in mails(self.app) if "List-Id" not in mail and "operator" in str(mail["To"])]
        return [mail.get_body(("plain",)).get_content() for mail in found]

    def posts(self, state: PostState | None = None) -> list[KnownPost]:
        """Return the posts, oldest first."""
        return list(reversed(self.app.editors.posts(state=state, feed="", limit=1000)))

    def post(self, title: str) -> KnownPost:
        """Return the one post of that title."""
        (found,) = [post for post in self.posts() if post.title == title]
        return found

    def why(self, title: str) -> PostStory:
        return self.app.why_post(self.post(title).id)


@contextmanager
def blog(folder: Path, **feeds: Any) -> Iterator[Blog]:
    """Set up a blog with an empty feed and a live installation; ``feeds`` are settings of that section."""
    clock = Clock()
    with (
        FeedServer() as site,
        installation(folder, clock=clock, feeds={"allow_private": True, **feeds}) as app,
    ):
        one = Blog(site=site, app=app, clock=clock)
        one.show()
        yield one

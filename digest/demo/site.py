"""The sample site: a small made-up blog that really answers on 127.0.0.1, with a feed.

The demonstration shows a newsletter at work on it in two steps: the first poll meets the posts that are
older than a week (a feed's baseline, never mailed); then ``publish_all`` lets the newest appear, and the
second poll finds them. Every date is counted back from ``now``, so that the site always looks alive.

It serves only what the package holds, writes nothing, and never talks to another machine.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import Message
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, urlsplit

from digest.demo import sample_feed, sample_pages
from digest.demo.sample_posts import THEMES, SamplePost, load_posts, load_sponsor, package_data, theme_key

_BASELINE_DAYS = 7  # posts older than this are there from the start


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the site says to one request."""

    status: int = 200
    content_type: str = "text/html; charset=utf-8"
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class SampleSite:
    """A context manager: inside it, the site answers at ``url``.

    ``published`` is how many posts are there at the start, oldest first; without it, those older than a
    week. ``subscribe_url`` is where the subscribe button leads; without it, to a page that says that no
    newsletter is attached. It may be set while the site runs.
    """

    def __init__(
        self, now: datetime, *, published: int | None = None, subscribe_url: str = "", port: int = 0
    ) -> None:
        self.now = now.astimezone(UTC)
        self.posts: tuple[SamplePost, ...] = load_posts()
        self.sponsor = load_sponsor(self.now.date())
        self.subscribe_url = subscribe_url
        old = sum(1 for post in self.posts if post.days_ago > _BASELINE_DAYS)
        self._published = old if published is None else min(published, len(self.posts))
        self._port = port
        self._server: ThreadingHTTPServer | None = None
        self._thread: Thread | None = None

    # --- What the demonstration turns -----------------------------------------------------------------

    @property
    def url(self) -> str:
        """The site's address without a trailing slash. Only while it runs."""
        if self._server is None:
            raise RuntimeError("The sample site has an address only inside its `with` block.")
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def feed_url(self) -> str:
        """The address of the feed. Only while it runs."""
        return f"{self.url}/feed/"

    @property
    def published(self) -> tuple[SamplePost, ...]:
        """The posts that are out, oldest first."""
        return self.posts[: self._published]

    @property
    def waiting(self) -> tuple[SamplePost, ...]:
        """The posts still to come, oldest first."""
        return self.posts[self._published :]

    def publish(self, count: int = 1) -> tuple[SamplePost, ...]:
        """Let the next ``count`` posts appear, oldest first, and return them."""
        appeared = self.waiting[: max(count, 0)]
        self._published += len(appeared)
        return appeared

    def publish_all(self) -> tuple[SamplePost, ...]:
        """Let every waiting post appear, and return them."""
        return self.publish(len(self.waiting))

    # --- Running --------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), _handler_for(self))
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is not None and thread is not None:
            server.shutdown()
            server.server_close()
            thread.join()

    # --- Answering ------------------------------------------------------------------------------------

    def answer(self, target: str, headers: Message) -> Answer:
        """The answer to a GET for ``target`` (path and query). Changes nothing."""
        site = sample_pages.Site(
            url=self.url,
            now=self.now,
            posts=self.published,
            sponsor=self.sponsor,
            subscribe_url=self.subscribe_url or f"{self.url}/subscribe/",
        )
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/feed/":
            return _feed(site, query.get("paged", "1"), headers)
        if parts.path.startswith("/images/"):
            return _image(parts.path.removeprefix("/images/")) or _missing(site)
        if parts.path == "/style.css":
            return Answer(content_type="text/css; charset=utf-8", body=package_data("site.css").read_bytes())
        if parts.path == "/" and "p" in query:
            return _short_link(site, query["p"])
        page = _page(site, parts.path)
        return _missing(site) if page is None else Answer(body=page.encode())


def _page(site: sample_pages.Site, path: str) -> str | None:
    """The page at that path, or None."""
    fixed = {
        "/": sample_pages.home_page,
        "/about/": sample_pages.about_page,
        "/subscribe/": sample_pages.subscribe_page,
    }
    if path in fixed:
        return fixed[path](site)
    for theme in THEMES:
        if path == f"/theme/{theme_key(theme)}/":
            return sample_pages.theme_page(site, theme)
    for post in site.posts:
        if path == post.path(site.now):
            return sample_pages.post_page(site, post)
        if path == f"/watch/{post.slug}/" and f"watch://{post.slug}" in post.body:
            return sample_pages.watch_page(site, post)
    return None


def _missing(site: sample_pages.Site) -> Answer:
    return Answer(status=404, body=sample_pages.missing_page(site).encode())


def _short_link(site: sample_pages.Site, number: str) -> Answer:
    """A permanent redirect from ``/?p=1207`` to the post's page."""
    for post in site.posts:
        if number == str(post.id):
            return Answer(status=301, headers={"Location": site.address(post)})
    return _missing(site)


def _image(name: str) -> Answer | None:
    """The picture of that name, or None. Only names the package lists are ever opened."""
    names = {entry.name for entry in package_data("images").iterdir() if entry.name.endswith(".jpg")}
    if name not in names:
        return None
    return Answer(
        content_type="image/jpeg",
        body=package_data("images", name).read_bytes(),
        headers={"Cache-Control": "max-age=3600"},
    )


def _feed(site: sample_pages.Site, paged: str, headers: Message) -> Answer:
    """One page of the feed, or 304 when the client's copy is still good."""
    page = int(paged) if paged.isascii() and paged.isdecimal() else 1
    start = (max(page, 1) - 1) * sample_feed.PAGE_SIZE
    posts = site.posts[::-1][start : start + sample_feed.PAGE_SIZE]
    if not posts and start:
        return _missing(site)
    body = sample_feed.feed(site, posts)
    changed = sample_feed.last_modified(posts, site.now)
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    validators = {"ETag": etag, "Last-Modified": format_datetime(changed, usegmt=True)}
    if _is_current(headers, etag, changed):
        return Answer(status=304, headers=validators)
    return Answer(content_type="application/rss+xml; charset=UTF-8", body=body, headers=validators)


def _is_current(headers: Message, etag: str, changed: datetime) -> bool:
    """Whether the client's copy is still good; a tag outranks a date (RFC 9110 §13.2.2)."""
    tags = headers.get("If-None-Match")
    if tags is not None:
        known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
        return etag in known or "*" in known
    try:
        since = parsedate_to_datetime(headers.get("If-Modified-Since", ""))
    except ValueError:
        return False
    return since.tzinfo is not None and changed.replace(microsecond=0) <= since


def _handler_for(site: SampleSite) -> type[BaseHTTPRequestHandler]:
    """A request handler class that answers for this site."""

    class Handler(BaseHTTPRequestHandler):
        server_version = "SampleSite"
        sys_version = ""
        timeout = 10.0  # seconds without a byte before a connection is dropped

        def do_GET(self) -> None:
            answer = self._head()
            self.wfile.write(answer.body)

        def do_HEAD(self) -> None:
            self._head()

        def _head(self) -> Answer:
            answer = site.answer(self.path, self.headers)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            return answer

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the demonstration has its own words for what happens."""

    return Handler

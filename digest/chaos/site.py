"""A site with a feed, and pages that answer: all that an installation asks for besides a mail server."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Final, Self

_SHOWN: Final = 5  # a feed shows its newest posts only
_POST: Final = (
    "<item><title>Chapter {number}</title><link>{url}/{number}</link>"
    "<guid isPermaLink='false'>{number}</guid><description>Chapter {number} says who goes home.</description>"
    "</item>"
)
_FEED: Final = (
    "<?xml version='1.0'?><rss version='2.0'><channel><title>Chaos</title><link>{url}/</link>"
    "<description>A story in chapters</description>{posts}</channel></rss>"
)


class Site:
    """A context manager: inside it, the site answers at ``url``."""

    def __init__(self) -> None:
        self.posts = 1  # may be set while it runs: how many posts are out
        self._server = _Server(self)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def feed(self) -> bytes:
        """Return the feed, newest post first."""
        newest = range(self.posts, max(0, self.posts - _SHOWN), -1)
        posts = "".join(_POST.format(url=self.url, number=number) for number in newest)
        return _FEED.format(url=self.url, posts=posts).encode()


class _Server(ThreadingHTTPServer):
    def __init__(self, site: Site) -> None:
        self.site = site
        super().__init__(("127.0.0.1", 0), _Page)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a visitor who was killed."""


class _Page(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        """Answer with the feed, or with a word for every other page."""
        is_feed = self.path == "/feed"
        body = self.server.site.feed() if is_feed else b"ok"
        self.send_response(200)
        self.send_header("Content-Type", "application/rss+xml" if is_feed else "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Keep the terminal for the figures."""

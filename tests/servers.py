"""Servers that run inside a test, on 127.0.0.1."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self


@dataclass(frozen=True, kw_only=True)
class Route:
    """What a path answers."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    chunks: Iterable[bytes] | None = None  # sent instead of body, each at once, without a length
    pause_s: float = 0.0  # between chunks, or before the answer when there are none
    cut: bool = False  # promise ten bytes more than are sent


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that arrived."""

    path: str
    headers: Mapping[str, str]  # keys in lower case


class FeedServer:
    """A web site a test sets up path by path; ``with FeedServer() as site: site.route("/feed", …)``."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.routes: dict[str, Route] = {}
        self.over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.site = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """The address of the site, without a slash at the end."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def route(
        self,
        path: str,
        body: bytes | str = b"",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        chunks: Iterable[bytes] | None = None,
        pause_s: float = 0.0,
        cut: bool = False,
    ) -> str:
        """Make ``path`` answer so from now on; return its whole address."""
        content = body.encode() if isinstance(body, str) else body
        self.routes[path] = Route(
            status=status, headers=headers or {}, body=content, chunks=chunks, pause_s=pause_s, cut=cut
        )
        return self.url + path

    def redirect(self, path: str, location: str, status: int = 302) -> str:
        """Make ``path`` redirect; return its whole address."""
        return self.route(path, status=status, headers={"Location": location})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    site: FeedServer


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.site.asked.append(
            Asked(path=self.path, headers={key.lower(): value for key, value in self.headers.items()})
        )
        try:
            self._answer(self.server.site.routes.get(self.path, Route(status=404)))
        except OSError:  # the client hung up, as some tests mean it to
            self.close_connection = True

    def _answer(self, route: Route) -> None:
        if route.chunks is None and route.pause_s:
            self.server.site.over.wait(route.pause_s)
        self.send_response(route.status)
        for name, value in route.headers.items():
            self.send_header(name, value)
        if route.chunks is None:
            self._whole(route)
        else:
            self._piece_by_piece(route.chunks, route.pause_s)

    def _whole(self, route: Route) -> None:
        given = {name.lower() for name in route.headers}
        if route.status != 304 and "content-length" not in given:
            self.send_header("Content-Length", str(len(route.body) + (10 if route.cut else 0)))
        self.end_headers()
        self.wfile.write(route.body)
        self.close_connection = route.cut

    def _piece_by_piece(self, chunks: Iterable[bytes], pause_s: float) -> None:
        self.send_header("Connection", "close")
        self.end_headers()
        for chunk in chunks:
            self.wfile.write(chunk)
            self.wfile.flush()
            if self.server.site.over.wait(pause_s):
                break
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass

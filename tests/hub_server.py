"""A WebSub hub that runs inside a test, on 127.0.0.1: it takes requests, verifies them and delivers."""

from __future__ import annotations

import hashlib
import hmac
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlencode
from urllib.request import Request, urlopen


class HubServer:
    """Verifies a subscription while it is asked for, unless told not to."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = []  # the form of every request
        self.echoes: list[tuple[int, str]] = []  # how each verification was answered
        self.verifies = True
        self.lease_s = 86_400
        self.status = 202
        self.words = ""
        self.locations: dict[str, tuple[int, str]] = {}  # path → redirect
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """The address of the hub."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hub"

    @property
    def callback(self) -> str:
        """The callback of the newest request."""
        return self.asked[-1]["hub.callback"]

    def verify(self, callback: str = "", **changes: str) -> tuple[int, str]:
        """Call back as a hub that verifies; ``changes`` replace ``hub.…`` fields. Return status and body."""
        fields = {
            "mode": "subscribe",
            "topic": self.asked[-1]["hub.topic"],
            "challenge": "kitten<&>7",
            "lease_seconds": str(self.lease_s),
            **changes,
        }
        query = urlencode({f"hub.{name}": value for name, value in fields.items()})
        return _call(Request(f"{callback or self.callback}?{query}"))

    def deliver(self, body: bytes, *, method: str = "sha256", secret: str = "") -> int:
        """Deliver content as a hub does; return the status it was answered with."""
        key = secret or self.asked[-1]["hub.secret"]
        mac = hmac.new(key.encode(), body, getattr(hashlib, method)).hexdigest()
        headers = {"X-Hub-Signature": f"{method}={mac}", "Content-Type": "application/rss+xml"}
        return _call(Request(self.callback, body, headers))[0]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handler(hub) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - `self` is the handler's
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = dict(parse_qsl(self.rfile.read(int(self.headers["content-length"])).decode()))
                status, location = hub.locations.get(self.path, (hub.status, ""))
                if not location:
                    hub.asked.append(form)
                    if status < 300 and hub.verifies:
                        hub.echoes.append(hub.verify())
                self.send_response(status)
                if location:
                    self.send_header("Location", location)
                self.send_header("Content-Length", str(len(hub.words)))
                self.end_headers()
                self.wfile.write(hub.words.encode())

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


def _call(request: Request) -> tuple[int, str]:
    try:
        with urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()

"""A web application served to the browsers of this machine and to nobody else.

Three locks, since a page on the web can make a browser talk to 127.0.0.1: the socket is bound to the
loopback address only, a request must name that address as its Host (which defeats DNS rebinding), and no
answer carries a CORS header. The preview adds a fourth, a token in the path.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType

import uvicorn
from fastapi import APIRouter, Request, Response
from starlette.middleware.base import BaseHTTPMiddleware
from starlette.types import ASGIApp

LOOPBACK = "127.0.0.1"
STOP_WITHIN_S = 2  # how long open requests may take once the server is told to stop
PAGE_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; frame-src 'self'; "
        "img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class LocalServer:
    """Serves an application on the loopback address, in a thread, from its making until ``close``."""

    def __init__(self, app: ASGIApp, *, host: str = LOOPBACK, port: int = 0) -> None:
        """Listen at once; port 0 takes a free one. Raises OSError when the port is taken."""
        self._socket = listen(host, port)
        self.host = host
        self.port = int(self._socket.getsockname()[1])
        guard = _only_for(f"{host}:{self.port}", f"localhost:{self.port}")
        config = uvicorn.Config(
            BaseHTTPMiddleware(app, dispatch=guard),
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=STOP_WITHIN_S,
        )
        self._server = uvicorn.Server(config)
        # The socket already listens, so a request made before the thread runs waits and is answered.
        self._thread = threading.Thread(target=self._run, name=f"pages on port {self.port}", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address of the root page, without a slash at its end."""
        return f"http://{self.host}:{self.port}"

    def close(self) -> None:
        """Stop serving and let go of the port. Calling it again does nothing."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def join(self) -> None:
        """Wait until the server stops: the foreground of a command."""
        self._thread.join()

    def __enter__(self) -> LocalServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket, so that the port is known, and ours, before anything serves it."""
    listening = socket.create_server((host, port), backlog=128)
    listening.setblocking(False)
    return listening


def add_assets(router: APIRouter, templates: Mapping[str, str]) -> None:
    """Serve the style sheet and the script that the pages of the preview and the inbox share."""

    def style() -> Response:
        return Response(templates["preview/preview.css"], media_type="text/css")

    def script() -> Response:
        return Response(templates["preview/preview.js"], media_type="text/javascript")

    router.add_api_route("/preview.css", style, methods=["GET"])
    router.add_api_route("/preview.js", script, methods=["GET"])


_Next = Callable[[Request], Awaitable[Response]]


def _only_for(*hosts: str) -> Callable[[Request, _Next], Awaitable[Response]]:
    """Return middleware that refuses requests for another Host and gives pages their headers."""

    async def guard(request: Request, call_next: _Next) -> Response:
        if request.headers.get("host", "").lower() not in hosts:
            return Response(
                "This page is for this machine only: open the address exactly as it was printed.\n",
                status_code=403,
                media_type="text/plain",
            )
        response = await call_next(request)
        for name, value in PAGE_HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return guard

"""The headers of every answer, faults included: what browsers and robots must not do with our pages.

Links with a token in them must not leak by Referer, cache or index (reliability: token leaks), and no
page may load anything from elsewhere but the pictures of an issue, which live on the publisher's site.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PRIVATE = ("/confirm/", "/unsubscribe/", "/preferences/", "/keep/", "/move/", "/push/", "/ping/", "/hooks/")

_POLICY = (
    "default-src 'none'; style-src 'self'; img-src {images}; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


class SafeHeaders:
    """Wraps a finished ASGI application and adds the headers to every answer."""

    def __init__(self, app: ASGIApp, *, site_url: str) -> None:
        """Wrap an application; ``site_url`` is the blog whose pictures issues show."""
        parts = urlsplit(site_url)
        self._app = app
        self._policy = _POLICY.format(images="'self'")
        self._issue_policy = _POLICY.format(images=f"'self' https: {parts.scheme}://{parts.netloc}")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the wrapped application does, with the headers added."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = scope["path"]

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), path)
            await send(message)

        await self._app(scope, receive, send_with_headers)

    def _add(self, headers: MutableHeaders, path: str) -> None:
        issue = path.startswith("/issues/")
        headers["Content-Security-Policy"] = self._issue_policy if issue else self._policy
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "no-referrer"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if path.startswith(PRIVATE):
            headers["Cache-Control"] = "no-store"
            headers["X-Robots-Tag"] = "noindex, nofollow"

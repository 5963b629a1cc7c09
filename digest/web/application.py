"""The web application: which page answers what.

Handlers are plain functions (FastAPI runs them in threads) that call ``Readers`` and show a page. GET and
HEAD never change anything, because mail scanners follow every link (invariant 4). No cookies, no scripts.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp

from digest.web import answering, choosing, faults, hooks, joining, leaving, provider_hooks, reading
from digest.web.headers import SafeHeaders
from digest.web.site import Pages, Site

MAX_BODY_BYTES = 8 * 1024


def create_app(site: Site) -> FastAPI:
    """Return the application that serves one site's pages; needs no server to be made."""
    app = _Locked(
        site,
        title=site.publication.name,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        max_body_size=MAX_BODY_BYTES,
    )
    pages = Pages(site)
    for room in (joining, choosing, leaving, answering, reading, hooks, provider_hooks):
        app.include_router(room.router(pages))
    faults.install(app, pages)
    return app


class _Locked(FastAPI):
    """An application with SafeHeaders around the whole of it.

    Added as middleware they would stand within Starlette's own answer to what nobody caught, and miss it.
    """

    def __init__(self, site: Site, **options: Any) -> None:
        super().__init__(**options)
        self._site_url = site.publication.site_url

    def build_middleware_stack(self) -> ASGIApp:
        """Return everything that answers, the headers outermost."""
        return SafeHeaders(super().build_middleware_stack(), site_url=self._site_url)

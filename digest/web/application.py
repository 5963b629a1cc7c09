"""The web application: which page answers what.

Handlers are plain functions (FastAPI runs them in threads) that call ``Readers`` and show a page. GET and
HEAD never change anything, because mail scanners follow every link (invariant 4). No cookies, no scripts.
"""

from __future__ import annotations

from fastapi import FastAPI

from digest.web import choosing, faults, hooks, joining, leaving, reading
from digest.web.headers import SafeHeaders
from digest.web.site import Pages, Site

MAX_BODY_BYTES = 8 * 1024


def create_app(site: Site) -> FastAPI:
    """Return the application that serves one site's pages; needs no server to be made."""
    app = FastAPI(
        title=site.publication.name,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        max_body_size=MAX_BODY_BYTES,
    )
    pages = Pages(site)
    for room in (joining, choosing, leaving, reading, hooks):
        app.include_router(room.router(pages))
    faults.install(app, pages)
    app.add_middleware(SafeHeaders, site_url=site.publication.site_url)
    return app

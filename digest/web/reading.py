"""What anybody may read: issues and their pictures, the stylesheet, and whether the service is well."""

from __future__ import annotations

import re

from fastapi import APIRouter, HTTPException, Response
from fastapi.responses import HTMLResponse, PlainTextResponse

from digest.web.site import Pages

_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}  # a picture's name is its hash
_ISSUE_NAME = re.compile(r"[a-z0-9-]{1,64}")


def router(pages: Pages) -> APIRouter:
    """Return the routes of reading."""
    routes = APIRouter()

    @routes.api_route("/issues", methods=["GET", "HEAD"])
    def index() -> Response:
        return pages.page("issues", issues=pages.site.issue_index())

    @routes.api_route("/issues/{name}", methods=["GET", "HEAD"])
    def issue(name: str) -> Response:
        page = pages.site.issue_page(name) if _ISSUE_NAME.fullmatch(name) else None
        if page is None:
            raise HTTPException(404)
        return HTMLResponse(page)

    @routes.api_route("/pictures/{name}", methods=["GET", "HEAD"])
    def picture(name: str) -> Response:
        found = pages.site.picture(name)
        if found is None:
            raise HTTPException(404)
        data, kind = found
        return Response(data, media_type=kind, headers=_FOR_EVER)

    @routes.api_route("/static/site.css", methods=["GET", "HEAD"])
    def stylesheet() -> Response:
        # Our own pages ask for it with a hash of its text; issues are kept for years and ask without.
        headers = {"Cache-Control": "public, max-age=3600"}
        return Response(pages.stylesheet, media_type="text/css; charset=utf-8", headers=headers)

    @routes.api_route("/healthz", methods=["GET", "HEAD"])
    def health() -> Response:
        if pages.site.healthy():
            return PlainTextResponse("ok\n")
        return PlainTextResponse(
            "the database does not answer\n", status_code=503, headers={"Retry-After": "30"}
        )

    return routes

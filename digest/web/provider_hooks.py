"""Calls of providers about mails: ``POST /hooks/NAME``, the secret as a Basic password or in the address.

The raw body is what is signed, so nothing parses it first. Who cannot prove where a call comes from is told
nothing but that; a provider without a secret has no address here. Neighbour: ``pipeline.webhooks`` acts.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from digest.pipeline.webhooks import Answer
from digest.providers.webhook import PATH_SECRET
from digest.web.site import Pages

MAX_BODY_BYTES = 1024 * 1024

_STATUS = {Answer.DONE: 204, Answer.MALFORMED: 400, Answer.FORGED: 403}


async def _body(request: Request) -> bytes:
    return await request.body()


def router(pages: Pages) -> APIRouter:
    """Return the routes of the calls."""
    routes = APIRouter()

    @routes.post("/hooks/{provider}", max_body_size=MAX_BODY_BYTES)
    @routes.post("/hooks/{provider}/{secret}", max_body_size=MAX_BODY_BYTES)
    def receive(
        request: Request, provider: str, body: Annotated[bytes, Depends(_body)], secret: str = ""
    ) -> Response:
        headers = {name.lower(): value for name, value in request.headers.items()} | {PATH_SECRET: secret}
        answer = pages.site.webhooks.receive(provider, headers, body)
        if answer is Answer.UNKNOWN:
            raise HTTPException(404)
        return Response(status_code=_STATUS[answer])

    return routes

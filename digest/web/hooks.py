"""Calls from machines: a feed's hub (WebSub) and a site that has published.

GET changes nothing, with the one exception WebSub §5.3 makes: a hub verifies by GET a subscription that we
asked it for, at an address that only it was given. Bodies are bounded and never taken for posts. Answers are
plain: no person reads them. Neighbour: ``pipeline.hooks`` acts.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import PlainTextResponse

from digest.web.site import Pages

MAX_PUSH_BYTES = 4 * 1024 * 1024  # a hub sends the feed along; a larger one is found by polling
MAX_PING_BYTES = 1024 * 1024  # some sites send the whole post along

# What XML-RPC clients, such as WordPress's "update services", take for yes (weblogUpdates.ping).
_XML_RPC_YES = (
    '<?xml version="1.0"?>\n<methodResponse><params><param><value><struct>'
    "<member><name>flerror</name><value><boolean>0</boolean></value></member>"
    "<member><name>message</name><value><string>Thank you, the feed will be read.</string></value></member>"
    "</struct></value></param></params></methodResponse>\n"
)


async def _body(request: Request) -> bytes:
    return await request.body()


def router(pages: Pages) -> APIRouter:
    """Return the routes of the two kinds of calls."""
    routes = APIRouter()
    hooks = pages.site.hooks

    @routes.get("/push/{token}")
    def verify(
        token: str,
        *,
        mode: Annotated[str, Query(alias="hub.mode")] = "",
        topic: Annotated[str, Query(alias="hub.topic")] = "",
        challenge: Annotated[str, Query(alias="hub.challenge")] = "",
        lease: Annotated[str, Query(alias="hub.lease_seconds")] = "",
        reason: Annotated[str, Query(alias="hub.reason")] = "",
    ) -> Response:
        if mode == "denied":
            return _accepted(hooks.deny(token, topic_url=topic, reason=reason))
        if not challenge or not hooks.verify(token, mode=mode, topic_url=topic, lease=lease):
            raise HTTPException(404)
        return PlainTextResponse(challenge)

    @routes.post("/push/{token}", max_body_size=MAX_PUSH_BYTES)
    def deliver(request: Request, token: str, body: Annotated[bytes, Depends(_body)]) -> Response:
        signature = request.headers.get("x-hub-signature", "")
        return _accepted(hooks.deliver(token, body=body, signature=signature))

    @routes.post("/ping/{token}", max_body_size=MAX_PING_BYTES)
    def ping(request: Request, token: str, _: Annotated[bytes, Depends(_body)]) -> Response:
        accepted = _accepted(hooks.ping(token))
        if "xml" in request.headers.get("content-type", "").lower():
            return Response(_XML_RPC_YES, media_type="text/xml")
        return accepted

    return routes


def _accepted(token_was_good: bool) -> Response:
    """Return 202; raise the 404 that every wrong address gets."""
    if not token_was_good:
        raise HTTPException(404)
    return Response(status_code=202)

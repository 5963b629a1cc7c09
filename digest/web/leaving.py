"""Leaving: the button for people, the one-click POST for mail programs, and the way back.

RFC 8058: the one-click POST needs no cookie, no other field and no confirmation, and is never
redirected. It is answered 200 even when the person has left or was erased long ago.
"""

from __future__ import annotations

from contextlib import suppress
from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Form, Response
from fastapi.responses import PlainTextResponse

from digest.web.joining import confirmed
from digest.web.site import Pages
from subscribers.address import mask
from subscribers.errors import UnknownSubscriber
from subscribers.model import Cadence, Status
from subscribers.tokens import Purpose


class Action(StrEnum):
    """What a button on the page asks for."""

    LEAVE = "leave"
    MONTHLY = "monthly"
    PAUSE = "pause"


def router(pages: Pages) -> APIRouter:
    """Return the routes of leaving."""
    routes = APIRouter()
    readers = pages.site.readers

    @routes.api_route("/unsubscribe/{token}", methods=["GET", "HEAD"])
    def show(token: str) -> Response:
        person = readers.leaving(token)
        cadences = [cadence for cadence, _ in pages.site.cadences()]
        return pages.page(
            "unsubscribe",
            language=person.preferences.language,
            masked=mask(person.email),
            subscribed=person.status in (Status.CONFIRMED, Status.PENDING),
            may_slow_down=person.status is Status.CONFIRMED,
            may_go_monthly=Cadence.MONTHLY in cadences and person.preferences.cadence != Cadence.MONTHLY,
        )

    @routes.post("/unsubscribe/{token}")
    def leave(
        token: str,
        action: Annotated[Action, Form()] = Action.LEAVE,
        one_click: Annotated[str, Form(alias="List-Unsubscribe")] = "",
    ) -> Response:
        if one_click:
            return _one_click(pages, token)
        if action is Action.MONTHLY:
            person = readers.go_monthly(token)
            return pages.page("slowed", language=person.preferences.language, until=None)
        if action is Action.PAUSE:
            wanted = readers.pause(token, purpose=Purpose.UNSUBSCRIBE).preferences
            assert wanted.paused_until is not None, "a pause has an end"
            until = pages.local_day(wanted.paused_until)
            return pages.page("slowed", language=wanted.language, until=until)
        left = readers.unsubscribe(token)
        return pages.page(
            "unsubscribed",
            language=left.person.preferences.language,
            masked=mask(left.person.email),
            undo_token=left.undo_token,
        )

    @routes.post("/unsubscribe/{token}/undo")
    def undo(token: str) -> Response:
        person = readers.undo(token)
        return confirmed(pages, person, returned=True)

    return routes


def _one_click(pages: Pages, token: str) -> Response:
    """Unsubscribe for a mail program. Somebody unknown has nothing left to leave: that is done, too."""
    with suppress(UnknownSubscriber):
        pages.site.readers.unsubscribe(token, source="one-click")
    return PlainTextResponse("Unsubscribed.\n")

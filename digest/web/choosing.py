"""The preferences page: how often, about what, pause, and the way out."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Form, Response

from digest.web.site import Pages
from subscribers.address import mask
from subscribers.model import Cadence, Status, Subscriber
from subscribers.tokens import Purpose


class Action(StrEnum):
    """What a button on the page asks for."""

    SAVE = "save"
    PAUSE = "pause"
    RESUME = "resume"


def router(pages: Pages) -> APIRouter:
    """Return the routes of choosing."""
    routes = APIRouter()
    readers = pages.site.readers

    @routes.api_route("/preferences/{token}", methods=["GET", "HEAD"])
    def show(token: str) -> Response:
        return _page(pages, token, readers.preferences(token))

    @routes.post("/preferences/{token}")
    def change(
        token: str,
        action: Annotated[Action, Form()] = Action.SAVE,
        cadence: Annotated[Cadence | None, Form()] = None,
        themes: Annotated[list[str] | None, Form()] = None,
    ) -> Response:
        if action is Action.PAUSE:
            person = readers.pause(token)
        elif action is Action.RESUME:
            person = readers.resume(token)
        else:
            wanted = cadence or readers.preferences(token).preferences.cadence
            chosen = pages.known_themes(themes or [])
            person = readers.change_preferences(token, cadence=wanted, themes=chosen)
        return _page(pages, token, person, done=action)

    return routes


def _page(pages: Pages, token: str, person: Subscriber, *, done: Action | None = None) -> Response:
    """Return the page as the person's choices are now, saying what was just done."""
    wanted = person.preferences
    paused_until = wanted.paused_until
    if paused_until and paused_until <= pages.site.readers.clock():
        paused_until = None
    return pages.page(
        "preferences",
        language=wanted.language,
        token=token,
        masked=mask(person.email),
        subscribed=person.status is Status.CONFIRMED,
        cadences=pages.site.cadences(wanted.language),
        themes=pages.site.themes(),
        chosen=wanted.cadence,
        ticked=pages.site.present_themes(wanted.themes),
        paused_until=pages.local_day(paused_until) if paused_until else None,
        done=done or "",
        unsubscribe_token=pages.site.readers.link(Purpose.UNSUBSCRIBE, person),
    )
